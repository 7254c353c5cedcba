"""The spectrogram lab as a picture, for pages where no kernel runs."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ..audio import HOP_LENGTH
from ..notebook import picture
from ..plots import new_figure, plot_log_mel, plot_waveform

COLOURS = 8  # of the picture, which is small then
CAPTION = "The spectrogram lab, standing still: waveform over log-mel. Run the cell, and sliders change both."


def spectrogram_still(samples: np.ndarray, features: np.ndarray) -> tuple[dict[str, str], dict[str, Any]]:
    """Draw waveform over log-mel with one axis of time.

    Parameters
    ----------
    samples
        Shape (samples,), 16 kHz.
    features
        Shape (mels, frames), as Whisper sees it.

    Returns
    -------
    dict, dict
        PNG by its MIME type, and its words.
    """
    figure = new_figure(4.8, 2.0)
    wave, mel = figure.subplots(2, 1, height_ratios=[1, 2.5])
    plot_waveform(samples[: features.shape[1] * HOP_LENGTH], wave)
    plot_log_mel(features, mel, scale=False)
    wave.set(xlim=mel.get_xlim(), xticks=[], xlabel="", ylabel="")
    png = base64.b64encode(picture(figure, COLOURS)).decode()
    return {"image/png": png}, {"image/png": {"alt": CAPTION}}
