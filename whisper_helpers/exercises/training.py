"""Exercises of notebook 05: word error rate, padded labels, passes over the data."""

from __future__ import annotations

from collections.abc import Callable

from ..tokens import IGNORED
from .verdict import Verdict, checker

SAID, HEARD = "नदी के किनारे एक पुराना मंदिर है", "नदी किनारे एक पुरानी मंदिर है जी"
ERRORS, WORDS = 3, 7  # के is missing, पुराना is another word, जी is too much
ROWS = ([[1, 2, 3], [4, 5], []], [[7], [8, 9, 10, 11, 12]])  # of different widths


@checker
def word_error_rate(percent: float) -> Verdict:
    """Check the WER of `HEARD` against `SAID`, counted by hand.

    Parameters
    ----------
    percent
        The answer; a whole number is enough.

    Examples
    --------
    >>> print(word_error_rate(50))
    Not yet. 50 is 3 errors over the 6 words that were kept; divide by all 7 words that were said.
    """
    right = 100 * ERRORS / WORDS
    if abs(percent - right) < 0.5:
        return Verdict(True, "One deletion, one substitution, one insertion, over 7 words that were said.")
    if abs(percent - 50) < 0.5:
        return Verdict(False, "50 is 3 errors over the 6 words that were kept; divide by all 7 words that were said.")
    if abs(percent - right / 100) < 0.01:
        return Verdict(False, "That is the rate as a share; give it in percent.")
    return Verdict(False, "Line the two sentences up: which words are missing, changed, or too much?")


@checker
def pad(function: Callable[[list[list[int]]], list[list[int]]]) -> Verdict:
    """Check a function that pads lists of label ids to the longest with -100.

    Parameters
    ----------
    function
        The answer.
    """
    for given in ROWS:
        made = [list(map(int, row)) for row in function([list(row) for row in given])]
        if fault := _padding_fault(given, made):
            return Verdict(False, fault)
    return Verdict(True, "The loss will skip every -100.")


def _padding_fault(given: list[list[int]], made: list[list[int]]) -> str:
    longest, lengths = max(map(len, given)), [len(row) for row in made]
    if len(made) != len(given):
        return f"{len(given)} rows go in, so {len(given)} must come out; yours are {len(made)}."
    if set(lengths) != {longest}:
        return f"Every row needs the length of the longest, {longest}; yours have {lengths}."
    if any(row[: len(ids)] != ids for row, ids in zip(made, given, strict=True)):
        return "The labels themselves must stay in front, unchanged."
    if any(fill != IGNORED for row, ids in zip(made, given, strict=True) for fill in row[len(ids) :]):
        return f"What is filled up must be {IGNORED}; a token id there would be learnt as text."
    return ""


@checker
def passes(answer: float, steps: int, batch_size: int, clips: int) -> Verdict:
    """Check how many passes over the training clips a run makes.

    Parameters
    ----------
    answer
        The answer; one decimal is enough.
    steps, batch_size, clips
        Optimiser steps, clips a step, clips of the training split.
    """
    right = steps * batch_size / clips
    if abs(answer - right) < max(0.02 * right, 0.05):
        return Verdict(True, f"{steps * batch_size:,} clips were shown, and train has {clips:,}.")
    if abs(answer - steps / clips) < 0.02 * right:
        return Verdict(False, "Each step shows a whole batch, not one clip.")
    return Verdict(False, "How many clips do all steps together show? Divide by the clips of the training split.")
