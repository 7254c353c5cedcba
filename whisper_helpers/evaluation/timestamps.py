"""Timestamps: whether a model still writes them in order, and how far they lie from where sentences really end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..audio import WINDOW_SECONDS, log_mel
from ..joining import Joined
from .listening import encode

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

FOUND_WITHIN = 0.5  # seconds by which a boundary may be off and still count as found


@torch.inference_mode()
def boundaries_heard(
    model: WhisperForConditionalGeneration, processor: WhisperProcessor, windows: Sequence[np.ndarray]
) -> list[list[int]]:
    """Token ids that the model writes for each window when it is asked for timestamps.

    Parameters
    ----------
    model, processor
        Whisper and its processor.
    windows
        Each of shape (samples,), 16 kHz, at most 30 s; all are heard at once.
    """
    if not windows:
        return []
    model.eval()
    features = torch.from_numpy(np.stack([log_mel(each, processor.feature_extractor) for each in windows]))
    written = model.generate(
        encoder_outputs=encode(model, features), return_timestamps=True, force_unique_generate_call=True
    )
    return written.tolist()


def score_timestamps(recordings: list[Joined], written: list[list[int]], first_timestamp: int) -> dict[str, Any]:
    """Compare timestamps with the known ends of the joined sentences.

    Parameters
    ----------
    recordings
        Of at most 30 s.
    written
        Token ids for each.
    first_timestamp
        Id of ``<|0.00|>``; each step is 20 ms.

    Returns
    -------
    dict
        ``valid``, share in percent of windows whose timestamps come in pairs, in order, each with text;
        ``found``, share of the sentences' ends with a timestamp within 0.5 s; ``drift``, mean seconds from a
        sentence's end to the nearest end that the model wrote.
    """
    valid, drifts = 0, []
    for recording, tokens in zip(recordings, written, strict=True):
        stamps = [(token - first_timestamp) / 50 for token in tokens if token >= first_timestamp]
        valid += bool(stamps) and len(stamps) % 2 == 0 and stamps == sorted(stamps)
        ends = np.array(stamps[1::2])
        drifts += [float(np.abs(ends - end).min()) if len(ends) else WINDOW_SECONDS for _, end in recording.bounds]
    found = [drift <= FOUND_WITHIN for drift in drifts]
    shares = {"valid": 100 * valid / len(recordings), "found": 100 * sum(found) / len(found)}
    return {**{name: round(share, 1) for name, share in shares.items()}, "drift": round(float(np.mean(drifts)), 2)}
