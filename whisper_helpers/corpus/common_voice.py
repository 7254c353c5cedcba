"""A release of Common Voice as Mozilla delivers it: a folder for each language, with a table for each split."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .choices import VALIDATED, Choices
from .clips import some_of
from .columns import choose_columns
from .rows import open_rows
from .table import Row, read_table

if TYPE_CHECKING:
    from datasets import Dataset

OFFICIAL_TABLES = {"train": "train.tsv", "validation": "dev.tsv", "test": "test.tsv"}
VALIDATED_TABLE = "validated.tsv"
SPEAKER, CLIP = "client_id", "path"


def common_voice_folder(place: Path, language: str | None) -> Path | None:
    """Find the folder of one language in a release of Common Voice.

    Parameters
    ----------
    place
        The folder of a language (``cv-corpus-…/hi``), of a release (``cv-corpus-…``), or one that holds a release.
    language
        Chooses where there are several.

    Returns
    -------
    pathlib.Path or None
        None if this is no Common Voice.

    Raises
    ------
    BadInput
        If there are several languages to choose from.
    """
    level = [place]
    for _ in range(3):
        found = sorted(folder for folder in level if _is_language(folder))
        if found:
            return found[0] if len(found) == 1 else _chosen(found, language)
        level = [below for folder in level for below in _folders(folder)]
    return None


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [Path(entry) for entry in entries if entry.is_dir()]


def _is_language(folder: Path) -> bool:
    tables = (OFFICIAL_TABLES["train"], VALIDATED_TABLE)
    return (folder / "clips").is_dir() and any((folder / table).is_file() for table in tables)


def _chosen(folders: list[Path], language: str | None) -> Path:
    wanted = (language or "").lower()
    fitting = [folder for folder in folders if folder.name.lower() == wanted]
    fitting = fitting or [folder for folder in folders if folder.name.lower().split("-")[0] == wanted]
    if len(fitting) != 1:
        given = f"{folders[0].parent} holds {len(fitting) or len(folders)} languages"
        names = some_of([folder.name for folder in fitting or folders], 20)
        raise BadInput(given, f"They are {names}", f"Give the folder of one, such as {folders[0]}")
    return fitting[0]


def open_common_voice(folder: Path, choices: Choices) -> dict[str, Dataset]:
    """Open a language of Common Voice as the splits that it brings; quotation marks are taken literally.

    With ``choices.splits == "validated"`` train is every validated clip whose speaker is neither in the official
    validation nor in the official test split; those two stay, so that scores remain comparable. Where the release
    has neither, `open_corpus` cuts them from the validated clips by speaker.

    Parameters
    ----------
    folder
        Folder of a language, with ``train.tsv`` or ``validated.tsv`` and ``clips``.
    choices
        What the user asked for.

    Returns
    -------
    dict
        Splits by name.

    Raises
    ------
    BadInput
        If there is nothing to train on, a table cannot be read, or most of its clips are missing.
    """
    tables = {split: folder / name for split, name in OFFICIAL_TABLES.items()}
    rows = {split: _rows(table) for split, table in tables.items()}
    if choices.splits == VALIDATED:
        tables["train"] = folder / VALIDATED_TABLE
        rows["train"] = _validated(folder, rows, choices)
    if not rows["train"]:
        do = f"Train on every validated clip: --splits {VALIDATED}"
        raise BadInput(f"{folder} has no clips in {tables['train'].name}", "Something must be trained on", do)
    return {split: _open(those, tables[split], split, choices) for split, those in rows.items() if those}


def release_tables(folder: Path) -> dict[str, Path]:
    """Tables of a language that have rows: the official ones, or else that of the validated clips as train.

    Parameters
    ----------
    folder
        Folder of a language.

    Returns
    -------
    dict
        Tables by split.
    """
    tables = {split: folder / name for split, name in OFFICIAL_TABLES.items() if _has_rows(folder / name)}
    return tables if "train" in tables else tables | {"train": folder / VALIDATED_TABLE}


def _has_rows(table: Path) -> bool:
    """Whether a table has more than a header; a small language may have none at all."""
    if not table.is_file():
        return False
    with table.open("rb") as file:
        file.readline()
        return bool(file.read(1))


def _rows(table: Path) -> list[Row]:
    return read_table(table)[1] if _has_rows(table) else []


def _validated(folder: Path, official: dict[str, list[Row]], choices: Choices) -> list[Row]:
    held_out = [row for split in ("validation", "test") for row in official[split]]
    speakers = {row.get(SPEAKER, "") for row in held_out} - {""}
    clips = {row.get(CLIP, "") for row in held_out}
    rows = [row for row in _rows(folder / VALIDATED_TABLE) if row.get(CLIP) not in clips]
    kept = [row for row in rows if row.get(SPEAKER) not in speakers]
    if held_out:
        left = f"{len(rows) - len(kept):,} of {len(rows):,} other validated clips are of their speakers"
        choices.announce(f"Validation and test are the official ones; {left} and left out.")
    return kept


def _open(rows: list[Row], table: Path, split: str, choices: Choices) -> Dataset:
    chosen = choose_columns(list(rows[0]), choices.named, table.name)
    return open_rows(rows, chosen, table, split, choices)
