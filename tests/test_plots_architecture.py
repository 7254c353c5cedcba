"""What the figures of notebook 01 show is read back from their axes."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from whisper_helpers.plots import new_figure, plot_architecture, plot_cross_attention, plot_surprise

FIGURES = Path(__file__).resolve().parents[1] / "assets" / "figures"


def texts(figure: Figure) -> str:
    """All words of a figure."""
    return "\n".join(each.get_text() for each in figure.findobj(Text))


def test_the_architecture_names_its_parts_and_sizes() -> None:
    figure = new_figure(10, 4.6)
    axes = figure.subplots()
    assert plot_architecture(axes, mels=128, width=1280, layers=(32, 4)) is axes
    words = texts(figure)
    for part in ("480,000 samples", "128 × 3,000", "1,500 × 1280", "32 layers", "4 layers", "cross-\nattention"):
        assert part in words


def test_the_last_word_is_the_one_being_chosen() -> None:
    axes = Figure().subplots()
    plot_architecture(axes, words=["पानी", "घर"])
    heights = {each.get_text(): each.get_position()[1] for each in axes.texts}
    assert heights["घर"] > 40 > heights["पानी"] == heights["language"]


def test_no_two_words_of_the_architecture_overlap() -> None:
    figure = new_figure(10, 4.6)
    axes = plot_architecture(figure.subplots())
    figure.draw_without_rendering()
    boxes = [each.get_window_extent() for each in axes.texts if each.get_text()]
    assert not [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if a.overlaps(b)]
    assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in boxes)


def test_surprise_is_minus_the_logarithm() -> None:
    axes = plot_surprise([0.5, 0.1], Figure().subplots())
    curve, points = (line.get_xydata() for line in axes.lines)
    np.testing.assert_allclose(np.exp(-curve[:, 1]), curve[:, 0])
    np.testing.assert_allclose(points, [(0.5, math.log(2)), (0.1, math.log(10))])
    assert [each.get_text() for each in axes.texts] == ["0.69", "2.30"]
    assert axes.get_ylabel() == "loss (nats)"


def test_attention_shows_the_clip_and_not_its_padding() -> None:
    weights = np.random.default_rng(0).random((7, 1500))
    before = weights.copy()
    axes = plot_cross_attention(weights, 2.0, Figure().subplots())
    shown = axes.images[0].get_array()
    assert shown.shape == (7, 100)
    np.testing.assert_allclose(shown * before[:, :100].max(axis=1, keepdims=True), before[:, :100])
    np.testing.assert_array_equal(weights, before)
    assert axes.get_xlim() == pytest.approx((0, 2.0))
    assert "(s)" in axes.get_xlabel()


def test_the_committed_figure_is_what_its_script_writes(tmp_path: Path) -> None:
    script = tmp_path / "make_architecture.py"
    script.write_text((FIGURES / script.name).read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([sys.executable, script], check=True, capture_output=True, cwd=FIGURES.parents[1])
    again, committed = (folder / "architecture.svg" for folder in (tmp_path, FIGURES))
    assert committed.stat().st_size <= 100_000
    assert again.read_text(encoding="utf-8").count("<path") == committed.read_text(encoding="utf-8").count("<path")
