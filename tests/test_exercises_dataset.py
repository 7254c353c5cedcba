"""The checkers of notebook 02 tell right from wrong, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from whisper_helpers.corpus import open_corpus
from whisper_helpers.exercises import dataset

TRAIN, TEST = dataset.TRAIN, dataset.TEST
SAME, MARK, DECOMPOSED = TEST[1:]
NONSENSE = [None, "two", -1, float("nan"), [], [1, 2], {}, lambda: None, lambda *_: None, lambda *_: (1, 2), object()]


@pytest.fixture(scope="module")
def corpus() -> Any:
    """The bundled corpus."""
    return open_corpus(announce=lambda line: None)


def by_speaker(speakers: list[str], share: float) -> tuple[list[int], list[int]]:
    """Give the speakers with fewest clips to test until it has its share."""
    chosen: set[str] = set()
    for name in sorted(set(speakers), key=speakers.count)[:-1]:
        if sum(map(speakers.count, chosen)) < share * len(speakers):
            chosen.add(name)
    sides = [[clip for clip, name in enumerate(speakers) if (name in chosen) is side] for side in (False, True)]
    return sides[0], sides[1]


def test_the_hours_of_the_bundled_test_split_are_those_its_table_adds_up_to(corpus: Any) -> None:
    assert dataset.hours_of_test(3.587 / 60, corpus)
    assert dataset.hours_of_test(np.float64(0.0598), corpus)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (215.2, "seconds"),
        (3.587, "minutes"),
        (66, "clips"),
        (14.27 / 60, "train"),
        (20.1 / 60, "all three"),
        (9, "Add"),
    ],
)
def test_each_slip_with_hours_is_named(corpus: Any, answer: float, words: str) -> None:
    verdict = dataset.hours_of_test(answer, corpus)
    assert not verdict
    assert words in verdict.words


def test_the_lists_hold_a_precomposed_and_a_decomposed_letter() -> None:
    assert not set(TRAIN) & set(TEST)
    assert "\u095b" in "".join(TRAIN)
    assert "\u093c" in DECOMPOSED


def test_leaks_are_found_through_punctuation_and_spelling_and_not_through_vowel_signs() -> None:
    assert dataset.leaks([DECOMPOSED, SAME], TRAIN, TEST, "hi")
    assert dataset.leaks((each for each in (SAME, DECOMPOSED)), TRAIN, TEST, "hi")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (SAME, "1 of 2"),
        ([], "0 of 2"),
        (TEST[1:], "mark by mark"),
        (TEST[:1], "mark by mark"),
        ([TRAIN[0]], "Not a sentence"),
        ([MARK], "mark by mark"),
    ],
)
def test_each_slip_with_leaks_is_named(answer: Any, words: str) -> None:
    verdict = dataset.leaks(answer, TRAIN, TEST, "hi")
    assert not verdict
    assert words in verdict.words


def test_a_split_by_speaker_is_right() -> None:
    assert dataset.speaker_split(by_speaker)
    assert dataset.speaker_split(lambda *given: tuple(map(np.array, by_speaker(*given))))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda speakers, share: (range(1, len(speakers)), [0]), "both sides"),
        (lambda speakers, share: (range(len(speakers)), []), "test is empty"),
        (lambda speakers, share: ([], range(len(speakers))), "train is empty"),
        (lambda speakers, share: ([0], [1]), "neither side"),
        (lambda speakers, share: (range(len(speakers)), [0]), "twice"),
        (lambda speakers, share: ([*range(len(speakers))], ["speaker a"]), "Return indices"),
        (lambda speakers, share: by_speaker(speakers, share)[::-1], "share of 0.25"),
    ],
)
def test_each_slip_with_splits_is_named(function: Any, words: str) -> None:
    verdict = dataset.speaker_split(function)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_is_answered_in_words(corpus: Any, answer: Any) -> None:
    for verdict in (
        dataset.hours_of_test(answer, corpus),
        dataset.leaks(answer, TRAIN, TEST),
        dataset.speaker_split(answer),
    ):
        assert not verdict
        assert len(verdict.words) > 20


def test_open_answers_are_named(corpus: Any) -> None:
    assert "Replace" in dataset.hours_of_test(..., corpus).words
    assert "Replace" in dataset.leaks(..., TRAIN, TEST).words
    assert "Replace" in dataset.speaker_split(...).words
