"""What readers of notebook 06 are told after right, wrong and nonsensical answers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from whisper_helpers.audio import resample
from whisper_helpers.exercises import demo

NONSENSE = [None, "", "six", [], {}, float("nan"), print, len, lambda pair: None, lambda pair: pair, 7, ...]


def right(pair: tuple[int, np.ndarray]) -> np.ndarray:
    """Read a recording well."""
    rate, samples = pair
    floats = samples.astype(np.float32) / 32_768
    return resample(floats.mean(axis=1) if floats.ndim == 2 else floats, rate)


def test_right_answers() -> None:
    assert demo.misread(18)
    assert demo.reader(right)
    assert demo.launch({"share": False, "show_error": True, "max_file_size": "20mb"})


@pytest.mark.parametrize(("answer", "words"), [(6, "microphone"), (2, "other way round"), (12, "one second")])
def test_typical_lengths(answer: float, words: str) -> None:
    verdict = demo.misread(answer)
    assert not verdict
    assert words in verdict.words


def changing(pair: tuple[int, np.ndarray]) -> np.ndarray:
    """Read well, but spoil the input."""
    result = right(pair)
    pair[1][...] = 0
    return result


def mono(samples: np.ndarray) -> np.ndarray:
    return samples.mean(axis=1) if samples.ndim == 2 else samples


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda pair: pair[1], "int16"),
        (lambda pair: pair[1].astype(np.float32) / 32_768, "average the channels"),
        (lambda pair: mono(pair[1].astype(np.float32) / 32_768), "16,000"),
        (lambda pair: resample(mono(pair[1].astype(np.float32)), pair[0]), "divide by 32,768"),
        (lambda pair: mono(pair[1].astype(np.float32) / 32_768)[::2], "should have 16,000"),
        (lambda pair: right(pair) / 32_768, "almost silent"),
        (lambda pair: right(pair)[::-1].copy(), "The sound changed"),
        (lambda pair: right(pair) * (2 if pair[1].ndim == 2 else 1), "take the mean"),
        (changing, "changes the samples"),
    ],
)
def test_typical_readers(function: Callable[..., np.ndarray], words: str) -> None:
    verdict = demo.reader(function)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "public address by themselves"),
        ({"share": True}, "without a password"),
        ({"share": False}, "show_error=True"),
        ({"share": False, "show_error": True}, "max_file_size"),
    ],
)
def test_typical_settings(answer: dict[str, object], words: str) -> None:
    verdict = demo.launch(answer)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_is_told_not_thrown(answer: object) -> None:
    for check in (demo.misread, demo.reader, demo.launch):
        assert not check(answer)
