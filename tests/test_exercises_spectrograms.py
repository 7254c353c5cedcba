"""Right answers, the wrong ones that people give, and nonsense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from whisper_helpers.exercises import spectrograms


def scaled(power: np.ndarray) -> np.ndarray:
    """Whisper's scaling, written down on its own."""
    logs = np.log10(np.clip(power, 1e-10, None))
    return np.maximum(logs, logs.max() - 8) / 4 + 1


def mixed(clip: np.ndarray, noise: np.ndarray, decibels: float) -> np.ndarray:
    """Noise at a ratio, by root mean squares."""
    ratio = np.sqrt(np.mean(clip**2)) / np.sqrt(np.mean(noise**2))
    return clip + noise * ratio * 10 ** (-decibels / 20)


def in_place(power: np.ndarray) -> np.ndarray:
    """Scale the caller's array."""
    power[:] = scaled(power)
    return power


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (spectrograms.heard, lambda hertz, rate: abs((hertz + rate / 2) % rate - rate / 2)),
        (spectrograms.heard, lambda hertz, rate: min(hertz % rate, -hertz % rate)),
        (spectrograms.frames, (1200, 600)),
        (spectrograms.frames, [1200.0, 600.0]),
        (spectrograms.scaled_log, scaled),
        (spectrograms.scaled_log, lambda power: scaled(power).astype(np.float32)),
        (spectrograms.noisy, mixed),
    ],
)
def test_right_answers_are_right(check: Callable, answer: Any) -> None:
    assert check(answer), str(check(answer))


@pytest.mark.parametrize(
    ("check", "answer", "words"),
    [
        (spectrograms.heard, lambda hertz, rate: hertz, "comes back down"),
        (spectrograms.heard, lambda hertz, rate: rate - hertz, "stays what it is"),
        (spectrograms.heard, lambda hertz, rate: min(hertz, rate - hertz), "whole turns"),
        (spectrograms.heard, lambda hertz, rate: min(hertz, rate / 2), "comes back down"),
        (spectrograms.heard, lambda hertz, rate: float("nan"), "stays what it is"),
        (spectrograms.frames, (480, 240), "overlap"),
        (spectrograms.frames, (192_000, 96_000), "counts samples"),
        (spectrograms.frames, (3000, 1500), "30 s"),
        (spectrograms.frames, (600, 1200), "Frames come first"),
        (spectrograms.frames, (1200, 1200), "halves"),
        (spectrograms.frames, (7, 7), "every 10 ms"),
        (spectrograms.frames, (1200,), "Two numbers"),
        (spectrograms.scaled_log, np.log10, "not finite"),
        (spectrograms.scaled_log, lambda power: np.log10(np.maximum(power, 1e-10)) / 4 + 1, "minus 8"),
        (spectrograms.scaled_log, lambda power: scaled(power) * 4 - 4, "add 4"),
        (spectrograms.scaled_log, lambda power: scaled(power) + 3, "before you divide"),
        (spectrograms.scaled_log, lambda power: scaled(power) * 0, "should give 1.5 and gives 0"),
        (spectrograms.scaled_log, lambda power: scaled(power).T, "came out"),
        (spectrograms.scaled_log, in_place, "changed the array"),
        (spectrograms.noisy, lambda clip, noise, decibels: clip + noise, "Compare the powers"),
        (spectrograms.noisy, lambda clip, noise, decibels: mixed(clip, noise, 2 * decibels), "needs a root"),
        (spectrograms.noisy, lambda clip, noise, decibels: mixed(clip, noise, decibels / 2), "root too many"),
        (spectrograms.noisy, lambda clip, noise, decibels: mixed(clip, noise, -decibels), "turned round"),
        (spectrograms.noisy, lambda clip, noise, decibels: clip, "without any noise"),
        (spectrograms.noisy, lambda clip, noise, decibels: mixed(clip, noise, decibels)[:-1], "fail with"),
        (spectrograms.noisy, lambda clip, noise, decibels: np.add(clip, noise, out=clip), "changed one"),
    ],
)
def test_wrong_answers_are_told_why(check: Callable, answer: Any, words: str) -> None:
    verdict = check(answer)
    assert not verdict
    assert words in str(verdict)


def natural(power: np.ndarray) -> np.ndarray:
    """Whisper's scaling with the natural logarithm."""
    logs = np.log(np.maximum(power, 1e-10))
    return (np.maximum(logs, logs.max() - 8) + 4) / 4


def test_the_natural_logarithm_is_recognised() -> None:
    assert "natural" in str(spectrograms.scaled_log(natural))


def test_decibels_are_recognised() -> None:
    def decibels(power: np.ndarray) -> np.ndarray:
        levels = 10 * np.log10(np.maximum(power, 1e-10))
        return (np.maximum(levels, levels.max() - 80) + 4) / 4

    assert "ten times" in str(spectrograms.scaled_log(decibels))


CHECKS = (spectrograms.heard, spectrograms.frames, spectrograms.scaled_log, spectrograms.noisy)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "nonsense",
    [..., None, 3, "words", (), [None], {}, np.zeros((2, 2)), lambda: None, lambda *answer: None, print, 1 / 3],
)
def test_nonsense_is_answered_and_never_raises(check: Callable, nonsense: Any) -> None:
    verdict = check(nonsense)
    assert not verdict
    assert str(verdict).startswith("Not yet.")
