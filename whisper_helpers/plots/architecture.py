"""How Whisper is built, what its loss measures, and where its decoder looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import FRAMES_PER_POSITION, N_FRAMES, N_MELS, POSITIONS_PER_SECOND, SAMPLE_RATE, WINDOW_SECONDS
from .figure import BLUE, GREEN, GREY, ORANGE, PINK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PREFIX = ("start", "language", "task", "no times")
WIDE, HIGH = 100.0, 50.0  # the drawing's own units
DECODER = 84.5  # middle of the decoder, in the drawing's units
SMALL = 8.5  # points
CHIP = 10.6  # width of a token's chip, in the drawing's units


def plot_architecture(
    axes: Axes,
    *,
    mels: int = N_MELS,
    width: int = 512,
    layers: tuple[int, int] = (6, 6),
    words: Sequence[str] = ("मेरी", "दादी", "हर"),
) -> Axes:
    """Draw the way from sound to text: log-mel, encoder, its states, cross-attention, decoder, tokens.

    Parameters
    ----------
    axes
        Where to draw; its scales are hidden.
    mels
        Channels of the log-mel.
    width
        Numbers in each encoder state.
    layers
        Layers of the encoder and of the decoder.
    words
        Words written so far; the last is the one that the decoder has just chosen.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> len(plot_architecture(Figure().subplots(), words=["one", "two"]).patches) > 100
    True
    """
    axes.set(xlim=(0, WIDE), ylim=(3, HIGH))
    axes.set_axis_off()
    positions = N_FRAMES // FRAMES_PER_POSITION
    _draw_sound(axes)
    _draw_log_mel(axes)
    _draw_states(axes)
    _box(axes, (37, 22), (13, 18), BLUE, f"Encoder\n\n2 convolutions\n{layers[0]} layers of\nself-attention")
    _box(axes, (76, 20), (17, 20), ORANGE, f"Decoder\n\n{layers[1]} layers of\nself-attention,\ncross-attention")
    samples = f"{WINDOW_SECONDS * SAMPLE_RATE:,.0f} samples"
    _note(axes, 8.5, 20, f"Sound\n{samples}\n{WINDOW_SECONDS:g} s at 16 kHz")
    _note(axes, 26, 20, f"Log-mel\n{mels} × {N_FRAMES:,}\na frame is 10 ms")
    _note(axes, 60.5, 20, f"Encoder states\n{positions:,} × {width}\na state is {1000 // POSITIONS_PER_SECOND} ms")
    for start, end in (((15.5, 31), (18.5, 31)), ((33.5, 31), (36.5, 31)), ((50.5, 31), (53.5, 31))):
        _arrow(axes, start, end, GREY)
    _arrow(axes, (68, 31), (75.5, 31), GREEN)
    axes.text(71.7, 33, "cross-\nattention", color=GREEN, ha="center", va="bottom", fontsize=SMALL)
    _draw_tokens(axes, [*PREFIX, *words])
    return axes


def plot_surprise(probabilities: Sequence[float], axes: Axes) -> Axes:
    """Show what cross-entropy charges: much for a right token held unlikely, nothing for a certain one.

    Parameters
    ----------
    probabilities
        What the model gave the right token, each above 0 and at most 1.
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> plot_surprise([0.5], Figure().subplots()).get_xlabel()
    'probability of the right token'
    """
    curve, points = np.linspace(0.005, 1, 400), np.asarray(probabilities, dtype=float)
    axes.plot(curve, -np.log(curve), color=BLUE)
    axes.plot(points, -np.log(points), "o", color=ORANGE)
    for point in points:
        axes.annotate(f"{-np.log(point):.2f}", (point, -np.log(point)), (6, 5), textcoords="offset points")
    axes.set(xlabel="probability of the right token", ylabel="loss (nats)", xlim=(0, 1.03), ylim=(0, 5.4))
    axes.set_title("Cross-entropy: the price of a surprise")
    return axes


def plot_cross_attention(weights: np.ndarray, seconds: float, axes: Axes) -> Axes:
    """Show where in the sound the decoder looks as it writes each token.

    Parameters
    ----------
    weights
        Shape (tokens, positions), attention of each token to the encoder's states, 50 states a second.
    seconds
        Length of the clip; what lies behind it, padding, is not shown.
    axes
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given; each row of the picture is scaled to its own largest weight.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_cross_attention(np.eye(3, 100), 1.0, Figure().subplots())
    >>> axes.images[0].get_array().shape
    (3, 50)
    """
    shown = np.asarray(weights)[:, : round(seconds * POSITIONS_PER_SECOND)]
    scaled = shown / shown.max(axis=1, keepdims=True)
    end = shown.shape[1] / POSITIONS_PER_SECOND
    box = (0, end, len(shown) + 0.5, 0.5)
    axes.imshow(scaled, aspect="auto", extent=box, cmap="cividis", interpolation="nearest")
    axes.set(xlabel="time in the clip (s)", ylabel="token, in order of writing")
    axes.set_title("Cross-attention")
    return axes


def _draw_sound(axes: Axes) -> None:
    time = np.linspace(0, 1, 240)
    loud = np.sin(np.pi * time) * np.abs(np.sin(3.3 * np.pi * time)) + 0.05
    axes.plot(2 + 13 * time, 31 + 8 * loud * np.sin(120 * time), color=PINK, linewidth=1)


def _draw_log_mel(axes: Axes) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    columns, rows = 14, 10
    for column in range(columns):
        for row in range(rows):
            voice = np.abs(np.sin(3.3 * np.pi * column / columns)) * np.exp(-row / 5)
            level = float(voice * (0.65 + 0.35 * np.cos(1.9 * row + 0.5 * column)))
            corner = (19 + 14 * column / columns, 22 + 18 * row / rows)
            colour = colormaps["cividis"](level)
            axes.add_patch(Rectangle(corner, 14 / columns, 18 / rows, facecolor=colour, edgecolor="none"))


def _draw_states(axes: Axes) -> None:
    from matplotlib.patches import Rectangle

    for number in range(10):
        shade = 0.35 + 0.5 * abs(np.sin(1.7 * number))
        axes.add_patch(Rectangle((54 + 1.35 * number, 22), 0.95, 18, facecolor=BLUE, alpha=shade, edgecolor="none"))


def _draw_tokens(axes: Axes, tokens: Sequence[str]) -> None:
    """Draw what the decoder is given in a row below, and above it the token that it chooses next."""
    left = 98 - CHIP * (len(tokens) - 1)
    for number, token in enumerate(tokens[:-1]):
        fill = "#E6E6E6" if number < len(PREFIX) else "#FCE3D2"
        _chip(axes, left + CHIP * number, 5, token, fill)
    _chip(axes, DECODER - CHIP / 2 + 0.5, 44.5, tokens[-1], "#FCE3D2")
    axes.text(left - 1, 7, "tokens so far", ha="right", va="center", color=GREY, fontsize=SMALL)
    axes.text(DECODER - 6.5, 46.5, "next token", ha="right", va="center", color=GREY, fontsize=SMALL)
    _arrow(axes, (DECODER, 10), (DECODER, 19.5), GREY)
    _arrow(axes, (DECODER, 40.5), (DECODER, 44), GREY)
    _arrow(axes, (DECODER + 6, 46.5), (95.5, 9.5), GREY, connectionstyle="arc3,rad=-0.3", linestyle="--")


def _chip(axes: Axes, left: float, bottom: float, text: str, fill: str) -> None:
    _patch(axes, (left, bottom), (CHIP - 1, 4), fill, GREY)
    axes.text(left + (CHIP - 1) / 2, bottom + 2, text, ha="center", va="center", fontsize=SMALL)


def _box(axes: Axes, corner: tuple[float, float], size: tuple[float, float], colour: str, text: str) -> None:
    _patch(axes, corner, size, "white", colour, linewidth=2)
    axes.text(corner[0] + size[0] / 2, corner[1] + size[1] / 2, text, ha="center", va="center", fontsize=SMALL)


def _patch(
    axes: Axes, corner: tuple[float, float], size: tuple[float, float], fill: str, edge: str, **how: Any
) -> None:
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=0.8"
    axes.add_patch(FancyBboxPatch(corner, *size, boxstyle=style, facecolor=fill, edgecolor=edge, **how))


def _note(axes: Axes, x: float, top: float, text: str) -> None:
    axes.text(x, top, text, ha="center", va="top", fontsize=SMALL)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, **how: Any) -> None:
    from matplotlib.patches import FancyArrowPatch

    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=colour, linewidth=1.4, **how)
    axes.add_patch(arrow)
