"""Where a decoder looks while it writes: cross-attention of the alignment heads, and the times of words from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..audio import POSITIONS_PER_SECOND, SAMPLE_RATE, log_mel

if TYPE_CHECKING:
    import torch
    from transformers import WhisperForConditionalGeneration, WhisperProcessor, WhisperTokenizer

SMOOTHED = 7  # positions of the median filter, as Whisper's authors have it
WITHOUT_SPACES = {"zh", "ja", "th", "lo", "my", "yue", "km", "bo"}  # each piece of whole characters counts as a word


@dataclass(frozen=True)
class Word:
    """A word and when it is spoken.

    Parameters
    ----------
    start, end
        Seconds.
    text
        The word, with the punctuation that touches it.
    """

    start: float
    end: float
    text: str


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
        In order, from 0 to the end of the samples; joined they are `text` without outer spaces.
    """
    tokens = processor.tokenizer(f" {text.strip()}", add_special_tokens=False).input_ids
    if not text.strip() or not len(samples):
        return []
    prefix = prefix_ids(model, processor.tokenizer, language)
    weights = attend(model, processor, samples, [*prefix, *tokens, processor.tokenizer.eos_token_id])
    rows = weights[len(prefix) - 1 : -1]  # a token is chosen while looking from the place before it
    starts = np.append(token_starts(rows), rows.shape[1]) / POSITIONS_PER_SECOND
    limit = len(samples) / SAMPLE_RATE
    pieces = words_of(tokens, processor.tokenizer, language)
    return [Word(min(starts[i], limit), min(starts[j], limit), words) for words, i, j in pieces if words]


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
    with torch.inference_mode(), eager(model):
        written = model(
            input_features=features.to(model.device, model.dtype),
            decoder_input_ids=torch.tensor([list(ids)], device=model.device),
            output_attentions=True,
            use_cache=False,
        )
    positions = max(1, -(-len(samples) * POSITIONS_PER_SECOND // SAMPLE_RATE))
    heads = [written.cross_attentions[layer][0, head] for layer, head in alignment_heads(model)]
    return smooth(np.stack([head.float().cpu().numpy()[:, :positions] for head in heads]))


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


def token_starts(weights: np.ndarray) -> np.ndarray:
    """Align tokens with time: the path of most attention that never goes back (dynamic time warping).

    Parameters
    ----------
    weights
        Shape (tokens, positions).

    Returns
    -------
    numpy.ndarray
        Shape (tokens,), int: the position where each token begins.

    Examples
    --------
    >>> token_starts(np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])).tolist()
    [0, 2, 3]
    """
    tokens, positions = weights.shape
    cost = np.full((tokens + 1, positions + 1), np.inf)
    step = np.zeros((tokens + 1, positions + 1), dtype=np.int8)
    cost[0, 0] = 0
    for place in range(1, positions + 1):
        for token in range(1, tokens + 1):
            ways = (cost[token - 1, place - 1], cost[token - 1, place], cost[token, place - 1])
            step[token, place] = way = min(range(3), key=ways.__getitem__)
            cost[token, place] = ways[way] - weights[token - 1, place - 1]
    token, place, starts = tokens, positions, np.zeros(tokens, dtype=int)
    while token > 0 and place > 0:
        starts[token - 1] = place - 1
        way = step[token, place]
        token, place = token - (way != 2), place - (way != 1)
    return starts


def words_of(
    tokens: Sequence[int], tokenizer: WhisperTokenizer, language: str | None = None
) -> list[tuple[str, int, int]]:
    """Join tokens to words; no character is cut.

    Parameters
    ----------
    tokens
        Ids of text.
    tokenizer
        Any Whisper tokenizer.
    language
        Code; in scripts without spaces each piece of whole characters is a word.

    Returns
    -------
    list of (str, int, int)
        Word, its first token, and the one after its last.
    """
    pieces: list[tuple[str, int, int]] = []
    first = 0
    for last in range(1, len(tokens) + 1):
        text = tokenizer.decode(tokens[first:last])
        if "\ufffd" in text and last < len(tokens):
            continue
        new = language in WITHOUT_SPACES or text.startswith(" ") or not pieces
        if new:
            pieces.append((text.strip(), first, last))
        else:
            pieces[-1] = (pieces[-1][0] + text, pieces[-1][1], last)
        first = last
    return pieces


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
