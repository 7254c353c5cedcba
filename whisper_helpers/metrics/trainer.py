"""The same rates where a trainer or `evaluate` asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..tokens import IGNORED
from .counts import error_counts, normalised_counts, rate

if TYPE_CHECKING:
    import evaluate
    from transformers import EvalPrediction, PreTrainedTokenizerBase


def texts_of(ids: np.ndarray, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Turn rows of ids into text.

    Parameters
    ----------
    ids
        Shape (rows, length), int64.
    tokenizer
        Special tokens and -100 are left out.

    Returns
    -------
    list of str
        One text a row.
    """
    return tokenizer.batch_decode([row[row != IGNORED].tolist() for row in ids], skip_special_tokens=True)


def make_compute_metrics(
    tokenizer: PreTrainedTokenizerBase, language: str | None = None
) -> Callable[[EvalPrediction], dict[str, float]]:
    """Make the `compute_metrics` of a `Seq2SeqTrainer` that predicts with generate.

    Parameters
    ----------
    tokenizer
        Turns ids into text; special tokens and -100 are left out.
    language
        Whisper's code, for the normaliser.

    Returns
    -------
    callable
        From an `EvalPrediction`, left as it is, to ``wer``, ``cer`` and ``wer_raw`` in percent.
    """

    def compute_metrics(prediction: EvalPrediction) -> dict[str, float]:
        pairs = texts_of(prediction.label_ids, tokenizer), texts_of(prediction.predictions, tokenizer)
        words, characters = normalised_counts(*pairs, language)
        return {"wer": rate(words), "cer": rate(characters), "wer_raw": rate(error_counts(*pairs))}

    return compute_metrics


def evaluate_metric(language: str | None = None) -> evaluate.Metric:
    """Offer WER and CER as an `evaluate.Metric` that needs no network.

    Parameters
    ----------
    language
        Whisper's code, for the normaliser.

    Returns
    -------
    evaluate.Metric
        ``compute(predictions=[...], references=[...])`` gives ``wer`` and ``cer``, normalised, in percent.
    """
    import datasets
    import evaluate

    class WordErrorRate(evaluate.Metric):
        def _info(self) -> evaluate.MetricInfo:
            columns = dict.fromkeys(("predictions", "references"), datasets.Value("string"))
            return evaluate.MetricInfo("WER and CER in percent", "", datasets.Features(columns))

        def _compute(self, predictions: list[str], references: list[str]) -> dict[str, float]:
            words, characters = normalised_counts(references, predictions, language)
            return {"wer": rate(words), "cer": rate(characters)}

    return WordErrorRate(keep_in_memory=True)
