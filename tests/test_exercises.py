"""What a reader sees after an answer."""

from __future__ import annotations

import pytest

from whisper_helpers.exercises.verdict import Verdict, checker


@checker
def double(function: object) -> Verdict:
    """Check a function that doubles."""
    return Verdict(function(2) == 4, f"For 2 it gives {function(2)}.")


def test_right_and_wrong_answers_are_told_apart_in_words() -> None:
    assert double(lambda x: 2 * x)
    assert not double(lambda x: x + 1)
    assert double(lambda x: x + 1)._repr_markdown_() == "🔸 Not yet. For 2 it gives 3."


def test_an_open_answer_is_named() -> None:
    assert str(double(...)).startswith("Not yet. Replace")


@pytest.mark.parametrize("answer", [None, 3, lambda: None, lambda x: 1 / 0])
def test_no_answer_makes_a_checker_raise(answer: object) -> None:
    assert not double(answer)
