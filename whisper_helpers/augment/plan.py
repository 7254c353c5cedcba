"""What a training does to its clips: effects drawn anew for each clip of each epoch, the same again on resume."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ..audio import FRAMES_PER_SECOND, SAMPLE_RATE, WINDOW_SECONDS, read_clip
from ..errors import BadInput
from .effects import LONGEST_ROOM, SLOWEST, add_noise, add_room, change_speed, mask_spectrogram

SHARE = 0.5  # of the clips that get noise, and that get a room: the model shall know clean ones too
SHORTEST_ROOM = 0.1  # seconds
Seed = tuple[int, ...]


@dataclass(frozen=True)
class Augmentation:
    """Effects on training clips; those that are 0 or None are off.

    Parameters
    ----------
    speed
        Every clip is played up to this share slower or faster: 0.1 is 0.9 to 1.1 times.
    noise
        Half of the clips get noise at a signal-to-noise ratio between these two, in decibels.
    noise_folder
        Recordings of noise to draw from; None for white noise.
    room
        Half of the clips get a room that echoes up to so many seconds.
    spectrogram
        SpecAugment: bands of channels and stretches of time are covered, never in the padding.

    Raises
    ------
    BadInput
        If a number is out of range, or the folder holds no recording.

    Examples
    --------
    >>> clip = np.ones(16_000, np.float32)
    >>> plan = Augmentation(speed=0.1, noise=(10.0, 20.0))
    >>> bool(np.array_equal(plan.sound(clip, (0, 1)), plan.sound(clip, (0, 1))))
    True
    """

    speed: float = 0.0
    noise: tuple[float, float] | None = None
    noise_folder: str | None = None
    room: float = 0.0
    spectrogram: bool = False

    def __post_init__(self) -> None:
        """Refuse what no clip can be given."""
        if not 0 <= self.speed <= 1 - SLOWEST:
            raise BadInput(f"The speed may change by {self.speed:g}", f"Allowed are 0 to {1 - SLOWEST:g}", "Try 0.1")
        if not 0 <= self.room <= LONGEST_ROOM:
            raise BadInput(f"Rooms echo {self.room:g} s", f"Allowed are 0 to {LONGEST_ROOM:g} s", "Try 0.4")
        if self.noise and not -np.inf < self.noise[0] <= self.noise[1] < np.inf:
            given = f"Noise is given at {self.noise[0]:g} to {self.noise[1]:g} dB"
            raise BadInput(given, "The lower ratio stands first", "Try 5:25")
        if self.noise_folder and not self.noise:
            raise BadInput("A folder of noise is given, but no ratio", "Both are needed", "Give the noise as 5:25")
        if self.noise_folder and not self.recordings:
            raise BadInput(f"{self.noise_folder} holds no recordings", "Needed is a folder of audio files", "Check it")

    @cached_property
    def recordings(self) -> tuple[Path, ...]:
        """Files of the noise folder, in the order of their names."""
        place = Path(self.noise_folder or "")
        if not self.noise_folder or not place.is_dir():
            return ()
        return tuple(sorted(each for each in place.rglob("*") if each.is_file() and not each.name.startswith(".")))

    def __bool__(self) -> bool:
        """Whether anything is on."""
        return replace(self, noise_folder=None) != Augmentation()

    def sound(self, samples: np.ndarray, seed: Seed, longest_seconds: float = WINDOW_SECONDS) -> np.ndarray:
        """Change a clip.

        Parameters
        ----------
        samples
            Shape (samples,), float32, 16 kHz.
        seed
            Equal seeds change a clip in the same way.
        longest_seconds
            A slower clip is not made longer than this.

        Returns
        -------
        numpy.ndarray
            Shape (samples / speed,), float32.
        """
        rng = np.random.default_rng((*seed, 0))
        factor, noisy, echoing, ratio, echo = rng.uniform(size=5)
        if self.speed:
            wanted = 1 + self.speed * (2 * factor - 1)
            samples = change_speed(samples, max(wanted, len(samples) / (longest_seconds * SAMPLE_RATE - 1)))
        if self.room and echoing < SHARE:
            samples = add_room(samples, min(SHORTEST_ROOM, self.room) + echo * max(0, self.room - SHORTEST_ROOM), rng)
        if self.noise and noisy < SHARE:
            low, high = self.noise
            samples = add_noise(samples, low + ratio * (high - low), rng, self._noise(rng))
        return samples

    def features(self, features: np.ndarray, seed: Seed, samples: int) -> np.ndarray:
        """Cover parts of a log-mel spectrogram, if that is on; its padding stays.

        Parameters
        ----------
        features
            Shape (mels, frames).
        seed
            As for :meth:`sound`.
        samples
            Length of the clip behind it, 16,000 a second.
        """
        frames = min(features.shape[1], samples * FRAMES_PER_SECOND // SAMPLE_RATE)
        if not self.spectrogram or not frames:
            return features
        return mask_spectrogram(features, np.random.default_rng((*seed, 1)), frames=frames)

    def _noise(self, rng: np.random.Generator) -> np.ndarray | None:
        return read_clip(self.recordings[rng.integers(len(self.recordings))]) if self.noise_folder else None
