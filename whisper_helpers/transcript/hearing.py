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

import torch

from ..tokens import MAX_LABELS, language_code

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperTokenizer
    from transformers.modeling_outputs import BaseModelOutput

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # each is tried if the one before gave nothing good
LOWEST_LOG_PROBABILITY = -1.0  # mean over the tokens; below, the model is guessing
HIGHEST_COMPRESSION = 2.8  # bytes of the text in UTF-16 over their bytes compressed; above, the model repeats itself
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

    def tokens(
        self, language: str, tokenizer: WhisperTokenizer, temperatures: Sequence[float] = TEMPERATURES
    ) -> list[int]:
        """Write down what is said, with timestamps.

        Parameters
        ----------
        language
            Code of the spoken language.
        tokenizer
            The model's.
        temperatures
            Each is tried if the one before gave nothing good.

        Returns
        -------
        list of int
            Ids of text and timestamps, without prefix and end; none if nobody seems to speak.
        """
        no_speech = self.at_start.softmax(-1)[self.model.generation_config.no_timestamps_token_id - 1]
        for temperature in temperatures:
            gives_up = [] if temperature == temperatures[-1] else [GivesUp(temperature, self._longest(), tokenizer)]
            tokens, log_probability = self._attempt(language, temperature, gives_up)
            repeats = compression(text_of(tokens, tokenizer)) > HIGHEST_COMPRESSION
            if log_probability >= LOWEST_LOG_PROBABILITY and not repeats:
                break
            if no_speech > NO_SPEECH:
                return []
        return [token for token in tokens if token != self.model.generation_config.eos_token_id]

    def _longest(self) -> int:
        return self.model.generation_config.max_length or MAX_LABELS

    def _attempt(self, language: str, temperature: float, gives_up: list[GivesUp]) -> tuple[list[int], float]:
        generation = self.model.generation_config
        sampling = {"do_sample": True, "temperature": temperature, "top_k": 0}
        with _seeded(self.model):
            written = self.model.generate(
                encoder_outputs=self.encoded,
                max_length=self._longest(),
                return_timestamps=True,
                return_dict_in_generate=True,
                output_scores=True,
                force_unique_generate_call=True,
                stopping_criteria=gives_up,
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
    tokenizer
        The model's.
    """

    def __init__(self, temperature: float, longest: int, tokenizer: WhisperTokenizer) -> None:
        self.temperature, self.longest, self.tokenizer = temperature, longest, tokenizer
        self.tokens: list[int] = []
        self.log_probability = 0.0

    def __call__(self, input_ids: torch.Tensor, scores: tuple[torch.Tensor, ...], **_: object) -> torch.Tensor:
        """Look at the token that was just written."""
        self.tokens.append(int(input_ids[0, -1]))
        self.log_probability += _log_probability(scores[-1], self.tokens[-1], self.temperature)
        text, written = text_of(self.tokens, self.tokenizer), len(self.tokens) / self.longest
        return torch.tensor([is_hopeless(text, written, self.log_probability / self.longest)], device=input_ids.device)


def is_hopeless(text: str, written: float, log_probability: float) -> bool:
    """Whether an attempt will be rejected, however it goes on: it has repeated itself or guessed too much.

    What may still come is taken for as dense as what is there, and for like nothing before.

    Parameters
    ----------
    text
        So far.
    written
        Share of the tokens that the attempt may have.
    log_probability
        Mean of the tokens so far over all that the attempt may have.

    Examples
    --------
    >>> is_hopeless("so " * 300, 0.8, 0.0), is_hopeless("so " * 100, 0.2, 0.0), is_hopeless("so", 0.1, -1.1)
    (True, False, True)
    """
    if log_probability < LOWEST_LOG_PROBABILITY:
        return True
    here = len(_bytes(text))
    rest = here * (1 - written) / written
    return here + rest > HIGHEST_COMPRESSION * (_compressed(text, zlib.Z_FIXED) + INCOMPRESSIBLE * rest)


def _log_probability(scores: torch.Tensor, token: int, temperature: float) -> float:
    return ((temperature or 1.0) * scores[0].float()).log_softmax(-1)[token].item()


@contextmanager
def _seeded(model: WhisperForConditionalGeneration) -> Iterator[None]:
    with torch.random.fork_rng(devices=[model.device] if model.device.type == "cuda" else []):
        torch.manual_seed(0)
        yield


def text_of(tokens: Sequence[int], tokenizer: WhisperTokenizer) -> str:
    """Text of tokens, without timestamps and other marks.

    Parameters
    ----------
    tokens
        Ids.
    tokenizer
        Whose they are.
    """
    return tokenizer.decode([token for token in tokens if token < tokenizer.eos_token_id])


def compression(text: str) -> float:
    """How far a text can be compressed: up to about 2.5 for half a minute of speech, far more for a loop.

    Whisper's authors compress UTF-8, Transformers compresses tokens. By either measure a writing whose letters take
    several bytes or tokens repeats itself: by that of Transformers 92 % of flawless half minutes of Hindi and all of
    Malayalam are rejected. In UTF-16, where a letter of nearly every writing has two bytes, speech looks alike in all.

    Parameters
    ----------
    text
        Any.

    Examples
    --------
    >>> compression("It rains all day in the hills, and the river is high.") < 2.8 < compression("so it is " * 9)
    True
    """
    return len(_bytes(text)) / _compressed(text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _compressed(text: str, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> int:
    packer = zlib.compressobj(strategy=strategy)
    return len(packer.compress(_bytes(text)) + packer.flush())
