"""Runs over several languages: validation writes each row in its own, and scores are told by language."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..metrics import make_compute_metrics, score
from ..tokens import language_name

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import (
        EvalPrediction,
        WhisperForConditionalGeneration,
        WhisperTokenizer,
    )


def languages_of(clips: Dataset) -> list[str]:
    """Languages of a split, the one with the most clips first.

    Parameters
    ----------
    clips
        With a column ``language``.

    Examples
    --------
    >>> from datasets import Dataset
    >>> languages_of(Dataset.from_dict({"language": ["ml", "hi", "hi"]}))
    ['hi', 'ml']
    """
    return [code for code, _ in Counter(clips["language"][:]).most_common()]


def check_languages(languages: list[str], model: WhisperForConditionalGeneration) -> None:
    """Refuse a checkpoint that lacks the token of a language.

    Raises
    ------
    BadInput
        If it knows only some of several languages.
    """
    known = getattr(model.generation_config, "lang_to_id", None) or {}
    missing = [language_name(code) for code in languages if f"<|{code}|>" not in known]
    if len(languages) > 1 and missing:
        given = f"This checkpoint has no token for {' and '.join(missing)}"
        raise BadInput(given, f"It knows {len(known)} languages", "Start from whisper-large-v3, or leave them out")


def scores_by_language(clips: Dataset, heard: list[str], seed: int) -> dict[str, dict[str, Any]]:
    """Score each language of a split by itself, with its own normaliser.

    Parameters
    ----------
    clips
        With columns ``sentence`` and ``language``.
    heard
        Transcripts in the split's order.
    seed
        Of the bootstrap.

    Returns
    -------
    dict
        By language ``clips`` and what `score` tells; empty if there is only one.
    """
    rows: dict[str, list[tuple[str, str]]] = {}
    for code, said, transcript in zip(clips["language"], clips["sentence"], heard, strict=True):
        rows.setdefault(code, []).append((said, transcript))
    if len(rows) < 2:
        return {}
    return {
        code: {"clips": len(pairs), **score(*map(list, zip(*pairs, strict=True)), code, seed=seed).as_dict()}
        for code, pairs in rows.items()
    }


def follow_languages(model: WhisperForConditionalGeneration) -> None:
    """Make `generate` write each row in the language of its labels, where it is given labels.

    Parameters
    ----------
    model
        Changed in place: its `generate` is wrapped.
    """
    codes = {number: token.strip("<|>") for token, number in model.generation_config.lang_to_id.items()}
    generate = model.generate

    @functools.wraps(generate)
    def in_its_language(*args: Any, labels: Any = None, **kwargs: Any) -> Any:
        if labels is not None:
            kwargs["language"] = [codes[int(number)] for number in labels[:, 0]]
        return generate(*args, **kwargs)

    model.generate = in_its_language


def metrics_by_language(
    tokenizer: WhisperTokenizer, languages: list[str]
) -> Callable[[EvalPrediction], dict[str, float]]:
    """Make the `compute_metrics` of a run over several languages.

    Parameters
    ----------
    tokenizer
        Turns ids into text.
    languages
        The main one first.

    Returns
    -------
    callable
        ``wer``, ``cer`` and ``wer_raw`` over all clips; with several languages also ``wer_hi`` and so on.
    """
    compute = {code: make_compute_metrics(tokenizer, code) for code in languages}
    if len(languages) == 1:
        return compute[languages[0]]
    tokens = {code: tokenizer.convert_tokens_to_ids(f"<|{code}|>") for code in languages}

    def compute_metrics(prediction: EvalPrediction) -> dict[str, float]:
        metrics = dict(compute[languages[0]](prediction))
        for code, token in tokens.items():
            rows = prediction.label_ids[:, 0] == token
            if rows.any():
                part = type(prediction)(prediction.predictions[rows], prediction.label_ids[rows])
                metrics |= {f"{name}_{code}": value for name, value in compute[code](part).items()}
        return metrics

    return compute_metrics
