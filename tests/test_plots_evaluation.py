"""What the figures of an evaluation show is read back from their axes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from whisper_helpers.plots import new_figure, plot_before_after, plot_differences, plot_reliability


@pytest.fixture
def axes() -> Axes:
    """Empty axes."""
    return Figure().subplots()


def test_every_draw_stands_in_a_bar_and_the_bounds_are_percentiles(axes: Axes) -> None:
    drawn = {"paired": np.linspace(-9, -1, 1001), "apart": np.linspace(-20, 10, 1001)}
    assert plot_differences(drawn, axes) is axes
    assert sum(bar.get_height() for bar in axes.patches) == 2002
    lines = sorted(line.get_xdata()[0] for line in axes.lines)
    assert lines == pytest.approx([-19.25, -8.8, -1.2, 0, 9.25])


def test_no_bar_is_behind_the_legend() -> None:
    figure = new_figure(7, 3)
    axes = figure.subplots()
    plot_differences({name: np.concatenate([np.full(900, -36.0), [335.0]]) for name in ("paired", "apart")}, axes)
    figure.draw_without_rendering()
    legend = axes.get_legend().get_window_extent()
    assert legend.y0 >= axes.get_window_extent().y1
    assert figure.bbox.y1 >= legend.y1


def test_a_model_that_changes_nothing_is_drawn(axes: Axes) -> None:
    plot_differences({"paired": np.zeros(10)}, axes)
    assert sum(bar.get_height() for bar in axes.patches) == 10


def test_each_test_has_a_row_from_the_top_with_both_intervals(axes: Axes) -> None:
    one, other = {"wer": 100.0, "wer_interval": [90.0, 110.0]}, {"wer": 40.0, "wer_interval": None}
    plot_before_after([("Hindi", one, other), ("English", other, one)], axes)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Hindi", "English"]
    dots = {line.get_label(): line.get_xdata().tolist() for line in axes.lines if line.get_marker() == "o"}
    assert dots == {"before": [100.0, 40.0], "after": [40.0, 100.0]}
    spans = [tuple(line.get_xdata()) for line in axes.lines if line.get_marker() != "o"]
    assert spans == [(90.0, 110.0)] * 2


def test_reliability_stands_beside_the_line_of_honesty(axes: Axes) -> None:
    plot_reliability({"before": [[20.0, 10.0, 5], [80.0, 60.0, 9]]}, axes)
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[0, 0], [100, 100]], [[20, 10], [80, 60]]]
