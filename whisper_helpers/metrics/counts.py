"""Errors of transcripts, counted: hits, substitutions, deletions and insertions of words or characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import BadInput
from ..text import normalise

Texts = Sequence[str]
KINDS = ("equal", "substitute", "delete", "insert")  # jiwer's names, in the order of `error_counts`


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

    check_texts(references, hypotheses)
    process = jiwer.process_characters if characters else jiwer.process_words
    counts = np.zeros((len(KINDS), len(references)), dtype=np.int64)
    for number, chunks in enumerate(process(list(references), list(hypotheses)).alignments):
        for chunk in chunks:
            length = max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)
            counts[KINDS.index(chunk.type), number] += length
    return counts


def rate(counts: np.ndarray) -> float:
    """Error rate in percent: errors of all utterances over the length of all references.

    Parameters
    ----------
    counts
        From :func:`error_counts`; at least one reference is not empty.

    Examples
    --------
    >>> rate(np.array([[3], [1], [0], [1]]))
    50.0
    """
    return 100 * float(counts[1:].sum() / counts[:3].sum())


def normalised_counts(references: Texts, hypotheses: Texts, language: str | None) -> list[np.ndarray]:
    """Count errors of words and of characters in normalised text.

    Parameters
    ----------
    references, hypotheses
        As for :func:`error_counts`.
    language
        Whisper's code, for the rules of the normaliser.

    Raises
    ------
    BadInput
        As :func:`error_counts`, and if no reference has a word.
    """
    check_texts(references, hypotheses)
    normalised = [[normalise(text, language) for text in texts] for texts in (references, hypotheses)]
    if not any(normalised[0]):
        given = f"None of the {len(references)} references has a word once punctuation is dropped"
        raise BadInput(given, "A rate is errors per reference word", "Check the column of the sentences")
    return [error_counts(*normalised, characters=unit) for unit in (False, True)]


def check_texts(references: Texts, hypotheses: Texts) -> None:
    """Refuse what cannot be compared.

    Parameters
    ----------
    references, hypotheses
        One utterance each, in the same order.

    Raises
    ------
    BadInput
        If the two differ in length, are empty, or hold something else than text.
    """
    for name, texts in (("references", references), ("hypotheses", hypotheses)):
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise BadInput(f"The {name} are not a list of texts", "Each utterance is a str", "Give a list")
    if len(references) != len(hypotheses) or not len(references):
        given = f"There are {len(references)} references and {len(hypotheses)} hypotheses"
        raise BadInput(given, "Each utterance needs one of both", "Transcribe the same clips in order")
