"""Open any corpus as train, validation and test, and say what happened to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BadInput
from .bundled import BUNDLED, bundled_folder
from .choices import OFFICIAL, Choices
from .clips import Announce, clip_names, leave_out
from .collective import COLLECTIVE, download_common_voice
from .hub import HUB, open_hub
from .mixture import Part, mix, parse_mixture
from .places import open_place, unpacked
from .splits import complete, sample, sentence_keys

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


def open_corpus(
    name: str = BUNDLED,
    language: str | None = None,
    *,
    audio_column: str | None = None,
    sentence_column: str | None = None,
    split_column: str | None = None,
    speaker_column: str | None = None,
    language_column: str | None = None,
    splits: str = OFFICIAL,
    min_up_votes: int | None = None,
    max_down_votes: int | None = None,
    seed: int = 0,
    limit_train: int | None = None,
    limit_test: int | None = None,
    keep_empty: bool = False,
    announce: Announce = print,
) -> DatasetDict:
    """Open a corpus; no clip is decoded.

    A split that the corpus does not bring is cut from train: about a tenth, at most 500 clips for test and
    60 for validation, by speaker from five speakers on, else by sentence.

    Parameters
    ----------
    name
        ``"bundled"``, a folder with ``metadata.csv``, ``.tsv`` or ``.jsonl``, such a table, a release of
        Common Voice as folder or archive, ``"mdc:LOCALE"`` for the newest one, or ``"hub:OWNER/NAME[:CONFIG]"``.
        Several at once are written ``"CORPUS=LANGUAGE:WEIGHT,CORPUS=LANGUAGE:WEIGHT"``: validation and test are cut
        and limited for each, and a training clip of weight 2 is seen twice as often as one of weight 1.
    language
        Code or name of the language of all clips; by default the corpus tells it. In a mixture, of those parts that
        name none.
    audio_column, sentence_column, split_column, speaker_column, language_column
        Columns of the table, where their names are not the usual ones.
    splits
        Of Common Voice: ``"official"``, or ``"validated"`` to train on every validated clip whose speaker is in
        neither validation nor test.
    min_up_votes, max_down_votes
        Leave out clips of Common Voice that fewer listeners took for good, or more for bad.
    seed
        Chooses what is cut and what the limits keep.
    limit_train
        Use at most so many training clips.
    limit_test
        Use at most so many test clips, and as many validation clips.
    keep_empty
        Keep clips without a sentence, which are left out otherwise.
    announce
        Takes each line for the user.

    Returns
    -------
    datasets.DatasetDict
        ``train``, ``validation`` and ``test``, each with the columns ``audio`` (undecoded: path or bytes),
        ``sentence``, ``language`` (Whisper's code) and ``speaker`` (empty where unknown).

    Raises
    ------
    BadInput
        If there is no such corpus, it cannot be read, or most of it cannot be used.
    """
    from datasets import DatasetDict

    named = {"audio": audio_column, "sentence": sentence_column, "split": split_column}
    named |= {"speaker": speaker_column, "language": language_column}
    choices = Choices(language, named, splits, min_up_votes, max_down_votes, announce, keep_empty)
    limits = {"train": limit_train, "validation": limit_test, "test": limit_test}
    _check_limits(limits)
    parts = parse_mixture(name)
    opened = [_open_part(part, choices, limits, seed) for part in parts]
    corpus = opened[0] if len(parts) == 1 else mix(parts, opened, seed, announce)
    announce(f"Clips: {', '.join(f'{len(clips):,} {split}' for split, clips in corpus.items())}.")
    _announce_overlap(corpus, announce)
    return DatasetDict(corpus)


def _open_part(part: Part, choices: Choices, limits: dict[str, int | None], seed: int) -> dict[str, Dataset]:
    choices = replace(choices, language=part.language or choices.language)
    brought = open_brought(part.name, choices)
    usable = brought
    if not choices.keep_empty:
        usable = {split: _with_sentences(clips, split, choices.announce) for split, clips in brought.items()}
    whole = complete(usable, seed, choices.announce)
    return {split: _limit(clips, limits[split], seed) for split, clips in whole.items()}


def open_brought(name: str, choices: Choices) -> dict[str, Dataset]:
    """Open one corpus as the splits that it brings; nothing is cut.

    Parameters
    ----------
    name
        As for :func:`open_corpus`, and no mixture.
    choices
        What the user asked for.

    Raises
    ------
    BadInput
        If there is no such corpus, or it cannot be read.
    """
    return open_hub(name, choices) if name.startswith(HUB) else open_place(place_of(name, choices.announce), choices)


def place_of(name: str, announce: Announce) -> Path:
    """Where a corpus lies on this machine; one of ``mdc:`` is downloaded, and an archive unpacked.

    Parameters
    ----------
    name
        As for :func:`open_corpus`, but of one corpus that is not on the Hub.
    announce
        Takes a line for the user.
    """
    if name.startswith(COLLECTIVE):
        return unpacked(download_common_voice(name, announce), announce)
    return bundled_folder() if name == BUNDLED else unpacked(Path(name).expanduser(), announce)


def _check_limits(limits: dict[str, int | None]) -> None:
    for split, limit in limits.items():
        if limit is not None and limit < 1:
            raise BadInput(f"The limit of {split} is {limit} clips", "It must be above 0")


def _with_sentences(clips: Dataset, split: str, announce: Announce) -> Dataset:
    keep = np.array([bool(sentence.strip()) for sentence in clips["sentence"][:]])
    if keep.all():
        return clips
    lost = clip_names(clips.select(np.flatnonzero(~keep)))
    leave_out(lost, len(clips), f"{split} clips without a sentence", "Fill in the sentences", announce)
    return clips.select(np.flatnonzero(keep))


def _limit(clips: Dataset, limit: int | None, seed: int) -> Dataset:
    if limit is None or limit >= len(clips):
        return clips
    return clips.select(sample(np.arange(len(clips)), limit, seed))


def _announce_overlap(corpus: dict[str, Dataset], announce: Announce) -> None:
    said = {name: (corpus[name]["sentence"][:], corpus[name]["language"][:]) for name in ("train", "test")}
    keys = {name: sentence_keys(*columns) for name, columns in said.items()}
    trained, test = set(keys["train"]), zip(keys["test"], said["test"][0], strict=True)
    known = [sentence for key, sentence in test if key in trained]
    if known:
        examples = "; ".join(list(dict.fromkeys(known))[:3])
        count = f"{len(known):,} of {len(corpus['test']):,} test clips"
        announce(f"{count} have a sentence that is in train as well, which flatters the score: {examples}")
