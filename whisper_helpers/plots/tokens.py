"""What a language pays in tokens, and how much room the decoder has for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .figure import BLUE, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_tokens_per_word(counts: Mapping[str, float], axes: Axes, highlight: str | None = None) -> Axes:
    """How many tokens a word takes in each language, the cheapest language on top.

    Parameters
    ----------
    counts
        Mean tokens a word by language, from :func:`whisper_helpers.tokens.tokens_per_word`.
    axes
        Where to draw.
    highlight
        Language that gets another colour; one that is not there changes nothing.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_tokens_per_word({"Hindi": 4.6, "English": 1.1}, Figure().subplots())
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['English', 'Hindi']
    """
    names = sorted(counts, key=lambda name: counts[name])
    colours = [ORANGE if name == highlight else BLUE for name in names]
    bars = axes.barh(names, [counts[name] for name in names], color=colours)
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel="tokens per word", title="What a word costs")
    return axes


def plot_label_lengths(lengths: Sequence[int], axes: Axes, marks: Mapping[str, float]) -> Axes:
    """How long the labels of a corpus are, beside the lengths that matter.

    Parameters
    ----------
    lengths
        Tokens of each sentence's labels.
    axes
        Where to draw.
    marks
        Lengths in tokens to mark with a line, by what they are.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_label_lengths([20, 23, 31], Figure().subplots(), {"decoder": 448})
    >>> int(sum(bar.get_height() for bar in axes.patches)), axes.lines[0].get_xdata()[0]
    (3, 448)
    """
    longest = max([*lengths, *marks.values()])
    axes.hist(lengths, bins=range(0, int(longest) + 10, 5), color=BLUE)
    for name, place in marks.items():
        axes.axvline(place, color=ORANGE, linestyle="--")
        words = {"rotation": 90, "horizontalalignment": "right", "verticalalignment": "top"}
        axes.text(place, 0.98, f"{name}: {place:.0f}", transform=axes.get_xaxis_transform(), **words)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlabel="length of the labels (tokens)", ylabel="clips", title="How long the labels are")
    return axes
