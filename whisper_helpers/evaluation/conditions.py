"""What a score holds for: which clips, how they were read, what was set aside, and what flatters it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..metrics import ENOUGH_CLIPS
from ..screen import counted, span
from ..tokens import language_name

Results = dict[str, Any]


def conditions(results: Results) -> str:
    """Tell what was heard, what was not, and whether training clips of the corpus are like it.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate` or :func:`whisper_helpers.evaluation.leaderboard`.
    """
    clips = f"{counted(results['clips'], results['split'] + ' clip')} of {results['corpus']}"
    who = f"{60 * results['hours']:.1f} minutes, {counted(results['speakers'], 'known speaker')}"
    heard = f"{clips}, {who}, at {results['window_seconds']} s, {results['normaliser']}."
    unknown = [] if results["synthetic"] else ["Nothing is known of synthetic voices in it."]
    return " ".join([heard, *set_aside(results), *_unknown_before(results), *unknown])


def set_aside(results: Results) -> list[str]:
    """Tell which clips of the test are in no score.

    Parameters
    ----------
    results
        As for :func:`conditions`.
    """
    heard = results.get("without_words_heard", {})
    told = " and ".join(f"{counted(words, 'word')}{f' {stage}' * (len(heard) > 1)}" for stage, words in heard.items())
    apart = f"; heard in them: {told}" if told else ""
    every = {
        "of other languages: not heard": results["other_languages"],
        "that could not be used: not heard": results["left_out"],
        f"without words to say: in no rate{apart}": results["without_words"],
    }
    return [f"{counted(number, 'clip')} {why}." for why, number in every.items() if number]


def warnings(results: Results) -> list[str]:
    """What flatters a score, and what else a reader must know before reading it.

    Parameters
    ----------
    results
        As for :func:`conditions`.
    """
    sentences, speakers = results["test_sentences_in_train"], results["test_speakers_in_train"]
    spaceless = (
        f"No spaces part words in {language_name(results['language'])}: characters count in place of words, except "
        "under the readings that are raw and normalised."
    )
    twice = [counted(number or 0, what) for number, what in ((sentences, "test sentence"), (speakers, "test speaker"))]
    every = {
        "The voices are synthetic: scores flatter, and real speech is harder.": results["synthetic"],
        f"The training split holds {twice[0]} too, which flatters the score.": sentences,
        f"The training split holds {twice[1]} too, which flatters the score.": speakers,
        "Whether test sentences or speakers occur in its training is not known.": sentences is None,
        "This model was chosen on the test split: its score flatters.": results.get("chosen_on") == "test",
        "The model before was chosen on the test split: its score flatters.": results.get("base_chosen_on") == "test",
        spaceless: results["unit"] == "character",
    }
    return [text for text, holds in every.items() if holds]


def bounds(interval: Sequence[float] | None) -> str:
    """Write an interval of a score, or what it takes.

    Parameters
    ----------
    interval
        In percent; None with few clips.

    Examples
    --------
    >>> bounds((1.23, 4.5)), bounds(None)
    ('95 % interval 1.2 to 4.5', 'an interval takes 5 clips')
    """
    return f"95 % interval {span(interval)}" if interval else f"an interval takes {ENOUGH_CLIPS} clips"


def _unknown_before(results: Results) -> list[str]:
    if results["test_sentences_in_train"] != 0:
        return []
    speaker = " and no speaker" if results["speakers"] and results["test_speakers_in_train"] == 0 else ""
    return [f"No sentence{speaker} of it occurs in the corpus's own training split."]
