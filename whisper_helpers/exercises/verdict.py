"""What a checker answers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and why.

    Parameters
    ----------
    right
        True for a right answer.
    words
        One or two sentences for the reader.

    Examples
    --------
    >>> print(Verdict(False, "Count the halves again."))
    Not yet. Count the halves again.
    """

    right: bool
    words: str

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return f"{'Right.' if self.right else 'Not yet.'} {self.words}"

    def _repr_markdown_(self) -> str:
        return f"{'✅' if self.right else '🔸'} {self}"


def checker(check: Callable[..., Verdict]) -> Callable[..., Verdict]:
    """Make a checker kind: an open answer is named as such, and what a wrong one raises is told, not thrown.

    Parameters
    ----------
    check
        Takes the answer, which may be anything, and returns a verdict.

    Examples
    --------
    >>> @checker
    ... def half(answer):
    ...     return Verdict(answer - 4000 == 4000, "Twice that.")
    >>> print(half(...))
    Not yet. Replace ... by your answer and run the cell again.
    >>> print(half("4000"))  # doctest: +ELLIPSIS
    Not yet. Your answer, a str, made this check fail with TypeError: ... Read again what is asked for.
    """

    @functools.wraps(check)
    def kind(*answers: Any) -> Verdict:
        if any(answer is ... for answer in answers):
            return Verdict(False, "Replace ... by your answer and run the cell again.")
        try:
            return check(*answers)
        except Exception as error:
            told, given = f"{type(error).__name__}: {error}", type(answers[0]).__name__
            words = f"Your answer, a {given}, made this check fail with {told}. Read again what is asked for."
            return Verdict(False, words)

    return kind
