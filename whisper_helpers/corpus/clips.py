"""Clips as rows of four columns, their names, and saying which of them are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput

if TYPE_CHECKING:
    from datasets import Dataset

COLUMNS = ("audio", "sentence", "language", "speaker")
Announce = Callable[[str], None]


def clip_names(split: Dataset) -> list[str]:
    """Name of each clip, fit for a table and for a command.

    A clip in a file is named by its path: from the current folder where it lies below it, else as it was
    opened. A clip that is bytes goes by the path stored with them, or by its number.

    Parameters
    ----------
    split
        A split of a corpus.

    Returns
    -------
    list of str
        One name a clip, with ``/`` between folders.

    Examples
    --------
    >>> from datasets import Dataset
    >>> clip_names(Dataset.from_dict({"audio": [{"path": "clips/20.wav"}, {"path": None}]}))
    ['clips/20.wav', 'clip 1']
    """
    import pyarrow.compute

    here = Path.cwd()
    batches = split.select_columns("audio").with_format("arrow").iter(1_000)
    paths = [path for batch in batches for path in pyarrow.compute.struct_field(batch["audio"], "path").to_pylist()]
    return [_name(Path(path), here) if path else f"clip {number}" for number, path in enumerate(paths)]


def _name(path: Path, here: Path) -> str:
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def clips_of(columns: dict[str, list[str]]) -> Dataset:
    """Make a split from files; nothing is opened.

    Parameters
    ----------
    columns
        Those of `COLUMNS`, one entry a clip; ``audio`` holds paths.

    Returns
    -------
    datasets.Dataset
        The same columns, ``audio`` undecoded.

    Examples
    --------
    >>> clips_of({"audio": ["1.wav"], "sentence": ["Yes"], "language": ["en"], "speaker": [""]})[0]["audio"]
    {'bytes': None, 'path': '1.wav'}
    """
    from datasets import Audio, Dataset

    split = Dataset.from_dict({name: columns[name] for name in COLUMNS})
    return split.cast_column("audio", Audio(decode=False))


def clips_of_rows(rows: list[dict[str, Any]]) -> Dataset:
    """Make a split from rows in memory, without encoding their audio anew.

    Parameters
    ----------
    rows
        Each with the columns of `COLUMNS`; ``audio`` holds ``path`` and ``bytes``.

    Examples
    --------
    >>> row = {"audio": {"bytes": b"x", "path": None}, "sentence": "Yes", "language": "en", "speaker": ""}
    >>> clips_of_rows([row])[0]["audio"]
    {'bytes': b'x', 'path': None}
    """
    from datasets import Audio, Dataset, Features, Value

    sound = {"bytes": Value("binary"), "path": Value("string")}
    texts = dict.fromkeys(COLUMNS[1:], Value("string"))
    split = Dataset.from_list([{name: row[name] for name in COLUMNS} for row in rows], Features(audio=sound, **texts))
    return split.cast_column("audio", Audio(decode=False))


def some_of(names: Sequence[str], number: int = 3) -> str:
    """List the first names, and count the rest.

    Parameters
    ----------
    names
        What to list.
    number
        How many to name.

    Examples
    --------
    >>> some_of(["a", "b", "c", "d", "e"]), some_of(["a", "b"])
    ('a, b, c and 2 more', 'a, b')
    """
    rest = f" and {len(names) - number:,} more" if len(names) > number else ""
    return ", ".join(names[:number]) + rest


def leave_out(names: Sequence[str], clips: int, fault: str, do: str, announce: Announce) -> None:
    """Say which clips are left out, or refuse when they are more than half of all.

    Parameters
    ----------
    names
        The clips that are left out.
    clips
        How many there are in all.
    fault
        What they are, to follow "36 of 100": such as "train clips without a sentence".
    do
        What to do about it.
    announce
        Takes the line for the user.

    Raises
    ------
    BadInput
        If more than half of the clips are left out.
    """
    told = f"{len(names):,} of {clips:,} {fault}: {some_of(names)}"
    if 2 * len(names) > clips:
        raise BadInput(told, "At most half of them may be left out", do)
    if names:
        announce(f"Left out: {told}.")
