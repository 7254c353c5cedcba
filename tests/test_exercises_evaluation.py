"""Right answers, the usual wrong ones, and nonsense."""

from __future__ import annotations

import numpy as np
import pytest

from whisper_helpers.exercises import evaluation
from whisper_helpers.metrics import paired_difference

GOOD = {"A": "better", "B": "unclear", "C": "worse"}


def test_the_verdicts_are_those_of_their_intervals() -> None:
    assert evaluation.verdicts(GOOD)
    for letter, (points, (low, high)) in evaluation.FINDINGS.items():
        assert low < points < high
        assert GOOD[letter] == ("better" if high < 0 else "worse" if low > 0 else "unclear")
        assert evaluation.verdicts(GOOD | {letter: "equal"}).words.startswith(letter)


def draw(before: np.ndarray, after: np.ndarray, words: np.ndarray, picks: list[int]) -> float:
    """Answer as the exercise asks."""
    return 100 * (after[picks].sum() - before[picks].sum()) / words[picks].sum()


def test_a_paired_draw() -> None:
    assert evaluation.paired(draw)
    whole = draw(evaluation.BEFORE, evaluation.AFTER, evaluation.WORDS, [0, 1, 2, 3])
    five_times = (np.tile(each, 5) for each in (evaluation.BEFORE, evaluation.AFTER, evaluation.WORDS))
    assert whole == pytest.approx(paired_difference(*five_times).points)


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (lambda *given: -draw(*given), "after minus before"),
        (lambda *given: draw(*given) / 100, "share"),
        (lambda b, a, w, picks: 100 * ((a - b)[picks] / w[picks]).mean(), "sum first"),
        (lambda b, a, w, picks: draw(b, a, w, [0, 1, 2, 3]), "not used"),
        (lambda *given: 42, "yours is 42.00"),
    ],
)
def test_usual_mistakes_get_their_hint(function: object, hint: str) -> None:
    verdict = evaluation.paired(function)
    assert not verdict
    assert hint in verdict.words


ROWS = [
    {"threshold": 0.2, "invented": 1.0, "deleted": 30.0},
    {"threshold": 0.4, "invented": 2.0, "deleted": 1.0},
    {"threshold": 0.6, "invented": 5.0, "deleted": 0.0},
]


@pytest.mark.parametrize(("answer", "hint"), [(0.2, "at most 1 %"), (0.6, "fewer invented"), (0.5, "Choose one of")])
def test_a_threshold_that_loses_too_much_or_leaves_too_much_is_wrong(answer: float, hint: str) -> None:
    assert hint in evaluation.threshold(answer, ROWS, 1).words
    assert not evaluation.threshold(answer, ROWS, 1)


def test_the_threshold_that_costs_little_is_right() -> None:
    assert evaluation.threshold(0.4, ROWS, 1)
    assert evaluation.threshold(0.6, ROWS, 0.5)


@pytest.mark.parametrize("nonsense", [None, "many", [], {}, lambda *given: None])
def test_nonsense_is_answered_kindly(nonsense: object) -> None:
    assert not evaluation.verdicts(nonsense)
    assert not evaluation.paired(nonsense)
    assert not evaluation.threshold(nonsense, ROWS, 1)
