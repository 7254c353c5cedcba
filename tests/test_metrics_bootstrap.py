"""Oracles: simulations with a known truth, and a closed form."""

from __future__ import annotations

import numpy as np
import pytest

from whisper_helpers.errors import BadInput
from whisper_helpers.metrics import paired_difference

DRAWS = 1000


def simulated(utterances: int, random: np.random.Generator, units: int = 1) -> tuple[np.ndarray, ...]:
    """Errors of two models on clips of 4 to 12 words, some hard for both; the truth is -8 points."""
    lengths = random.integers(4, 13, (utterances, units))
    hard = random.beta(2, 4, (utterances, 1)) + np.zeros(lengths.shape)  # mean 1/3, one for each speaker
    before = random.binomial(lengths, hard)
    after = random.binomial(lengths, hard * 0.76)
    return before.ravel(), after.ravel(), lengths.ravel()


TRUTH = -100 * (1 - 0.76) / 3


@pytest.mark.parametrize(("utterances", "low", "high"), [(60, 0.92, 1.0), (500, 0.94, 0.96)])
def test_95_percent_intervals_hold_the_truth_that_often(utterances: int, low: float, high: float) -> None:
    random, held = np.random.default_rng(2026), 0
    for draw in range(DRAWS):
        interval = paired_difference(*simulated(utterances, random), seed=draw).interval
        held += interval[0] <= TRUTH <= interval[1]
    assert low <= held / DRAWS <= high


def test_speakers_are_drawn_from_twenty_on_which_is_wider() -> None:
    table = simulated(25, np.random.default_rng(3), units=20)
    names = [f"s{place // 20}" for place in range(500)]
    by_clip, by_speaker = paired_difference(*table), paired_difference(*table, names)
    assert (by_clip.over, by_speaker.over, by_speaker.speakers) == ("utterances", "speakers", 25)
    assert by_clip.points == by_speaker.points
    assert np.ptp(by_speaker.interval) > 1.1 * np.ptp(by_clip.interval)
    few = paired_difference(*table, ["a", "b"] * 250)
    assert (few.over, few.interval) == ("utterances", by_clip.interval)
    assert "these 2 speakers only" in few.sentence()
    assert "Whole speakers were drawn, 25 of them" in by_speaker.sentence()


def test_with_equal_clips_the_interval_is_students() -> None:
    random = np.random.default_rng(1)
    changes = random.integers(-3, 4, 4000)
    result = paired_difference(np.zeros(4000), changes, np.full(4000, 10), resamples=4000)
    half = 1.96 * 10 * changes.std() / np.sqrt(4000)
    centre = 10 * changes.mean()
    assert result.points == pytest.approx(centre)
    assert result.interval == pytest.approx((centre - half, centre + half), abs=0.06)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "words"),
    [
        ([4, 3, 5, 4] * 10, [1, 1, 2, 1] * 10, "better", "It is better: 34.4 errors fewer in 100 words"),
        ([1, 1, 2, 1] * 10, [4, 3, 5, 4] * 10, "worse", "It is worse: 34.4 errors more in 100 words"),
        ([1, 2] * 4, [2, 1] * 4, "unclear", "Not enough test data to tell: the difference is +0.0 points, 95 %"),
        ([1, 2] * 4, [1, 2] * 4, "equal", "Both make the same errors on every clip"),
        ([4] * 4, [1] * 4, "unclear", "Not enough test data to tell: an interval takes 5 clips"),
    ],
)
def test_the_verdict_in_plain_words(before: list[int], after: list[int], verdict: str, words: str) -> None:
    result = paired_difference(np.array(before), np.array(after), np.full(len(before), 8))
    assert result.verdict == verdict
    assert result.sentence().startswith(words)


def test_no_difference_without_its_interval() -> None:
    for number in range(1, 5):
        few = paired_difference(*(np.full(number, value) for value in (4, 1, 8))).as_dict()
        assert (few["wer"], few["interval"]) == (None, None)
    assert paired_difference(*(np.full(5, value) for value in (4, 1, 8))).as_dict()["interval"] == [-37.5, -37.5]


def test_few_clips_seldom_claim_a_difference_that_is_not_there() -> None:
    random, claims = np.random.default_rng(7), 0
    for draw in range(DRAWS):
        lengths, hard = random.integers(4, 13, 5), random.beta(2, 4, 5)
        before, after = random.binomial(lengths, hard, (2, 5))
        claims += paired_difference(before, after, lengths, seed=draw).verdict in ("better", "worse")
    assert claims / DRAWS < 0.1


def test_references_without_a_word_are_refused() -> None:
    with pytest.raises(BadInput, match="has a word"):
        paired_difference(np.array([1, 0]), np.array([0, 0]), np.array([0, 0]))
