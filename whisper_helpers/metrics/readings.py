"""Four readings of the same transcripts: what counts as an error is a choice, so each is named and explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..text import LANGUAGE_RULES, SPACELESS, language_reading, normalise, paper_reading
from .counts import Texts, check_texts, error_counts, rate

Read = Callable[[str], str]


@dataclass(frozen=True)
class Reading:
    """A way to read text before it is compared.

    Parameters
    ----------
    name
        Short name, as in JSON.
    title
        For a table.
    explanation
        What it does to text, in a sentence or two.
    """

    name: str
    title: str
    explanation: str

    def reader(self, language: str | None) -> Read | None:
        """Function from text to text; None if there is no such reading for the language."""
        if self.name == "language":
            return partial(language_reading, language=language) if language in LANGUAGE_RULES else None
        simple = {"raw": str, "normalised": partial(normalise, language=language), "paper": paper_reading}
        return simple[self.name]


READINGS = (
    Reading("raw", "raw", "Text as it is: case, punctuation and every mark count."),
    Reading(
        "normalised",
        "normalised, marks kept",
        "Lower case, without punctuation; every combining mark is kept.",
    ),
    Reading(
        "paper",
        "as in Whisper's paper",
        "Whisper's basic normaliser puts a space where a combining mark was, which tears words apart in "
        "Hindi, Tamil, Thai and many more. It is here to compare with numbers that others published.",
    ),
    Reading("language", "by the language's own rules", "On top of the second: spellings that readers take for equal."),
)


def score_readings(references: Texts, hypotheses: Texts, language: str | None = None) -> list[dict[str, Any]]:
    """Score transcripts under each reading that the language has.

    Parameters
    ----------
    references, hypotheses
        One utterance each, in the same order.
    language
        Whisper's code.

    Returns
    -------
    list of dict
        ``name``, ``title``, ``explanation``, ``wer`` and ``cer`` in percent (None where no reference has a
        word), ``substitutions``, ``deletions``, ``insertions``, ``words`` and, where the reading changes how
        many words the references have, ``warning``.

    Raises
    ------
    BadInput
        If the two differ in length, are empty, or hold something else than text.

    Examples
    --------
    >>> for row in score_readings(["किताब कहाँ है?"], ["कुताब कहाँ है"], "hi"):
    ...     print(row["name"], round(row["wer"], 1), row["words"])
    raw 66.7 3
    normalised 33.3 3
    paper 0.0 5
    language 33.3 3
    """
    check_texts(references, hypotheses)
    plain = [normalise(text, language) for text in references]
    rows = []
    for reading in READINGS:
        if reader := reading.reader(language):
            read = [[reader(text) for text in texts] for texts in (references, hypotheses)]
            rows.append(_row(reading, language, *read, plain))
    return rows


def _row(reading: Reading, language: str | None, references: list[str], hypotheses: list[str], plain: list[str]) -> Any:
    words, characters = (error_counts(references, hypotheses, characters=unit) for unit in (False, True))
    _, substitutions, deletions, insertions = words.sum(axis=1).tolist()
    facts = {"name": reading.name, "title": reading.title, "explanation": _explained(reading, language)}
    kinds = {"substitutions": substitutions, "deletions": deletions, "insertions": insertions}
    facts |= {"wer": _percent(words), "cer": _percent(characters), **kinds, "words": int(words[:3].sum())}
    warning = _warning(reading, references, plain)
    return facts | ({"warning": warning} if warning else {})


def _explained(reading: Reading, language: str | None) -> str:
    told = {"language": LANGUAGE_RULES[language].explanation} if language in LANGUAGE_RULES else {}
    told["normalised"] = f"This is the number to quote{': its CER, as no spaces part words' * (language in SPACELESS)}."
    return f"{reading.explanation} {told.get(reading.name, '')}".strip()


def _percent(counts: np.ndarray) -> float | None:
    return rate(counts) if counts[:3].sum() else None


def _warning(reading: Reading, references: list[str], plain: list[str]) -> str:
    changed = [len(one.split()) != len(other.split()) for one, other in zip(references, plain, strict=True)]
    if reading.name != "paper" or not any(changed):
        return ""
    before, after = (sum(len(text.split()) for text in texts) for texts in (plain, references))
    return (
        f"The paper's normaliser changes the number of words in {sum(changed)} of {len(changed)} references "
        f"({before} words become {after}): its WER is not one of words."
    )
