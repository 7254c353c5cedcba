"""Checkers of notebook 06."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..audio import SAMPLE_RATE, resample
from .verdict import Verdict, checker

RECORDED, SECONDS = 48_000, 6.0  # of the recording in the question


@checker
def misread(seconds: Any) -> Verdict:
    """Check how long six seconds of sound at 48 kHz last for a model that takes them for 16 kHz.

    Parameters
    ----------
    seconds
        The answer, in seconds.

    Examples
    --------
    >>> print(misread(6))
    Not yet. That is what the microphone heard. Count the samples, then divide by the rate that the model assumes.
    """
    samples = RECORDED * SECONDS
    right = samples / SAMPLE_RATE
    given = float(seconds)
    if abs(given - right) < 0.01:
        words = f"{samples:,.0f} samples at 16,000 a second: {right:g} s of a voice three times as slow and as low."
        return Verdict(True, words)
    if given == SECONDS:
        words = "That is what the microphone heard. Count the samples, then divide by the rate that the model assumes."
        return Verdict(False, words)
    if given == SECONDS * SAMPLE_RATE / RECORDED:
        return Verdict(False, "The other way round: there are more samples than the model expects, so it lasts longer.")
    return Verdict(False, f"There are {RECORDED:,} × {SECONDS:g} samples, and the model counts 16,000 as one second.")


@checker
def reader(function: Callable[[tuple[int, np.ndarray]], np.ndarray]) -> Verdict:
    """Check a function that makes what Gradio's ``type="numpy"`` hands over fit for Whisper.

    Parameters
    ----------
    function
        Takes a pair of rate and int16 samples, shape (samples,) or (samples, channels); returns float32, mono, 16 kHz.
    """
    time = np.arange(RECORDED) / RECORDED
    left = (16_384 * np.sin(2 * np.pi * 220 * time)).astype(np.int16)
    stereo = np.stack([left, np.zeros_like(left)], axis=1)
    wanted = resample((left / 32_768).astype(np.float32), RECORDED)
    before = stereo.copy()
    mono, mixed = np.asarray(function((RECORDED, left))), np.asarray(function((RECORDED, stereo)))
    for has_fault, words in (
        (lambda: (stereo != before).any(), "It changes the samples that it was given; compute new ones instead."),
        (lambda: mono.dtype != np.float32, f"It returns {mono.dtype}; Whisper's extractor takes float32."),
        (lambda: mixed.ndim != 1, f"Stereo comes out with the shape {mixed.shape}; average the channels, axis 1."),
        (lambda: len(mono) == len(left), "As many samples come out as went in: go from 48,000 a second to 16,000."),
        (lambda: len(mono) != len(wanted), f"A second has {mono.size:,} samples; it should have {SAMPLE_RATE:,}."),
        (lambda: len(mixed) != len(wanted), "Stereo has another length than mono: average before you resample."),
        (
            lambda: np.abs(mono).max() > 1.5,
            "The samples reach far beyond 1: int16 goes to 32,767, so divide by 32,768.",
        ),
        (lambda: np.abs(mono).max() < 0.1, "The sound came out almost silent: divide by 32,768 once."),
        (lambda: np.abs(mono - wanted).max() > 0.05, "The sound changed: `resample` filters before it drops samples."),
        (lambda: np.abs(mixed - wanted / 2).max() > 0.05, "In stereo a channel is lost or doubled: take the mean."),
    ):
        if has_fault():
            return Verdict(False, words)
    return Verdict(True, "Floats between -1 and 1, one channel, 16,000 a second: now a model can listen.")


@checker
def launch(settings: Mapping[str, Any]) -> Verdict:
    """Check settings for launching a demo on Colab for oneself, without surprises.

    Parameters
    ----------
    settings
        Arguments of gradio's ``launch``.

    Examples
    --------
    >>> print(launch({"share": True}))
    Not yet. share=True gives the demo a public address without a password: whoever has the link uses your machine.
    """
    settings = dict(settings)
    if settings.get("share"):
        words = "share=True gives the demo a public address without a password: whoever has the link uses your machine."
        return Verdict(False, words)
    if settings.get("share") is None:
        return Verdict(False, "Without share=False, Colab and Kaggle switch to a public address by themselves.")
    if not settings.get("show_error"):
        return Verdict(False, "Visitors would read only “Error”; with show_error=True they read what to do.")
    if not settings.get("max_file_size"):
        return Verdict(False, "Any file would be taken, gigabytes too: set max_file_size.")
    return Verdict(True, "Private, with clear words when something is wrong, and with a limit for files.")
