"""A corpus in files: a table, and the clips that it names."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .bundled import BUNDLED
from .choices import Choices
from .columns import choose_columns, split_names
from .rows import open_rows
from .table import READERS, Row, read_table

if TYPE_CHECKING:
    from datasets import Dataset

TABLES = tuple(f"metadata{ending}" for ending in READERS)
ANY_TABLE = f"{', '.join(TABLES[:-1])} or {TABLES[-1]}"
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
    columns, rows = read_table(table)
    chosen = choose_columns(columns, choices.named, table.name)
    splits = _by_split(rows, chosen["split"], table.name)
    return {split: open_rows(those, chosen, table, split, choices) for split, those in splits.items()}


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
        A table, or a folder that holds exactly one of `TABLES`.

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
        others = sorted(other.name for other in place.iterdir() if other.suffix.lower() in READERS)
        found = f"Or give one of its tables: {', '.join(others[:5])}" if others else ""
        missing = f"{place} holds no {ANY_TABLE}"
        raise BadInput(missing, f"Such a table begins like this:\n{EXAMPLE}", found)
    return tables[0]


_KINDS = f"A corpus is {BUNDLED}, a folder with {ANY_TABLE}, such a table, an archive, mdc:LOCALE or hub:OWNER/NAME"


def _nearest(place: Path) -> str:
    around = [other.name for other in place.parent.iterdir()] if place.parent.is_dir() else []
    near = difflib.get_close_matches(place.name, [*around, BUNDLED], n=3)
    return f"Did you mean {' or '.join(near)}?" if near else "Check the path"
