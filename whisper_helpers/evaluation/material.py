"""What a model is measured on: a test split, guard languages, clips without speech, and long recordings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import SAMPLE_RATE, clip_seconds
from ..corpus import is_synthetic
from ..doctor import usable_clips
from ..errors import BadInput
from ..joining import ALMOST_WINDOW, Joined
from ..text import NORMALISER, SPACELESS, normalise
from ..tokens import language_name
from .guards import Guard, open_guards, sentences_of
from .joined import join
from .languages import Vocabularies, vocabularies
from .no_speech import CLIPS, clips_without_speech
from .opening import UNKNOWN, open_test, overlap

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import WhisperTokenizer

Announce = Callable[[str], None]
LONG_RECORDING = 120.0  # seconds
WINDOWS = 8  # of joined guard clips, to measure timestamps


@dataclass(frozen=True)
class Choices:
    """How much is measured.

    Parameters
    ----------
    limit_test, limit_guard
        Clips of the test split and of each guard corpus; None for all.
    silence
        Clips without speech; 0 for none.
    long_minutes
        Minutes of long recordings; 0 for none.
    batch_size
        Clips heard at once.
    seed
        Of limits and intervals.

    Raises
    ------
    BadInput
        If a number is out of range.
    """

    limit_test: int | None = None
    limit_guard: int | None = None
    silence: int = CLIPS
    long_minutes: float = 4.0
    batch_size: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        least = {"limit_test": 1, "limit_guard": 1, "silence": 0, "long_minutes": 0, "batch_size": 1}
        for name, low in least.items():
            value, limit = getattr(self, name), name.startswith("limit_")
            if not (limit and value is None) and not low <= value < float("inf"):
                given = f"{name.replace('_', ' ')} is {value}"
                raise BadInput(given.capitalize(), f"It is {low} or more", "Leave it out to hear all" if limit else "")


@dataclass
class Material:
    """Clips to hear.

    Parameters
    ----------
    language
        Whisper's code of the test.
    test
        Clips whose sentence has words.
    apart
        Clips whose sentence has none: what is heard there is counted apart.
    facts
        What a reader of the report must know of the test.
    guard
        Other languages by code.
    known
        Words of each language.
    silence
        Clips without speech, or None.
    long
        Recordings of two minutes.
    windows
        Recordings of at most 28 s by language.
    """

    language: str
    test: Dataset
    apart: Dataset | None
    facts: dict[str, Any]
    guard: dict[str, Guard] = field(default_factory=dict)
    known: Vocabularies = field(default_factory=dict)
    silence: Dataset | None = None
    long: list[Joined] = field(default_factory=list)
    windows: dict[str, list[Joined]] = field(default_factory=dict)

    @property
    def long_minutes(self) -> float:
        """Minutes of all long recordings."""
        return sum(len(each.samples) for each in self.long) / SAMPLE_RATE / 60

    @property
    def clips(self) -> int:
        """How many clips each model hears, one by one."""
        others = [each.clips for each in self.guard.values()]
        return sum(map(len, [self.test, self.apart or (), self.silence or (), *others]))


def collect(
    corpus: str,
    language: str | None,
    guards: Sequence[str] | None,
    choices: Choices,
    tokenizer: WhisperTokenizer,
    options: dict[str, Any],
    announce: Announce = print,
) -> Material:
    """Open and check all that is to be heard.

    Parameters
    ----------
    corpus
        Name of a corpus as :func:`~whisper_helpers.corpus.open_corpus` takes it; its test split is heard.
    language
        Language of the test; None to read it from the corpus.
    guards
        Other languages, as :func:`~whisper_helpers.evaluation.guards.open_guards` takes them.
    choices
        How much.
    tokenizer
        Of the model.
    options
        Further arguments of `open_corpus`, such as columns.
    announce
        Takes each line for the user.

    Raises
    ------
    BadInput
        If a corpus cannot be used, or does not hold the language.
    """
    options = {**options, "keep_empty": True, "limit_test": choices.limit_test, "announce": announce}
    opened, whole = open_test(corpus, language, options)
    test, language = _of_language(opened["test"], language, corpus)
    worded = np.array([bool(normalise(sentence, language)) for sentence in test["sentence"]])
    if not worded.any():
        given = f"None of the {len(test)} test sentences of {corpus} has a word"
        raise BadInput(given, "A rate is errors per word", "Check the column of the sentences")
    apart = _measured(test.select(np.flatnonzero(~worded)))
    usable = usable_clips({"test": test.select(np.flatnonzero(worded))}, tokenizer, announce=announce)[0]["test"]
    facts = _facts(corpus, usable, language)
    facts |= overlap(usable, opened["train"]) if whole else UNKNOWN
    facts |= {"without_words": int((~worded).sum()), "left_out": int(worded.sum()) - len(usable)}
    facts["other_languages"] = len(opened["test"]) - len(test)
    material = Material(language, usable, apart, facts)
    material.guard, sentences = open_guards(guards, language, choices.limit_guard, tokenizer, announce)
    material.known = vocabularies({**sentences, language: sentences_of(opened).get(language, [])})
    material.silence = clips_without_speech(choices.silence, language=language) if choices.silence else None
    longest = min(LONG_RECORDING, 60 * choices.long_minutes)
    most = max(1, round(60 * choices.long_minutes / LONG_RECORDING))
    material.long = join(usable, longest, most) if choices.long_minutes else []
    material.windows = {code: join(each.clips, ALMOST_WINDOW, WINDOWS) for code, each in material.guard.items()}
    return material


def _of_language(test: Dataset, language: str | None, corpus: str) -> tuple[Dataset, str]:
    codes = test["language"][:]
    language = language or codes[0]
    rows = [row for row, code in enumerate(codes) if code == language]
    if not rows:
        found = " and ".join(language_name(code) for code in sorted(set(codes)))
        given = f"The test split of {corpus} is {found}, not {language_name(language)}"
        raise BadInput(given, "Model and test have one language", "Choose another --corpus or --language")
    return test.select(rows), language


def _measured(clips: Dataset) -> Dataset | None:
    if not len(clips):
        return None
    return clips.add_column("seconds", [clip_seconds(clip["audio"]) for clip in clips])


def _facts(corpus: str, test: Dataset, language: str) -> dict[str, Any]:
    return {
        "corpus": corpus,
        "language": language,
        "split": "test",
        "clips": len(test),
        "speakers": len({*test["speaker"]} - {""}),
        "hours": round(sum(test["seconds"]) / 3600, 4),
        "normaliser": NORMALISER,
        "unit": "character" if language in SPACELESS else "word",
        "window_seconds": 30,
        "synthetic": is_synthetic(corpus),
    }
