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


def padded(rows: list[list[int]], fill: int = -100) -> list[list[int]]:
    """Pad as the exercise asks."""
    longest = max(map(len, rows))
    return [row + [fill] * (longest - len(row)) for row in rows]


def test_padding() -> None:
    assert training.pad(padded)
    assert "-100" in training.pad(lambda rows: padded(rows, 0)).words
    assert "length" in training.pad(lambda rows: rows).words
    assert "unchanged" in training.pad(lambda rows: [[-100] * 3] * 3).words


def test_passes() -> None:
    assert training.passes(80 * 4 / 260, 80, 4, 260)
    assert "batch" in training.passes(80 / 260, 80, 4, 260).words
    assert not training.passes(4, 80, 4, 260)


@pytest.mark.parametrize("nonsense", [None, "many", [], lambda rows: None, lambda rows: 1 / 0])
def test_nonsense_is_answered_kindly(nonsense: object) -> None:
    assert not training.word_error_rate(nonsense)
    assert not training.pad(nonsense)
    assert not training.passes(nonsense, 80, 4, 260)
