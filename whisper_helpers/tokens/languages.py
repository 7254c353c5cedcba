"""Whisper's languages and tasks, by code, name or token."""

from __future__ import annotations

import difflib

from ..errors import BadInput

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
