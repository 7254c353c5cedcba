"""How sure a number is: utterances, or speakers, are drawn anew with replacement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from ..errors import BadInput

DRAWS_AT_ONCE = 1_000_000  # draws of the bootstrap held in memory: 8 MB of indices
LEVEL = 0.95
ENOUGH_CLIPS = 5  # with fewer, 95 % intervals hold the truth far too seldom: in half of all tests with two
ENOUGH_SPEAKERS = 20  # from here on speakers are drawn, and the interval speaks for others too


@dataclass(frozen=True)
class Difference:
    """How far two models lie apart on the same clips, in points of WER, after minus before.

    Parameters
    ----------
    points
        Negative where the second model makes fewer errors; None where there is no interval.
    interval
        95 %; None with fewer clips than `ENOUGH_CLIPS`.
    over
        What was drawn: ``"utterances"`` or ``"speakers"``.
    speakers
        How many different speakers are known.
    """

    points: float | None
    interval: tuple[float, float] | None
    over: str
    speakers: int

    @property
    def verdict(self) -> str:
        """``"better"``, ``"worse"``, ``"equal"`` (not a single error more or fewer) or ``"unclear"``."""
        if self.interval is None or self.interval[0] < 0 < self.interval[1]:
            return "unclear"
        if self.interval == (0.0, 0.0):
            return "equal"
        return "better" if self.interval[1] < 0 else "worse" if self.interval[0] > 0 else "unclear"

    def sentence(self) -> str:
        """Say it in plain words, the interval with it, and whom it speaks for."""
        return f"{self._finding()} {self._scope()}".strip()

    def as_dict(self) -> dict[str, Any]:
        """Numbers and words for JSON, rounded to three decimals."""
        points = None if self.points is None else round(self.points, 3)
        words = {"verdict": self.verdict, "sentence": self.sentence()}
        return {
            "wer": points,
            "interval": _rounded(self.interval),
            "over": self.over,
            "speakers": self.speakers,
            **words,
        }

    def _finding(self) -> str:
        if self.interval is None:
            allowed = f"an interval takes {ENOUGH_CLIPS} clips with words, and without one no difference is shown"
            return f"Not enough test data to tell: {allowed}."
        low, high = self.interval
        known = f"95 % interval {low:+.1f} to {high:+.1f}"
        if self.verdict == "equal":
            return "Both make the same errors on every clip."
        if self.verdict == "unclear":
            return f"Not enough test data to tell: the difference is {self.points:+.1f} points, {known}."
        more = "fewer" if self.verdict == "better" else "more"
        return f"It is {self.verdict}: {abs(self.points):.1f} errors {more} in 100 words ({known} points)."

    def _scope(self) -> str:
        if self.interval is None:
            return ""
        if self.over == "speakers":
            return f"Whole speakers were drawn, {self.speakers} of them, so it speaks for others too."
        who = f"these {self.speakers} speakers" if self.speakers > 1 else "these speakers"
        return f"This speaks for {who} only; from {ENOUGH_SPEAKERS} speakers on it would speak for others too."


def paired_difference(
    before: np.ndarray,
    after: np.ndarray,
    lengths: np.ndarray,
    speakers: Sequence[str] = (),
    *,
    seed: int = 0,
    resamples: int = 1000,
) -> Difference:
    """Compare two models on the same clips by a paired bootstrap.

    Each draw takes the same clips for both, so what makes a clip hard for both cancels out. From 20 known
    speakers on whole speakers are drawn. The percentiles are a little further out than 2.5 and 97.5, as
    Student's t is wider than the normal distribution: without it few clips give intervals that are too narrow.

    Parameters
    ----------
    before, after
        Shape (utterances,): errors of each model.
    lengths
        Shape (utterances,): words of the references.
    speakers
        Speaker of each utterance, empty where unknown.
    seed, resamples
        As for :func:`bootstrap_interval`.

    Raises
    ------
    BadInput
        If the shapes differ or no reference has a word.

    Examples
    --------
    >>> difference = paired_difference(np.array([4, 3, 5, 4, 4]), np.array([1, 1, 2, 1, 1]), np.full(5, 8))
    >>> difference.points, difference.verdict
    (-35.0, 'better')
    """
    table = np.stack([np.subtract(after, before), lengths], axis=1).astype(float)
    if not table[:, 1].sum():
        raise BadInput(f"None of the {len(table)} references has a word", "A rate is errors per reference word")
    known, over = set(speakers) - {""}, "utterances"
    if len(known) >= ENOUGH_SPEAKERS:
        table, over = _by_speaker(table, speakers), "speakers"
    if len(table) < ENOUGH_CLIPS:
        return Difference(None, None, over, len(known))
    low, high = _percentiles(_drawn_sums(table, seed, resamples), len(table))
    points = 100 * table[:, 0].sum() / table[:, 1].sum()
    return Difference(float(points), (low, high), over, len(known))


def bootstrap_interval(
    errors: np.ndarray, lengths: np.ndarray, *, seed: int = 0, resamples: int = 1000
) -> tuple[float, float]:
    """95 % interval of an error rate: utterances drawn anew with replacement, percentiles as in `paired_difference`.

    With few clips it is too narrow to be quoted; :func:`quotable_interval` knows from how many on.

    Parameters
    ----------
    errors, lengths
        Shape (utterances,): errors and reference lengths. The rate is the ratio of their sums.
    seed
        Seed of the draws.
    resamples
        How often the test is drawn anew; a draw without a single reference word is left out.

    Returns
    -------
    tuple of float
        Lower and upper bound in percent. Speakers are not drawn: with few of them the truth is less sure.

    Raises
    ------
    BadInput
        If the shapes differ, or no draw has a reference word: no reference has one, or `resamples` is 0.

    Examples
    --------
    >>> bootstrap_interval(np.array([1, 1, 1]), np.array([4, 4, 4]))
    (25.0, 25.0)
    """
    if np.ndim(errors) != 1 or np.shape(errors) != np.shape(lengths):
        raise BadInput(f"The shapes are {np.shape(errors)} and {np.shape(lengths)}", "Both are (utterances,)")
    sums = _drawn_sums(np.stack([errors, lengths], axis=1), seed, max(0, resamples))
    if not sums[:, 1].any():
        given = f"No draw of {resamples} has a reference word; the references have {np.sum(lengths)}"
        raise BadInput(given, "At least one is needed", "Give longer references or more draws")
    return _percentiles(sums, len(errors))


def quotable_interval(
    errors: np.ndarray, lengths: np.ndarray, *, seed: int = 0, resamples: int = 1000
) -> list[float] | None:
    """Interval of an error rate for a report: none with fewer clips than `ENOUGH_CLIPS`.

    Parameters
    ----------
    errors, lengths, seed, resamples
        As for :func:`bootstrap_interval`.

    Returns
    -------
    list of float or None
        Lower and upper bound in percent, rounded to three decimals.

    Examples
    --------
    >>> quotable_interval(np.ones(5), np.full(5, 4)), quotable_interval(np.ones(4), np.full(4, 4))
    ([25.0, 25.0], None)
    """
    interval = bootstrap_interval(errors, lengths, seed=seed, resamples=resamples)
    return _rounded(interval) if len(errors) >= ENOUGH_CLIPS else None


def _rounded(bounds: Sequence[float] | None) -> list[float] | None:
    return None if bounds is None else [round(bound, 3) for bound in bounds]


def _by_speaker(table: np.ndarray, speakers: Sequence[str]) -> np.ndarray:
    names = [speaker or f"unknown {place}" for place, speaker in enumerate(speakers)]
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    summed = np.zeros((len(order), table.shape[1]))
    np.add.at(summed, [order[name] for name in names], table)
    return summed


def _percentiles(sums: np.ndarray, units: int) -> tuple[float, float]:
    """Interval of the draws that have a reference word, in percent."""
    sums, tail = sums[sums[:, 1] > 0], 100 * _tail(max(2, units))
    low, high = np.percentile(100 * sums[:, 0] / sums[:, 1], [tail, 100 - tail])
    return float(low), float(high)


def _tail(units: int) -> float:
    """Share of the draws to leave out on each side, from Student's t with `units` - 1 degrees of freedom."""
    normal, degrees = NormalDist(), units - 1
    z = normal.inv_cdf((1 + LEVEL) / 2)
    student = z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
    return normal.cdf(-student * np.sqrt(units / degrees))


def _drawn_sums(utterances: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    rng, count = np.random.default_rng(seed), max(1, len(utterances))
    sums, rows = np.zeros((resamples, 2)), max(1, DRAWS_AT_ONCE // count)
    for start in range(0, resamples if len(utterances) else 0, rows):
        picks = rng.integers(count, size=(min(rows, resamples - start), count))
        sums[start : start + rows] = utterances[picks].sum(axis=1)
    return sums
