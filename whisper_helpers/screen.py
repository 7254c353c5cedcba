"""The screen: which bars and notes of the libraries it shows, commands that can be copied from it, and amounts."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def quieten() -> None:
    """Keep the libraries' own bars and notes off the screen from now on; errors still show."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


@contextmanager
def without_bars() -> Iterator[None]:
    """Keep the progress bars of datasets off the screen for work that takes no time."""
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            enable_progress_bars()


def command_line(*words: str | Path) -> str:
    """Write a command so that it can be copied into a terminal, whatever its words hold.

    Parameters
    ----------
    words
        The command and its arguments.

    Examples
    --------
    >>> command_line("whisper-helpers", "transcribe", Path("runs"), "clip.wav")
    'whisper-helpers transcribe runs clip.wav'
    """
    texts = [str(word) for word in words]
    return subprocess.list2cmdline(texts) if os.name == "nt" else shlex.join(texts)


def counted(number: int, noun: str) -> str:
    """Write a number of things.

    Parameters
    ----------
    number
        How many.
    noun
        One of them.

    Examples
    --------
    >>> counted(1, "clip"), counted(1012, "clip")
    ('1 clip', '1,012 clips')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def span(bounds: Sequence[float] | None) -> str:
    """Write an interval.

    Parameters
    ----------
    bounds
        Lower and upper one, or None if there is no interval.

    Examples
    --------
    >>> span((1.23, 4.5)), span(None)
    ('1.2 to 4.5', '–')
    """
    return "–" if bounds is None else f"{bounds[0]:.1f} to {bounds[1]:.1f}"


def duration(seconds: float) -> str:
    """Write a duration in its natural unit.

    Parameters
    ----------
    seconds
        The duration.

    Examples
    --------
    >>> duration(42), duration(90), duration(7200)
    ('42 s', '1.5 minutes', '2.0 hours')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} minutes" if seconds < 3600 else f"{seconds / 3600:.1f} hours"
