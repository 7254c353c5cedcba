"""What tables call things: columns, splits and languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..errors import BadInput
from ..tokens import language_code
from .clips import some_of

USUAL_COLUMNS = {
    "audio": ("file_name", "path", "audio", "file", "audio_path", "file_path", "filename", "wav", "clip"),
    "sentence": ("sentence", "text", "transcription", "transcript"),
    "split": ("split",),
    "speaker": ("speaker", "client_id", "speaker_id"),
    "language": ("language", "locale", "lang"),
}
SPLIT_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "eval"),
    "test": ("test", "testing"),
}
STANDS_IN = "Such a language is trained under a known one's token: whisper-helpers proxy-language CORPUS ranks them"
Named = Mapping[str, str | None]  # columns that the user named, by kind
_SPLIT_OF = {name: split for split, names in SPLIT_NAMES.items() for name in names}


def choose_columns(columns: Sequence[str], named: Named, where: str) -> dict[str, str | None]:
    """Find the columns of a table: those named by the user, else those with a usual name.

    Parameters
    ----------
    columns
        Columns that the table has.
    named
        For each kind of `USUAL_COLUMNS` the column that the user named; absent kinds and None are guessed.
    where
        The table, for messages.

    Returns
    -------
    dict
        The column of each kind, None where there is none; ``audio`` and ``sentence`` are always found.

    Raises
    ------
    BadInput
        If a named column is not there, or no column of audio or of sentences is found.

    Examples
    --------
    >>> choose_columns(["Path", "Text", "age"], {}, "metadata.csv")["sentence"]
    'Text'
    """
    chosen = {kind: named.get(kind) or guess_column(kind, columns) for kind in USUAL_COLUMNS}
    listed = f"{where} has the columns {some_of([column[:40] for column in columns], 20)}"
    for kind, column in chosen.items():
        if column is not None and column not in columns:
            raise BadInput(f"There is no column {column}", listed, f"Name one of them with --{kind}-column")
        if column is None and kind in ("audio", "sentence"):
            known = f"{listed}; known are {', '.join(USUAL_COLUMNS[kind])}"
            raise BadInput(f"{where} has no known column of the {kind}", known, f"Give --{kind}-column")
    return chosen


def guess_column(kind: str, columns: Sequence[str]) -> str | None:
    """Find the column with a usual name, in any case; None if there is none.

    Parameters
    ----------
    kind
        One of `USUAL_COLUMNS`.
    columns
        Columns that the table has.

    Examples
    --------
    >>> guess_column("split", ["Split", "text"])
    'Split'
    """
    lowered = {column.strip().lower(): column for column in reversed(columns)}
    return next((lowered[name] for name in USUAL_COLUMNS[kind] if name in lowered), None)


def split_name(value: str) -> str | None:
    """Return the split that a value stands for: train, validation or test; None if it is none of them.

    Parameters
    ----------
    value
        As a table or a folder writes it.

    Examples
    --------
    >>> split_name("Dev"), split_name("other")
    ('validation', None)
    """
    return _SPLIT_OF.get(value.strip().lower())


def split_names(values: Iterable[str], where: str) -> dict[str, str]:
    """Map each value of a split column to train, validation or test.

    Parameters
    ----------
    values
        The column.
    where
        The table, for messages.

    Raises
    ------
    BadInput
        If a value is none of the usual names.
    """
    found = {value: split_name(value) for value in dict.fromkeys(values)}
    unknown = [repr(value[:40]) for value, split in found.items() if split is None]
    if unknown:
        given = f"{where} names the splits {', '.join(unknown[:5])}"
        allowed = f"Allowed are {', '.join(_SPLIT_OF)}"
        raise BadInput(given, allowed, "Rename them or remove their rows")
    return found


def languages_of(values: Sequence[str], given: str | None, where: str) -> list[str]:
    """Whisper's code for each clip.

    Parameters
    ----------
    values
        What the table says: codes, names or locales such as ``pa-IN``; empty where it says nothing.
    given
        The language that the user gave for all of them, or None.
    where
        The table, for messages.

    Raises
    ------
    BadInput
        If a clip's language is neither told nor given, or Whisper does not know it.

    Examples
    --------
    >>> languages_of(["pa-IN", "Hindi"], None, "metadata.csv"), languages_of(["", "hi"], "ml", "metadata.csv")
    (['pa', 'hi'], ['ml', 'ml'])
    """
    if given:
        return [language_code(given)] * len(values)
    if not all(value.strip() for value in values):
        raise BadInput(f"{where} does not tell the language", "Each clip needs one", "Give --language hi")
    try:
        codes = {value: locale_language(value) for value in dict.fromkeys(values)}
    except BadInput as error:
        raise BadInput(f"{where} names a language. {error} {STANDS_IN}", "", "Then add --proxy CODE") from error
    return [codes[value] for value in values]


def locale_language(value: str) -> str:
    """Whisper's code of a language, its region left off.

    Parameters
    ----------
    value
        A code, a name, or a locale such as ``zh-CN`` or ``hi_in``.

    Raises
    ------
    BadInput
        If Whisper does not know the language.

    Examples
    --------
    >>> locale_language("zh-CN"), locale_language("Haitian Creole"), locale_language("hi_in")
    ('zh', 'ht', 'hi')
    """
    return language_code(value.strip().replace("_", "-").split("-")[0])
