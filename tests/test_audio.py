"""Oracles: soundfile writing what is read back, and the library's own feature extractor."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import WhisperFeatureExtractor

from whisper_helpers import audio
from whisper_helpers.errors import BadInput


def encoded(samples: np.ndarray, rate: int, **options: str) -> bytes:
    """Write samples as an audio file in memory."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **({"format": "WAV"} | options))
    return file.getvalue()


def tone(seconds: float, rate: int, hertz: float = 440.0) -> np.ndarray:
    """Half-scale sine."""
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def test_constants_follow_from_each_other() -> None:
    extractor = WhisperFeatureExtractor()
    assert (extractor.sampling_rate, extractor.hop_length) == (audio.SAMPLE_RATE, audio.HOP_LENGTH)
    assert (
        extractor.n_fft,
        extractor.feature_size,
        extractor.nb_max_frames,
    ) == (audio.N_FFT, audio.N_MELS, audio.N_FRAMES)
    assert audio.POSITIONS_PER_SECOND * audio.WINDOW_SECONDS == 1500


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_keeps_length_and_pitch(rate: int) -> None:
    samples = audio.read_clip(encoded(tone(1.0, rate), rate, subtype="FLOAT"))
    assert samples.dtype == np.float32
    assert abs(len(samples) - 16_000) <= 1
    assert np.argmax(np.abs(np.fft.rfft(samples[:16_000]))) == pytest.approx(440, abs=1)


@pytest.mark.parametrize("options", [{"format": "FLAC"}, {"format": "OGG", "subtype": "OPUS"}, {"format": "MP3"}])
def test_compressed_formats_are_read(options: dict[str, str]) -> None:
    samples = audio.read_clip(encoded(tone(1.0, 48_000), 48_000, **options))
    assert len(samples) == pytest.approx(16_000, abs=800)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_eight_channels_at_96_khz_are_averaged() -> None:
    left = tone(0.5, 96_000)
    channels = np.stack([left, -left, left, -left, left, left, left, left], axis=1)
    samples = audio.read_clip(encoded(channels, 96_000, subtype="FLOAT"))
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.01)


def test_a_path_its_bytes_and_a_row_are_the_same_clip(tmp_path) -> None:
    path = tmp_path / "किताब.wav"
    path.write_bytes(encoded(tone(0.3, 16_000), 16_000))
    from_path = audio.read_clip(path)
    assert np.array_equal(from_path, audio.read_clip(path.read_bytes()))
    assert np.array_equal(from_path, audio.read_clip({"path": str(path), "bytes": None}))
    assert np.array_equal(from_path, audio.read_clip({"path": None, "bytes": path.read_bytes()}))
    assert audio.clip_seconds(path) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read"),
        (b"plain text with an audio extension", "cannot be read"),
        (encoded(np.zeros(0), 16_000), "no samples"),
        (encoded(np.array([0.1, np.nan, 0.1]), 16_000, subtype="FLOAT"), "NaN"),
        (encoded(np.array([0.1, np.inf, 0.1]), 16_000, subtype="FLOAT"), "NaN or infinite"),
    ],
    ids=["empty", "text", "no samples", "not a number", "infinite"],
)
def test_unusable_clips_are_named(tmp_path, content: bytes, reason: str) -> None:
    path = tmp_path / "clip.wav"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=reason) as error:
        audio.read_clip(path)
    assert "clip.wav" in str(error.value)


def test_a_missing_clip_is_named(tmp_path) -> None:
    with pytest.raises(BadInput, match=r"gone\.wav is not there"):
        audio.read_clip(tmp_path / "gone.wav")


@settings(deadline=None, max_examples=25)
@given(seconds=st.floats(0.05, 4.9), window=st.sampled_from([5.0, 6.0, 10.0, 30.0]), seed=st.integers(0, 9))
def test_log_mel_is_the_extractors(seconds: float, window: float, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0, 0.1, round(seconds * 16_000)).astype(np.float32)
    extractor = WhisperFeatureExtractor()
    ours = audio.log_mel(samples, extractor, window)
    theirs = extractor(samples, sampling_rate=16_000, max_length=round(window * 16_000)).input_features[0]
    assert ours.shape == (80, round(window * 100))
    assert np.abs(ours - theirs).max() < 1e-4


@settings(deadline=None, max_examples=25)
@given(seconds=st.floats(0.1, 3.9), level=st.floats(1e-4, 1.0), seed=st.integers(0, 9))
def test_widening_equals_padding_the_clip(seconds: float, level: float, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0, level, round(seconds * 16_000)).astype(np.float32)
    extractor = WhisperFeatureExtractor()
    short = torch.from_numpy(audio.log_mel(samples, extractor, 4.0))[None]
    untouched = short.clone()
    wide = audio.widen(short, 3000)
    assert np.abs(wide[0].numpy() - audio.log_mel(samples, extractor, 30.0)).max() < 1e-4
    assert torch.equal(short, untouched)


def test_a_clip_longer_than_the_window_is_not_cut() -> None:
    with pytest.raises(BadInput, match=r"lasts 2\.00 s"):
        audio.log_mel(np.zeros(32_000, np.float32), WhisperFeatureExtractor(), 1.0)


def test_128_mels() -> None:
    assert audio.log_mel(np.zeros(16_000, np.float32), WhisperFeatureExtractor(feature_size=128), 2.0).shape == (
        128,
        200,
    )
