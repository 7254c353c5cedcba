"""A corpus as the doctor reads it: every row, also those that :func:`open_corpus` would leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus import BUNDLED, clip_names, open_corpus
from ..corpus.bundled import bundled_folder
from ..corpus.columns import Named, choose_columns, locale_language, split_names
from ..corpus.folder import TABLES, find_table
from ..corpus.splits import SPLITS
from ..corpus.table import READERS, read_table
from ..errors import BadInput

if TYPE_CHECKING:
    from datasets import Dataset

RELEASE = {"train": "train", "dev": "validation", "test": "test"}  # tables of Common Voice


@dataclass
class Row:
    """A row of a corpus.

    Parameters
    ----------
    clip
        The clip's path as the table gives it.
    split
        train, validation or test.
    audio
        Path of the file, empty if it is missing; or the split and number where its bytes are.
    sentence, language, speaker
        As the table has them; the language as a code where Whisper knows it.
    values
        All columns of the table.
    """

    clip: str
    split: str
    audio: str | tuple[Dataset, int]
    sentence: str
    language: str
    speaker: str
    values: dict[str, str] = field(default_factory=dict, repr=False)

    def sound(self) -> str | dict[str, Any]:
        """Path or bytes, as :func:`whisper_helpers.audio.open_sound` takes them."""
        return self.audio if isinstance(self.audio, str) else self.audio[0][self.audio[1]]["audio"]


@dataclass
class Rows:
    """All rows of a corpus and, if it is a table, the columns that hold the audio, the text and the split."""

    rows: list[Row]
    audio_column: str = "file_name"
    sentence_column: str = "sentence"
    split_column: str | None = None


def read_rows(name: str, language: str | None, named: Named) -> Rows:
    """Read a corpus; no clip is opened.

    A table is read row by row. What is no table is opened as for a training, and what that leaves out is not seen.

    Parameters
    ----------
    name
        As :func:`whisper_helpers.corpus.open_corpus` takes it.
    language
        Language of all clips; by default the corpus tells it. It may be one that Whisper does not know.
    named
        Columns that the user named, by kind.

    Raises
    ------
    BadInput
        If the corpus cannot be read.
    """
    tables = _tables_of(bundled_folder() if name == BUNDLED else Path(name).expanduser())
    if not tables:
        return _of_corpus(name, language, named)
    first, *others = [_of_table(table, home, language, named) for table, home in tables]
    for other in others:
        first.rows.extend(other.rows)
    return first


def _tables_of(place: Path) -> list[tuple[Path, str | None]]:
    """Tables of a place, each with the split that its name tells; none if its shape is another one."""
    if place.is_file() and place.suffix.lower() in READERS:
        return [(place, None)]
    if not place.is_dir():
        return []
    named = [place / name for name in TABLES if (place / name).is_file()]
    if named:
        return [(find_table(place), None)]
    return [(place / f"{stem}.tsv", split) for stem, split in RELEASE.items() if (place / f"{stem}.tsv").is_file()]


def _of_table(table: Path, home: str | None, language: str | None, named: Named) -> Rows:
    columns, values = read_table(table)
    chosen = choose_columns(columns, named, table.name)
    split = None if home else chosen["split"]
    names = split_names([row[split] for row in values], table.name) if split else {}
    codes = {value: _code(value) for value in {language or ""} | {row.get(chosen["language"], "") for row in values}}
    rows = []
    for row in values:
        told = {kind: row[column].strip() if column else "" for kind, column in chosen.items()}
        code = codes[language or row.get(chosen["language"], "")]
        place = _locate(told["audio"], table.parent)
        where = names[row[split]] if split else home or "train"
        rows.append(Row(row[chosen["audio"]], where, place, told["sentence"], code, told["speaker"], row))
    return Rows(rows, chosen["audio"], chosen["sentence"], split)


def _locate(name: str, folder: Path) -> str:
    places = (folder / name, folder / name.replace("\\", "/"), folder / "clips" / name) if name else ()
    try:
        return next((str(place) for place in places if place.is_file()), "")
    except (OSError, ValueError):  # no system has such a name
        return ""


def _code(language: str) -> str:
    try:
        return locale_language(language) if language.strip() else ""
    except BadInput:
        return language.strip().lower()


def _of_corpus(name: str, language: str | None, named: Named) -> Rows:
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    choices = {f"{kind}_column": column for kind, column in named.items()}
    told = _code(language or "")
    known = told in LANGUAGES
    corpus = open_corpus(name, told if known or not told else "en", announce=lambda line: None, **choices)
    rows = [row for split in SPLITS for row in _of_split(split, corpus[split])]
    return Rows(rows if known or not told else [replace(row, language=told) for row in rows])


def _of_split(name: str, split: Dataset) -> Iterator[Row]:
    columns = zip(split["sentence"], split["language"], split["speaker"], strict=True)
    for number, (clip, (sentence, language, speaker)) in enumerate(zip(clip_names(split), columns, strict=True)):
        yield Row(clip, name, (split, number), sentence.strip(), language, speaker)
