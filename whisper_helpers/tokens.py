"""Whisper's languages, its prefix, and labels: sentences as token ids."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from .errors import BadInput

if TYPE_CHECKING:
    from transformers import WhisperTokenizer

MAX_LABELS = 448  # positions of Whisper's decoder
IGNORED = -100  # the label that cross-entropy leaves out
TASKS = ("transcribe", "translate")


def language_code(language: str) -> str:
    """Whisper's code of a language.

    Parameters
    ----------
    language
        A code, an English name or a token: ``"hi"``, ``"Hindi"``, ``"<|hi|>"``.

    Raises
    ------
    BadInput
        If Whisper has no such language; the nearest names are suggested.

    Examples
    --------
    >>> language_code("Hindi"), language_code("<|ml|>"), language_code("RU")
    ('hi', 'ml', 'ru')
    """
    from transformers.models.whisper.tokenization_whisper import LANGUAGES, TO_LANGUAGE_CODE

    wanted = language.strip().lower().removeprefix("<|").removesuffix("|>")
    if wanted in LANGUAGES:
        return wanted
    if wanted in TO_LANGUAGE_CODE:
        return TO_LANGUAGE_CODE[wanted]
    near = difflib.get_close_matches(wanted, [*TO_LANGUAGE_CODE, *LANGUAGES], n=3)
    suggestion = f"Did you mean {' or '.join(near)}?" if near else "Give a code such as hi, or a name such as Hindi"
    raise BadInput(f"Whisper does not know the language {language!r}", f"It knows {len(LANGUAGES)}", suggestion)


def language_name(code: str) -> str:
    """English name of a language code.

    Parameters
    ----------
    code
        A language as :func:`language_code` takes it.

    Raises
    ------
    BadInput
        If Whisper has no such language.

    Examples
    --------
    >>> language_name("hi")
    'Hindi'
    """
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    return LANGUAGES[language_code(code)].title()


def task_name(task: str) -> str:
    """Return `task` if Whisper has it: ``"transcribe"`` or ``"translate"``, which writes English.

    Parameters
    ----------
    task
        Name of the task.

    Raises
    ------
    BadInput
        If Whisper has no such task.

    Examples
    --------
    >>> task_name("translate")
    'translate'
    """
    if task not in TASKS:
        raise BadInput(f"Whisper has no task {task!r}", f"It has {' and '.join(TASKS)}")
    return task


def encode_labels(sentence: str, tokenizer: WhisperTokenizer, language: str | None = None) -> list[int]:
    """Turn a sentence into the ids that the decoder learns to predict.

    The tokenizer puts the start token first; the model adds it again when it shifts the labels to the right,
    so it is cut off here. What remains is language, task, timestamps or none, text, end.

    Parameters
    ----------
    sentence
        What was said, or for ``task="translate"`` its English translation.
    tokenizer
        Tokenizer whose prefix is set (`set_prefix_tokens`).
    language
        Spoken language of this sentence where it differs from the tokenizer's.

    Returns
    -------
    list of int
        Label ids without the start token; never cut, so compare with `MAX_LABELS`.
    """
    ids = tokenizer(sentence).input_ids
    labels = ids[1:] if ids[0] == start_token_id(tokenizer) else ids
    if language and tokenizer.language and labels:
        labels = [tokenizer.convert_tokens_to_ids(f"<|{language}|>"), *labels[1:]]
    return labels


def start_token_id(tokenizer: WhisperTokenizer) -> int:
    """Id of ``<|startoftranscript|>``, the decoder's start token; `bos_token_id` is another one.

    Parameters
    ----------
    tokenizer
        Any Whisper tokenizer.
    """
    return tokenizer.convert_tokens_to_ids("<|startoftranscript|>")
