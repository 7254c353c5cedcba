"""Figures: each function takes `Axes`, draws on them and returns them."""

from .architecture import plot_architecture, plot_cross_attention, plot_surprise
from .corpus import plot_durations, plot_hours, plot_pace, plot_speakers, plot_words
from .evaluation import plot_before_after, plot_differences, plot_reliability
from .figure import new_figure
from .sound import (
    plot_aliasing,
    plot_log_mel,
    plot_mel_filters,
    plot_padding,
    plot_power,
    plot_spectrum,
    plot_waveform,
)
from .tokens import plot_label_lengths, plot_tokens_per_word
from .training import plot_training

__all__ = [
    "new_figure",
    "plot_aliasing",
    "plot_architecture",
    "plot_before_after",
    "plot_cross_attention",
    "plot_differences",
    "plot_durations",
    "plot_hours",
    "plot_label_lengths",
    "plot_log_mel",
    "plot_mel_filters",
    "plot_pace",
    "plot_padding",
    "plot_power",
    "plot_reliability",
    "plot_speakers",
    "plot_spectrum",
    "plot_surprise",
    "plot_tokens_per_word",
    "plot_training",
    "plot_waveform",
    "plot_words",
]
