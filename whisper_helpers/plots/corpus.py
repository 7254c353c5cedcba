"""What a corpus holds: seconds, hours, speakers and sentences of each split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .figure import BLUE, GREEN, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPLIT_COLOURS = {"train": BLUE, "validation": ORANGE, "test": GREEN}
MOST_SPEAKERS = 24  # that are drawn; the rest is counted in the title
UNKNOWN = "unknown"


def plot_durations(seconds: Mapping[str, Sequence[float]], axes: Axes) -> Axes:
    """How long the clips are, the splits stacked on each other.

    Parameters
    ----------
    seconds
        For each split the duration of each clip.
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_durations({"train": [2.0, 3.5], "test": [3.0]}, Figure().subplots())
    >>> int(sum(bar.get_height() for bar in axes.patches))
    3
    """
    _stacked_histogram(seconds, 24, axes)
    axes.set(xlabel="duration (s)", ylabel="clips", title="How long the clips are")
    return axes


def plot_words(words: Mapping[str, Sequence[int]], axes: Axes) -> Axes:
    """How many words the sentences have, the splits stacked on each other.

    Parameters
    ----------
    words
        For each split the number of words of each sentence.
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given; the bar of n words stands on n.
    """
    counts = [count for each in words.values() for count in each]
    edges = [count - 0.5 for count in range(min(counts), max(counts) + 2)]
    _stacked_histogram(words, edges, axes)
    axes.set(xlabel="words in a sentence", ylabel="clips", title="How long the sentences are")
    return axes


def _stacked_histogram(values: Mapping[str, Sequence[float]], bins: int | list[float], axes: Axes) -> None:
    colours = [SPLIT_COLOURS.get(split, GREY) for split in values]
    axes.hist(list(values.values()), bins, stacked=True, color=colours, label=list(values), rwidth=0.9)
    axes.legend(frameon=False)


def plot_hours(hours: Mapping[str, float], axes: Axes, log: bool = False) -> Axes:
    """Hours of speech as bars, each with its number.

    Parameters
    ----------
    hours
        Hours by split, or by anything else that holds speech.
    axes
        Where to draw; the first bar is on top.
    log
        Draw on a logarithmic scale.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_hours({"train": 8.0, "test": 4.0}, Figure().subplots())
    >>> [text.get_text() for text in axes.texts]
    ['8 h', '4 h']
    """
    colours = [SPLIT_COLOURS.get(name, GREY) for name in hours]
    bars = axes.barh(list(hours), list(hours.values()), color=colours)
    axes.bar_label(
        bars, [f"{value:,.2g} h" if value < 10 else f"{value:,.0f} h" for value in hours.values()], padding=4
    )
    axes.invert_yaxis()
    if log:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda hours, _: f"{hours:,.0f}" if hours >= 1 else f"{hours:g}")
    axes.margins(x=0.25)
    axes.set(xlabel="hours of speech (logarithmic)" if log else "hours of speech", title="How much speech there is")
    return axes


def plot_speakers(speakers: Mapping[str, Sequence[str]], axes: Axes) -> Axes:
    """Clips of each speaker; who is in several splits has a bar of several colours.

    Parameters
    ----------
    speakers
        For each split the speaker of each clip; empty where unknown.
    axes
        Where to draw; of many speakers those with most clips are drawn.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_speakers({"train": ["a", "a", "b"], "test": ["b"]}, Figure().subplots())
    >>> axes.get_title()
    'Who speaks: 2 speakers, 1 of them in several splits'
    """
    counts = {split: Counter(name or UNKNOWN for name in names) for split, names in speakers.items()}
    total = sum(counts.values(), Counter())
    drawn = [name for name, _ in total.most_common(MOST_SPEAKERS)]
    drawn.sort(key=lambda name: [-split[name] for split in counts.values()])
    _stack(counts, drawn, axes)
    shared = sum(sum(name in split for split in counts.values()) > 1 for name in total)
    more = f" ({len(drawn)} drawn)" if len(drawn) < len(total) else ""
    title = f"Who speaks: {len(total):,} speakers{more}, {shared:,} of them in several splits"
    axes.set(ylabel="clips", title=title)
    return axes


def _stack(counts: Mapping[str, Counter[str]], names: list[str], axes: Axes) -> None:
    below = [0] * len(names)
    for split, clips in counts.items():
        heights = [clips[name] for name in names]
        axes.bar(names, heights, bottom=below, color=SPLIT_COLOURS.get(split, GREY), label=split)
        below = [low + height for low, height in zip(below, heights, strict=True)]
    axes.tick_params(axis="x", rotation=45 if len(names) > 8 else 0)
    axes.set_ylim(0, 1.35 * max(below))
    axes.legend(frameon=False, ncols=3, loc="upper right")


def plot_pace(seconds: Mapping[str, Sequence[float]], characters: Mapping[str, Sequence[int]], axes: Axes) -> Axes:
    """Characters of each sentence against the seconds of its clip; a text that is not its clip's stands apart.

    Parameters
    ----------
    seconds
        For each split the duration of each clip.
    characters
        For each split the number of characters of each sentence, in the same order.
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.
    """
    for split, durations in seconds.items():
        colour = SPLIT_COLOURS.get(split, GREY)
        axes.scatter(durations, characters[split], s=10, alpha=0.6, color=colour, label=split)
    axes.set(xlim=(0, None), ylim=(0, None), xlabel="duration (s)", ylabel="characters", title="How fast it is read")
    axes.legend(frameon=False, loc="upper left")
    return axes
