"""What one clip's sound tells: decoded once, piece by piece, at its own sampling rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import SAMPLE_RATE, WINDOW_SECONDS, open_sound
from ..errors import BadInput

if TYPE_CHECKING:
    import soundfile

SHORTEST_SECONDS = 0.3
SILENCE = 10 ** (-55 / 20)  # of full scale: no 32 ms of the clip are louder (RMS)
MOST_VALUES = 2**23  # decoded at once, over all channels
PIECES = 64  # of a sketch
FRAME_SECONDS = 0.032  # of a spectrum
BAND = 250  # Hz
CLIFF_DECIBELS = 30.0  # speech fades into its upper band, a filter cuts it off
EMPTY_DECIBELS = -78.0  # of the upper band, against the strongest one
LEVELS = 40  # bins between silence and the loudest sample
MOST_AT_A_LEVEL = 0.003  # of the samples, where lower levels have half as many or fewer
MOST_LOUD = 0.55  # of the samples above half the peak: more is a tone, and no clipped speech
MOST_FLAT = 0.0005  # of the samples


@dataclass
class Heard:
    """What was heard in a clip.

    Parameters
    ----------
    seconds
        Its length.
    sketch
        Shape (2, 64), float32: RMS of 64 pieces, and of the differences between their samples; None where there is no
        sound to compare.
    faults
        Reasons with their details.
    """

    seconds: float = 0.0
    sketch: np.ndarray | None = None
    faults: dict[str, str] = field(default_factory=dict)


def listen(audio: str | dict[str, Any]) -> Heard:
    """Decode a clip once and say what is wrong with its sound.

    Parameters
    ----------
    audio
        Path or bytes, as :func:`whisper_helpers.audio.open_sound` takes them.

    Examples
    --------
    >>> import io, soundfile
    >>> wav = io.BytesIO()
    >>> soundfile.write(wav, np.zeros(1600), 16_000, format="WAV")
    >>> listen({"path": None, "bytes": wav.getvalue()}).faults
    {'too_short': 'lasts 0.10 s'}
    """
    try:
        with open_sound(audio) as sound:
            return _hear(sound)
    except (BadInput, RuntimeError, OSError, ValueError, MemoryError) as error:
        said = str(error).split(". ")[0] if not isinstance(error, BadInput) else "libsndfile cannot read it"
        return Heard(faults={"unreadable": said or type(error).__name__})


def _hear(sound: soundfile.SoundFile) -> Heard:
    rate, total, finite = sound.samplerate, 0, True
    step = max(1, min(int((WINDOW_SECONDS + 1) * rate), MOST_VALUES // sound.channels))
    first = None
    while len(piece := sound.read(step, dtype="float32", always_2d=True)):
        first = piece if first is None else first
        total += len(piece)
        finite = finite and bool(np.isfinite(piece).all())
    seconds = total / rate
    if first is None:
        return Heard(faults={"empty_audio": "has a header and no samples"})
    if not finite:
        return Heard(seconds, faults={"nan": "holds NaN or infinite samples"})
    faults = _faults(first, rate, seconds)
    return Heard(seconds, None if "silent" in faults else sketch(first.mean(axis=1)), faults)


def sketch(samples: np.ndarray) -> np.ndarray:
    """Reduce a clip to what is the same after it was saved in another lossless format.

    Parameters
    ----------
    samples
        Shape (samples,), one channel.

    Returns
    -------
    numpy.ndarray
        Shape (2, 64), float32: RMS of 64 equal pieces, and of the differences between neighbouring samples.
    """
    size = max(1, len(samples) // PIECES)
    kinds = (samples, np.diff(samples, append=samples[-1:]))
    pieces = [np.resize(kind, (PIECES, size)) for kind in kinds]
    return np.sqrt(np.mean(np.square(pieces), axis=2)).astype(np.float32)


def _faults(channels: np.ndarray, rate: int, seconds: float) -> dict[str, str]:
    if seconds < SHORTEST_SECONDS:
        return {"too_short": f"lasts {seconds:.2f} s"}
    faults = {"too_long": f"lasts {seconds:.1f} s"} if seconds > WINDOW_SECONDS else {}
    samples = channels.mean(axis=1)
    frames = _frames(samples, rate)
    loudest = float(np.sqrt(np.max(np.mean(np.square(frames), axis=1))))
    if loudest < SILENCE:
        level = f"{20 * np.log10(loudest):.0f} dB of full scale" if loudest else "digital silence"
        return faults | {"silent": f"its loudest moment is {level}"}
    clipped = max(map(clipped_share, channels.T))
    if clipped:
        faults["clipped"] = f"{clipped:.1%} of its samples are cut off at the same level"
    limit = band_limit(frames, rate)
    if limit:
        faults["low_rate"] = f"nothing above {limit / 1000:.1f} kHz; its file has {rate / 1000:g} kHz"
    return faults


def _frames(samples: np.ndarray, rate: int) -> np.ndarray:
    size = max(1, round(rate * FRAME_SECONDS))
    return samples[: max(1, len(samples) // size) * size].reshape(-1, min(size, len(samples)))


def clipped_share(samples: np.ndarray) -> float:
    """Share of samples that are cut off at the loudest level; 0 for what speech does by itself.

    Cut-off peaks are flat. Lossy coding makes them wavy, but more samples stay at that level than at lower ones, while
    speech has fewer samples the louder they are.

    Parameters
    ----------
    samples
        Shape (samples,), one channel.

    Examples
    --------
    >>> loud = np.random.default_rng(0).normal(0, 0.3, 16_000)
    >>> clipped_share(loud), clipped_share(np.clip(loud, -0.5, 0.5)) > 0.05
    (0.0, True)
    """
    level, peak = np.abs(samples), float(np.abs(samples).max())
    still = np.abs(np.diff(samples)) < 1e-3 * peak
    flat = float(np.mean(still[1:] & still[:-1] & (level[1:-1] >= 0.98 * peak))) if len(samples) > 2 else 0.0
    counts = np.histogram(level / (peak or 1), LEVELS, (0, 1))[0] / len(samples)
    half = LEVELS // 2
    top = half + int(counts[half:].argmax())
    piled = counts[top] > max(MOST_AT_A_LEVEL, 2 * counts[8:top].min()) and counts[half:].sum() < MOST_LOUD
    return max(flat, float(counts[top])) if piled else flat if flat > MOST_FLAT else 0.0


def band_limit(frames: np.ndarray, rate: int) -> float:
    """Frequency above which a clip has nothing, in Hz; 0 if its band reaches as far as Whisper hears.

    Parameters
    ----------
    frames
        Shape (frames, samples), consecutive pieces of 32 ms.
    rate
        Samples a second.
    """
    if rate < SAMPLE_RATE:
        return rate / 2
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)))
    strong = np.percentile(power, 98, axis=0)
    decibels = 10 * np.log10(strong / strong.max() + 1e-14)
    place = np.arange(len(strong)) * rate / frames.shape[1]
    bands = [np.median(decibels[(place >= low) & (place < low + BAND)]) for low in range(0, SAMPLE_RATE // 2, BAND)]
    for edge in range(10, 27):  # 2.5 to 6.5 kHz
        if min(bands[edge - 4 : edge - 1]) - max(bands[edge + 1 :]) > CLIFF_DECIBELS:
            return float(edge * BAND)
    return 4500.0 if max(bands[20:30]) < EMPTY_DECIBELS else 0.0
