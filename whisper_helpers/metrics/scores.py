"""Error rates of a split with intervals and kinds of errors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .bootstrap import quotable_interval
from .counts import Texts, error_counts, normalised_counts, rate


@dataclass(frozen=True)
class Score:
    """Error rates of a split, rates and intervals in percent; what does not say raw is normalised."""

    wer: float
    cer: float
    wer_raw: float  # text as it is: case and punctuation count
    cer_raw: float
    wer_interval: list[float] | None  # 95 %, bootstrap over utterances; none with few
    cer_interval: list[float] | None
    substitutions: int  # words
    deletions: int
    insertions: int
    hits: int
    utterances: int
    reference_words: int

    def as_dict(self) -> dict[str, Any]:
        """All fields for JSON, percentages rounded to two decimals."""
        return {name: None if value is None else np.round(value, 2).tolist() for name, value in asdict(self).items()}


def score(
    references: Texts, hypotheses: Texts, language: str | None = None, *, seed: int = 0, resamples: int = 1000
) -> Score:
    """Compare transcripts with what was said.

    Rates are errors of all utterances over words (or characters) of all references. An utterance whose
    reference is empty adds its insertions and no length; empty against empty is no error.

    Parameters
    ----------
    references, hypotheses
        What was said and what was heard, an utterance each, in the same order.
    language
        Whisper's code, for the rules of :func:`whisper_helpers.text.normalise`.
    seed, resamples
        As for :func:`~whisper_helpers.metrics.quotable_interval`.

    Raises
    ------
    BadInput
        If the two differ in length, hold something else than text, or no reference has a word.

    Examples
    --------
    >>> result = score(["किताब कहाँ है?", "हाँ।"], ["कुताब कहाँ है", "हाँ"], "hi")
    >>> result.wer, result.wer_raw, result.substitutions, result.reference_words
    (25.0, 75.0, 1, 4)
    """
    words, characters = normalised_counts(references, hypotheses, language)
    hits, substitutions, deletions, insertions = words.sum(axis=1).tolist()
    raw = [error_counts(references, hypotheses, characters=unit) for unit in (False, True)]
    rates = map(rate, (words, characters, *raw))
    intervals = (
        quotable_interval(counts[1:].sum(axis=0), counts[:3].sum(axis=0), seed=seed, resamples=resamples)
        for counts in (words, characters)
    )
    kinds = (substitutions, deletions, insertions, hits)
    length = hits + substitutions + deletions
    return Score(*rates, *intervals, *kinds, len(references), length)
