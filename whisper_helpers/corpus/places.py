"""What lies at a path: a table, an archive, a release of Common Voice, data of Kaldi, or recordings and texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .archive import is_archive, unpack
from .choices import Choices
from .clips import Announce
from .common_voice import common_voice_folder, open_common_voice, release_tables
from .folder import TABLES, find_split_tables, find_table, open_folder, open_split_tables
from .kaldi import kaldi_folders, open_kaldi
from .pairs import find_pairs, open_pairs
from .parquet import holds_sound
from .table import PARQUET

if TYPE_CHECKING:
    from datasets import Dataset


def open_place(place: Path, choices: Choices) -> dict[str, Dataset]:
    """Open a corpus on this machine, whatever its shape.

    Parameters
    ----------
    place
        A folder or a table.
    choices
        What the user asked for.

    Returns
    -------
    dict
        Splits by name.

    Raises
    ------
    BadInput
        If there is no corpus, or it cannot be read.
    """
    if not place.is_dir() or any((place / name).is_file() for name in TABLES):
        return open_folder(place, choices)
    release = common_voice_folder(place, choices.language)
    if release:
        return open_common_voice(release, choices)
    for find, opened in ((kaldi_folders, open_kaldi), (find_split_tables, open_split_tables)):
        if found := find(place):
            return opened(found, choices)
    return open_pairs(place, choices) if find_pairs(place)[0] else open_folder(place, choices)


def tables_at(place: Path, language: str | None) -> dict[str, Path]:
    """Find the tables by which :func:`open_place` opens a corpus.

    Parameters
    ----------
    place
        As for :func:`open_place`.
    language
        Chooses where a release of Common Voice has several.

    Returns
    -------
    dict
        Tables by split, or one under ``""``; none for a corpus of another shape, or with clips in its tables.

    Raises
    ------
    BadInput
        As for :func:`open_place`.
    """
    if not place.is_dir() or any((place / name).is_file() for name in TABLES):
        tables = {"": find_table(place)}
    elif release := common_voice_folder(place, language):
        return release_tables(release)
    elif kaldi_folders(place):
        return {}
    elif not (tables := find_split_tables(place)):
        tables = {} if find_pairs(place)[0] else {"": find_table(place)}
    inside = any(table.suffix.lower() == PARQUET and holds_sound(table) for table in tables.values())
    return {} if inside else tables


def unpacked(place: Path, announce: Announce) -> Path:
    """Unpack a place if it is an archive.

    Parameters
    ----------
    place
        Any path.
    announce
        Takes a line for the user.

    Returns
    -------
    pathlib.Path
        The folder in which its files are; the place itself if it is no archive.

    Raises
    ------
    BadInput
        If the archive is damaged or means harm.
    """
    return _inside(unpack(place, announce)) if place.is_file() and is_archive(place) else place


def _inside(folder: Path) -> Path:
    """Go down as long as a folder holds nothing but another folder."""
    while True:
        seen = [each for each in folder.iterdir() if not each.name.startswith(".")]
        if len(seen) != 1 or not seen[0].is_dir():
            return folder
        folder = seen[0]
