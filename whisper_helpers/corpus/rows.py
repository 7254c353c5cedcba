"""Rows of a table as clips: those with enough votes whose files are there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..media import is_there
from .choices import Choices
from .clips import clips_of, leave_out
from .columns import languages_of
from .table import Row

if TYPE_CHECKING:
    from datasets import Dataset

UP, DOWN = "up_votes", "down_votes"


def open_rows(rows: list[Row], chosen: dict[str, str | None], table: Path, split: str, choices: Choices) -> Dataset:
    """Make a split from rows of a table; no clip is opened.

    File names are looked for beside the table, then in a folder ``clips`` beside it; absolute ones are taken
    as they are.

    Parameters
    ----------
    rows
        Rows as `read_table` gives them.
    chosen
        The column of each kind, as `choose_columns` gives them.
    table
        Where the rows come from.
    split
        Name of the split, for messages.
    choices
        What the user asked for.

    Raises
    ------
    BadInput
        If most clips are missing, a language is not told, or votes are asked for that the table does not count.
    """
    kept = with_votes(rows, table.name, split, choices)
    found = _found(kept, str(chosen["audio"]), table.parent, split, choices)
    values = {kind: [row[name].strip() if name else "" for row in found] for kind, name in chosen.items()}
    return clips_of(values | {"language": languages_of(values["language"], choices.language, table.name)})


def with_votes(rows: list[Row], table: str, split: str, choices: Choices) -> list[Row]:
    """Keep the rows with enough votes for them and few enough against them.

    Parameters
    ----------
    rows
        Rows with the columns ``up_votes`` and ``down_votes`` of Common Voice.
    table, split
        Where the rows come from, for messages.
    choices
        Brings the limits; without any all rows are kept.

    Raises
    ------
    BadInput
        If there are no such columns, a vote is no number, or no row is left.
    """
    limits = [
        (UP, "at least", choices.min_up_votes, lambda votes, limit: votes >= limit),
        (DOWN, "at most", choices.max_down_votes, lambda votes, limit: votes <= limit),
    ]
    kept = rows
    for column, words, limit, fits in limits:
        if limit is not None and kept:
            numbers = list(_votes(kept, column, table))
            kept = [row for row, votes in zip(kept, numbers, strict=True) if fits(votes, limit)]
            choices.announce(f"{len(kept):,} of {len(numbers):,} {split} clips have {words} {limit} {column}.")
            if not kept:
                raise BadInput(f"No {split} clip of {table} has {words} {limit} {column}", "", "Ask for less")
    return kept


def _votes(rows: list[Row], column: str, table: str) -> Iterator[int]:
    for row in rows:
        text = row.get(column)
        if text is None:
            raise BadInput(f"{table} has no column {column}", "Only Common Voice counts votes", "Leave the limit out")
        if not text.strip().isdecimal():
            raise BadInput(f"{table} has {text[:40]!r} as {column}", "Votes are whole numbers", "Mend that row")
        yield int(text)


def _found(rows: list[Row], audio: str, folder: Path, split: str, choices: Choices) -> list[Row]:
    paths = [locate(row[audio].strip(), str(folder)) for row in rows]
    missing = [row[audio] for row, path in zip(rows, paths, strict=True) if not path]
    do = f"Check the column {audio}, or put the clips there"
    leave_out(missing, len(rows), f"{split} clips missing in {folder}", do, choices.announce)
    return [row | {audio: path} for row, path in zip(rows, paths, strict=True) if path]


def locate(name: str, folder: str) -> str:
    """Find the recording that a table names.

    Parameters
    ----------
    name
        As the table has it; ``talk.mp3#t=1.5,4`` is a part of a recording, in seconds.
    folder
        Of the table.

    Returns
    -------
    str
        Its path, empty if it is not there.
    """
    places = (name, name.replace("\\", "/"), os.path.join("clips", name))  # strings: a path object each is slow
    found = next((path for place in places if is_there(path := os.path.join(folder, place))), "")
    return found and str(Path(found))
