"""A data folder of Kaldi: ``text`` and ``wav.scp``, with ``utt2spk`` and ``segments`` where they are there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..media import is_there, name_excerpt
from .choices import Choices
from .clips import clips_of, leave_out, some_of
from .columns import languages_of, split_name

if TYPE_CHECKING:
    from datasets import Dataset

TEXT, SOUNDS, SPEAKERS, SEGMENTS = "text", "wav.scp", "utt2spk", "segments"


def kaldi_folders(place: Path) -> dict[str, Path]:
    """Find the data folders of Kaldi by split.

    Parameters
    ----------
    place
        A data folder itself, which is ``train``; or one that holds some, named train, dev and test.

    Returns
    -------
    dict
        Empty if this is no data of Kaldi.
    """
    if _is_data(place):
        return {"train": place}
    named = {split_name(each.name): each for each in sorted(place.iterdir()) if split_name(each.name)}
    return {split: folder for split, folder in named.items() if split and _is_data(folder)}


def _is_data(folder: Path) -> bool:
    return (folder / TEXT).is_file() and (folder / SOUNDS).is_file()


def open_kaldi(folders: dict[str, Path], choices: Choices) -> dict[str, Dataset]:
    """Open data folders of Kaldi.

    Paths are looked for beside ``wav.scp`` and from the current folder. Commands are never run.

    Parameters
    ----------
    folders
        From :func:`kaldi_folders`.
    choices
        What the user asked for.

    Returns
    -------
    dict
        Splits by name.

    Raises
    ------
    BadInput
        If a recording is the output of a command, a line has no value, an utterance comes twice, or most
        recordings are missing.
    """
    return {split: _open(folder, split, choices) for split, folder in folders.items()}


def _open(folder: Path, split: str, choices: Choices) -> Dataset:
    sentences, speakers = _read(folder / TEXT), _read(folder / SPEAKERS)
    sounds = _sounds(folder)
    missing = {name for name in sentences if not is_there(sounds.get(name, ""))}
    untold = [name for name in sounds if name not in sentences]
    if choices.keep_missing:
        kept = [*sentences, *untold]
    else:
        do = f"Check {SOUNDS} and the files that it names"
        fault = f"{split} utterances without a recording in {folder}"
        leave_out(list(missing), len(sentences), fault, do, choices.announce)
        if untold:
            choices.announce(f"Left out: {len(untold):,} {split} recordings without a text: {some_of(untold)}.")
        kept = [name for name in sentences if name not in missing]
    columns = {
        "audio": [sounds.get(name, str(folder / name)) for name in kept],
        "sentence": [sentences.get(name, "") for name in kept],
        "speaker": [speakers.get(name, "") for name in kept],
    }
    return clips_of(columns | {"language": languages_of([""] * len(kept), choices.language, str(folder))})


def _sounds(folder: Path) -> dict[str, str]:
    """Each utterance's recording, or its part of one."""
    recordings = {name: _located(value, folder) for name, value in _read(folder / SOUNDS).items()}
    if not (folder / SEGMENTS).is_file():
        return recordings
    found = {}
    for name, value in _read(folder / SEGMENTS).items():
        recording, start, end = _segment(value, folder)
        found[name] = name_excerpt(recordings.get(recording, str(folder / recording)), start, end)
    return found


def _segment(value: str, folder: Path) -> tuple[str, float, float]:
    try:
        recording, start, end = value.split()
        times = float(start), float(end)
        if not 0 <= times[0] < times[1] < 1e6:
            raise ValueError
    except ValueError as error:
        told = "Each line is: utterance recording start end, in seconds"
        raise BadInput(f"{folder / SEGMENTS} has the values {value[:80]!r}", told, "Mend that line") from error
    return recording, *times


def _located(value: str, folder: Path) -> str:
    if value.startswith("|") or value.endswith("|"):
        do = "Run the commands yourself, and name the files that they write"
        raise BadInput(f"{folder / SOUNDS} names a command: {value[:80]}", "Only plain paths are opened", do)
    return next((str(path) for path in (folder / value, Path(value)) if os.path.isfile(path)), str(folder / value))


def _read(path: Path) -> dict[str, str]:
    """Values by name; a sentence may be empty, and a file may be absent."""
    if not path.is_file():
        return {}
    values: dict[str, str] = {}
    try:
        for line in path.read_text(encoding="utf-8-sig").split("\n"):
            name, _, value = line.strip().replace("\t", " ", 1).partition(" ")
            if name in values:
                raise BadInput(f"{path} has {name[:80]} twice", "Each name stands once", "Remove one line")
            if name:
                values[name] = value.strip()
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8", "It must be UTF-8", "Save it again as UTF-8") from error
    return values
