"""Hearing one window of 30 seconds: is there speech, in which language, and what is said.

A window is encoded once for all of that. What is written down is judged as Whisper's authors do: a model that
guesses or repeats itself tries again, at a higher temperature each time.
"""

from __future__ import annotations

import zlib
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

    def tokens(self, language: str) -> list[int]:
        """Write down what is said, with timestamps.

        Parameters
        ----------
        language
            Code of the spoken language.

        Returns
        -------
        list of int
            Ids of text and timestamps, without prefix and end; none if nobody seems to speak.
        """
        no_speech = self.at_start.softmax(-1)[self.model.generation_config.no_timestamps_token_id - 1]
        for temperature in TEMPERATURES:
            tokens, log_probability = self._attempt(language, temperature)
            if log_probability >= LOWEST_LOG_PROBABILITY and compression(tokens) <= HIGHEST_COMPRESSION:
                break
            if no_speech > NO_SPEECH:
                return []
        return [token for token in tokens if token != self.model.generation_config.eos_token_id]

    def _attempt(self, language: str, temperature: float) -> tuple[list[int], float]:
        generation = self.model.generation_config
        sampling = {"do_sample": True, "temperature": temperature, "top_k": 0}
        written = self.model.generate(
            encoder_outputs=self.encoded,
            max_length=generation.max_length or MAX_LABELS,
            return_timestamps=True,
            return_dict_in_generate=True,
            output_scores=True,
            force_unique_generate_call=True,
            **({"language": language} if generation.is_multilingual else {}),
            **(sampling if temperature else {"do_sample": False}),
        )
        tokens, warmth = written.sequences[0, -len(written.scores) :], temperature or 1.0
        chosen = [
            (warmth * scores[0].float()).log_softmax(-1)[token]
            for scores, token in zip(written.scores, tokens, strict=True)
        ]
        return tokens.tolist(), torch.stack(chosen).mean().item()


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
    content = np.asarray(tokens, dtype=np.uint16).tobytes()
    return len(content) / len(zlib.compress(content))
