"""Whether a model is better, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .figure import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = 40  # of a histogram
LEVEL = (2.5, 97.5)  # percentiles


def plot_differences(drawn: Mapping[str, np.ndarray], axes: Axes) -> Axes:
    """Differences of two models in tests drawn anew, with the middle 95 % of each kind of drawing.

    Parameters
    ----------
    drawn
        Points of WER, after minus before, shape (draws,), by the name of how they were drawn.
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_differences({"paired": np.linspace(-9, -1, 100)}, Figure().subplots())
    >>> axes.get_legend().get_texts()[0].get_text()
    'paired: 95 % from -8.8 to -1.2'
    """
    every = np.concatenate([*map(np.asarray, drawn.values()), [0]])
    edges = np.linspace(every.min(), every.max() + 1e-9, BARS + 1)
    for colour, (name, points) in zip((BLUE, ORANGE, GREY), drawn.items(), strict=False):
        low, high = np.percentile(points, LEVEL)
        label = f"{name}: 95 % from {low:+.1f} to {high:+.1f}"
        axes.hist(points, edges, color=colour, alpha=0.6, label=label)
        for bound in (low, high):
            axes.axvline(bound, color=colour, linestyle="--")
    axes.axvline(0, color="black")
    axes.set(xlabel="difference in WER (points, after minus before)", ylabel="draws")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), fontsize=8, frameon=False)  # above: bars may stand anywhere
    return axes


def plot_before_after(rows: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]], axes: Axes) -> Axes:
    """WER before and after, a row for each test, with intervals.

    Parameters
    ----------
    rows
        Name, and two mappings with ``wer`` and ``wer_interval`` in percent (None without one).
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.
    """
    heights = np.arange(len(rows))[::-1]
    for shift, place, colour, label in ((0.12, 1, GREY, "before"), (-0.12, 2, BLUE, "after")):
        for height, row in zip(heights, rows, strict=True):
            if row[place]["wer_interval"]:
                axes.plot(row[place]["wer_interval"], [height + shift] * 2, color=colour)
        axes.plot([row[place]["wer"] for row in rows], heights + shift, "o", color=colour, label=label)
    axes.set_yticks(heights, [row[0] for row in rows])
    axes.set_ylim(-0.5, len(rows) - 0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("WER (%), with its 95 % interval")
    axes.legend(fontsize=8)
    return axes


def plot_reliability(bins: Mapping[str, Sequence[Sequence[float]]], axes: Axes) -> Axes:
    """How often the likeliest next token is right, by how sure the model is of it.

    Parameters
    ----------
    bins
        By model: mean sureness and share of right ones in percent, and how many tokens.
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.
    """
    axes.plot([0, 100], [0, 100], "--", color=GREY, label="sure as it is right")
    for colour, (name, rows) in zip((ORANGE, BLUE), bins.items(), strict=False):
        sure, right, _ = zip(*rows, strict=True)
        axes.plot(sure, right, "o-", color=colour, label=name)
    axes.set(xlabel="sure of the next token (%)", ylabel="right (%)", xlim=(0, 100), ylim=(0, 100))
    axes.legend(fontsize=8)
    return axes
