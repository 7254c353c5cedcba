"""Rows of a CSV, TSV or JSONL table, none of them lost or shifted on the way."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from ..errors import BadInput

Row = dict[str, str]
MOST_COLUMNS = 1_000
PARQUET = ".parquet"


def read_table(path: Path) -> tuple[list[str], list[Row]]:
    r"""Read a table of text, in UTF-8 unless it is Parquet.

    Values of a TSV are taken as they stand, so that a lone quotation mark cannot swallow rows; a CSV is
    quoted the usual way, with commas or, if its header has no comma, with semicolons.

    Parameters
    ----------
    path
        A file that ends in ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``, its columns of text.

    Returns
    -------
    list of str, list of dict
        Columns, and for each row the text in each column; absent values are empty, and so are JSON's lists and
        objects.

    Raises
    ------
    BadInput
        If the ending is another one, the table is empty, not UTF-8, or a row does not fit; the line is named.

    Examples
    --------
    >>> import tempfile
    >>> table = Path(tempfile.mkdtemp()) / "metadata.csv"
    >>> _ = table.write_text('file_name,sentence\n1.wav,"Yes, please"\n', encoding="utf-8")
    >>> read_table(table)[1]
    [{'file_name': '1.wav', 'sentence': 'Yes, please'}]
    """
    if path.suffix.lower() == PARQUET:
        return read_parquet(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path} is no table", f"Readable are {', '.join(READERS)}", "Export it as one")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(reader(file, path.name))
    except UnicodeDecodeError as error:
        do = "Save it again as UTF-8"
        raise BadInput(f"{path} is not UTF-8 in line {_bad_line(path)}", "Tables must be UTF-8", do) from error
    except csv.Error as error:
        do = "Put quotation marks around values with commas, and double those inside, or save it as TSV"
        raise BadInput(f"{path} is no proper CSV ({error})", "", do) from error
    if not rows:
        raise BadInput(f"{path} has no rows", "A corpus needs clips", "Write a line for each clip")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    check_columns(len(columns), path.name)
    return columns, [{column: row.get(column, "") for column in columns} for row in rows]


def read_parquet(path: Path) -> tuple[list[str], list[Row]]:
    """Read a Parquet file's columns of text and numbers as text.

    Parameters
    ----------
    path
        A file that ends in ``.parquet``.

    Returns
    -------
    list of str, list of dict
        As for :func:`read_table`.

    Raises
    ------
    BadInput
        If it is damaged, empty or very wide.
    """
    import pyarrow
    import pyarrow.parquet
    import pyarrow.types as types

    try:
        schema = pyarrow.parquet.read_schema(path)
        check_columns(len(schema), path.name)
        simple = [each.name for each in schema if not (types.is_nested(each.type) or _is_bytes(each.type))]
        rows = pyarrow.parquet.read_table(path, columns=simple).to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{path} is no parquet", "", "Write it again") from error
    if not rows:
        raise BadInput(f"{path} has no rows", "A corpus needs clips", "Write a row for each clip")
    return simple, [{name: _as_text(value) for name, value in row.items()} for row in rows]


def _is_bytes(kind: Any) -> bool:
    import pyarrow.types as types

    return types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)


def check_columns(number: int, name: str) -> None:
    """Refuse a table that is wider than any corpus.

    Raises
    ------
    BadInput
        If there are more than `MOST_COLUMNS`.
    """
    if number > MOST_COLUMNS:
        do = "Keep the columns of audio, sentence, split, speaker and language"
        raise BadInput(f"{name} has {number:,} columns", f"At most {MOST_COLUMNS:,} are read", do)


def _bad_line(path: Path) -> int:
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    return 1


def _read_csv(file: TextIO, name: str) -> Iterator[Row]:
    header = file.readline()
    file.seek(0)
    delimiter = ";" if ";" in header and "," not in header else ","
    return _read_lines(csv.reader(file, delimiter=delimiter, strict=True), name)


def _read_tsv(file: TextIO, name: str) -> Iterator[Row]:
    return _read_lines(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), name)


def _read_lines(lines: Any, name: str) -> Iterator[Row]:
    header = [column.strip() for column in next(lines, [])]
    check_columns(len(header), name)
    if len(set(header)) < len(header):
        listed = f"Its header is {', '.join(header)}"
        raise BadInput(f"{name} has two columns of one name", listed, "Rename one")
    for values in lines:
        if len(values) > len(header):
            given = f"Line {lines.line_num} of {name} has {len(values)} values"
            do = "Put quotation marks around values with commas"
            raise BadInput(given, f"Its header has {len(header)}", do)
        if any(value.strip() for value in values):
            yield dict(zip(header, values, strict=False))


def _read_jsonl(file: TextIO, name: str) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield {column: _as_text(value) for column, value in _json_object(line, number, name).items()}


def _json_object(line: str, number: int, name: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        json.dumps(row, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        do = 'Write lines such as {"file_name": "1.wav", "sentence": "Yes"}'
        raise BadInput(f"Line {number} of {name} is no JSON object", "Each line must be one", do)
    return row


def _as_text(value: Any) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)


Reader = Callable[[TextIO, str], Iterator[Row]]
READERS: dict[str, Reader] = {".csv": _read_csv, ".tsv": _read_tsv, ".jsonl": _read_jsonl}
