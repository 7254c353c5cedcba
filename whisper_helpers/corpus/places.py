"""What lies at a path: a table, an archive, a release of Common Voice, data of Kaldi, or recordings and texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .archive import is_archive, unpack
from .choices import Choices
from .common_voice import common_voice_folder, open_common_voice
from .folder import TABLES, find_split_tables, open_folder, open_split_tables
from .kaldi import kaldi_folders, open_kaldi
from .pairs import find_pairs, open_pairs

if TYPE_CHECKING:
    from datasets import Dataset


def open_place(place: Path, choices: Choices) -> dict[str, Dataset]:
    """Open a corpus on this machine, whatever its shape.

    Parameters
    ----------
    place
        A folder, a table or an archive.
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
    if place.is_file() and is_archive(place):
        place = _inside(unpack(place, choices.announce))
    if not place.is_dir() or any((place / name).is_file() for name in TABLES):
        return open_folder(place, choices)
    release = common_voice_folder(place, choices.language)
    if release:
        return open_common_voice(release, choices)
    for find, opened in ((kaldi_folders, open_kaldi), (find_split_tables, open_split_tables)):
        if found := find(place):
            return opened(found, choices)
    return open_pairs(place, choices) if find_pairs(place)[0] else open_folder(place, choices)


def _inside(folder: Path) -> Path:
    """Go down as long as a folder holds nothing but another folder."""
    while True:
        seen = [each for each in folder.iterdir() if not each.name.startswith(".")]
        if len(seen) != 1 or not seen[0].is_dir():
            return folder
        folder = seen[0]
