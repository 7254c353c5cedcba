"""From sound to what Whisper sees: decoding, resampling, and the numbers that follow from each other."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import BadInput
from .media import EXTRA, Excerpt, Sound, open_container, split_excerpt

if TYPE_CHECKING:
    import torch
    from transformers import WhisperFeatureExtractor

SAMPLE_RATE = 16_000  # samples a second
HOP_LENGTH = 160  # samples from one frame to the next: 10 ms
N_FFT = 400  # samples in one frame: 25 ms
N_MELS = 80  # mel channels, 128 from large-v3 on
WINDOW_SECONDS = 30.0  # what an ordinary Whisper's encoder sees
FRAMES_PER_SECOND = SAMPLE_RATE // HOP_LENGTH  # 100 log-mel frames
FRAMES_PER_POSITION = 2  # the encoder's second convolution halves the frames
POSITIONS_PER_SECOND = FRAMES_PER_SECOND // FRAMES_PER_POSITION  # 50 encoder positions, 20 ms each
N_FRAMES = int(WINDOW_SECONDS * FRAMES_PER_SECOND)  # 3000 frames
DYNAMIC_RANGE = 2.0  # a log-mel reaches this far below its loudest value: 8 decades of power, over 4
LOWEST = -1.5  # and never below this: power is clipped at 1e-10, and (log10(1e-10) + 4) / 4

AudioSource = str | Path | bytes | dict[str, Any]


def read_clip(audio: AudioSource) -> np.ndarray:
    """Decode a clip to what Whisper expects: mono, 16 kHz, float32.

    Parameters
    ----------
    audio
        A path, the bytes of an audio file, or a row of an undecoded `datasets.Audio` column
        (``{"path": ..., "bytes": ...}``). Anything libsndfile reads: wav, flac, ogg, opus, mp3 and more; with
        PyAV also m4a, webm and the like. ``talk.mp3#t=1.5,4`` is an excerpt, in seconds.

    Returns
    -------
    numpy.ndarray
        Shape (samples,), float32, 16,000 samples a second; channels are averaged.

    Raises
    ------
    BadInput
        If the clip is missing, unreadable, without samples, or holds NaN or infinity.

    Examples
    --------
    >>> import io, soundfile
    >>> wav = io.BytesIO()
    >>> soundfile.write(wav, np.zeros((4800, 2)), 48_000, format="WAV")
    >>> read_clip(wav.getvalue()).shape  # a tenth of a second
    (1600,)
    """
    return resample(*decode_clip(audio))


def decode_clip(audio: AudioSource) -> tuple[np.ndarray, int]:
    """Decode a clip to one channel, at the rate that it was recorded with.

    Parameters
    ----------
    audio
        As for :func:`read_clip`.

    Returns
    -------
    numpy.ndarray, int
        Shape (samples,), float32, channels averaged; and samples a second.

    Raises
    ------
    BadInput
        As for :func:`read_clip`.
    """
    with open_sound(audio) as sound:
        try:
            samples = sound.read(dtype="float32", always_2d=True).mean(axis=1)
        except (RuntimeError, MemoryError) as error:  # a forged header may promise more than memory holds
            raise BadInput(f"{_name(audio)} cannot be decoded ({error})", _READABLE) from error
        rate = sound.samplerate
    if not samples.size:
        raise BadInput(f"{_name(audio)} holds no samples", "A clip needs some sound", "Record it again or remove it")
    if not np.isfinite(samples).all():
        raise BadInput(f"{_name(audio)} holds NaN or infinite samples", "Samples must be numbers", "Export it again")
    return samples, rate


def clip_seconds(audio: AudioSource) -> float:
    """Length of a clip in seconds, from its header alone.

    Parameters
    ----------
    audio
        As for :func:`read_clip`.

    Raises
    ------
    BadInput
        If the clip is missing or unreadable.
    """
    with open_sound(audio) as sound:
        return sound.frames / sound.samplerate


def resample(samples: np.ndarray, from_rate: int) -> np.ndarray:
    """Bring samples to 16 kHz with soxr's high-quality filter.

    Parameters
    ----------
    samples
        Shape (samples,), one channel.
    from_rate
        Samples a second of the input, in Hz.

    Returns
    -------
    numpy.ndarray
        Shape (samples * 16000 / from_rate,), float32.

    Examples
    --------
    >>> resample(np.zeros(48_000, dtype=np.float32), 48_000).shape
    (16000,)
    """
    if from_rate == SAMPLE_RATE:
        return samples.astype(np.float32, copy=False)
    import soxr

    return soxr.resample(samples.astype(np.float32, copy=False), from_rate, SAMPLE_RATE)


def log_mel(
    samples: np.ndarray, extractor: WhisperFeatureExtractor, window_seconds: float = WINDOW_SECONDS
) -> np.ndarray:
    """Log-mel spectrogram of one clip, padded with silence to the window.

    Parameters
    ----------
    samples
        Shape (samples,), float32, 16 kHz, at most `window_seconds` long.
    extractor
        The checkpoint's feature extractor; it brings the number of mel channels.
    window_seconds
        Seconds that the result covers.

    Returns
    -------
    numpy.ndarray
        Shape (mels, 100 * window_seconds), float32, about -1 to 1.5: log10 of power, clipped 8 decades below
        its largest value, plus 4, over 4.

    Raises
    ------
    BadInput
        If the clip is longer than the window: nothing is cut off silently.
    """
    length = round(window_seconds * SAMPLE_RATE)
    if len(samples) > length:
        given = f"The clip lasts {len(samples) / SAMPLE_RATE:.2f} s"
        raise BadInput(given, f"The window takes {window_seconds:g} s", "Choose a longer window or cut the clip")
    features = extractor(samples, sampling_rate=SAMPLE_RATE, max_length=length, return_tensors="np")
    return features.input_features[0]


def widen(input_features: torch.Tensor, frames: int) -> torch.Tensor:
    """Lengthen log-mel features with silence, as if the window had been longer from the start.

    Silence is a constant there: the lowest value that Whisper's features may have, 2 below their largest one or -1.5.

    Parameters
    ----------
    input_features
        Shape (batch, mels, frames), features that end in at least 25 ms of silence.
    frames
        Frames of the result, 100 a second.

    Returns
    -------
    torch.Tensor
        Shape (batch, mels, frames), a new tensor; the input itself when it is as long already.

    Examples
    --------
    >>> import torch
    >>> widen(torch.ones(1, 2, 3), 5)[0, 0].tolist()
    [1.0, 1.0, 1.0, -1.0, -1.0]
    """
    import torch

    missing = frames - input_features.shape[-1]
    if missing <= 0:
        return input_features
    silence = (input_features.amax(dim=(1, 2), keepdim=True) - DYNAMIC_RANGE).clamp(min=LOWEST)
    padding = silence.expand(*input_features.shape[:2], missing)
    return torch.cat([input_features, padding], dim=-1)


def open_sound(audio: AudioSource) -> Sound:
    """Open a clip for reading like a `soundfile.SoundFile`, without decoding it yet.

    Parameters
    ----------
    audio
        As for :func:`read_clip`.

    Raises
    ------
    BadInput
        If there is no such file, it cannot be read, or it needs a decoder that is not installed.
    """
    path, content = _path_and_bytes(audio)
    recording, span = (str(path), None) if content is not None else split_excerpt(str(path))
    if content is None and not os.path.isfile(recording):
        given = f"{recording} is {'a folder' if os.path.isdir(recording) else 'not there'}"
        raise BadInput(given, "A clip or recording must be a file", "Check the name")
    sound = _open(Path(recording) if content is None else content, _name(audio))
    return Excerpt(sound, *span) if span else sound


def _open(source: Path | bytes, name: str) -> Sound:
    import soundfile

    try:
        return soundfile.SoundFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (soundfile.LibsndfileError, OSError) as error:
        refusal = BadInput(f"{name} cannot be read as audio", _READABLE)
        refusal.__cause__ = error
    try:
        sound = open_container(source)
    except ImportError as error:
        needs = "It is of a kind that libsndfile does not know, such as m4a or webm"
        raise BadInput(f"{name} cannot be read as audio", needs, f"Install its decoder: {EXTRA}") from error
    except (RuntimeError, OSError) as error:
        raise BadInput(f"{name} cannot be read as audio ({error})", _READABLE) from error
    if sound is None:
        raise refusal
    return sound


_READABLE = "Readable are wav, flac, ogg, opus, mp3 and what else libsndfile knows"


def _path_and_bytes(audio: AudioSource) -> tuple[Path, bytes | None]:
    if isinstance(audio, dict):
        return Path(audio.get("path") or "clip"), audio.get("bytes")
    return (Path("clip"), audio) if isinstance(audio, bytes) else (Path(audio), None)


def _name(audio: AudioSource) -> str:
    return str(_path_and_bytes(audio)[0])
