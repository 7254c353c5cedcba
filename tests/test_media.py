"""Oracles: slices of a whole recording, and the samples that PyAV was given to encode."""

from __future__ import annotations

import contextlib
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from conftest import write_tone

from whisper_helpers.audio import clip_seconds, read_clip
from whisper_helpers.errors import BadInput
from whisper_helpers.media import name_excerpt, split_excerpt

RATE = 48_000
CODECS = {"m4a": ("ipod", "aac"), "webm": ("webm", "libopus"), "aac": ("adts", "aac"), "mka": ("matroska", "aac")}


def encode(path: Path, samples: np.ndarray) -> Path:
    """Write stereo samples at 48 kHz as the ending says; its size is told by no header of ADTS."""
    form, codec = CODECS[path.suffix[1:]]
    with av.open(path, "w", format=form) as file:
        stream = file.add_stream(codec, rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([samples, samples]).astype("float32"), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        resampler = av.AudioResampler(stream.format, "stereo", RATE, frame_size=stream.frame_size or 960)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return path


def beeps() -> np.ndarray:
    """Three seconds: silence, a tone from 1 s to 2 s, silence."""
    time = np.arange(3 * RATE) / RATE
    return 0.3 * np.sin(2 * np.pi * 440 * time) * ((time >= 1) & (time < 2))


def loudness(samples: np.ndarray) -> np.ndarray:
    """RMS of each tenth of a second, the last one left out."""
    pieces = samples[: len(samples) // 1_600 * 1_600].reshape(-1, 1_600)[:-1]
    return np.sqrt(np.square(pieces).mean(axis=1))


@pytest.mark.parametrize("kind", CODECS)
def test_what_libsndfile_cannot_read_is_decoded(tmp_path: Path, kind: str) -> None:
    path = encode(tmp_path / f"a.{kind}", beeps())
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.SoundFile(path)
    samples = read_clip(path)
    assert clip_seconds(path) == pytest.approx(3, abs=0.05)
    loud = np.flatnonzero(np.abs(samples) > 0.1) / 16_000
    assert (loud[0], loud[-1]) == pytest.approx((1, 2), abs=0.03)
    assert np.abs(samples[19_000:28_000]).max() == pytest.approx(0.3, abs=0.03)
    assert np.array_equal(read_clip(path.read_bytes()), samples)


@pytest.mark.parametrize("kind", ["m4a", "webm", "wav", "flac", "mp3", "ogg"])
@pytest.mark.parametrize(("start", "end"), [(0.25, 1.25), (1.5, 2.0), (0.0, 3.0), (2.9, 9.0)])
def test_an_excerpt_is_that_part_of_the_whole(tmp_path: Path, kind: str, start: float, end: float) -> None:
    path = tmp_path / f"a.{kind}"
    if kind in CODECS:
        encode(path, beeps())
    else:
        soundfile.write(path, beeps(), RATE)
    name = name_excerpt(str(path), start, end)
    whole, part = read_clip(path), read_clip(name)
    expected = whole[round(start * 16_000) : round(end * 16_000)]
    assert len(part) == pytest.approx(len(expected), abs=800)
    assert clip_seconds(name) == pytest.approx(len(expected) / 16_000, abs=0.05)
    assert np.abs(loudness(part) - loudness(expected)).max(initial=0) < 0.02
    if kind in ("wav", "flac", "mp3", "ogg"):
        inner = slice(500, len(part) - 500)  # the filter of the resampler has edges
        assert np.abs(part[inner] - expected[inner]).max(initial=0) < 1e-3


def test_an_excerpt_behind_the_end_holds_no_samples(tmp_path: Path) -> None:
    name = name_excerpt(str(write_tone(tmp_path / "a.wav", 1)), 5, 6)
    assert clip_seconds(name) == 0
    with pytest.raises(BadInput, match="holds no samples"):
        read_clip(name)
    with pytest.raises(BadInput, match=r"gone.wav is not there"):
        read_clip(name_excerpt("gone.wav", 0, 1))


def test_a_file_that_is_named_like_an_excerpt_is_itself_meant(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "a.wav", 0.5).rename(tmp_path / "a.wav#t=1,2")
    assert split_excerpt(str(path)) == (str(path), None)


def test_without_the_decoder_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode(tmp_path / "a.m4a", beeps())
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(BadInput, match=r'a.m4a cannot be read.*pip install "whisper-helpers\[media\]"'):
        read_clip(path)
    (tmp_path / "b.m4a").write_bytes(b"no audio at all")
    with pytest.raises(BadInput, match="Readable are wav"):
        read_clip(tmp_path / "b.m4a")


@pytest.mark.parametrize("kind", ["m4a", "webm", "aac"])
@pytest.mark.parametrize("keep", [9, 40, 200, 2_000])
def test_damaged_recordings_are_refused_or_read(tmp_path: Path, kind: str, keep: int) -> None:
    path = encode(tmp_path / f"a.{kind}", beeps())
    path.write_bytes(path.read_bytes()[:keep])
    with contextlib.suppress(BadInput):
        assert len(read_clip(path)) < 3.1 * 16_000
    with contextlib.suppress(BadInput):
        assert clip_seconds(path) < 3.1


def test_playlists_and_addresses_are_never_opened(tmp_path: Path) -> None:
    for name, text in {
        "a.m3u8": "#EXTM3U\nhttp://127.0.0.1:9/x.ts\n",
        "b.txt": "ffconcat version 1.0\nfile a.wav\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(BadInput, match="Readable are wav"):
            read_clip(tmp_path / name)
