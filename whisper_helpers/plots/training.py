"""How a training went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .figure import BLUE, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_training(history: list[dict[str, Any]], axes: Axes) -> Axes:
    """Training loss and validation WER over the optimiser steps.

    Parameters
    ----------
    history
        The trainer's ``state.log_history``.
    axes
        Where to draw; a second scale on the right takes the WER.

    Returns
    -------
    matplotlib.axes.Axes
        The axes given.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_training([{"step": 1, "loss": 2.0}, {"step": 1, "eval_wer": 90.0}], Figure().subplots())
    >>> axes.get_ylabel()
    'training loss (nats per token)'
    """
    loss = [(row["step"], row["loss"]) for row in history if "loss" in row]
    wer = [(row["step"], row["eval_wer"]) for row in history if "eval_wer" in row]
    axes.plot(*zip(*loss, strict=True), color=BLUE)
    axes.set_xlabel("optimiser steps")
    axes.set_ylabel("training loss (nats per token)", color=BLUE)
    axes.set_ylim(bottom=0)
    if wer:
        right = axes.twinx()
        right.plot(*zip(*wer, strict=True), "o--", color=ORANGE)
        right.set_ylabel("validation WER (%)", color=ORANGE)
        right.margins(y=0.1)
        right.set_ylim(bottom=0)
    axes.set_title("Training")
    return axes
