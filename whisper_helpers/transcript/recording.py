"""Hearing one recording of any length: Whisper's sequential way, a window of 30 seconds after the other.

The next window begins where the last finished segment ended, so no word is cut in two. Of a window only the
text is kept, so an hour needs little more memory than a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..audio import FRAMES_PER_POSITION, N_FRAMES, POSITIONS_PER_SECOND, SAMPLE_RATE, log_mel
from ..tokens import language_code
from .formats import Segment
from .hearing import TEMPERATURES, Window, text_of

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

SILENCE = 1e-4  # samples that stay below, 80 dB under full scale, hold nothing to hear
WINDOW_POSITIONS = N_FRAMES // FRAMES_PER_POSITION  # 1500 encoder positions, 20 ms each, as timestamps
SAMPLES_PER_POSITION = SAMPLE_RATE // POSITIONS_PER_SECOND  # 320
WINDOW_SAMPLES = WINDOW_POSITIONS * SAMPLES_PER_POSITION  # 480,000
SHORTEST = POSITIONS_PER_SECOND // 10  # positions: a rest of less than 0.1 s holds no word

Span = tuple[int, int, list[int]]


@torch.inference_mode()
def transcribe_recording(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    samples: np.ndarray,
    *,
    progress: Callable[[float], object] = lambda seconds: None,
    guessed: Callable[[str, float], object] = lambda language, probability: None,
    temperatures: Sequence[float] = TEMPERATURES,
) -> tuple[list[Segment], str | None]:
    """Write down what a recording says, and when.

    The same recording gives the same transcript each time: where tokens are sampled, the seed is fixed.

    Parameters
    ----------
    model
        Whisper on any device, language and task set in its generation config. Without a language there, the
        first window with sound decides.
    processor
        Its processor.
    samples
        Shape (samples,), float32, 16 kHz, of any length, none included.
    progress
        Takes the seconds just heard, window by window.
    guessed
        Takes the language, once it is decided by the sound, and its probability.
    temperatures
        Each is tried for a window if the one before gave nothing good.

    Returns
    -------
    segments : list of Segment
        In order of time, none empty, none past the end. A model that never learned timestamps gives one a
        window.
    language : str or None
        Code of the language; None if none is set and there is nothing to hear.
    """
    model.eval()
    first_timestamp = model.generation_config.no_timestamps_token_id + 1
    language, segments, seek = _language_set(model), [], 0
    end = len(samples) // SAMPLES_PER_POSITION
    while end - seek >= SHORTEST:
        step = WINDOW_POSITIONS
        sound = samples[seek * SAMPLES_PER_POSITION :][:WINDOW_SAMPLES]
        if np.abs(sound).max() >= SILENCE:
            window = Window(model, torch.from_numpy(log_mel(sound, processor.feature_extractor))[None])
            if not language:
                language, probability = window.language(processor.tokenizer)
                guessed(language, probability)
            tokens = window.tokens(language, processor.tokenizer, temperatures)
            spans, step = split_at_timestamps(tokens, first_timestamp)
            segments += _segments(spans, seek, len(samples), processor)
        progress((min(seek + step, end) - seek) / POSITIONS_PER_SECOND)
        seek += step
    return segments, language


def split_at_timestamps(tokens: list[int], first_timestamp: int) -> tuple[list[Span], int]:
    """Cut a window's tokens into spans of text between two timestamps.

    Parameters
    ----------
    tokens
        As Whisper writes them, without prefix and end; timestamps count from `first_timestamp` in steps of
        20 ms.
    first_timestamp
        Id of ``<|0.00|>``.

    Returns
    -------
    spans : list of (int, int, list of int)
        Start and end in encoder positions, and the tokens between. Text that no timestamp closes is left to
        the next window; if it is all there is, it spans this one.
    step : int
        Encoder positions to the beginning of the next window, at least 1.

    Examples
    --------
    >>> split_at_timestamps([100, 7, 8, 150, 150, 9], first_timestamp=100)
    ([(0, 50, [7, 8])], 50)
    >>> split_at_timestamps([105, 7, 8], first_timestamp=100)
    ([(0, 1500, [7, 8])], 1500)
    """
    spans: list[Span] = []
    opened, text = 0, []
    for token in tokens:
        if token < first_timestamp:
            text.append(token)
            continue
        if text:
            spans.append((opened, token - first_timestamp, text))
        opened, text = token - first_timestamp, []
    if not spans:
        return [(0, WINDOW_POSITIONS, text)] if text else [], WINDOW_POSITIONS
    goes_on = text or min(tokens[-2:]) >= first_timestamp
    return spans, max(spans[-1][1], 1) if goes_on else WINDOW_POSITIONS


def _language_set(model: WhisperForConditionalGeneration) -> str | None:
    if not model.generation_config.is_multilingual:
        return "en"
    language = getattr(model.generation_config, "language", None)
    return language and language_code(language)


def _segments(spans: list[Span], seek: int, samples: int, processor: WhisperProcessor) -> Iterator[Segment]:
    for first, last, tokens in spans:
        start = (seek + first) / POSITIONS_PER_SECOND
        end = min((seek + last) / POSITIONS_PER_SECOND, samples / SAMPLE_RATE)
        text = text_of(tokens, processor.tokenizer).strip()
        if text and start < end:
            yield Segment(start, end, text)
