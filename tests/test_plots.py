"""What a figure shows is read back from its axes."""

from __future__ import annotations

from matplotlib.figure import Figure

from whisper_helpers.plots import plot_training

HISTORY = [
    {"step": 5, "loss": 2.0},
    {"step": 10, "loss": 1.0},
    {"step": 10, "eval_wer": 80.0},
    {"step": 15, "loss": 0.5},
    {"step": 20, "eval_wer": 40.0},
]


def test_loss_and_wer_over_the_steps() -> None:
    figure = Figure()
    axes = figure.subplots()
    assert plot_training(HISTORY, axes) is axes
    assert axes.lines[0].get_xydata().tolist() == [[5, 2.0], [10, 1.0], [15, 0.5]]
    (right,) = [each for each in figure.axes if each is not axes]
    assert right.lines[0].get_xydata().tolist() == [[10, 80.0], [20, 40.0]]
    assert (axes.get_xlabel(), right.get_ylabel()) == ("optimiser steps", "validation WER (%)")


def test_without_validation_there_is_one_scale() -> None:
    figure = Figure()
    plot_training(HISTORY[:2], figure.subplots())
    assert len(figure.axes) == 1
