"""Sound: as a wave, as a spectrum, as the log-mel spectrogram that Whisper sees, and the padding around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..audio import DYNAMIC_RANGE, FRAMES_PER_SECOND, SAMPLE_RATE, WINDOW_SECONDS
from ..errors import BadInput
from .figure import BLUE, GREEN, ORANGE, PINK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICKS_HERTZ = (500, 1000, 2000, 4000, 7000)  # names for places on the mel axis
LIGHT = "#D0D0D0"  # what is not there
COLOURS = (BLUE, ORANGE, GREEN, PINK)
MAP, SHADES = "viridis", 8  # dark to light in every kind of eye; few shades make small files
DECIBELS = 60.0  # below the strongest, where pictures of power end: a millionth of it


def plot_waveform(samples: np.ndarray, axes: Axes, rate: int = SAMPLE_RATE, start: float = 0.0) -> Axes:
    """Amplitude over time.

    Parameters
    ----------
    samples
        Shape (samples,), between -1 and 1.
    axes
        Where to draw.
    rate
        Samples a second, in Hz.
    start
        Time of the first sample, in seconds.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> plot_waveform(np.zeros(8), Figure().subplots()).get_xlabel()
    'time (s)'
    """
    axes.plot(start + np.arange(len(samples)) / rate, samples, color=BLUE, linewidth=0.8)
    axes.margins(x=0)
    return _labelled(axes, "time (s)", "amplitude (1 = full)")


def plot_aliasing(hertz: float, rate: int, axes: Axes, seconds: float = 0.001) -> Axes:
    """A tone, the samples that are taken of it, and the lowest tone that passes through the same samples.

    Parameters
    ----------
    hertz
        Frequency of the tone.
    rate
        Samples a second, in Hz.
    axes
        Where to draw.
    seconds
        How much of it to draw.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> plot_aliasing(5000, 8000, Figure().subplots()).lines[2].get_label()
    'heard: 3,000 Hz'
    """
    heard = abs(hertz - rate * round(hertz / rate))
    time, taken = np.linspace(0, seconds, 1000), np.arange(0, seconds + 1e-9, 1 / rate)
    axes.plot(1000 * time, np.cos(2 * np.pi * hertz * time), color=BLUE, label=f"tone: {hertz:,.0f} Hz")
    axes.plot(
        1000 * taken, np.cos(2 * np.pi * hertz * taken), "o", color="black", label=f"kept: {rate:,} samples a second"
    )
    axes.plot(1000 * time, np.cos(2 * np.pi * heard * time), "--", color=ORANGE, label=f"heard: {heard:,.0f} Hz")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    return _labelled(axes, "time (ms)", "amplitude (1 = full)")


def plot_spectrum(sounds: dict[str, tuple[np.ndarray, int]], axes: Axes, bands: int = 64) -> Axes:
    """How much power each frequency has, in decibels below the strongest.

    Parameters
    ----------
    sounds
        For each name in the legend: samples, and their rate in Hz.
    axes
        Where to draw.
    bands
        Into how many bands of equal width the frequencies up to 8 kHz are gathered.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> frequencies, level = plot_spectrum({"tone": (tone, 8000)}, Figure().subplots()).lines[0].get_data()
    >>> float(frequencies[level.argmax()])
    1062.5
    """
    width = SAMPLE_RATE / 2 / bands
    strongest = max(_band_power(samples, rate, width).max() for samples, rate in sounds.values())
    for (name, (samples, rate)), colour in zip(sounds.items(), COLOURS, strict=False):
        level = _decibels(_band_power(samples, rate, width), strongest)
        axes.plot((np.arange(len(level)) + 0.5) * width, level, color=colour, label=name)
    axes.set_xlim(0, SAMPLE_RATE / 2)
    axes.legend(frameon=False)
    return _labelled(axes, "frequency (Hz)", "power (dB)")


def plot_power(power: np.ndarray, axes: Axes, rate: int = SAMPLE_RATE) -> Axes:
    """Power spectrogram as a heat map: frequency over time, on an even scale in Hz.

    Parameters
    ----------
    power
        Shape (frequencies, frames), from 0 Hz to half the rate; 10 ms a frame at 16 kHz, 20 ms at 8 kHz.
    axes
        Where to draw.
    rate
        Samples a second, in Hz.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> float(plot_power(np.ones((201, 50)), Figure().subplots()).get_ylim()[1])
    8000.0
    """
    seconds = power.shape[1] / FRAMES_PER_SECOND * SAMPLE_RATE / rate
    _heat_map(_decibels(power, power.max()), axes, (seconds, rate / 2), (-DECIBELS, 0), "power (dB)")
    return _labelled(axes, "time (s)", "frequency (Hz)")


def plot_mel_filters(filters: np.ndarray, axes: Axes, every: int = 1) -> Axes:
    """The triangles that gather frequencies into mel channels.

    Parameters
    ----------
    filters
        Shape (mels, frequencies), from 0 Hz to 8 kHz.
    axes
        Where to draw.
    every
        Draw each n-th channel only.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> len(plot_mel_filters(np.eye(80, 201), Figure().subplots(), every=8).lines)
    10
    """
    frequencies = np.linspace(0, SAMPLE_RATE / 2, filters.shape[1])
    for place, channel in enumerate(range(0, len(filters), every)):
        axes.plot(frequencies, filters[channel], color=COLOURS[place % len(COLOURS)], linewidth=1)
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    return _labelled(axes, "frequency (Hz)", "weight")


def plot_log_mel(features: np.ndarray, axes: Axes, frames: int | None = None, scale: bool = True) -> Axes:
    """Log-mel spectrogram as a heat map: time to the right, mel channels upwards, their frequencies on the right.

    Parameters
    ----------
    features
        Shape (mels, frames), as :func:`whisper_helpers.audio.log_mel` gives it.
    axes
        Where to draw.
    frames
        Frames that hold the clip; a line marks where padding begins. None: no line.
    scale
        Whether to draw the scale of colours, which always ends at the clip's largest value and begins 2 below.

    Raises
    ------
    BadInput
        If the features are not those of one clip.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_log_mel(np.zeros((80, 300)), Figure().subplots(), frames=250)
    >>> float(axes.get_xlim()[1]), axes.lines[0].get_xdata()[0]
    (3.0, 2.5)
    """
    if features.ndim != 2:
        raise BadInput(f"The features have the shape {features.shape}", "A heat map shows (mels, frames) of one clip")
    mels, length = features.shape
    ends, highest = (length / FRAMES_PER_SECOND, mels), float(features.max())
    unit = "(log10 power + 4) / 4" if scale else None
    _heat_map(features, axes, ends, (highest - DYNAMIC_RANGE, highest), unit)
    if frames is not None:
        axes.axvline(frames / FRAMES_PER_SECOND, color="white", linestyle="--")
    right = axes.secondary_yaxis("right")
    right.set_yticks([_channel_at(hertz, mels) for hertz in TICKS_HERTZ], [f"{hertz:,}" for hertz in TICKS_HERTZ])
    right.set_ylabel("Hz")
    return _labelled(axes, "time (s)", "mel channel")


def plot_padding(seconds: np.ndarray, windows: np.ndarray, axes: Axes) -> Axes:
    """What the encoder is given of each clip: speech, padding up to the window, and what 30 s would add.

    Parameters
    ----------
    seconds
        Shape (clips,), length of each clip.
    windows
        Shape (clips,), window that each clip is given, in seconds.
    axes
        Where to draw; clips are sorted by window, then by length.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_padding(np.array([3.0, 2.0]), np.array([4.0, 3.0]), Figure().subplots())
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['clip', 'padding in its window', 'padding up to 30 s']
    """
    order, none = np.lexsort((seconds, windows)), np.zeros(len(seconds))
    edges = (none, np.asarray(seconds)[order], np.asarray(windows)[order], none + WINDOW_SECONDS)
    parts = {"clip": BLUE, "padding in its window": ORANGE, "padding up to 30 s": LIGHT}
    for (name, colour), low, high in zip(parts.items(), edges, edges[1:], strict=False):
        axes.stairs(high, np.arange(len(order) + 1), baseline=low, fill=True, color=colour, label=name)
    axes.set(xlim=(0, len(order)), ylim=(0, WINDOW_SECONDS))
    axes.legend(loc="upper left")
    return _labelled(axes, "clips, sorted by window and length", "time (s)")


def _labelled(axes: Axes, x: str, y: str) -> Axes:
    axes.set(xlabel=x, ylabel=y)
    return axes


def _heat_map(
    values: np.ndarray, axes: Axes, ends: tuple[float, float], limits: tuple[float, float], unit: str | None
) -> None:
    from matplotlib import colormaps

    colours, extent = colormaps[MAP].resampled(SHADES), (0, ends[0], 0, ends[1])
    place = {"origin": "lower", "aspect": "auto", "extent": extent, "interpolation": "nearest"}
    image = axes.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1], **place)
    if unit:
        axes.figure.colorbar(image, ax=axes, label=unit, pad=0.02)


def _band_power(samples: np.ndarray, rate: int, width: float) -> np.ndarray:
    power = np.abs(np.fft.rfft(samples)) ** 2 / len(samples) ** 2
    band = (np.fft.rfftfreq(len(samples), 1 / rate) // width).astype(int)
    inside = band < round(rate / 2 / width)
    return np.bincount(band[inside], weights=power[inside], minlength=round(rate / 2 / width))


def _decibels(power: np.ndarray, strongest: float) -> np.ndarray:
    least = 10 ** (-DECIBELS / 10)
    return 10 * np.log10(np.maximum(power / (strongest or 1), least))


def _channel_at(hertz: float, mels: int) -> float:
    from librosa import hz_to_mel

    return float(hz_to_mel(hertz) / hz_to_mel(SAMPLE_RATE / 2) * (mels + 1) - 0.5)
