"""Right answers, the usual wrong ones, and nonsense."""

from __future__ import annotations

import jiwer
import pytest

from whisper_helpers.exercises import training


def test_the_hand_count_is_jiwers() -> None:
    assert training.word_error_rate(100 * jiwer.wer(training.SAID, training.HEARD))


@pytest.mark.parametrize(("answer", "hint"), [(50, "all 7 words"), (3 / 7, "percent"), (10, "Line the two")])
def test_usual_mistakes_get_their_hint(answer: float, hint: str) -> None:
    verdict = training.word_error_rate(answer)
    assert not verdict
    assert hint in verdict.words


@pytest.mark.parametrize("rounded", [43, 42.9, 42.86])
def test_a_rounded_error_rate_is_right(rounded: float) -> None:
    assert training.word_error_rate(rounded)


def test_a_neighbouring_error_rate_is_wrong() -> None:
    assert not training.word_error_rate(42)
    assert not training.word_error_rate(44)


def padded(rows: list[list[int]], fill: int = -100) -> list[list[int]]:
    """Pad as the exercise asks."""
    longest = max(map(len, rows))
    return [row + [fill] * (longest - len(row)) for row in rows]


def test_padding() -> None:
    assert training.pad(padded)
    assert "-100" in training.pad(lambda rows: padded(rows, 0)).words
    assert "length" in training.pad(lambda rows: rows).words
    assert "unchanged" in training.pad(lambda rows: [[-100] * 3] * 3).words


def test_padding_to_a_width_learnt_by_heart_is_wrong() -> None:
    assert "the longest, 5" in training.pad(lambda rows: [row + [-100] * (3 - len(row)) for row in rows]).words
    assert "must come out" in training.pad(lambda rows: padded(rows)[:1]).words


def test_passes_may_be_rounded_as_notebook_02_prints_them() -> None:
    assert training.passes(1.2, 80, 4, 260)
    assert not training.passes(1, 80, 4, 260)
    assert not training.passes(1.3, 80, 4, 260)


def test_passes() -> None:
    assert training.passes(80 * 4 / 260, 80, 4, 260)
    assert "batch" in training.passes(80 / 260, 80, 4, 260).words
    assert not training.passes(4, 80, 4, 260)


@pytest.mark.parametrize("nonsense", [None, "many", [], lambda rows: None, lambda rows: 1 / 0])
def test_nonsense_is_answered_kindly(nonsense: object) -> None:
    assert not training.word_error_rate(nonsense)
    assert not training.pad(nonsense)
    assert not training.passes(nonsense, 80, 4, 260)
