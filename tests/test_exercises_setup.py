"""What readers of notebook 01 are told after right, wrong and nonsensical answers."""

from __future__ import annotations

import math

import pytest

from whisper_helpers.exercises import setup

NONSENSE = [None, "", "base?", [], {}, float("nan"), print, -1, 10**400, b"x", ...]


def test_right_answers() -> None:
    assert setup.loss(math.log(8))
    assert setup.loss("2.079")
    assert setup.states(300)
    assert setup.largest_that_fits("small")
    assert setup.largest_that_fits("openai/whisper-small")


@pytest.mark.parametrize(
    ("answer", "words"),
    [(3, "base 2"), (0.903, "base 10"), (0.875, "one minus"), (-2.08, "sign"), (0.125, "itself"), (1, "natural")],
)
def test_typical_losses(answer: float, words: str) -> None:
    verdict = setup.loss(answer)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize(("answer", "words"), [(600, "frames"), (96_000, "samples"), (1500, "padding"), (7, "20 ms")])
def test_typical_states(answer: float, words: str) -> None:
    verdict = setup.states(answer)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("medium", "needs 12.2 GB"),
        ("tiny", "a larger one does too"),
        ("distil-large-v3", "only English"),
        ("huge", "none of the family"),
    ],
)
def test_typical_choices(answer: str, words: str) -> None:
    verdict = setup.largest_that_fits(answer)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize("answer", NONSENSE, ids=lambda answer: type(answer).__name__)
def test_nonsense_is_told_not_thrown(answer: object) -> None:
    for check in (setup.loss, setup.states, setup.largest_that_fits):
        assert not check(answer)
