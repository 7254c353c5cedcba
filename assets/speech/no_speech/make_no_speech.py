"""Make the clips without speech: silence, noise, hum and clicks, 6 s each, 48 kHz Ogg Opus.

    python assets/speech/no_speech/make_no_speech.py

A Whisper ought to write nothing for them. Needs numpy and soundfile.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

HERE = Path(__file__).parent
RATE, SECONDS = 48_000, 6
TIME = np.arange(RATE * SECONDS) / RATE


def white(random: np.random.Generator) -> np.ndarray:
    """Noise with equal power at all frequencies."""
    return random.normal(0, 0.1, len(TIME))


def brown(random: np.random.Generator) -> np.ndarray:
    """Rumble: noise whose power falls by 6 dB an octave, as of traffic behind a window."""
    spectrum = np.fft.rfft(random.normal(0, 1, len(TIME)))
    spectrum[1:] /= np.arange(1, len(spectrum))
    spectrum[: 30 * SECONDS] = 0  # nothing below 30 Hz
    samples = np.fft.irfft(spectrum, len(TIME))
    return 0.2 * samples / np.abs(samples).max()


def hum(random: np.random.Generator) -> np.ndarray:
    """The mains: 50 Hz and its harmonics, a little noise."""
    tones = sum(np.sin(2 * np.pi * 50 * number * TIME) / number for number in range(1, 8))
    return 0.1 * tones + random.normal(0, 0.002, len(TIME))


def clicks(random: np.random.Generator) -> np.ndarray:
    """A dozen clicks, as of a keyboard, in a quiet room."""
    samples = random.normal(0, 0.002, len(TIME))
    for start in random.integers(0, len(TIME) - 960, 12):
        samples[start : start + 960] += random.normal(0, 0.3, 960) * np.exp(-np.arange(960) / 150)
    return samples


def silence(random: np.random.Generator) -> np.ndarray:
    """Nothing at all."""
    return np.zeros(len(TIME))


def main() -> None:
    """Write a clip of each kind."""
    for number, kind in enumerate((silence, white, brown, hum, clicks)):
        samples = np.clip(kind(np.random.default_rng(number)), -0.9, 0.9).astype(np.float32)
        path = HERE / f"{kind.__name__}.opus"
        soundfile.write(path, samples, RATE, format="OGG", subtype="OPUS", compression_level=0.9)


if __name__ == "__main__":
    main()
