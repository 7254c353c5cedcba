"""How wrong transcripts are: WER and CER, raw and normalised, kinds of errors, bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import BadInput
from .text import normalise
from .tokens import IGNORED

if TYPE_CHECKING:
    import evaluate
    from transformers import EvalPrediction, PreTrainedTokenizerBase

Texts = Sequence[str]
KINDS = ("equal", "substitute", "delete", "insert")  # jiwer's names, in the order of `error_counts`
DRAWS_AT_ONCE = 1_000_000  # draws of the bootstrap held in memory: 8 MB of indices


@dataclass(frozen=True)
class Score:
    """Error rates of a split, rates and intervals in percent; what does not say raw is normalised."""

    wer: float
    cer: float
    wer_raw: float  # text as it is: case and punctuation count
    cer_raw: float
    wer_interval: tuple[float, float]  # 95 %, bootstrap over utterances
    cer_interval: tuple[float, float]
    substitutions: int  # words
    deletions: int
    insertions: int
    hits: int
    utterances: int
    reference_words: int

    def as_dict(self) -> dict[str, Any]:
        """All fields for JSON: percentages rounded to two decimals, intervals as lists."""
        return {name: np.round(value, 2).tolist() for name, value in asdict(self).items()}


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
        As for :func:`bootstrap_interval`.

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
    words, characters = _normalised_counts(references, hypotheses, language)
    hits, substitutions, deletions, insertions = words.sum(axis=1).tolist()
    raw = [error_counts(references, hypotheses, characters=unit) for unit in (False, True)]
    rates = map(_rate, (words, characters, *raw))
    intervals = (
        bootstrap_interval(counts[1:].sum(axis=0), counts[:3].sum(axis=0), seed=seed, resamples=resamples)
        for counts in (words, characters)
    )
    kinds = (substitutions, deletions, insertions, hits)
    length = hits + substitutions + deletions
    return Score(*rates, *intervals, *kinds, len(references), length)


def error_counts(references: Texts, hypotheses: Texts, *, characters: bool = False) -> np.ndarray:
    """Count the errors of each utterance in text as it is, aligned by jiwer.

    Parameters
    ----------
    references, hypotheses
        One utterance each, in the same order.
    characters
        Count code points instead of words, spaces inside the text and combining marks among them: one
        Devanagari syllable may be two or three.

    Returns
    -------
    numpy.ndarray
        Shape (4, utterances), int64: hits, substitutions, deletions, insertions. The first three add up to
        the reference's length, the last three to its errors.

    Raises
    ------
    BadInput
        If the two differ in length, are empty, or hold something else than text.

    Examples
    --------
    >>> error_counts(["एक दो तीन"], ["एक तीन तीन चार"])[:, 0]
    array([2, 1, 0, 1])
    """
    import jiwer

    _check(references, hypotheses)
    process = jiwer.process_characters if characters else jiwer.process_words
    counts = np.zeros((len(KINDS), len(references)), dtype=np.int64)
    for number, chunks in enumerate(process(list(references), list(hypotheses)).alignments):
        for chunk in chunks:
            length = max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)
            counts[KINDS.index(chunk.type), number] += length
    return counts


def bootstrap_interval(
    errors: np.ndarray, lengths: np.ndarray, *, seed: int = 0, resamples: int = 1000
) -> tuple[float, float]:
    """95 % interval of an error rate: utterances drawn anew with replacement, 2.5th to 97.5th percentile.

    Parameters
    ----------
    errors, lengths
        Shape (utterances,): errors and reference lengths. The rate is the ratio of their sums.
    seed
        Seed of the draws.
    resamples
        How often the test is drawn anew; a draw without a single reference word is left out.

    Returns
    -------
    tuple of float
        Lower and upper bound in percent. Speakers are not drawn: with few of them the truth is less sure.

    Raises
    ------
    BadInput
        If the shapes differ, or no draw has a reference word: no reference has one, or `resamples` is 0.

    Examples
    --------
    >>> bootstrap_interval(np.array([1, 1, 1]), np.array([4, 4, 4]))
    (25.0, 25.0)
    """
    if np.ndim(errors) != 1 or np.shape(errors) != np.shape(lengths):
        raise BadInput(f"The shapes are {np.shape(errors)} and {np.shape(lengths)}", "Both are (utterances,)")
    sums = _drawn_sums(np.stack([errors, lengths], axis=1), seed, max(0, resamples))
    sums = sums[sums[:, 1] > 0]
    if not len(sums):
        given = f"No draw of {resamples} has a reference word; the references have {np.sum(lengths)}"
        raise BadInput(given, "At least one is needed", "Give longer references or more draws")
    low, high = np.percentile(100 * sums[:, 0] / sums[:, 1], [2.5, 97.5])
    return float(low), float(high)


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

    def texts(ids: np.ndarray) -> list[str]:
        return tokenizer.batch_decode([row[row != IGNORED].tolist() for row in ids], skip_special_tokens=True)

    def compute_metrics(prediction: EvalPrediction) -> dict[str, float]:
        pairs = texts(prediction.label_ids), texts(prediction.predictions)
        words, characters = _normalised_counts(*pairs, language)
        return {"wer": _rate(words), "cer": _rate(characters), "wer_raw": _rate(error_counts(*pairs))}

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
            words, characters = _normalised_counts(references, predictions, language)
            return {"wer": _rate(words), "cer": _rate(characters)}

    return WordErrorRate(keep_in_memory=True)


def _drawn_sums(utterances: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    rng, count = np.random.default_rng(seed), max(1, len(utterances))
    sums, rows = np.zeros((resamples, 2)), max(1, DRAWS_AT_ONCE // count)
    for start in range(0, resamples if len(utterances) else 0, rows):
        picks = rng.integers(count, size=(min(rows, resamples - start), count))
        sums[start : start + rows] = utterances[picks].sum(axis=1)
    return sums


def _rate(counts: np.ndarray) -> float:
    return 100 * float(counts[1:].sum() / counts[:3].sum())


def _normalised_counts(references: Texts, hypotheses: Texts, language: str | None) -> list[np.ndarray]:
    _check(references, hypotheses)
    normalised = [[normalise(text, language) for text in texts] for texts in (references, hypotheses)]
    if not any(normalised[0]):
        given = f"None of the {len(references)} references has a word once punctuation is dropped"
        raise BadInput(given, "A rate is errors per reference word", "Check the column of the sentences")
    return [error_counts(*normalised, characters=unit) for unit in (False, True)]


def _check(references: Texts, hypotheses: Texts) -> None:
    for name, texts in (("references", references), ("hypotheses", hypotheses)):
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise BadInput(f"The {name} are not a list of texts", "Each utterance is a str", "Give a list")
    if len(references) != len(hypotheses) or not len(references):
        given = f"There are {len(references)} references and {len(hypotheses)} hypotheses"
        raise BadInput(given, "Each utterance needs one of both", "Transcribe the same clips in order")
