"""Where a decoder looks while it writes: cross-attention of the alignment heads, and the times of words from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import POSITIONS_PER_SECOND, SAMPLE_RATE, log_mel
from ..tokens import MAX_LABELS
from .words import Word, place_words

if TYPE_CHECKING:
    import torch
    from transformers import WhisperForConditionalGeneration, WhisperProcessor, WhisperTokenizer

SMOOTHED = 7  # positions of the median filter, as Whisper's authors have it


def word_times(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    samples: np.ndarray,
    text: str,
    language: str | None = None,
) -> list[Word]:
    """Find when each word of a known text is spoken.

    Parameters
    ----------
    model, processor
        A Whisper and its processor.
    samples
        Shape (samples,), float32, 16 kHz, at most 30 s.
    text
        What is said there.
    language
        Code; it tells how words are parted.

    Returns
    -------
    list of Word
        In order, from 0 to the end of the samples; joined they are `text` without outer spaces. None if the text is
        longer than the decoder.
    """
    tokens = processor.tokenizer(f" {text.strip()}", add_special_tokens=False).input_ids
    if not text.strip() or not len(samples):
        return []
    prefix = prefix_ids(model, processor.tokenizer, language)
    if len(prefix) + len(tokens) + 1 > MAX_LABELS:
        return []
    weights = attend(model, processor, samples, [*prefix, *tokens, processor.tokenizer.eos_token_id])
    rows = weights[len(prefix) - 1 : -1]  # a token is chosen while looking from the place before it
    return place_words(rows, tokens, processor.tokenizer, language, len(samples) / SAMPLE_RATE)


def attend(
    model: WhisperForConditionalGeneration, processor: WhisperProcessor, samples: np.ndarray, ids: Sequence[int]
) -> np.ndarray:
    """Cross-attention of the alignment heads, averaged.

    Parameters
    ----------
    model, processor
        A Whisper and its processor.
    samples
        Shape (samples,), float32, 16 kHz, at most 30 s.
    ids
        What the decoder has written, prefix included.

    Returns
    -------
    numpy.ndarray
        Shape (ids, positions), float32, a position each 20 ms of `samples`; normalised over the tokens and
        smoothed over time, so that it shows where a token looks more than others do.
    """
    import torch

    features = torch.from_numpy(log_mel(samples, processor.feature_extractor))[None]
    heads = cross_attention(model, ids, input_features=features.to(model.device, model.dtype))
    return smooth(heads[:, :, : positions_of(samples)])


def cross_attention(model: WhisperForConditionalGeneration, ids: Sequence[int], **heard: Any) -> np.ndarray:
    """Cross-attention of the alignment heads, as the model itself computes it.

    Parameters
    ----------
    model
        A Whisper.
    ids
        What the decoder has written, prefix included.
    **heard
        ``input_features`` of shape (1, mels, frames), or ``encoder_outputs``.

    Returns
    -------
    numpy.ndarray
        Shape (heads, ids, positions of the window), float32; each row sums to 1.
    """
    import torch

    with torch.inference_mode(), eager(model):
        written = model(
            **heard,
            decoder_input_ids=torch.tensor([list(ids)], device=model.device),
            output_attentions=True,
            use_cache=False,
        )
    heads = [written.cross_attentions[layer][0, head] for layer, head in alignment_heads(model)]
    return torch.stack(heads).float().cpu().numpy()


def positions_of(samples: np.ndarray) -> int:
    """How many positions of the encoder a clip fills, at least one.

    Parameters
    ----------
    samples
        Shape (samples,), 16 kHz.

    Examples
    --------
    >>> positions_of(np.zeros(321))
    2
    """
    return max(1, -(-len(samples) * POSITIONS_PER_SECOND // SAMPLE_RATE))


def smooth(heads: np.ndarray) -> np.ndarray:
    """Normalise attention over tokens, filter it over time, and average the heads.

    Parameters
    ----------
    heads
        Shape (heads, tokens, positions).

    Returns
    -------
    numpy.ndarray
        Shape (tokens, positions).

    Examples
    --------
    >>> smooth(np.ones((2, 3, 9))).tolist() == np.zeros((3, 9)).tolist()
    True
    """
    spread = heads.std(axis=1, keepdims=True)
    scaled = (heads - heads.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    width = SMOOTHED // 2
    if scaled.shape[-1] > width:
        padded = np.pad(scaled, ((0, 0), (0, 0), (width, width)), mode="reflect")
        scaled = np.median(np.lib.stride_tricks.sliding_window_view(padded, SMOOTHED, axis=-1), axis=-1)
    return scaled.mean(axis=0)


def prefix_ids(
    model: WhisperForConditionalGeneration, tokenizer: WhisperTokenizer, language: str | None, task: str | None = None
) -> list[int]:
    """Ids that come before the text: start, language, task, no timestamps; English-only models have two of them.

    Parameters
    ----------
    model, tokenizer
        A Whisper and its tokenizer.
    language, task
        None: those of the model's generation config, or else English and transcribe.
    """
    generation = model.generation_config
    if not getattr(generation, "is_multilingual", True):
        names = ["<|startoftranscript|>", "<|notimestamps|>"]
    else:
        spoken = language or getattr(generation, "language", None) or "en"
        spoken = spoken.removeprefix("<|").removesuffix("|>")
        asked = task or getattr(generation, "task", None) or "transcribe"
        names = ["<|startoftranscript|>", f"<|{spoken}|>", f"<|{asked}|>", "<|notimestamps|>"]
    return tokenizer.convert_tokens_to_ids(names)


def alignment_heads(model: WhisperForConditionalGeneration) -> list[tuple[int, int]]:
    """Layer and head of those that follow the sound; where a checkpoint names none, all of the upper half.

    Parameters
    ----------
    model
        A Whisper.
    """
    known = getattr(model.generation_config, "alignment_heads", None)
    layers, heads = model.config.decoder_layers, model.config.decoder_attention_heads
    every = [(layer, head) for layer in range(layers // 2, layers) for head in range(heads)]
    return [(layer, head) for layer, head in known] if known else every


@contextmanager
def eager(model: torch.nn.Module) -> Iterator[None]:
    """Let a model give its attention for a while, which the fast ways to compute it keep to themselves.

    Parameters
    ----------
    model
        Any model of Transformers; afterwards it computes as before.
    """
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(before)
