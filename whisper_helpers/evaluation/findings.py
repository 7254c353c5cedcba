"""What a reader wants to know, worked out from what models heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import read_clip
from ..metrics import error_counts, paired_difference, quotable_interval, score_readings
from ..text import SPACELESS, normalise
from .edits import confusions, loop_in, script_of, spoken
from .languages import Vocabularies, foreign_language
from .listening import Heard

if TYPE_CHECKING:
    from datasets import Dataset

BINS = 10  # of the reliability curve
THRESHOLDS = (0.2, 0.4, 0.6, 0.8)  # of the probability that nobody speaks
MOST_CONFUSIONS = 20
LENGTHS = ((0, 2), (2, 5), (5, 10), (10, 31))  # seconds
LOUDNESS = ((-200, -35), (-35, -25), (-25, 1))  # dB under full scale


def texts(heard: Sequence[Heard]) -> list[str]:
    """Transcripts."""
    return [each["text"] for each in heard]


def word_errors(clips: Dataset, heard: Sequence[Heard], language: str) -> tuple[np.ndarray, np.ndarray]:
    """Errors and words of each clip, normalised, each of shape (clips,); characters where no space parts words."""
    said = [normalise(sentence, language) for sentence in clips["sentence"]]
    written = [normalise(text, language) for text in texts(heard)]
    counts = error_counts(said, written, characters=language in SPACELESS)
    return counts[1:].sum(axis=0), counts[:3].sum(axis=0)


def score_of(
    clips: Dataset, heard: Sequence[Heard], language: str, known: Vocabularies, seed: int = 0
) -> dict[str, Any]:
    """WER in percent with its interval, readings, and calibration of one model on a test."""
    errors, words = word_errors(clips, heard, language)
    readings = score_readings(clips["sentence"][:], texts(heard), language)
    return {
        **_rate(errors, words, seed),
        "readings": [_rounded(row) for row in readings],
        "calibration": calibration(heard),
        "outputs": outputs(clips, heard, language, known),
    }


def difference_of(
    clips: Dataset, before: Sequence[Heard], after: Sequence[Heard], language: str, seed: int = 0
) -> dict[str, Any]:
    """Paired difference of two models on the same clips."""
    one, words = word_errors(clips, before, language)
    other, _ = word_errors(clips, after, language)
    return paired_difference(one, other, words, clips["speaker"][:], seed=seed).as_dict()


def outputs(clips: Dataset, heard: Sequence[Heard], language: str, known: Vocabularies) -> dict[str, Any]:
    """Count outputs that are wrong as a whole: loops, another script or language, empty.

    A loop is a phrase three times in a row, or a word four times, that the reference does not repeat so. A
    transcript is in another language if more of its words are known from that one. Beside that: how many clips
    the model would take for another language by their sound, were it not told.
    """
    loops = script = foreign = empty = 0
    for sentence, each in zip(clips["sentence"], heard, strict=True):
        said, text = spoken(sentence, language), spoken(each["text"], language)
        loops += loop_in(text) is not None and loop_in(said) is None
        empty += not text
        foreign += foreign_language(each["text"], language, known) is not None
        script += bool(text) and script_of(text) != script_of(said)
    other = sum(each["language"] not in (None, language) for each in heard)
    counts = {"loops": loops, "wrong_script": script, "wrong_language": foreign, "empty": empty}
    return {**counts, "taken_for_another_language": other}


def calibration(heard: Sequence[Heard]) -> dict[str, Any]:
    """Compare how sure the model is of the next token with how often it is right.

    Returns
    -------
    dict
        ``error``, the expected calibration error in points: the mean distance of the two over the tokens, in
        ten bins; and ``bins``: mean sureness and share of right ones in percent, and the number of tokens.
    """
    sure = np.array([chance for each in heard for chance in each["sure"]])
    right = np.array([hit for each in heard for hit in each["right"]])
    if not len(sure):
        return {"error": None, "bins": []}
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = [(sure[place == each], right[place == each]) for each in range(BINS)]
    rows = [(100 * one.mean(), 100 * other.mean(), len(one)) for one, other in bins if len(one)]
    error = sum(abs(one - other) * number for one, other, number in rows) / len(sure)
    return {
        "error": round(float(error), 2),
        "bins": [[round(float(one), 1), round(float(other), 1), number] for one, other, number in rows],
    }


def invented(clips: Dataset | None, heard: Sequence[Heard], language: str) -> dict[str, Any] | None:
    """Count words in clips where nobody speaks: a minute, by kind, and the share of clips with any text."""
    if clips is None or not heard:
        return None
    words, minutes = np.array([_words(each["text"], language) for each in heard]), np.array(clips["seconds"]) / 60
    kinds = np.array(clips["speaker"][:])
    by_kind = {
        str(kind): {
            "words_a_minute": round(float(words[kinds == kind].sum() / minutes[kinds == kind].sum()), 1),
            "clips_with_text": round(100 * float((words[kinds == kind] > 0).mean()), 1),
        }
        for kind in dict.fromkeys(kinds)
    }
    share = round(100 * float((words > 0).mean()), 1)
    total = round(float(words.sum() / minutes.sum()), 1)
    return {"words_a_minute": total, "clips_with_text": share, "clips": len(words), "by_kind": by_kind}


def thresholds(
    clips: Dataset, heard: Sequence[Heard], silent: Dataset | None, unheard: Sequence[Heard], language: str
) -> list[dict[str, float]]:
    """What it would do to leave out clips that seem to have no speech: words not invented, words lost.

    Returns
    -------
    list of dict
        For each ``threshold``: ``invented``, words a minute that remain where nobody speaks, and ``deleted``,
        words of the test that would be left out, in percent of its words.
    """
    if silent is None or not unheard:
        return []
    minutes, words = sum(silent["seconds"]) / 60, [len(spoken(text, language).split()) for text in clips["sentence"]]
    rows = []
    for limit in THRESHOLDS:
        left = sum(_words(each["text"], language) for each in unheard if each["no_speech"] <= limit)
        lost = sum(length for length, each in zip(words, heard, strict=True) if each["no_speech"] > limit)
        shares = {"invented": round(left / minutes, 1), "deleted": round(100 * lost / sum(words), 2)}
        rows.append({"threshold": limit, **shares})
    return rows


def groups(clips: Dataset, heard: Sequence[Heard], language: str, seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    """WER by speaker, length, loudness and script, each with its number of clips and, if they are enough, interval."""
    errors, words = word_errors(clips, heard, language)
    levels = [_loudness(read_clip(clip["audio"])) for clip in clips]
    keys = {
        "speaker": [speaker or "unknown" for speaker in clips["speaker"]],
        "length": [_bin(seconds, LENGTHS, "s") for seconds in clips["seconds"]],
        "loudness": [_bin(level, LOUDNESS, "dB") for level in levels],
        "script": [script_of(sentence).title() or "none" for sentence in clips["sentence"]],
    }
    return {name: _rows(np.array(column), errors, words, seed) for name, column in keys.items()}


def confused(clips: Dataset, heard: Sequence[Heard], language: str) -> dict[str, list[list[Any]]]:
    """Most frequent confusions of words and of characters: said, heard, how often."""
    said = [spoken(sentence, language) for sentence in clips["sentence"]]
    wrong = [spoken(text, language) for text in texts(heard)]
    kinds: dict[str, Callable] = {"words": lambda: confusions(said, wrong)}
    kinds["characters"] = lambda: confusions(said, wrong, characters=True)
    return {
        name: [[*pair, times] for pair, times in count().most_common(MOST_CONFUSIONS)] for name, count in kinds.items()
    }


def guard_of(
    clips: Dataset, heard: Sequence[Heard], language: str, stamps: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Score of a guard language, the share of its clips that are taken for it, and its timestamps."""
    errors, words = word_errors(clips, heard, language)
    known = 100 * sum(each["language"] == language for each in heard) / len(heard)
    return {
        **_rate(errors, words, seed),
        "language_identified": round(known, 1),
        "timestamps": stamps,
        "clips": len(clips),
    }


def _rows(keys: np.ndarray, errors: np.ndarray, words: np.ndarray, seed: int) -> list[dict[str, Any]]:
    rows = []
    for key in sorted(set(keys.tolist())):
        own = keys == key
        rows.append({"group": key, "clips": int(own.sum()), **_rate(errors[own], words[own], seed)})
    return rows


def _rate(errors: np.ndarray, words: np.ndarray, seed: int) -> dict[str, Any]:
    rate = round(100 * float(errors.sum() / words.sum()), 3)
    return {"wer": rate, "wer_interval": quotable_interval(errors, words, seed=seed)}


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in row.items()}


def _bin(value: float, bins: tuple[tuple[float, float], ...], unit: str) -> str:
    low, high = next(((low, high) for low, high in bins if low <= value < high), bins[-1])
    if low == bins[0][0]:
        return f"under {high} {unit}"
    return f"{low} {unit} and more" if high == bins[-1][1] else f"{low} to {high} {unit}"


def _loudness(samples: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-20))


def _words(text: str, language: str) -> int:
    return len((spoken(text, language) if language in SPACELESS else text).split())
