"""Exercises of notebook 07: what an interval allows to say, a paired draw, a threshold for silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .verdict import Verdict, checker

FINDINGS = {"A": (-6.3, (-9.1, -3.4)), "B": (-1.8, (-4.9, 1.2)), "C": (2.6, (0.7, 4.4))}  # points, after minus before
RIGHT = {"A": "better", "B": "unclear", "C": "worse"}
BEFORE, AFTER, WORDS = np.array([3, 0, 5, 1]), np.array([1, 0, 6, 0]), np.array([5, 4, 10, 3])
PICKS = ([0, 1, 2, 3], [0, 0, 3, 1], [2, 2, 2, 2], [1, 0, 1, 1])
Difference = Callable[[np.ndarray, np.ndarray, np.ndarray, list[int]], float]


@checker
def verdicts(answer: Mapping[str, str]) -> Verdict:
    """Check what may be said of the three `FINDINGS`.

    Parameters
    ----------
    answer
        ``"better"``, ``"worse"`` or ``"unclear"`` for each letter.

    Examples
    --------
    >>> print(verdicts({"A": "better", "B": "better", "C": "worse"}))
    Not yet. B: its interval holds 0, so this test would also fit a model that is no better.
    """
    if dict(answer) == RIGHT:
        return Verdict(True, "An interval without 0 decides; the number in its middle never does.")
    wrong = next(letter for letter in RIGHT if answer[letter] != RIGHT[letter])
    hints = {
        "A": "A: the whole interval lies below 0, and fewer errors are better.",
        "B": "B: its interval holds 0, so this test would also fit a model that is no better.",
        "C": "C: after minus before is above 0 in the whole interval: more errors.",
    }
    return Verdict(False, hints[wrong])


@checker
def paired(function: Difference) -> Verdict:
    """Check a function that gives the difference in one test drawn anew.

    Parameters
    ----------
    function
        Takes errors before, errors after and words of each clip, and the numbers of the clips that were drawn;
        returns points of WER, after minus before.
    """
    for picks in PICKS:
        given = float(function(BEFORE.copy(), AFTER.copy(), WORDS.copy(), list(picks)))
        if abs(given - _difference(picks)) > 0.01:
            return Verdict(False, _fault(given, picks))
    return Verdict(True, "Both models are counted on the same clips, so what is hard for both cancels out.")


@checker
def threshold(answer: float, rows: Sequence[Mapping[str, float]], most: float) -> Verdict:
    """Check the choice of a threshold: fewest invented words, at most so many words of the test lost.

    Parameters
    ----------
    answer
        The threshold.
    rows
        ``threshold``, ``invented`` words a minute and ``deleted`` percent, as in the report.
    most
        Percent of the words that may be lost.
    """
    chosen = next((row for row in rows if abs(row["threshold"] - answer) < 1e-6), None)
    allowed = [row for row in rows if row["deleted"] <= most]
    if chosen is None:
        return Verdict(False, f"Choose one of {', '.join(str(row['threshold']) for row in rows)}.")
    if chosen not in allowed:
        return Verdict(False, f"It would lose {chosen['deleted']:g} % of the words; at most {most:g} % may be lost.")
    if chosen["invented"] > min(row["invented"] for row in allowed):
        return Verdict(False, "Another one loses as little and leaves fewer invented words.")
    return Verdict(True, f"{chosen['invented']:g} invented words a minute are left, {chosen['deleted']:g} % are lost.")


def _difference(picks: Sequence[int]) -> float:
    return 100 * float((AFTER - BEFORE)[[*picks]].sum() / WORDS[[*picks]].sum())


def _fault(given: float, picks: Sequence[int]) -> str:
    rows, right = [*picks], _difference(picks)
    of_clips = 100 * float(((AFTER - BEFORE)[rows] / WORDS[rows]).mean())
    if abs(given + right) < 0.01:
        return "The sign is turned round: it is after minus before."
    if abs(100 * given - right) < 0.01:
        return "That is a share; points are a hundred times as many."
    if abs(given - of_clips) < 0.01:
        return "A mean of the clips' rates counts a short clip as much as a long one: sum first, then divide."
    if abs(given - _difference(PICKS[0])) < 0.01:
        return "The picks are not used: a clip that was drawn twice counts twice."
    return f"For the clips {rows} it is {right:.2f} points, yours is {given:.2f}."
