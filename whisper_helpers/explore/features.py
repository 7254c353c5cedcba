"""Log-mel features as Whisper computes them, with any length of frame, hop, number of channels and rate."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..audio import DYNAMIC_RANGE, LOWEST

LEAST_POWER = 1e-10  # zero has no logarithm


@dataclass(frozen=True)
class Features:
    """Log-mel of a window.

    Parameters
    ----------
    values
        Shape (mels, frames), float32, as far as the sound reaches; all further frames hold `floor`.
    frames
        Of the whole window.
    seconds
        How long the sound is in it.
    hop
        Seconds from frame to frame.
    rate
        Samples a second; channels end at half of it.
    empty
        Channels so narrow that no frequency of a frame lies in them.
    """

    values: np.ndarray
    frames: int
    seconds: float
    hop: float
    rate: int
    empty: int

    @property
    def highest(self) -> float:
        """Value of the loudest cell."""
        return float(self.values.max())

    @property
    def floor(self) -> float:
        """Value of silence."""
        return max(self.highest - DYNAMIC_RANGE, LOWEST)

    @property
    def hertz(self) -> np.ndarray:
        """Middle of each channel; shape (mels,)."""
        return middles(self.rate, len(self.values))

    @property
    def shown(self) -> np.ndarray:
        """As far as the sound itself lasts; shape (mels, frames)."""
        return self.upto(min(self.frames, max(1, round(self.seconds / self.hop))))

    def upto(self, frames: int) -> np.ndarray:
        """Cut, or continue with padding; shape (mels, `frames`)."""
        missing = max(0, frames - self.values.shape[1])
        return np.pad(self.values[:, :frames], ((0, 0), (0, missing)), constant_values=self.floor)


def power(samples: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Power of each frequency in each frame, framed as Whisper does it.

    Parameters
    ----------
    samples
        Shape (samples,), at least one.
    length, hop
        Samples in a frame, and from one to the next.

    Returns
    -------
    numpy.ndarray
        Shape (length // 2 + 1, samples // hop), at least one frame, float32.

    Examples
    --------
    >>> power(np.zeros(1600, np.float32), 400, 160).shape
    (201, 10)
    """
    padded = np.pad(samples.astype(np.float32), length // 2, mode="reflect" if len(samples) > 1 else "edge")
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(padded, (0, 1)), length)[::hop]
    spectra = np.fft.rfft(frames[: max(1, len(samples) // hop)] * hann)
    return (spectra.real**2 + spectra.imag**2).T.astype(np.float32)


@lru_cache(16)
def mel_filters(rate: int, length: int, mels: int) -> np.ndarray:
    """Triangles that gather frequencies into mel channels, from 0 Hz to half the rate.

    Parameters
    ----------
    rate
        Samples a second.
    length
        Samples in a frame.
    mels
        Channels.

    Returns
    -------
    numpy.ndarray
        Shape (mels, length // 2 + 1), float32; rows of narrow channels may be empty.
    """
    from librosa.filters import mel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about empty rows, which are counted and told
        return mel(sr=rate, n_fft=length, n_mels=mels)


@lru_cache(16)
def middles(rate: int, mels: int) -> np.ndarray:
    """Frequency in the middle of each channel.

    Parameters
    ----------
    rate
        Samples a second.
    mels
        Channels.

    Examples
    --------
    >>> middles(16_000, 80).round()[[0, 79]].tolist()
    [37.0, 7699.0]
    """
    from librosa import mel_frequencies

    return mel_frequencies(mels + 2, fmin=0, fmax=rate / 2)[1:-1]


def scaled_log(mel_power: np.ndarray) -> np.ndarray:
    """Whisper's scale: log10, at most 8 decades below the largest, plus 4, over 4.

    Parameters
    ----------
    mel_power
        Shape (mels, frames).

    Examples
    --------
    >>> scaled_log(np.array([[0.0, 1.0, 1e-20, 1e4]])).tolist()
    [[0.0, 1.0, 0.0, 2.0]]
    """
    logs = np.log10(np.maximum(mel_power, LEAST_POWER))
    return (np.maximum(logs, logs.max() - 4 * DYNAMIC_RANGE) + 4) / 4


def difference(chosen: Features, whisper: Features) -> np.ndarray:
    """How much higher the chosen features are than Whisper's, at each of Whisper's channels and frames.

    Each cell is compared with the nearest in frequency and time; where the choice holds nothing, with its lowest value.

    Parameters
    ----------
    chosen, whisper
        Of the same clip.

    Returns
    -------
    numpy.ndarray
        Shape (Whisper's mels, frames), as far as either sound lasts.
    """
    seconds = max(chosen.shown.shape[1] * chosen.hop, whisper.shown.shape[1] * whisper.hop)
    frames = min(whisper.frames, max(1, round(seconds / whisper.hop)))
    columns = np.round(np.arange(frames) * whisper.hop / chosen.hop).astype(int)
    rows = np.abs(chosen.hertz - whisper.hertz[:, None]).argmin(axis=1)
    nearest = chosen.upto(int(columns[-1]) + 1)[rows][:, columns]
    held = (whisper.hertz <= chosen.rate / 2)[:, None] & (columns < chosen.frames)
    return np.where(held, nearest, chosen.floor) - whisper.upto(frames)
