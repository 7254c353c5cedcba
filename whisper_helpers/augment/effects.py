"""More variety from the same clips: another speed, noise, a room, and SpecAugment.

Each function returns a new array and leaves the one given as it was. What is random comes from the generator that the
caller seeds, so equal seeds give equal clips.
"""

from __future__ import annotations

import numpy as np

from ..audio import SAMPLE_RATE
from ..errors import BadInput

SLOWEST, FASTEST = 0.5, 2.0  # beyond these nobody speaks
LONGEST_ROOM = 5.0  # seconds; a cathedral
ECHO_ENERGY = 0.5  # of the direct sound's energy, in what the walls send back
SIXTY_DECIBELS = 3 * np.log(10)  # amplitude falls to a thousandth
LARGEST_STRETCH = 0.2  # of the clip: a longer gap would swallow words that nothing else tells


def change_speed(samples: np.ndarray, factor: float) -> np.ndarray:
    """Play a clip faster or slower, like a tape: tempo and pitch change together.

    Parameters
    ----------
    samples
        Shape (samples,), one channel, 16 kHz.
    factor
        1.1 is a tenth faster, 0.9 a tenth slower; 0.5 to 2.

    Returns
    -------
    numpy.ndarray
        Shape (samples / factor,), rounded, float32, still to be played at 16 kHz.

    Raises
    ------
    BadInput
        If the factor is out of range, or the samples are not one channel.

    Examples
    --------
    >>> change_speed(np.zeros(16_000, np.float32), 1.25).shape
    (12800,)
    """
    _check_clip(samples)
    if not SLOWEST <= factor <= FASTEST:
        raise BadInput(f"The speed is {factor:g}", f"Allowed are {SLOWEST:g} to {FASTEST:g}", "Speech uses 0.9 to 1.1")
    if factor == 1 or not len(samples):
        return samples.astype(np.float32)
    import soxr

    return soxr.resample(samples.astype(np.float32), SAMPLE_RATE * factor, SAMPLE_RATE)


def add_noise(
    samples: np.ndarray, snr_db: float, rng: np.random.Generator, noise: np.ndarray | None = None
) -> np.ndarray:
    """Add noise at a signal-to-noise ratio: white noise, or a recording.

    Parameters
    ----------
    samples
        Shape (samples,), one channel.
    snr_db
        Power of the clip over power of the noise, in decibels: 20 is a quiet room, 0 is as much noise as speech.
    rng
        Source of the noise, or of the place where the recording begins.
    noise
        Shape (samples,), a recording of noise at 16 kHz; repeated if it is shorter than the clip. None: white noise.

    Returns
    -------
    numpy.ndarray
        Shape (samples,), float32; loud noise can reach beyond 1. A silent clip stays silent: it has no ratio.

    Raises
    ------
    BadInput
        If the ratio is not a finite number, or the samples are not one channel.

    Examples
    --------
    >>> clip = np.ones(1000, np.float32)
    >>> noise = add_noise(clip, 20, np.random.default_rng(0)) - clip
    >>> round(float(np.mean(noise**2)), 4)  # a hundredth of the clip's power
    0.01
    """
    _check_clip(samples)
    if not np.isfinite(snr_db):
        raise BadInput(f"The signal-to-noise ratio is {snr_db} dB", "It must be a finite number", "Try 10")
    noise = rng.standard_normal(len(samples)) if noise is None else _piece(noise, len(samples), rng)
    wanted = _power(samples) / 10 ** (snr_db / 10)
    return (samples + noise * np.sqrt(wanted / (_power(noise) or 1))).astype(np.float32)


