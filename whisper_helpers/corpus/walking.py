"""Recordings in folders, and what lies beside them under the same name."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import BadInput
from .columns import split_name, split_names

SOUNDS = (
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".w64", ".rf64"),
    *(".m4a", ".mp4", ".webm", ".mkv", ".mka", ".aac", ".wma", ".amr"),
)


def files_below(place: Path) -> Iterator[Path]:
    """Walk through a folder in order of names; a user's own links are followed, but not in a circle.

    Parameters
    ----------
    place
        A folder.
    """
    seen: set[str] = set()
    for folder, folders, names in os.walk(place, followlinks=True):
        real = os.path.realpath(folder)
        folders[:] = sorted(each for each in folders if not each.startswith(".")) if real not in seen else []
        if real not in seen:
            seen.add(real)
            yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def by_name(paths: Iterable[Path], kind: str) -> dict[tuple[Path, str], Path]:
    """Files by folder and name, the ending left off; letters are compared as Unicode's NFC.

    Parameters
    ----------
    paths
        The files.
    kind
        What they are, for messages.

    Raises
    ------
    BadInput
        If two files of a folder differ in nothing but their ending.
    """
    named: dict[tuple[Path, str], Path] = {}
    for path in paths:
        key = (path.parent, unicodedata.normalize("NFC", path.stem))
        if key in named:
            given = f"{named[key]} and {path.name} have one name"
            raise BadInput(given, f"Pairing is by name, so each needs its own {kind}", "Rename or remove one")
        named[key] = path
    return named


def split_of_folders(paths: list[Path], place: Path) -> list[str]:
    """Split of each file: that of the folder it lies in, where folders are named train, dev or test.

    Parameters
    ----------
    paths
        Files below the place.
    place
        The corpus.

    Returns
    -------
    list of str
        Train for all of them where no folder is named so.

    Raises
    ------
    BadInput
        If some folders are named so and others are not.
    """
    tops = [path.relative_to(place).parts[0] if path.parent != place else "" for path in paths]
    if not any(map(split_name, tops)):
        return ["train"] * len(paths)
    names = split_names(tops, str(place))
    return [names[top] for top in tops]
