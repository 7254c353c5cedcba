"""A corpus in files: a table, and the clips that it names."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .bundled import BUNDLED
from .choices import Choices
from .columns import choose_columns, guess_column, split_name, split_names
from .parquet import holds_sound, open_parquet
from .rows import open_rows
from .table import PARQUET, READERS, Row, read_table

if TYPE_CHECKING:
    from datasets import Dataset

TABLES = tuple(f"metadata{ending}" for ending in (*READERS, PARQUET))
ANY_TABLE = f"{', '.join(TABLES[:-2])} or {TABLES[-2]}"
EXAMPLE = "file_name,sentence\nclips/1.wav,What is said in it."


def open_folder(place: Path, choices: Choices) -> dict[str, Dataset]:
    """Open a folder with a table, or the table itself, as the splits that it brings.

    Parameters
    ----------
    place
        A folder with one of `TABLES`, or a table.
    choices
        What the user asked for.

    Returns
    -------
    dict
        Splits by name; all clips are ``train`` if the table has no column for the split.

    Raises
    ------
    BadInput
        If there is no table, it cannot be read, or most of its clips are missing.
    """
    table = find_table(place)
    if table.suffix.lower() == PARQUET and holds_sound(table):
        return _embedded(table, choices)
    columns, rows = read_table(table)
    chosen = choose_columns(columns, choices.named, table.name)
    splits = _by_split(rows, chosen["split"], table.name)
    return {split: open_rows(those, chosen, table, split, choices) for split, those in splits.items()}


def _embedded(table: Path, choices: Choices) -> dict[str, Dataset]:
    """Clips inside a Parquet file, by its column of the split if it has one."""
    clips = open_parquet([str(table)], choices, table.name)
    columns, rows = read_table(table)
    splits = _by_split(rows, choices.named.get("split") or guess_column("split", columns), table.name)
    places = {id(row): index for index, row in enumerate(rows)}
    return {split: clips.select([places[id(row)] for row in those]) for split, those in splits.items()}


def find_split_tables(place: Path) -> dict[str, Path]:
    """Find a table for each split, such as ``train.csv`` and ``test.csv``.

    Parameters
    ----------
    place
        A folder.

    Returns
    -------
    dict
        Empty unless there are train and another one.

    Raises
    ------
    BadInput
        If a split has two tables.
    """
    found: dict[str, Path] = {}
    for path in _tables(place):
        split = split_name(path.stem)
        if split in found:
            raise BadInput(f"{place} holds {found[split].name} and {path.name}", "A split has one table", "Remove one")
        found |= {split: path} if split else {}
    return found if "train" in found and len(found) > 1 else {}


def open_split_tables(tables: dict[str, Path], choices: Choices) -> dict[str, Dataset]:
    """Open a table for each split.

    Parameters
    ----------
    tables
        From :func:`find_split_tables`.
    choices
        What the user asked for; a column that tells the split is not looked at.

    Raises
    ------
    BadInput
        As for :func:`open_folder`.
    """
    return {split: _whole(table, split, choices) for split, table in tables.items()}


def _whole(table: Path, split: str, choices: Choices) -> Dataset:
    if table.suffix.lower() == PARQUET and holds_sound(table):
        return open_parquet([str(table)], choices, table.name)
    columns, rows = read_table(table)
    return open_rows(rows, choose_columns(columns, choices.named, table.name), table, split, choices)


def _tables(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.suffix.lower() in (*READERS, PARQUET))


def _by_split(rows: list[Row], column: str | None, table: str) -> dict[str, list[Row]]:
    if column is None:
        return {"train": rows}
    names = split_names([row[column] for row in rows], table)
    splits: dict[str, list[Row]] = {}
    for row in rows:
        splits.setdefault(names[row[column]], []).append(row)
    return splits


def find_table(place: Path) -> Path:
    """Find the table of a corpus.

    Parameters
    ----------
    place
        A table, or a folder that holds exactly one of `TABLES`, or one table of any name but a split's.

    Raises
    ------
    BadInput
        If there is no such place, no table, or more than one.
    """
    if place.is_file():
        return place
    if not place.is_dir():
        raise BadInput(f"There is no corpus {place}", _KINDS, _nearest(place))
    tables = [place / name for name in TABLES if (place / name).is_file()]
    if len(tables) > 1:
        names = " and ".join(table.name for table in tables)
        raise BadInput(f"{place} holds {names}", "One table is needed", "Give the one that is meant")
    if not tables:
        others = [other.name for other in _tables(place)]
        if len(others) == 1 and not split_name(Path(others[0]).stem):
            return place / others[0]
        found = f"Or give one of its tables: {', '.join(others[:5])}" if others else ""
        missing = f"{place} holds no {ANY_TABLE}"
        raise BadInput(missing, f"Such a table begins like this:\n{EXAMPLE}", found)
    return tables[0]


_KINDS = f"A corpus is {BUNDLED}, a folder with {ANY_TABLE}, such a table, an archive, mdc:LOCALE or hub:OWNER/NAME"


def _nearest(place: Path) -> str:
    around = [other.name for other in place.parent.iterdir()] if place.parent.is_dir() else []
    near = difflib.get_close_matches(place.name, [*around, BUNDLED], n=3)
    return f"Did you mean {' or '.join(near)}?" if near else "Check the path"
