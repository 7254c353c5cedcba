"""What a picture of sound shows is read back from its axes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from transformers.audio_utils import mel_filter_bank

from whisper_helpers import plots
from whisper_helpers.errors import BadInput


@pytest.fixture
def axes() -> Axes:
    """Empty axes."""
    return Figure().subplots()


def tone(hertz: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    """Full-scale cosine."""
    return np.cos(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def test_a_waveform_runs_in_seconds(axes: Axes) -> None:
    assert plots.plot_waveform(np.array([0.0, 0.5, -0.5]), axes, rate=10, start=2.0) is axes
    assert np.allclose(axes.lines[0].get_xydata(), [[2.0, 0.0], [2.1, 0.5], [2.2, -0.5]])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (s)", "amplitude (1 = full)")


@pytest.mark.parametrize(("hertz", "rate", "heard"), [(5000, 8000, 3000), (3000, 8000, 3000), (9000, 8000, 1000)])
def test_the_alias_passes_through_the_samples(axes: Axes, hertz: int, rate: int, heard: int) -> None:
    plots.plot_aliasing(hertz, rate, axes)
    played, kept, alias = axes.lines
    assert np.allclose(kept.get_ydata(), np.cos(2 * np.pi * heard * kept.get_xdata() / 1000))
    assert np.allclose(played.get_ydata(), np.cos(2 * np.pi * hertz * played.get_xdata() / 1000))
    assert alias.get_label() == f"heard: {heard:,} Hz"
    assert axes.get_xlabel() == "time (ms)"


def test_a_spectrum_peaks_at_the_tone_whatever_the_rate(axes: Axes) -> None:
    plots.plot_spectrum({"high": (tone(3030, 16_000), 16_000), "low": (0.1 * tone(1030, 8000), 8000)}, axes)
    high, low = axes.lines
    assert high.get_xdata()[high.get_ydata().argmax()] == pytest.approx(3030, abs=63)
    assert low.get_xdata()[low.get_ydata().argmax()] == pytest.approx(1030, abs=63)
    assert (high.get_ydata().max(), low.get_ydata().max()) == pytest.approx((0, -20), abs=0.1)
    assert (high.get_xdata().max(), low.get_xdata().max()) == pytest.approx((8000, 4000), abs=63)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["high", "low"]


def test_silence_has_a_spectrum_too(axes: Axes) -> None:
    plots.plot_spectrum({"silence": (np.zeros(1600), 16_000)}, axes)
    assert np.isfinite(axes.lines[0].get_ydata()).all()


@pytest.mark.parametrize(("rate", "seconds"), [(16_000, 0.5), (8000, 1.0)])
def test_power_is_drawn_in_decibels_seconds_and_hertz(axes: Axes, rate: int, seconds: float) -> None:
    power = np.full((201, 50), 1e-3)
    power[100, 7] = 10.0
    plots.plot_power(power, axes, rate)
    shown = axes.images[0].get_array()
    assert (shown[100, 7], shown[0, 0]) == pytest.approx((0, -40))
    assert axes.images[0].get_extent() == pytest.approx((0, seconds, 0, rate / 2))


def test_each_drawn_filter_is_one_of_the_bank(axes: Axes) -> None:
    bank = mel_filter_bank(201, 80, 0.0, 8000.0, 16_000, norm="slaney", mel_scale="slaney").T
    plots.plot_mel_filters(bank, axes, every=10)
    assert len(axes.lines) == 8
    assert np.array_equal(axes.lines[3].get_ydata(), bank[30])
    assert axes.lines[0].get_xdata()[[0, -1]].tolist() == [0, 8000]


def test_a_log_mel_is_shown_as_it_is_over_seconds(axes: Axes) -> None:
    features = np.random.default_rng(0).uniform(-1, 1.5, (80, 300)).astype(np.float32)
    plots.plot_log_mel(features, axes, frames=120)
    assert np.array_equal(axes.images[0].get_array(), features)
    assert axes.images[0].get_extent() == pytest.approx((0, 3, 0, 80))
    assert axes.lines[0].get_xdata() == [1.2, 1.2]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (s)", "mel channel")


@pytest.mark.parametrize("scale", [True, False])
def test_the_darkest_colour_is_the_floor_of_whispers_features(scale: bool) -> None:
    figure = Figure()
    axes = figure.subplots()
    plots.plot_log_mel(np.linspace(-0.5, 1.25, 800).reshape(80, 10), axes, scale=scale)
    assert axes.images[0].get_clim() == (-0.75, 1.25)
    assert len(figure.axes) == 1 + scale


@pytest.mark.parametrize("mels", [80, 128])
def test_hertz_stand_at_the_channels_that_hear_them(axes: Axes, mels: int) -> None:
    plots.plot_log_mel(np.zeros((mels, 10)), axes)
    (right,) = axes.child_axes
    bank = mel_filter_bank(20_001, mels, 0.0, 8000.0, 16_000, norm="slaney", mel_scale="slaney")
    centres = np.linspace(0, 8000, 20_001)[bank.argmax(axis=0)]
    named = [float(label.get_text().replace(",", "")) for label in right.get_yticklabels()]
    assert np.allclose(right.get_yticks(), np.interp(named, centres, np.arange(mels) + 0.5), atol=0.1)


def test_a_batch_is_no_heat_map(axes: Axes) -> None:
    with pytest.raises(BadInput, match="one clip"):
        plots.plot_log_mel(np.zeros((1, 80, 10)), axes)


def test_padding_is_what_lies_between_clip_window_and_thirty_seconds(axes: Axes) -> None:
    plots.plot_padding(np.array([7.0, 2.0, 1.0]), np.array([8.0, 3.0, 3.0]), axes)
    clip, window, full = (patch.get_data() for patch in axes.patches)
    assert clip.values.tolist() == [1, 2, 7]
    assert window.baseline.tolist() == [1, 2, 7]
    assert window.values.tolist() == full.baseline.tolist() == [3, 3, 8]
    assert full.values.tolist() == [30, 30, 30]
    assert axes.get_ylabel() == "time (s)"
