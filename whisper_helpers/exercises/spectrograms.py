"""Checkers of notebook 03: aliasing, frames, the log of a log-mel, noise at a ratio."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .verdict import Verdict, checker

TONES = (
    (440, 16_000),
    (3000, 8000),
    (5000, 8000),
    (7000, 8000),
    (9000, 8000),
    (23_000, 10_000),
)  # Hz, samples a second
WINDOW, FRAMES, POSITIONS = 12, 1200, 600  # seconds, and what follows
DECIBELS = (0.0, 10.0, 20.0)


@checker
def heard(function: Callable[[float, float], float]) -> Verdict:
    """Check a function of a tone's frequency and the sampling rate that returns the frequency that is heard.

    Parameters
    ----------
    function
        Called with a tone in Hz and a rate in samples a second.

    Examples
    --------
    >>> print(heard(lambda hertz, rate: hertz))
    Not yet. A tone of 5,000 Hz, sampled 8,000 times a second, is heard at 3,000 Hz; your function says 5000. \
Above half the rate a tone comes back down.
    """
    for hertz, rate in TONES:
        right, given = abs(hertz - rate * round(hertz / rate)), float(function(hertz, rate))
        if not abs(given - right) < 0.5:
            what = f"A tone of {hertz:,} Hz, sampled {rate:,} times a second, is heard at {right:,} Hz"
            return Verdict(False, f"{what}; your function says {given:g}. {_why_not_heard(hertz, rate)}")
    return Verdict(True, "Every tone is folded into the range from 0 to half the sampling rate.")


def _why_not_heard(hertz: float, rate: float) -> str:
    if hertz < rate / 2:
        return "Below half the rate a tone stays what it is."
    if hertz < rate:
        return "Above half the rate a tone comes back down."
    return "Above the rate it goes up again: whole turns of the rate do not count."


@checker
def frames(answer: Sequence[int]) -> Verdict:
    """Check how many log-mel frames and how many encoder positions a window of 12 s has.

    Parameters
    ----------
    answer
        Frames, positions.

    Examples
    --------
    >>> print(frames((480, 240)))
    Not yet. 480 would be frames of 25 ms side by side; they overlap: a new one begins every 10 ms.
    """
    given = tuple(float(number) for number in answer)
    if len(given) != 2:
        return Verdict(False, f"Two numbers are needed, frames and positions; there are {len(given)}.")
    if given == (FRAMES, POSITIONS):
        return Verdict(True, "A frame begins every 10 ms, and the encoder makes one position of two frames.")
    known = {
        WINDOW * 16_000: f"{WINDOW * 16_000} counts samples; a frame begins every 160 of them.",
        WINDOW
        * 40: f"{WINDOW * 40} would be frames of 25 ms side by side; they overlap: a new one begins every 10 ms.",
        3000: "3000 frames are 30 s; the window of this exercise is shorter.",
        POSITIONS: "Frames come first, then positions, of which there are fewer.",
    }
    if given[0] != FRAMES:
        return Verdict(False, known.get(given[0], f"{given[0]:g} frames are wrong: a new one begins every 10 ms."))
    return Verdict(False, f"The frames are right, {given[1]:g} positions are not: the encoder halves the frames once.")


@checker
def scaled_log(function: Callable[[np.ndarray], np.ndarray]) -> Verdict:
    """Check a function that makes Whisper's features of mel power: log10, eight decades, plus 4, over 4.

    Parameters
    ----------
    function
        Takes power, shape (mels, frames), and returns features of the same shape.

    Examples
    --------
    >>> print(scaled_log(np.log10))
    Not yet. Silence has no power at all, and its logarithm is not finite: replace what is below 1e-10 first.
    """
    power = np.array([[0.0, 1e-12, 1e-7], [1e-3, 1.0, 100.0]])
    wanted, before = _scaled_log(power), power.copy()
    with np.errstate(all="ignore"):
        given = np.asarray(function(power), dtype=float)
    if not np.array_equal(power, before):
        return Verdict(False, "The values are right or not, but your function changed the array that it was given.")
    if given.shape != power.shape:
        return Verdict(False, f"{power.shape} went in and {given.shape} came out; each cell has one value.")
    if np.allclose(given, wanted, atol=1e-4):
        return Verdict(True, "Log10, at most eight decades below the loudest cell, then plus 4 and divided by 4.")
    return Verdict(False, _why_not_scaled(power, given))


def _scaled_log(power: np.ndarray, log: Callable = np.log10, decades: float = 8.0) -> np.ndarray:
    logs = log(np.maximum(power, 1e-10))
    return (np.maximum(logs, logs.max() - decades) + 4) / 4


def _why_not_scaled(power: np.ndarray, given: np.ndarray) -> str:
    if not np.isfinite(given).all():
        return "Silence has no power at all, and its logarithm is not finite: replace what is below 1e-10 first."
    known = {
        "This is the natural logarithm; Whisper takes log10.": _scaled_log(power, np.log),
        "The quietest cells lie more than 8 below the largest: raise them to the largest minus 8.": _scaled_log(
            power, decades=np.inf
        ),
        "The last step is missing: add 4, then divide by 4.": _scaled_log(power) * 4 - 4,
        "Add 4 before you divide by 4, not after.": (_scaled_log(power) * 4 - 4) / 4 + 4,
        "These are decibels, ten times log10; leave the ten out.": _scaled_log(power, lambda x: 10 * np.log10(x), 80.0),
    }
    for words, wrong in known.items():
        if np.allclose(given, wrong, atol=1e-4):
            return words
    wanted = _scaled_log(power)
    worst = np.unravel_index(np.abs(given - wanted).argmax(), power.shape)
    return f"For a power of {power[worst]:g} it should give {wanted[worst]:.3g} and gives {given[worst]:.3g}."


@checker
def noisy(function: Callable[[np.ndarray, np.ndarray, float], np.ndarray]) -> Verdict:
    """Check a function that adds noise to a clip at a signal-to-noise ratio in decibels.

    Parameters
    ----------
    function
        Takes clip, noise and ratio, and returns their mixture.

    Examples
    --------
    >>> print(noisy(lambda clip, noise, decibels: clip + noise))
    Not yet. Asked for 0 dB, the mixture has 12.0 dB. Compare the powers of clip and noise before you choose the factor.
    """
    time = np.arange(8000) / 16_000
    clip, noise = np.sin(2 * np.pi * 440 * time), 0.25 * np.sin(2 * np.pi * 1000 * time)
    for wanted in DECIBELS:
        kept = clip.copy(), noise.copy()
        added = np.asarray(function(clip, noise, wanted), dtype=float) - kept[0]
        if not (np.array_equal(clip, kept[0]) and np.array_equal(noise, kept[1])):
            return Verdict(False, "Your function changed one of the arrays that it was given; make a new one.")
        if added.shape != clip.shape:
            return Verdict(False, f"The mixture has the shape {added.shape}; the clip has {clip.shape}.")
        if not np.any(added):
            return Verdict(False, "The clip came back without any noise.")
        found = 10 * np.log10(np.mean(clip**2) / np.mean(added**2))
        if not abs(found - wanted) < 0.1:
            return Verdict(
                False, f"Asked for {wanted:g} dB, the mixture has {found:.1f} dB. {_why_not_noisy(wanted, found)}"
            )
    return Verdict(True, "The ratio measured back is the ratio asked for.")


def _why_not_noisy(wanted: float, found: float) -> str:
    if wanted and abs(found - 2 * wanted) < 0.1:
        return "Decibels speak of power, the square of amplitude: the noise's factor needs a root."
    if wanted and abs(found - wanted / 2) < 0.1:
        return "One root too many: power falls by 10 ** (decibels / 10)."
    if wanted and abs(found + wanted) < 0.1:
        return "The ratio is turned round: more decibels mean less noise."
    return "Compare the powers of clip and noise before you choose the factor."
