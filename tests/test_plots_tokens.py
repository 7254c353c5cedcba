"""What a figure shows is read back from its axes."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from whisper_helpers.plots import plot_label_lengths, plot_tokens_per_word
from whisper_helpers.plots.figure import BLUE, ORANGE

COUNTS = {"Hindi": 4.6, "English": 1.1, "Tamil": 7.0}


def test_each_language_has_a_bar_of_its_count_the_cheapest_on_top() -> None:
    axes = Figure().subplots()
    assert plot_tokens_per_word(COUNTS, axes, "Hindi") is axes
    assert [bar.get_width() for bar in axes.patches] == [1.1, 4.6, 7.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["English", "Hindi", "Tamil"]
    assert [text.get_text() for text in axes.texts] == ["1.1", "4.6", "7.0"]
    assert axes.yaxis_inverted()
    assert axes.get_xlabel() == "tokens per word"


@pytest.mark.parametrize(("highlight", "orange"), [("Hindi", 1), ("Klingon", 0), (None, 0)])
def test_only_the_language_asked_for_stands_out(highlight: str | None, orange: int) -> None:
    axes = plot_tokens_per_word(COUNTS, Figure().subplots(), highlight)
    colours = [to_hex(bar.get_facecolor()).upper() for bar in axes.patches]
    assert (colours.count(ORANGE), colours.count(BLUE)) == (orange, 3 - orange)


def test_lengths_are_counted_beside_their_marks() -> None:
    axes = Figure().subplots()
    assert plot_label_lengths([10, 11, 400], axes, {"generation": 225, "decoder": 448}) is axes
    heights = {bar.get_x(): bar.get_height() for bar in axes.patches if bar.get_height()}
    assert heights == {10: 2, 400: 1}
    assert [line.get_xdata()[0] for line in axes.lines] == [225, 448]
    assert [(text.get_text(), text.get_position()[0]) for text in axes.texts] == [
        ("generation: 225", 225),
        ("decoder: 448", 448),
    ]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("length of the labels (tokens)", "clips")


@pytest.mark.parametrize("lengths", [[448], [448, 900], [0]])
def test_no_length_falls_off_the_figure(lengths: list[int]) -> None:
    axes = plot_label_lengths(lengths, Figure().subplots(), {"decoder": 448})
    assert sum(bar.get_height() for bar in axes.patches) == len(lengths)
