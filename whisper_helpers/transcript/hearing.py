"""Hearing one window of 30 seconds: is there speech, in which language, and what is said.

A window is encoded once for all of that. What is written down is judged as Whisper's authors do: a model that
guesses or repeats itself tries again, at a higher temperature each time. An attempt that cannot become good any more is
not written to its end.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..tokens import MAX_LABELS, language_code

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperTokenizer
    from transformers.modeling_outputs import BaseModelOutput

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # each is tried if the one before gave nothing good
LOWEST_LOG_PROBABILITY = -1.0  # mean over the tokens; below, the model is guessing
HIGHEST_COMPRESSION = 1.35  # bytes of the tokens over their bytes compressed; above, the model repeats itself
INCOMPRESSIBLE = 9 / 8  # bytes that zlib needs at most, by its fixed code, for one that is like none before
NO_SPEECH = 0.6  # probability of no speech from which a bad first attempt counts as silence


class Window:
    """Thirty seconds of sound, encoded.

    Parameters
    ----------
    model
        Whisper, its task set in the generation config.
    input_features
        Shape (1, mels, 3000), log-mel.
    """

    def __init__(self, model: WhisperForConditionalGeneration, input_features: torch.Tensor) -> None:
        self.model = model
        self.encoded: BaseModelOutput = model.get_encoder()(input_features.to(model.device, model.dtype))
        start = torch.tensor([[model.config.decoder_start_token_id]], device=model.device)
        logits = model(encoder_outputs=self.encoded, decoder_input_ids=start, use_cache=False).logits
        self.at_start = logits[0, -1].float()

    def language(self, tokenizer: WhisperTokenizer) -> tuple[str, float]:
        """The likeliest language of a multilingual Whisper.

        Parameters
        ----------
        tokenizer
            The model's.

        Returns
        -------
        (str, float)
            Code, and its probability among Whisper's languages.
        """
        ids = list(self.model.generation_config.lang_to_id.values())
        odds = self.at_start[ids].softmax(-1)
        best = int(odds.argmax())
        return language_code(tokenizer.convert_ids_to_tokens(ids[best])), float(odds[best])

    def tokens(self, language: str, temperatures: Sequence[float] = TEMPERATURES) -> list[int]:
        """Write down what is said, with timestamps.

        Parameters
        ----------
        language
            Code of the spoken language.
        temperatures
            Each is tried if the one before gave nothing good.

        Returns
        -------
        list of int
            Ids of text and timestamps, without prefix and end; none if nobody seems to speak.
        """
        no_speech = self.at_start.softmax(-1)[self.model.generation_config.no_timestamps_token_id - 1]
        for temperature in temperatures:
            tokens, log_probability = self._attempt(language, temperature, to_the_end=temperature == temperatures[-1])
            if log_probability >= LOWEST_LOG_PROBABILITY and compression(tokens) <= HIGHEST_COMPRESSION:
                break
            if no_speech > NO_SPEECH:
                return []
        return [token for token in tokens if token != self.model.generation_config.eos_token_id]

    def _attempt(self, language: str, temperature: float, *, to_the_end: bool) -> tuple[list[int], float]:
        generation = self.model.generation_config
        longest = generation.max_length or MAX_LABELS
        sampling = {"do_sample": True, "temperature": temperature, "top_k": 0}
        with _seeded(self.model):
            written = self.model.generate(
                encoder_outputs=self.encoded,
                max_length=longest,
                return_timestamps=True,
                return_dict_in_generate=True,
                output_scores=True,
                force_unique_generate_call=True,
                stopping_criteria=[] if to_the_end else [GivesUp(temperature, longest)],
                **({"language": language} if generation.is_multilingual else {}),
                **(sampling if temperature else {"do_sample": False}),
            )
        tokens = written.sequences[0, -len(written.scores) :].tolist()
        chosen = [_log_probability(*each, temperature) for each in zip(written.scores, tokens, strict=True)]
        return tokens, sum(chosen) / len(chosen)


class GivesUp:
    """Ends an attempt at the token from which on it is bound to be rejected, in the form that `generate` asks for.

    Parameters
    ----------
    temperature
        Of the attempt.
    longest
        Tokens that it may have.
    """

    def __init__(self, temperature: float, longest: int) -> None:
        self.temperature, self.longest = temperature, longest
        self.tokens: list[int] = []
        self.log_probability = 0.0

    def __call__(self, input_ids: torch.Tensor, scores: tuple[torch.Tensor, ...], **_: object) -> torch.Tensor:
        """Look at the token that was just written."""
        self.tokens.append(int(input_ids[0, -1]))
        self.log_probability += _log_probability(scores[-1], self.tokens[-1], self.temperature)
        return torch.tensor([is_hopeless(self.tokens, self.log_probability, self.longest)], device=input_ids.device)


def is_hopeless(tokens: list[int], log_probability: float, longest: int) -> bool:
    """Whether an attempt will be rejected, whatever it still writes: it has repeated itself or guessed too much.

    Parameters
    ----------
    tokens
        Ids so far, below 65,536.
    log_probability
        Their sum of log probabilities.
    longest
        Tokens that the attempt may have.

    Examples
    --------
    >>> is_hopeless([7, 8] * 100, 0.0, 448), is_hopeless([7, 8] * 50, 0.0, 448), is_hopeless([7], -449.0, 448)
    (True, False, True)
    """
    if log_probability < LOWEST_LOG_PROBABILITY * longest:
        return True
    rest = 2 * (longest - len(tokens))
    return 2 * longest > HIGHEST_COMPRESSION * (_compressed(tokens, zlib.Z_FIXED) + INCOMPRESSIBLE * rest)


def _log_probability(scores: torch.Tensor, token: int, temperature: float) -> float:
    return ((temperature or 1.0) * scores[0].float()).log_softmax(-1)[token].item()


@contextmanager
def _seeded(model: WhisperForConditionalGeneration) -> Iterator[None]:
    with torch.random.fork_rng(devices=[model.device] if model.device.type == "cuda" else []):
        torch.manual_seed(0)
        yield


def compression(tokens: list[int]) -> float:
    """How far tokens can be compressed: about 1 for speech, far more for a loop.

    Parameters
    ----------
    tokens
        Ids below 65,536.

    Examples
    --------
    >>> compression([7919 * step % 50_000 for step in range(100)]) < 1.35 < compression([7, 8] * 50)
    True
    """
    return 2 * len(tokens) / _compressed(tokens)


def _compressed(tokens: list[int], strategy: int = zlib.Z_DEFAULT_STRATEGY) -> int:
    packer = zlib.compressobj(strategy=strategy)
    return len(packer.compress(np.asarray(tokens, dtype=np.uint16).tobytes()) + packer.flush())
