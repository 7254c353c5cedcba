"""What the figures of a corpus show is read back from their axes."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from whisper_helpers.plots import plot_durations, plot_hours, plot_pace, plot_speakers, plot_words
from whisper_helpers.plots.figure import BLUE, GREEN, GREY, ORANGE


@pytest.fixture
def axes() -> Axes:
    """Empty axes."""
    return Figure().subplots()


def heights_by_colour(axes: Axes) -> dict[str, float]:
    """Sum of the bars of each colour."""
    sums: dict[str, float] = {}
    for bar in axes.patches:
        colour = to_hex(bar.get_facecolor()).upper()
        sums[colour] = sums.get(colour, 0) + bar.get_height()
    return sums


def test_each_clip_is_counted_once_in_the_colour_of_its_split(axes: Axes) -> None:
    seconds = {"train": [1.0, 2.0, 2.1, 30.0], "validation": [3.0], "test": [1.0, 9.0]}
    assert plot_durations(seconds, axes) is axes
    assert heights_by_colour(axes) == {BLUE: 4, ORANGE: 1, GREEN: 2}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("duration (s)", "clips")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["train", "validation", "test"]


def test_the_bar_of_a_number_of_words_stands_on_it(axes: Axes) -> None:
    plot_words({"train": [4, 4, 6], "test": [6]}, axes)
    tops: dict[int, float] = {}
    for bar in axes.patches:
        middle = round(bar.get_x() + bar.get_width() / 2)
        tops[middle] = max(tops.get(middle, 0), bar.get_y() + bar.get_height() if bar.get_height() else 0)
    assert tops == {4: 2, 5: 0, 6: 2}


def test_a_corpus_whose_sentences_are_equally_long_is_drawn(axes: Axes) -> None:
    assert plot_words({"train": [5, 5]}, axes).patches[0].get_height() == 2
    assert heights_by_colour(plot_durations({"train": [3.0, 3.0]}, Figure().subplots())) == {BLUE: 2}


def test_hours_are_bars_with_their_numbers_from_top_to_bottom(axes: Axes) -> None:
    plot_hours({"train": 8.0, "elsewhere": 680_000.0, "test": 0.06}, axes, log=True)
    assert [bar.get_width() for bar in axes.patches] == [8.0, 680_000.0, 0.06]
    assert [text.get_text() for text in axes.texts] == ["8 h", "680,000 h", "0.06 h"]
    assert [to_hex(bar.get_facecolor()).upper() for bar in axes.patches] == [BLUE, GREY, GREEN]
    assert axes.get_xscale() == "log"
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert axes.get_xlabel() == "hours of speech (logarithmic)"
    assert [axes.xaxis.get_major_formatter()(hours, 0) for hours in (0.01, 1e6)] == ["0.01", "1,000,000"]


def test_a_speaker_in_two_splits_has_a_bar_of_two_colours(axes: Axes) -> None:
    plot_speakers({"train": ["asha", "asha", "ravi"], "test": ["ravi", ""]}, axes)
    bars = {(round(bar.get_x() + 0.4), to_hex(bar.get_facecolor()).upper()): bar for bar in axes.patches}
    names = [label.get_text() for label in axes.get_xticklabels()]
    ravi = names.index("ravi")
    assert (bars[ravi, BLUE].get_height(), bars[ravi, GREEN].get_height()) == (1, 1)
    assert bars[ravi, GREEN].get_y() == 1
    assert bars[names.index("asha"), GREEN].get_height() == 0
    assert "unknown" in names
    assert axes.get_ylim()[1] > 2
    assert axes.get_title() == "Who speaks: 3 speakers, 1 of them in several splits"


def test_of_many_speakers_those_with_most_clips_are_drawn_and_the_title_says_so(axes: Axes) -> None:
    names = [f"speaker {number}" for number in range(100)]
    plot_speakers({"train": names, "test": [names[99]]}, axes)
    assert len(axes.get_xticklabels()) == 24
    assert "speaker 99" in [label.get_text() for label in axes.get_xticklabels()]
    assert axes.get_title() == "Who speaks: 100 speakers (24 drawn), 1 of them in several splits"


def test_each_sentence_is_a_dot_at_its_seconds_and_characters(axes: Axes) -> None:
    plot_pace({"train": [2.0, 4.0], "test": [3.0]}, {"train": [20, 44], "test": [31]}, axes)
    assert [dots.get_offsets().tolist() for dots in axes.collections] == [[[2, 20], [4, 44]], [[3, 31]]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("duration (s)", "characters")
    assert (axes.get_xlim()[0], axes.get_ylim()[0]) == (0, 0)
