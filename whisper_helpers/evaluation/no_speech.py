"""Clips in which nobody speaks, made on the spot: a Whisper ought to write nothing for them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from ..audio import SAMPLE_RATE
from ..errors import BadInput

if TYPE_CHECKING:
    from datasets import Dataset

CLIPS = 60  # of an evaluation: ten of each kind
SECONDS = (2.0, 12.0)  # shortest and longest
EVALUATION_SEED, TRAINING_SEED = 2026, 77  # a model is not measured on the clips that it was trained on
LEVELS = (0.01, 0.3)  # quietest and loudest peak

Draw = np.random.Generator


def silence(random: Draw, time: np.ndarray) -> np.ndarray:
    """Nothing at all, or the faint hiss of a good microphone."""
    return random.normal(0, 1, len(time)) * random.choice([0.0, 1e-4])


def noise(random: Draw, time: np.ndarray) -> np.ndarray:
    """Noise whose power falls by 0 to 6 dB an octave: from hiss to the rumble of traffic."""
    spectrum = np.fft.rfft(random.normal(0, 1, len(time)))
    hertz = np.maximum(np.fft.rfftfreq(len(time), 1 / SAMPLE_RATE), 30)
    return _peak(np.fft.irfft(spectrum / hertz ** random.uniform(0, 1), len(time)), random)


def hum(random: Draw, time: np.ndarray) -> np.ndarray:
    """The mains: 50 or 60 Hz and their harmonics."""
    mains = random.choice([50, 60])
    tones = sum(np.sin(2 * np.pi * mains * number * time) / number for number in range(1, 8))
    return _peak(tones + random.normal(0, 0.05, len(time)), random)


def clicks(random: Draw, time: np.ndarray) -> np.ndarray:
    """Keys of a keyboard in a quiet room."""
    samples, click = random.normal(0, 0.005, len(time)), np.exp(-np.arange(320) / 50)
    for start in random.integers(0, len(time) - 320, int(4 * time[-1])):
        samples[start : start + 320] += random.normal(0, 1, 320) * click
    return _peak(samples, random)


def music(random: Draw, time: np.ndarray) -> np.ndarray:
    """A tune: notes of a scale that are struck and fade, each over a chord of itself."""
    samples, beat = np.zeros(len(time)), random.uniform(0.2, 0.5)
    for start in np.arange(0, time[-1], beat):
        after = time[time >= start] - start
        note = 220 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        chord = sum(np.sin(2 * np.pi * note * part * after) / part for part in (1, 1.25, 1.5, 2, 3))
        samples[-len(after) :] += chord * np.exp(-3 * after)
    return _peak(samples, random)


def beeps(random: Draw, time: np.ndarray) -> np.ndarray:
    """A machine: the same tone again and again."""
    tone = np.sin(2 * np.pi * random.uniform(400, 2000) * time)
    return _peak(tone * ((time % random.uniform(0.5, 1.5)) < 0.2) + random.normal(0, 0.01, len(time)), random)


KINDS: dict[str, Callable[[Draw, np.ndarray], np.ndarray]] = {
    each.__name__: each for each in (silence, noise, hum, clicks, music, beeps)
}


def clips_without_speech(
    number: int = CLIPS, seed: int = EVALUATION_SEED, language: str = "en", *, longest: float = SECONDS[1]
) -> Dataset:
    """Make clips without speech; equal seeds give equal clips.

    Parameters
    ----------
    number
        How many; the kinds take turns.
    seed
        Chooses lengths, levels and sounds.
    language
        Whisper's code that the column ``language`` gets.
    longest
        Seconds of the longest clip that may come, 2 at least.

    Returns
    -------
    datasets.Dataset
        The columns of a corpus, ``sentence`` empty and ``speaker`` the kind, and ``seconds``.

    Raises
    ------
    BadInput
        If none are asked for.

    Examples
    --------
    >>> clips = clips_without_speech(7)
    >>> clips["speaker"][:3], set(clips["sentence"])
    (['silence', 'noise', 'hum'], {''})
    """
    from datasets import Audio, Dataset

    if number < 1:
        raise BadInput(f"{number} clips without speech are asked for", "One at least can be made")
    kinds = [list(KINDS)[place % len(KINDS)] for place in range(number)]
    sounds = [_sound(kind, np.random.default_rng([seed, place]), longest) for place, kind in enumerate(kinds)]
    columns = {
        "audio": [
            {"bytes": _wav(samples), "path": f"{kind}-{place}.wav"}
            for place, (kind, samples) in enumerate(zip(kinds, sounds, strict=True))
        ],
        "sentence": [""] * number,
        "language": [language] * number,
        "speaker": kinds,
        "seconds": [len(samples) / SAMPLE_RATE for samples in sounds],
    }
    return Dataset.from_dict(columns).cast_column("audio", Audio(decode=False))


def _sound(kind: str, random: Draw, longest: float) -> np.ndarray:
    time = np.arange(int(random.uniform(SECONDS[0], longest) * SAMPLE_RATE)) / SAMPLE_RATE
    return KINDS[kind](random, time).astype(np.float32)


def _peak(samples: np.ndarray, random: Draw) -> np.ndarray:
    low, high = np.log(LEVELS)
    return samples * np.exp(random.uniform(low, high)) / np.abs(samples).max()


def _wav(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
