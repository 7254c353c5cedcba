"""From a clip and a choice to features, stage by stage: what did not change is not computed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf

import numpy as np

from ..audio import HOP_LENGTH, N_FFT, N_MELS, SAMPLE_RATE, WINDOW_SECONDS
from ..augment import add_noise, change_speed
from .features import Features, difference, mel_filters, power, scaled_log

KEPT = 4  # results of a stage that are remembered
Sound = tuple[int, float, float]  # rate, speed, signal-to-noise ratio


@dataclass(frozen=True)
class Choice:
    """What can be chosen; to begin with, what Whisper does.

    Parameters
    ----------
    rate
        Samples a second.
    speed
        Factor of tempo and pitch.
    snr
        Signal-to-noise ratio in dB; infinity: no noise.
    window_ms, hop_ms
        Length of a frame, and from one to the next.
    mels
        Channels.
    seconds
        What the clip is padded to, or cut at.
    """

    rate: int = SAMPLE_RATE
    speed: float = 1.0
    snr: float = inf
    window_ms: float = 1000 * N_FFT / SAMPLE_RATE
    hop_ms: float = 1000 * HOP_LENGTH / SAMPLE_RATE
    mels: int = N_MELS
    seconds: float = WINDOW_SECONDS

    @property
    def sound(self) -> Sound:
        """What can be heard of the choice."""
        return self.rate, self.speed, self.snr

    @property
    def lengths(self) -> tuple[int, int]:
        """Samples in a frame, and from one to the next."""
        return max(2, round(self.window_ms * self.rate / 1000)), max(1, round(self.hop_ms * self.rate / 1000))

    @property
    def longest(self) -> int:
        """Samples in the window."""
        return round(self.seconds * self.rate)


class Stages:
    """Sound, power and features of clips, each remembered for as long as what it depends on stays.

    Parameters
    ----------
    load
        Samples and rate of a clip by its name.
    """

    def __init__(self, load: Callable[[str], tuple[np.ndarray, int]]) -> None:
        self.original = lru_cache(KEPT)(load)
        self.changed = lru_cache(KEPT)(lambda clip, sound: change(*self.original(clip), *sound))
        self.heard = lru_cache(KEPT)(self._heard)
        self.power = lru_cache(2)(self._power)
        self.logs = lru_cache(KEPT)(self._logs)
        self.difference = lru_cache(KEPT)(self._difference)

    def features(self, clip: str, sound: Sound, view: Choice) -> Features:
        """Look at a sound in a chosen way.

        Parameters
        ----------
        clip
            Name of a clip.
        sound
            What was done to it.
        view
            How to look at it.
        """
        cut = min(view.longest, len(self.heard(clip, sound, view.rate)))
        length, hop = view.lengths
        tail = min(length, view.longest - cut)  # as much padding as a frame that holds sound can reach
        values, empty = self.logs(clip, sound, view.rate, view.lengths, cut, tail, view.mels)
        return Features(values, view.longest // hop, cut / view.rate, hop / view.rate, view.rate, empty)

    def _heard(self, clip: str, sound: Sound, rate: int) -> np.ndarray:
        return convert(self.changed(clip, sound), sound[0], rate)

    def _power(self, clip: str, sound: Sound, rate: int, lengths: tuple[int, int], cut: int, tail: int) -> np.ndarray:
        return power(np.pad(self.heard(clip, sound, rate)[:cut], (0, tail)), *lengths)

    def _logs(
        self, clip: str, sound: Sound, rate: int, lengths: tuple[int, int], cut: int, tail: int, mels: int
    ) -> tuple[np.ndarray, int]:
        filters = mel_filters(rate, lengths[0], mels)
        values = scaled_log(filters @ self.power(clip, sound, rate, lengths, cut, tail))
        return values, int((filters.max(axis=1) == 0).sum())

    def _difference(self, clip: str, sound: Sound, view: Choice, against: Sound, whisper: Choice) -> np.ndarray:
        return difference(self.features(clip, sound, view), self.features(clip, against, whisper))


def change(samples: np.ndarray, from_rate: int, rate: int, speed: float, snr: float) -> np.ndarray:
    """Bring a clip to a rate, then to a speed, then add noise; equal choices give equal noise.

    Parameters
    ----------
    samples
        Shape (samples,), float32.
    from_rate, rate
        Samples a second before and after.
    speed
        0.5 to 2.
    snr
        Signal-to-noise ratio in dB; infinity: no noise.

    Returns
    -------
    numpy.ndarray
        Shape (samples * rate / from_rate / speed,), float32.

    Examples
    --------
    >>> change(np.zeros(48_000, np.float32), 48_000, 16_000, 1.25, inf).shape
    (12800,)
    """
    quicker = change_speed(convert(samples, from_rate, rate), speed)
    return quicker if snr == inf else add_noise(quicker, snr, np.random.default_rng(0))


def convert(samples: np.ndarray, from_rate: int, rate: int) -> np.ndarray:
    """Resample, at least to one sample.

    Parameters
    ----------
    samples
        Shape (samples,), float32.
    from_rate, rate
        Samples a second before and after.

    Examples
    --------
    >>> convert(np.zeros(48_000, np.float32), 48_000, 8_000).shape
    (8000,)
    """
    if from_rate == rate:
        return samples
    import soxr

    converted = soxr.resample(samples, from_rate, rate)
    return converted if len(converted) else np.zeros(1, np.float32)
