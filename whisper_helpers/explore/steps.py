"""Decoding taken apart: each token with what was likely in its place, and where the decoder looked for it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..audio import SAMPLE_RATE, WINDOW_SECONDS, log_mel
from ..errors import BadInput
from ..tokens import MAX_LABELS, TokenView, language_code, task_name, token_table
from .attention import cross_attention, positions_of, prefix_ids, smooth
from .words import Word, place_words

if TYPE_CHECKING:
    import torch
    from transformers import WhisperForConditionalGeneration, WhisperProcessor
    from transformers.generation.utils import GenerateDecoderOnlyOutput

LIKELIEST = 5
LONGEST_PROMPT = MAX_LABELS // 2 - 1  # tokens, its mark aside


@dataclass(frozen=True)
class Choice:
    """How to decode.

    Parameters
    ----------
    temperature
        0 takes the likeliest token each time; above, tokens are drawn, and the larger, the more evenly.
    beams
        How many texts are followed at once; more than 1 only at temperature 0.
    prompt
        Text that the decoder believes to have written before.
    forbidden
        Ids that it may not write, besides those that the model forbids itself.
    draw
        Number of the draw: the same number draws the same tokens.
    """

    temperature: float = 0.0
    beams: int = 1
    prompt: str = ""
    forbidden: tuple[int, ...] = ()
    draw: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """One token.

    Parameters
    ----------
    token
        What was written.
    probability
        Of it, among what was allowed.
    likeliest
        The five likeliest tokens with their probabilities, best first.
    attention
        Shape (positions,), float32: attention of the alignment heads, averaged; a position each 20 ms of the clip.
    """

    token: TokenView
    probability: float
    likeliest: tuple[tuple[TokenView, float], ...]
    attention: np.ndarray

    @property
    def beyond(self) -> float:
        """Share of the attention that lies on the padding after the clip."""
        return max(0.0, 1.0 - float(self.attention.sum()))


@dataclass(frozen=True, eq=False)
class Decoding:
    """What a model wrote, token by token.

    Parameters
    ----------
    name
        Of the model.
    prefix
        Tokens that it was given.
    steps
        Those that it wrote, the end included unless it never came.
    words
        With their times; none for a translation.
    """

    name: str
    prefix: tuple[TokenView, ...]
    steps: tuple[Step, ...]
    words: tuple[Word, ...]


class Ear:
    """A model with a clip in its encoder, to decode again and again.

    Parameters
    ----------
    name
        For the reader.
    model, processor
        A Whisper and its processor.
    samples
        Shape (samples,), float32, 16 kHz, at most 30 s.
    language
        Code or name; None: the model's own, or what it guesses.
    task
        ``"transcribe"`` or ``"translate"``.

    Raises
    ------
    BadInput
        If the clip is empty or longer than the window, or Whisper has no such language or task.
    """

    def __init__(
        self,
        name: str,
        model: WhisperForConditionalGeneration,
        processor: WhisperProcessor,
        samples: np.ndarray,
        language: str | None = None,
        task: str = "transcribe",
    ) -> None:
        import torch

        from ..transcript.hearing import Window

        check_length(len(samples) / SAMPLE_RATE)
        self.name, self.model, self.tokenizer, self.task = name, model.eval(), processor.tokenizer, task_name(task)
        self.samples, self.positions = samples, positions_of(samples)
        with torch.inference_mode():
            self.window = Window(model, torch.from_numpy(log_mel(samples, processor.feature_extractor))[None])
        own = language or getattr(model.generation_config, "language", None)
        several = getattr(model.generation_config, "is_multilingual", True)
        self.language = language_code(own) if own else self.window.language(self.tokenizer)[0] if several else "en"

    def decode(self, choice: Choice | None = None) -> Decoding:
        """Write down what is said.

        Parameters
        ----------
        choice
            How; None takes the likeliest token each time.

        Raises
        ------
        BadInput
            If beams meet a temperature, the prompt is too long, or there is no such id.
        """
        choice = choice or Choice()
        self._check(choice)
        prompt = self._prompt(choice.prompt)
        prefix = prefix_ids(self.model, self.tokenizer, self.language, self.task)
        ids, odds = self._write([*prompt, *prefix], choice)
        heads = self._attention([*prompt, *prefix, *ids])[:, len(prompt) :]
        looks = heads.mean(axis=0)[len(prefix) - 1 :]  # a token is chosen while looking from the place before it
        steps = [self._step(*each) for each in zip(ids, odds, looks, strict=False)]
        return Decoding(self.name, self._views([*prompt, *prefix]), tuple(steps), self._words(ids, heads, len(prefix)))

    def _check(self, choice: Choice) -> None:
        if choice.temperature and choice.beams > 1:
            given = f"{choice.beams} beams at temperature {choice.temperature:g}"
            raise BadInput(given, "Beams follow the likeliest texts: temperature 0", "Set one of them back")
        wrong = [each for each in choice.forbidden if not 0 <= each < self.model.config.vocab_size]
        if wrong:
            last = self.model.config.vocab_size - 1
            raise BadInput(f"There is no token {wrong[0]}", f"Ids go from 0 to {last}", "Correct the list")

    def _prompt(self, text: str) -> list[int]:
        if not text.strip():
            return []
        ids = self.tokenizer(f" {text.strip()}", add_special_tokens=False).input_ids
        if len(ids) > LONGEST_PROMPT:
            given = f"The prompt has {len(ids)} tokens"
            raise BadInput(given, f"It may have {LONGEST_PROMPT}: half of the decoder's places", "Shorten it")
        return [self.tokenizer.convert_tokens_to_ids("<|startofprev|>"), *ids]

    def _write(self, prefix: list[int], choice: Choice) -> tuple[list[int], torch.Tensor]:
        import torch

        generation, start = self.model.generation_config, torch.tensor([prefix], device=self.model.device)
        language = {"language": self.language, "task": self.task}
        sampling = {"do_sample": True, "temperature": choice.temperature, "top_k": 0}
        devices = [self.model.device] if self.model.device.type == "cuda" else []
        with torch.inference_mode(), torch.random.fork_rng(devices=devices):
            torch.manual_seed(choice.draw)
            written = self.model.generate(
                encoder_outputs=copy(self.window.encoded),  # beams repeat it in place
                decoder_input_ids=start,
                max_length=generation.max_length or MAX_LABELS,
                num_beams=choice.beams,
                suppress_tokens=[*(generation.suppress_tokens or []), *choice.forbidden],
                return_dict_in_generate=True,
                output_scores=True,
                force_unique_generate_call=True,
                **(language if getattr(generation, "is_multilingual", True) else {}),
                **(sampling if choice.temperature else {"do_sample": False}),
            )
        ids = written.sequences[0, len(prefix) :].tolist()
        end = self.tokenizer.eos_token_id
        ids = ids[: ids.index(end) + 1] if end in ids else ids
        return ids, _odds(written, len(ids))

    def _attention(self, ids: list[int]) -> np.ndarray:
        end = self.tokenizer.eos_token_id
        whole = ids if ids[-1] == end else [*ids, end]
        heads = cross_attention(self.model, whole[:MAX_LABELS], encoder_outputs=self.window.encoded)
        return heads[:, :, : self.positions]

    def _step(self, token: int, odds: torch.Tensor, look: np.ndarray) -> Step:
        best = odds.topk(LIKELIEST)
        likeliest = zip(self._views(best.indices.tolist()), best.values.tolist(), strict=True)
        return Step(*self._views([token]), float(odds[token]), tuple(likeliest), look)

    def _words(self, ids: list[int], heads: np.ndarray, prefix: int) -> tuple[Word, ...]:
        text = [each for each in ids if each not in self.tokenizer.all_special_ids]
        if self.task == "translate" or not text or len(text) < len(ids) - 1:
            return ()
        rows = smooth(heads)[prefix - 1 :][: len(text) + 1]
        seconds = len(self.samples) / SAMPLE_RATE
        return tuple(place_words(rows, text, self.tokenizer, self.language, seconds))

    def _views(self, ids: list[int]) -> tuple[TokenView, ...]:
        return tuple(token_table(ids, self.tokenizer))


def _odds(written: GenerateDecoderOnlyOutput, steps: int) -> torch.Tensor:
    """Probabilities that `generate` chose by; of beams it keeps those of the one that won."""
    import torch

    return torch.stack([scores[0] for scores in written.scores[:steps]]).float().softmax(-1).cpu()


def check_length(seconds: float) -> None:
    """Refuse a clip that holds nothing, or more than the encoder sees.

    Parameters
    ----------
    seconds
        Its length.

    Raises
    ------
    BadInput
        If it is 0 or more than 30.

    Examples
    --------
    >>> check_length(30.0)
    """
    if not 0 < seconds <= WINDOW_SECONDS:
        allowed = f"The encoder sees up to {WINDOW_SECONDS:g} s"
        raise BadInput(f"The clip lasts {seconds:.2f} s", allowed, "Choose another, or cut it")
