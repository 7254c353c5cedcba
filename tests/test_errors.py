"""The message a user reads."""

from __future__ import annotations

from whisper_helpers.errors import BadInput


def test_parts_become_sentences() -> None:
    assert (
        str(BadInput("It is 40 s", "Allowed are 1 to 30 s", "Shorten it"))
        == "It is 40 s. Allowed are 1 to 30 s. Shorten it."
    )


def test_marks_are_not_doubled_and_empty_parts_left_out() -> None:
    assert str(BadInput("It is 40 s.", "", "Did you mean 4?")) == "It is 40 s. Did you mean 4?"


def test_it_is_a_value_error() -> None:
    assert isinstance(BadInput("x"), ValueError)
