"""Whisper's languages, its prefix, and labels: sentences as token ids."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from .errors import BadInput
from .text import direction

if TYPE_CHECKING:
    from transformers import WhisperTokenizer

MAX_LABELS = 448  # positions of Whisper's decoder
IGNORED = -100  # the label that cross-entropy leaves out
TASKS = ("transcribe", "translate")
CHIPS = ("#FFE08A", "#A8DDF0", "#B9E4B4", "#F5C6DE")  # light, under dark text, on any page
SPECIAL_CHIP = "#D9D9D9"


def language_code(language: str) -> str:
    """Whisper's code of a language.

    Parameters
    ----------
    language
        A code, an English name or a token: ``"hi"``, ``"Hindi"``, ``"<|hi|>"``.

    Raises
    ------
    BadInput
        If Whisper has no such language; its codes are listed and the nearest names suggested.

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
    suggestion = f"Did you mean {' or '.join(near)}?" if near else "Give a code, or a name such as Hindi"
    known = f"It knows {len(LANGUAGES)}: {' '.join(sorted(LANGUAGES))}"
    raise BadInput(f"Whisper does not know the language {language!r}", known, suggestion)


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
        What was said, or for ``task="translate"`` its English translation. Whisper's own marks in it, such as
        ``<|0.00|>``, become those tokens; the doctor reports them as `tags`.
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


@dataclass(frozen=True)
class TokenView:
    """A token as a reader wants to see it.

    Parameters
    ----------
    id
        Its number in the vocabulary.
    text
        Its characters; bytes that are only part of a character as two hexadecimal digits each.
    bytes
        What it stands for in UTF-8; empty for a special token.
    special
        Whether it is a mark such as ``<|hi|>`` and no text.
    """

    id: int
    text: str
    bytes: bytes
    special: bool

    @property
    def whole(self) -> bool:
        """Whether its bytes are whole characters."""
        return _is_whole(self.bytes)


def token_table(text: str | Sequence[int], tokenizer: WhisperTokenizer) -> list[TokenView]:
    """Take a sentence apart, token by token.

    Parameters
    ----------
    text
        A sentence, which gets the tokenizer's prefix and end, or ids that are there already.
    tokenizer
        Any Whisper tokenizer.

    Returns
    -------
    list of TokenView
        In their order; the bytes of those that are not special join to the sentence in UTF-8.
    """
    ids = tokenizer(text).input_ids if isinstance(text, str) else [int(each) for each in text]
    names, letters = tokenizer.convert_ids_to_tokens(ids), _bytes_of_letters()
    views = []
    for number, name in zip(ids, names, strict=True):
        special = number >= tokenizer.eos_token_id
        content = b"" if special else bytes(letters[letter] for letter in name)
        views.append(TokenView(number, name if special else _readable(content), content, special))
    return views


def chips(tokens: Sequence[TokenView]) -> str:
    """Colour a sentence token by token.

    Parameters
    ----------
    tokens
        From :func:`token_table`.

    Returns
    -------
    str
        HTML: a coloured chip a token, special ones grey; spaces show as ␣, and pointing at a chip tells its id.

    Examples
    --------
    >>> print(chips([TokenView(220, " ", b" ", special=False)]))  # doctest: +ELLIPSIS
    <div dir="ltr" ...><span title="220" style="background:#FFE08A;...">␣</span></div>
    """
    box = "color:#111;border-radius:4px;padding:1px 5px;margin:1px;display:inline-block;"
    box += "white-space:pre;unicode-bidi:plaintext"
    pieces = []
    for place, token in enumerate(tokens):
        colour = SPECIAL_CHIP if token.special else CHIPS[place % len(CHIPS)]
        text = escape(token.text.replace(" ", "␣") if token.whole else token.text)
        pieces.append(f'<span title="{token.id}" style="background:{colour};{box}">{text}</span>')
    way = direction("".join(token.text for token in tokens if token.whole and not token.special))
    return f'<div dir="{way}" style="line-height:2">{"".join(pieces)}</div>'


def tokens_per_word(sentences: dict[str, str], tokenizer: WhisperTokenizer) -> dict[str, float]:
    """Count how many tokens a word takes, the prefix and the end left out.

    Parameters
    ----------
    sentences
        A sentence by the name of its language; its words stand between spaces.
    tokenizer
        Any Whisper tokenizer.

    Returns
    -------
    dict
        Mean tokens a word by the same names.

    Raises
    ------
    BadInput
        If a sentence has no word.
    """
    for name, sentence in sentences.items():
        if not sentence.split():
            raise BadInput(f"The sentence of {name} has no word", "Needed is at least one", "Write a sentence")
    lengths = {name: tokenizer(text, add_special_tokens=False).input_ids for name, text in sentences.items()}
    return {name: len(lengths[name]) / len(text.split()) for name, text in sentences.items()}


def _bytes_of_letters() -> dict[str, int]:
    """Invert byte-level BPE's spelling: a visible Latin-1 character stands for itself, the rest from 256 on."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + place): byte for place, byte in enumerate(hidden)}


def _is_whole(content: bytes) -> bool:
    return content.decode("utf-8", "replace").encode() == content


def _readable(content: bytes) -> str:
    return content.decode() if _is_whole(content) else content.hex(" ").upper()