def add_room(samples: np.ndarray, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Put a clip into a room: the sound itself, then echoes that die away.

    The echoes are noise whose level falls by 60 dB in `seconds`; together they bring half the energy of the sound.

    Parameters
    ----------
    samples
        Shape (samples,), one channel, 16 kHz.
    seconds
        Reverberation time, above 0 to 5: 0.3 is a living room, 1 a bare hall.
    rng
        Source of the echoes: each draw is another room.

    Returns
    -------
    numpy.ndarray
        Shape (samples,), float32, as loud on average as the clip; echoes that outlast it are cut.

    Raises
    ------
    BadInput
        If the time is out of range, or the samples are not one channel.

    Examples
    --------
    >>> click = np.zeros(16_000, np.float32)
    >>> click[0] = 1
    >>> heard = add_room(click, 0.5, np.random.default_rng(0))
    >>> heard.shape, bool(heard[0] > 0.7), bool(np.abs(heard[1:8000]).max() > 0.001)
    ((16000,), True, True)
    """
    _check_clip(samples)
    if not 0 < seconds <= LONGEST_ROOM:
        raise BadInput(f"The room echoes for {seconds:g} s", f"Allowed are above 0 to {LONGEST_ROOM:g} s", "Try 0.3")
    time = np.arange(1, max(2, round(seconds * SAMPLE_RATE))) / SAMPLE_RATE
    echoes = rng.standard_normal(len(time)) * np.exp(-SIXTY_DECIBELS * time / seconds)
    echoes *= np.sqrt(ECHO_ENERGY / np.sum(echoes**2))
    heard = _convolve(samples, np.concatenate([[1.0], echoes]))
    return (heard * np.sqrt(_power(samples) / (_power(heard) or 1))).astype(np.float32)


def mask_spectrogram(
    features: np.ndarray,
    rng: np.random.Generator,
    *,
    bands: int = 2,
    band_channels: int = 15,
    stretches: int = 2,
    stretch_frames: int = 40,
    frames: int | None = None,
) -> np.ndarray:
    """Cover bands of channels and stretches of time (SpecAugment), so that a model learns to do without them.

    Parameters
    ----------
    features
        Shape (mels, frames), a log-mel spectrogram.
    rng
        Source of widths and places. Each width is drawn from 0 to the largest allowed.
    bands, band_channels
        How many bands, and the most mel channels that one covers.
    stretches, stretch_frames
        How many stretches of time, and the most frames (10 ms each) that one covers; never above a fifth of `frames`.
    frames
        Frames that hold the clip; what follows is padding and is left alone. None: all of them.

    Returns
    -------
    numpy.ndarray
        Shape (mels, frames), a new array of the same type; covered cells hold the mean of the clip's own.

    Raises
    ------
    BadInput
        If the features are no table of channels and frames, or a number is out of range.

    Examples
    --------
    >>> features = np.arange(12.0).reshape(3, 4)
    >>> mask_spectrogram(features, np.random.default_rng(1), bands=1, band_channels=2, stretches=0)
    array([[ 0. ,  1. ,  2. ,  3. ],
           [ 5.5,  5.5,  5.5,  5.5],
           [ 8. ,  9. , 10. , 11. ]])
    """
    if features.ndim != 2 or not features.size:
        raise BadInput(f"The features have the shape {features.shape}", "They must be (mels, frames) of one clip")
    mels, longest = features.shape
    frames = longest if frames is None else frames
    _check_masks(bands, band_channels, stretches, stretch_frames)
    if not 0 < frames <= longest:
        raise BadInput(f"The clip has {frames} frames", f"The features have {longest}", "Choose 1 to that many")
    masked, mean = features.copy(), features[:, :frames].mean()
    for start, stop in _spans(bands, min(band_channels, mels), mels, rng):
        masked[start:stop, :frames] = mean
    for start, stop in _spans(stretches, min(stretch_frames, int(LARGEST_STRETCH * frames)), frames, rng):
        masked[:, start:stop] = mean
    return masked


def _spans(count: int, widest: int, length: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    widths = rng.integers(0, widest + 1, count)
    starts = rng.integers(0, length - widths + 1)
    return list(zip(starts, starts + widths, strict=True))


def _piece(noise: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    _check_clip(noise)
    if not len(noise):
        raise BadInput("The noise holds no samples", "It needs some sound", "Choose another recording")
    return np.resize(np.roll(noise, -int(rng.integers(len(noise)))), length)


def _convolve(samples: np.ndarray, response: np.ndarray) -> np.ndarray:
    size = len(samples) + len(response)  # room for the whole echo: nothing wraps around to the beginning
    return np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)[: len(samples)]


def _power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0


def _check_clip(samples: np.ndarray) -> None:
    if samples.ndim != 1:
        raise BadInput(f"The samples have the shape {samples.shape}", "A clip has one channel", "Average the channels")


def _check_masks(*numbers: int) -> None:
    if min(numbers) < 0:
        raise BadInput(f"A mask is given as {min(numbers)}", "Counts and widths are 0 or more", "Use 0 for none")
