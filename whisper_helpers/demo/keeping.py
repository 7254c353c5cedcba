"""Correct and keep: what a visitor corrected becomes a clip of a corpus that the trainer opens."""

from __future__ import annotations

import csv
import uuid
from pathlib import Path

import numpy as np

from ..audio import SAMPLE_RATE
from ..errors import BadInput

COLUMNS = ("file_name", "sentence", "language")


def keep_pair(folder: str | Path, samples: np.ndarray, sentence: str, language: str) -> Path:
    """Append a clip and what it says to a corpus folder.

    Parameters
    ----------
    folder
        Made if missing; its ``metadata.csv`` grows by a row.
    samples
        Shape (samples,), float32, 16 kHz; stored as FLAC.
    sentence
        What is really said.
    language
        Code of the spoken language.

    Returns
    -------
    pathlib.Path
        The clip.

    Raises
    ------
    BadInput
        If the sentence is empty, or the folder's table has other columns.
    """
    import soundfile

    sentence = " ".join(sentence.split())
    if not sentence:
        raise BadInput("There is no corrected text", "It is what is really said", "Type it, then keep it")
    table = Path(folder) / "metadata.csv"
    _check_columns(table)
    clip = Path(folder) / "clips" / f"{uuid.uuid4().hex}.flac"
    clip.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(clip, samples, SAMPLE_RATE, subtype="PCM_16")
    new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([COLUMNS] if new else [])
        writer.writerow([clip.relative_to(folder).as_posix(), sentence, language])
    return clip


def _check_columns(table: Path) -> None:
    if not table.exists():
        return
    with table.open(encoding="utf-8", newline="") as file:
        found = tuple(next(csv.reader(file), ()))
    if found != COLUMNS:
        raise BadInput(
            f"{table} has the columns {', '.join(found)}", f"Needed are {', '.join(COLUMNS)}", "Name a new one"
        )
