"""Opening what a model was trained on and is measured on, as its run opened it, and what of the one is in the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..corpus import open_corpus, stream_corpus
from ..corpus.choices import Choices
from ..corpus.splits import sentence_keys
from ..errors import BadInput
from .subjects import Subject

if TYPE_CHECKING:
    from datasets import Dataset

Announce = Callable[[str], None]
Splits = Mapping[str, "Dataset"]
UNKNOWN = {"test_sentences_in_train": None, "test_speakers_in_train": None}


def open_test(corpus: str, language: str | None, options: dict[str, Any]) -> tuple[Splits, bool]:
    """Open a corpus for its test split; of one that a run streamed, train is not read.

    Parameters
    ----------
    corpus
        As :func:`~whisper_helpers.corpus.open_corpus` takes it.
    language
        Of its clips, if the corpus does not tell it.
    options
        Further arguments of `open_corpus`, and ``stream``.

    Returns
    -------
    mapping of str to datasets.Dataset, bool
        Splits by name, and whether train is whole.

    Raises
    ------
    BadInput
        If it cannot be opened.
    """
    options = dict(options)
    if options.pop("stream", False):
        return _streamed(corpus, options), False
    given = options.pop("language", None)
    try:
        return open_corpus(corpus, given, **options), True
    except BadInput:
        if given or not language:
            raise
        return open_corpus(corpus, language, **options), True


def _streamed(corpus: str, options: dict[str, Any]) -> Splits:
    named = {name.removesuffix("_column"): value for name, value in options.items() if name.endswith("_column")}
    choices = Choices(options.get("language"), named, announce=options["announce"])
    _, held_out = stream_corpus(corpus, choices, options.get("limit_train"), options.get("limit_test"))
    return {**held_out, "train": held_out["test"].select([])}


def overlap(test: Dataset, train: Dataset) -> dict[str, int]:
    """Count test clips whose sentence, and test speakers who, are in train.

    Parameters
    ----------
    test, train
        Splits.
    """
    trained = set(sentence_keys(train["sentence"][:], train["language"][:]))
    repeated = [key in trained for key in sentence_keys(test["sentence"][:], test["language"][:])]
    known = set(test["speaker"][:]) & set(train["speaker"][:]) - {""}
    return {"test_sentences_in_train": sum(repeated), "test_speakers_in_train": len(known)}


def overlap_with_run(test: Dataset, subject: Subject, announce: Announce) -> dict[str, int | None]:
    """Compare a test of one corpus with the training split of another, on which a run was trained.

    Parameters
    ----------
    test
        Clips that are heard.
    subject
        The run.
    announce
        Takes a line if its corpus cannot be opened.

    Returns
    -------
    dict
        As :func:`overlap` gives, with None for what is not known.
    """
    options = {**subject.options, "announce": lambda line: None}
    if options.get("stream"):
        return dict(UNKNOWN)
    try:
        opened, _ = open_test(subject.results["corpus"], subject.results["language"], options)
    except BadInput as error:
        announce(f"Whether the run was trained on clips of this test is not known: {error}")
        return dict(UNKNOWN)
    return overlap(test, opened["train"])
