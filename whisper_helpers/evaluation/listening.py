"""All that one pass over a clip tells: its text, the language it is taken for, silence, and how sure each token is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..audio import WINDOW_SECONDS
from ..collate import DataCollatorSpeechSeq2SeqWithPadding
from ..memory import keep_freed_memory
from ..tokens import IGNORED, language_code
from .hearing import generate
from .memo import Memo, fingerprint, prints_of_clips

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

Heard = dict[str, Any]
ROWS_AT_ONCE = 4  # of token probabilities: a row of 100 tokens takes 20 MB
PREFIX = 3  # language, task and no timestamps are given to the model and not scored


def listen(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    clips: Dataset,
    *,
    batch_size: int = 16,
    label: str = "listening",
    memo: Memo | None = None,
    model_print: str = "",
    sureness: bool = True,
) -> list[Heard]:
    """Hear every clip at 30 s, each once.

    Parameters
    ----------
    model
        Whisper, language and task set in its generation config.
    processor
        Its processor, the prefix set alike.
    clips
        Split with columns ``audio``, ``sentence``, ``language`` and ``seconds``.
    batch_size
        Clips heard at once.
    label
        Words before the progress bar.
    memo
        What was heard before.
    model_print
        Hash of the model and of where it runs, for the memo.
    sureness
        Whether to ask how sure it is of the reference's tokens.

    Returns
    -------
    list of dict
        For each clip ``text``; ``language``, which the model takes it for (None of an English-only one);
        ``no_speech``, the probability that nobody speaks; ``seconds`` that it took; and of
        the reference's tokens ``sure``, the probability of the likeliest next token, and ``right``, whether
        that is the one; empty lists if it is not asked.
    """
    from tqdm.auto import tqdm

    memo, language = memo or Memo(None), getattr(model.generation_config, "language", None)
    keys = [fingerprint("listen", model_print, language, sureness, each) for each in prints_of_clips(clips)]
    by_length = np.argsort(clips["seconds"], kind="stable")[::-1].tolist()
    unheard = [index for index in by_length if memo.find(keys[index]) is None]
    bar = tqdm(total=len(clips), initial=len(clips) - len(unheard), desc=label, unit="clip")
    with keep_freed_memory(), bar as progress:
        for start in range(0, len(unheard), batch_size):
            indices = unheard[start : start + batch_size]
            batch = [clips[index] for index in indices]
            answers = listen_to_batch(model, processor, batch, sureness=sureness)
            for index, answer in zip(indices, answers, strict=True):
                memo.keep(keys[index], answer)
            progress.update(len(indices))
    return [memo.find(key) for key in keys]


@torch.inference_mode()
def listen_to_batch(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    clips: list[dict[str, Any]],
    *,
    sureness: bool = True,
) -> list[Heard]:
    """Hear a batch: the encoder runs once, for the transcript and for all other questions.

    Parameters
    ----------
    model, processor, sureness
        As for :func:`listen`.
    clips
        Rows of a split.
    """
    began = time.perf_counter()
    model.eval()
    batch = DataCollatorSpeechSeq2SeqWithPadding(processor, WINDOW_SECONDS)(clips)
    encoded = encode(model, batch["input_features"])
    with _remembered(model, batch["input_features"], encoded), _at_start(model) as states:
        texts = generate(model, processor, batch["input_features"])
    first = model.get_output_embeddings()(states[0]).float()
    languages, silences = _languages(model, processor, first), _no_speech(model, first)
    sure: list[Heard] = [{"sure": [], "right": []}] * len(clips)
    if sureness:
        sure = _sureness(model, encoded, batch["labels"], batch["decoder_input_ids"])
    seconds = round((time.perf_counter() - began) / len(clips), 3)
    return [
        {"text": text, "language": language, "no_speech": round(silence, 4), "seconds": seconds, **told}
        for text, language, silence, told in zip(texts, languages, silences, sure, strict=True)
    ]


def encode(model: WhisperForConditionalGeneration, input_features: torch.Tensor) -> Any:
    """Run the encoder, on a CPU for one clip after the other, for its caches do not hold what many clips need.

    Parameters
    ----------
    model
        Whisper.
    input_features
        Shape (batch, mels, 3000).
    """
    from transformers.modeling_outputs import BaseModelOutput

    features = input_features.to(model.device, model.dtype)
    parts = features.split(1) if model.device.type == "cpu" else [features]
    states = [model.get_encoder()(part).last_hidden_state for part in parts]
    return BaseModelOutput(last_hidden_state=torch.cat(states))


@contextmanager
def _remembered(model: WhisperForConditionalGeneration, features: torch.Tensor, encoded: Any) -> Iterator[None]:
    """Let the encoder answer for these features from memory; for any others it works."""
    encoder = model.get_encoder()
    work, known = encoder.forward, features.to(model.device, model.dtype)

    @wraps(work)
    def answer(input_features: torch.Tensor, *arguments: Any, **options: Any) -> Any:
        asked_before = input_features.shape == known.shape and torch.equal(input_features, known)
        return encoded if asked_before else work(input_features, *arguments, **options)

    encoder.forward = answer
    try:
        yield
    finally:
        del encoder.forward


@contextmanager
def _at_start(model: WhisperForConditionalGeneration) -> Iterator[list[torch.Tensor]]:
    """Note what the decoder makes of the start token, (batch, width), when it works first."""
    states: list[torch.Tensor] = []

    def note(module: torch.nn.Module, arguments: Any, output: Any) -> None:
        if not states:
            states.append(output.last_hidden_state[:, 0])

    handle = model.get_decoder().register_forward_hook(note)
    try:
        yield states
    finally:
        handle.remove()


def _languages(
    model: WhisperForConditionalGeneration, processor: WhisperProcessor, first: torch.Tensor
) -> list[str | None]:
    if not model.generation_config.is_multilingual:
        return [None] * len(first)
    ids = list(model.generation_config.lang_to_id.values())
    best = [ids[place] for place in first[:, ids].argmax(-1).tolist()]
    return [language_code(token) for token in processor.tokenizer.convert_ids_to_tokens(best)]


def _no_speech(model: WhisperForConditionalGeneration, first: torch.Tensor) -> list[float]:
    token = model.generation_config.no_timestamps_token_id - 1
    return first.softmax(-1)[:, token].tolist()


def _sureness(
    model: WhisperForConditionalGeneration, encoded: Any, labels: torch.Tensor, inputs: torch.Tensor
) -> list[Heard]:
    from transformers.modeling_outputs import BaseModelOutput

    answers, prefix = [], PREFIX if model.generation_config.is_multilingual else 1
    for start in range(0, len(labels), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        part = BaseModelOutput(last_hidden_state=encoded[0][rows])
        logits = model(encoder_outputs=part, decoder_input_ids=inputs[rows].to(model.device), use_cache=False).logits
        sure, best = logits.float().softmax(-1).max(-1)
        for row, chances, tokens in zip(labels[rows], sure.cpu(), best.cpu(), strict=True):
            kept = (row != IGNORED) & (torch.arange(len(row)) >= prefix)
            right = (tokens == row)[kept].int().tolist()
            answers.append({"sure": [round(chance, 3) for chance in chances[kept].tolist()], "right": right})
    return answers
