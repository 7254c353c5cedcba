"""A corpus as the doctor reads it: every row, also those that :func:`open_corpus` leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus import clip_names
from ..corpus.choices import Choices
from ..corpus.clips import Announce
from ..corpus.columns import Named, choose_columns, locale_language, split_names
from ..corpus.hub import HUB
from ..corpus.mixture import parse_mixture
from ..corpus.opening import open_brought, place_of
from ..corpus.places import open_place, tables_at
from ..corpus.rows import locate
from ..corpus.table import read_table
from ..errors import BadInput
from ..media import is_there

if TYPE_CHECKING:
    from datasets import Dataset


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

    @property
    def columns(self) -> tuple[str, str, str | None]:
        """The columns of the audio, the text and the split."""
        return self.audio_column, self.sentence_column, self.split_column


def read_rows(name: str, language: str | None, named: Named, announce: Announce = print) -> Rows:
    """Read a corpus with all its rows and no other splits than it brings; no clip is opened.

    Parameters
    ----------
    name
        As :func:`whisper_helpers.corpus.open_corpus` takes it. Of a mixture each corpus is read once.
    language
        Language of all clips; by default the corpus tells it. It may be one that Whisper does not know.
    named
        Columns that the user named, by kind.
    announce
        Takes a line for the user, where something is downloaded or unpacked.

    Raises
    ------
    BadInput
        If the corpus cannot be read.
    """
    parts = [_of_part(part.name, part.language or language, named, announce) for part in parse_mixture(name)]
    first, *others = [read for part in parts for read in part]
    alike = all(other.columns == first.columns for other in others)
    rows = [*first.rows, *(row for other in others for row in other.rows)]
    return Rows(rows, *first.columns) if len(parts) == 1 and alike else Rows([*map(_plain, rows)], split_column="split")


def _plain(row: Row) -> Row:
    kinds = ("split", "sentence", "language", "speaker")
    return replace(row, values={"file_name": row.clip} | {kind: getattr(row, kind) for kind in kinds})


def _of_part(name: str, language: str | None, named: Named, announce: Announce) -> list[Rows]:
    if name.startswith(HUB):
        return [_of_splits(lambda choices: open_brought(name, choices), language, named, announce)]
    place = place_of(name, announce)
    tables = tables_at(place, language)
    if tables:
        return [_of_table(table, home, language, named) for home, table in tables.items()]
    return [_of_splits(lambda choices: open_place(place, choices), language, named, announce)]


def _of_table(table: Path, home: str, language: str | None, named: Named) -> Rows:
    columns, values = read_table(table)
    chosen = choose_columns(columns, named, table.name)
    split = None if home else chosen["split"]
    names = split_names([row[split] for row in values], table.name) if split else {}
    codes = {value: _code(value) for value in {language or ""} | {row.get(chosen["language"], "") for row in values}}
    rows = []
    for row in values:
        told = {kind: row[column].strip() if column else "" for kind, column in chosen.items()}
        code = codes[language or row.get(chosen["language"], "")]
        place = locate(told["audio"], str(table.parent))
        where = names[row[split]] if split else home or "train"
        rows.append(Row(row[chosen["audio"]], where, place, told["sentence"], code, told["speaker"], row))
    return Rows(rows, chosen["audio"], chosen["sentence"], split)


def _code(language: str) -> str:
    try:
        return locale_language(language) if language.strip() else ""
    except BadInput:
        return language.strip().lower()


def _of_splits(opened: Callable[[Choices], Any], language: str | None, named: Named, announce: Announce) -> Rows:
    """Rows of what is no table; a language that Whisper does not know is put in afterwards."""
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    told = _code(language or "")
    unknown = told and told not in LANGUAGES
    choices = Choices("en" if unknown else told or None, named, announce=announce, keep_empty=True, keep_missing=True)
    rows = [row for split, clips in opened(choices).items() for row in _of_split(split, clips)]
    return Rows([_plain(replace(row, language=told)) for row in rows] if unknown else rows, split_column="split")


def _of_split(name: str, split: Dataset) -> Iterator[Row]:
    columns = (clip_names(split), _files(split), split["sentence"], split["language"], split["speaker"])
    for number, (clip, file, sentence, language, speaker) in enumerate(zip(*columns, strict=True)):
        sound = (split, number) if file is None else file if is_there(file) else ""
        yield _plain(Row(clip, name, sound, sentence.strip(), language, speaker))


def _files(split: Dataset) -> list[str | None]:
    """Path of each clip, None where the clip itself is there; bytes are not read."""
    from pyarrow.compute import struct_field

    paths: list[str | None] = []
    for batch in split.select_columns("audio").with_format("arrow").iter(1_000):
        empty = struct_field(batch["audio"], "bytes").is_null().to_pylist()
        names = struct_field(batch["audio"], "path").to_pylist()
        paths += [(path or "") if none else None for none, path in zip(empty, names, strict=True)]
    return paths
