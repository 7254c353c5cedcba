"""Guard sets: clips of other languages, which show what a training broke."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..assets import assets_folder
from ..corpus import is_synthetic, open_corpus
from ..corpus.splits import sentence_keys
from ..doctor import usable_clips
from ..errors import BadInput
from ..text import normalise
from ..tokens import language_code, language_name

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict
    from transformers import WhisperTokenizer

Announce = Callable[[str], None]
BUNDLED_GUARDS = {"en": "english", "es": "spanish"}
SOURCE_VOICES = (4, 5)  # of a bundled guard's test: those that its training split is blended from too, and all


@dataclass
class Guard:
    """Clips of one language.

    Parameters
    ----------
    clips
        Those to hear.
    corpora
        Where they come from, as the user named it.
    synthetic
        Whether a machine is known to speak in some.
    shared
        By corpus, what these clips share with its training split: ``speakers``, ``sentences``, ``source_voices``.
    """

    clips: Dataset
    corpora: list[str]
    synthetic: bool
    shared: dict[str, dict[str, Any]] = field(default_factory=dict)


def place_of_guard(name: str) -> str:
    """Corpus that a guard's name stands for.

    Parameters
    ----------
    name
        Language of a bundled guard set, code or name; or a corpus as
        :func:`~whisper_helpers.corpus.open_corpus` takes it, which is returned as it is.

    Raises
    ------
    BadInput
        If it is a language without a bundled guard set.

    Examples
    --------
    >>> Path(place_of_guard("Spanish")).name, place_of_guard("hub:google/fleurs:de_de")
    ('spanish', 'hub:google/fleurs:de_de')
    """
    try:
        code = None if Path(name).exists() else language_code(name)
    except BadInput:
        code = None
    if code is None:
        return name
    if code not in BUNDLED_GUARDS:
        bundled = " and ".join(map(language_name, BUNDLED_GUARDS))
        given = f"There is no bundled guard set in {language_name(code)}"
        raise BadInput(given, f"Bundled are {bundled}", "Give a corpus, such as hub:google/fleurs:de_de")
    return str(assets_folder() / "speech" / "guard" / BUNDLED_GUARDS[code])


def open_guards(
    names: Sequence[str] | None,
    language: str,
    limit: int | None,
    tokenizer: WhisperTokenizer,
    announce: Announce = print,
) -> tuple[dict[str, Guard], dict[str, list[str]]]:
    """Open guard sets, language by language.

    Parameters
    ----------
    names
        As :func:`place_of_guard` takes them; None for the bundled ones, but for the test's language.
    language
        Of the test.
    limit
        Clips of each corpus; None for all.
    tokenizer
        Of the model.
    announce
        Takes each line for the user.

    Returns
    -------
    dict of str to Guard, dict of str to list of str
        By Whisper's code: the guards, and every sentence of their corpora.

    Raises
    ------
    BadInput
        If a corpus cannot be used, has no words, or is in the test's language.
    """
    names = [code for code in BUNDLED_GUARDS if code != language] if names is None else names
    guards: dict[str, Guard] = {}
    sentences: dict[str, list[str]] = {}
    for name in names:
        opened = open_corpus(place_of_guard(name), limit_test=limit, announce=announce)
        test = usable_clips({"test": opened["test"]}, tokenizer, announce=announce)[0]["test"]
        for code, clips in _by_language(test).items():
            _check(name, code, clips, language)
            shared = {name: shared_with_train(name, opened["train"], clips, code)}
            _add(guards, code, Guard(clips, [name], is_synthetic(place_of_guard(name)), shared))
        for code, said in sentences_of(opened).items():
            sentences.setdefault(code, []).extend(said)
    return guards, sentences


def shared_with_train(name: str, train: Dataset, clips: Dataset, code: str) -> dict[str, Any]:
    """Count what a guard's clips share with the training split of their corpus.

    Parameters
    ----------
    name
        Of the guard.
    train, clips
        Training split, and the clips to hear.
    code
        Language of those.

    Returns
    -------
    dict
        ``speakers``, None if none is known; ``sentences``; and ``source_voices`` of bundled speech: how many of those
        that these clips' synthetic voices are blended from are in the training split's too, and how many they are.
    """
    both = (clips, train.select(np.flatnonzero(np.array(train["language"][:]) == code)))
    said, trained = (set(sentence_keys(each["sentence"][:], each["language"][:])) for each in both)
    speakers, known = ({*each["speaker"]} - {""} for each in both)
    bundled = Path(place_of_guard(name)).resolve().is_relative_to((assets_folder() / "speech" / "guard").resolve())
    return {
        "speakers": len(speakers & known) if speakers and known else None,
        "sentences": len(said & trained),
        "source_voices": list(SOURCE_VOICES) if bundled else None,
    }


def sentences_of(corpus: DatasetDict | dict[str, Dataset]) -> dict[str, list[str]]:
    """All sentences of a corpus by language.

    Parameters
    ----------
    corpus
        Splits with the columns ``sentence`` and ``language``.
    """
    found: dict[str, list[str]] = {}
    for clips in corpus.values():
        for code, sentence in zip(clips["language"][:], clips["sentence"][:], strict=True):
            found.setdefault(code, []).append(sentence)
    return found


def _by_language(clips: Dataset) -> dict[str, Dataset]:
    codes = np.array(clips["language"][:])
    return {str(code): clips.select(np.flatnonzero(codes == code)) for code in dict.fromkeys(codes.tolist())}


def _check(name: str, code: str, clips: Dataset, language: str) -> None:
    if code == language:
        given = f"The guard {name} is in {language_name(code)}, as the test is"
        raise BadInput(given, "A guard is another language", "Leave it out, or name it with --corpus")
    if not any(normalise(sentence, code) for sentence in clips["sentence"]):
        raise BadInput(f"No sentence of the guard {name} has a word", "A rate is errors per word", "Check its column")


def _add(guards: dict[str, Guard], code: str, guard: Guard) -> None:
    from datasets import concatenate_datasets

    if code in guards:
        known = guards[code]
        clips = concatenate_datasets([known.clips, guard.clips])
        shared = {**known.shared, **guard.shared}
        guard = Guard(clips, known.corpora + guard.corpora, known.synthetic or guard.synthetic, shared)
    guards[code] = guard
