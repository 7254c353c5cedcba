"""Clips in parquet files, as the Hub keeps them: encoded bytes beside their text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .choices import Choices
from .clips import COLUMNS
from .columns import USUAL_COLUMNS, Named, choose_columns, languages_of, locale_language
from .table import check_columns

if TYPE_CHECKING:
    import pyarrow
    from datasets import Dataset


def open_parquet(paths: list[str], choices: Choices, repo: str, config: str | None = None) -> Dataset:
    """Open parquet files as one split; clips stay encoded, and no column is read that is not needed.

    Parameters
    ----------
    paths
        Files of the split.
    choices
        What the user asked for; without a language it is read from the data, or else from the config's name
        (``hi_in``).
    repo, config
        Where the files come from; a file of the user's own has no config.

    Returns
    -------
    datasets.Dataset
        The columns of `COLUMNS`, ``audio`` undecoded.

    Raises
    ------
    BadInput
        If a file is broken, no column holds sound or sentences, or the language is not told.
    """
    clips = _clips(paths, choices.named, repo)
    codes = _languages(clips["language"], choices.language, config, repo)
    return clips.remove_columns("language").add_column("language", codes).select_columns(list(COLUMNS))


def _clips(paths: list[str], named: Named, repo: str) -> Dataset:
    from datasets import Audio, Dataset

    chosen = _columns(paths, named, repo)
    table = Dataset.from_parquet(paths, columns=sorted({column for column in chosen.values() if column}))
    clips = table.select_columns(chosen["audio"])
    if chosen["audio"] != "audio":
        clips = clips.rename_column(chosen["audio"], "audio")
    clips = clips.cast_column("audio", Audio(decode=False))
    for kind in COLUMNS[1:]:
        clips = clips.add_column(kind, _texts(table, chosen[kind]))
    return clips


def _columns(paths: list[str], named: Named, repo: str) -> dict[str, str | None]:
    import pyarrow
    from pyarrow.parquet import read_schema

    try:
        schema, *_ = [read_schema(path) for path in paths]
    except pyarrow.ArrowInvalid as error:
        broken = f"A file of {repo} is no parquet"
        raise BadInput(broken, "", f"Remove {Path(paths[0]).parent} and download it again") from error
    return choose_parquet_columns(schema, named, repo)


def choose_parquet_columns(schema: pyarrow.Schema, named: Named, repo: str) -> dict[str, str | None]:
    """Find the columns of a Parquet file with clips inside: its one column of sound, others by their names.

    Parameters
    ----------
    schema
        Of the file.
    named
        Columns that the user named, as for `choose_columns`.
    repo
        Where the file comes from.

    Returns
    -------
    dict
        As for `choose_columns`.

    Raises
    ------
    BadInput
        If no column holds sound or sentences, or a named one is not there.
    """
    check_columns(len(schema), repo)
    sounds = [field.name for field in schema if _is_sound(field.type)]
    others = [name for name in schema.names if name.lower() not in USUAL_COLUMNS["audio"]]
    named = named if named.get("audio") or len(sounds) != 1 else {**named, "audio": sounds[0]}
    chosen = choose_columns([name for name in schema.names if name in {*sounds, *others}], named, repo)
    if chosen["audio"] not in sounds:
        has = f"Columns with sound: {', '.join(sounds) or 'none'}"
        raise BadInput(f"The column {chosen['audio']} of {repo} holds no sound", has, "Give --audio-column")
    return chosen


def holds_sound(path: Path) -> bool:
    """Whether a Parquet file has a column of encoded clips.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    BadInput
        If it is no Parquet.
    """
    import pyarrow
    from pyarrow.parquet import read_schema

    try:
        return any(_is_sound(field.type) for field in read_schema(path))
    except (pyarrow.ArrowException, OSError) as error:
        raise BadInput(f"{path} is no parquet", "", "Write it again") from error


def _is_sound(kind: pyarrow.DataType) -> bool:
    import pyarrow.types as types

    if types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0
    return types.is_binary(kind) or types.is_large_binary(kind)


def _texts(table: Dataset, column: str | None) -> list[str]:
    if column is None:
        return [""] * len(table)
    name_of = getattr(table.features[column], "int2str", str)
    return ["" if value is None else name_of(value).strip() for value in table[column]]


def _languages(values: list[str], given: str | None, config: str | None, repo: str) -> list[str]:
    try:
        return languages_of(values, given, repo)
    except BadInput:
        if given or config is None:
            raise
        return [_config_language(config, repo)] * len(values)


def _config_language(config: str, repo: str) -> str:
    try:
        return locale_language(config)
    except BadInput as error:
        told = f"Neither {repo} nor its config {config} tells a language that Whisper knows"
        raise BadInput(told, "Each clip needs one", "Give --language hi") from error
