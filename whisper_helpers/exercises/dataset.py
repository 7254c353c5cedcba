"""Exercises of notebook 02: hours of a split, leaks between splits, splitting by speaker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from ..audio import clip_seconds
from ..corpus import some_of
from ..text import normalise
from .verdict import Verdict, checker

if TYPE_CHECKING:
    from datasets import DatasetDict

Split = Callable[[list[str], float], tuple[Sequence[int], Sequence[int]]]

TABLES = ("abcd" * 6, "aaaaaaaabcd", "ab", "aabbccddeeffgghhiijj")  # of clips; a letter is a speaker
SHARE = 0.25
TRAIN = ["क्या आप ठीक हैं?", "यह किताब नई है।", "बा\u095bार यहाँ से दूर है।", "आज बारिश होगी।"]
TEST = ["आज बारिश हुई।", "क्या आप ठीक हैं", "यह कुताब नई है।", "बा\u091c\u093cार यहाँ से दूर है।"]  # two are in TRAIN


@checker
def hours_of_test(answer: float, corpus: DatasetDict) -> Verdict:
    """Check the hours of the test split.

    Parameters
    ----------
    answer
        Hours.
    corpus
        As :func:`whisper_helpers.corpus.open_corpus` gives it.
    """
    hours = {split: sum(map(clip_seconds, clips["audio"])) / 3600 for split, clips in corpus.items()}
    right, given = hours["test"], float(answer)
    slips = {
        "That is the number of seconds; an hour has 3,600 of them.": right * 3600,
        "That is the number of minutes; divide by 60 once more.": right * 60,
        "That is the number of clips, not their duration.": len(corpus["test"]),
        "That is the train split.": hours["train"],
        "That is the validation split.": hours["validation"],
        "That is all three splits together.": sum(hours.values()),
    }
    if _near(given, right):
        return Verdict(True, f"{right:.3f} hours, which is {60 * right:.1f} minutes.")
    hint = "Add up clip_seconds(audio) over the column audio of the test split, and divide by 3,600."
    return Verdict(False, next((slip for slip, value in slips.items() if _near(given, value)), hint))


def _near(given: float, right: float) -> bool:
    return abs(given - right) <= 0.01 * right


@checker
def leaks(
    answer: Collection[str], train: Sequence[str] = TRAIN, test: Sequence[str] = TEST, language: str | None = None
) -> Verdict:
    """Check which test sentences a model has seen in training.

    Parameters
    ----------
    answer
        Sentences of `test`, in any order.
    train, test
        Sentences of the splits.
    language
        Whisper's code, for what counts as the same word.

    Examples
    --------
    >>> print(leaks(["No."], ["Yes!", "no"], ["yes", "No."]))
    Not yet. Found 1 of 2. Punctuation, case or the way a letter is stored may differ and the words be the same.
    """
    known = {normalise(sentence, language) for sentence in train}
    right = {sentence for sentence in test if normalise(sentence, language) in known}
    given = {answer} if isinstance(answer, str) else set(answer)
    if strangers := given - set(test):
        return Verdict(False, f"Not a sentence of the test list: {next(iter(strangers))}. Copy it as it stands there.")
    if wrong := given - right:
        return Verdict(False, f"Train does not have the same words: {next(iter(wrong))}. Compare it mark by mark.")
    if given != right:
        why = "Punctuation, case or the way a letter is stored may differ and the words be the same."
        return Verdict(False, f"Found {len(given)} of {len(right)}. {why}")
    return Verdict(True, "A model can know these by heart: they say nothing about new sentences.")


@checker
def speaker_split(function: Split) -> Verdict:
    """Check a function that splits clips so that nobody is on both sides.

    Parameters
    ----------
    function
        Takes the speaker of each clip and a share; returns the indices of train, then those of test.
    """
    for table in TABLES:
        speakers = [f"speaker {letter}" for letter in table]
        train, test = (list(side) for side in function(list(speakers), SHARE))
        fault = _fault(speakers, train, test)
        if fault:
            return Verdict(False, f"With {len(speakers)} clips of {len(set(speakers))} speakers: {fault}")
    return Verdict(True, f"{len(TABLES)} tables of speakers tried: no clip is lost, and nobody is on both sides.")


def _fault(speakers: list[str], train: list[int], test: list[int]) -> str:
    if not train or not test:
        return f"{'train' if not train else 'test'} is empty. Keep one speaker at least for each side."
    if outside := set(train + test) - set(range(len(speakers))):
        return f"there is no clip {next(iter(outside))!r}. Return indices, from 0."
    if lost := sorted(set(range(len(speakers))) - set(train + test)):
        return f"clips {some_of(list(map(str, lost)))} are on neither side."
    if len(train) + len(test) > len(speakers):
        return "a clip is there twice."
    if both := sorted({speakers[clip] for clip in train} & {speakers[clip] for clip in test}):
        return f"{some_of(both)} can be heard on both sides. Choose speakers first, then take all their clips."
    if len(test) > len(speakers) / 2:
        return f"test takes {len(test)} of them, and a share of {SHARE} was asked for. Start with whoever has fewest."
    return ""
