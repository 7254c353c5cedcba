"""What will be read and written: everything that can be wrong with files is said before a model is loaded."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..audio import SAMPLE_RATE, clip_seconds, read_clip
from ..errors import BadInput


@dataclass(frozen=True)
class Job:
    """One recording and its transcripts.

    Parameters
    ----------
    recording
        File to hear.
    targets
        Format to file to write.
    seconds
        Length of the recording.
    """

    recording: Path
    targets: dict[str, Path]
    seconds: float


def plan_jobs(
    files: Sequence[Path],
    formats: Sequence[str],
    output: Path | None = None,
    overwrite: bool = False,
) -> list[Job]:
    """Decide what is written where, and check that all of it can be read and written.

    Parameters
    ----------
    files
        Recordings.
    formats
        Some of `FORMATS`, none twice.
    output
        Folder of the transcripts, made if missing; None puts each beside its recording.
    overwrite
        Whether transcripts may be there already.

    Returns
    -------
    list of Job
        In the order of `files`.

    Raises
    ------
    BadInput
        If recordings cannot be read, would be written over or share a transcript's name, if transcripts are
        there without `overwrite`, or if a folder cannot be written to. All files at fault are named.
    """
    recordings = [Path(file) for file in files]
    targets = [_targets(recording, formats, output) for recording in recordings]
    _check_distinct(recordings, targets)
    _check_free([target for own in targets for target in own.values()], overwrite)
    seconds = _lengths(recordings)
    _check_writable({target.parent for own in targets for target in own.values()})
    return [Job(*each) for each in zip(recordings, targets, seconds, strict=True)]


def read_recording(file: Path) -> np.ndarray:
    """Decode a recording as :func:`~whisper_helpers.audio.read_clip` does, one without samples included.

    Parameters
    ----------
    file
        Recording of any rate and number of channels.

    Returns
    -------
    numpy.ndarray
        Shape (samples,), float32, 16 kHz, mono.

    Raises
    ------
    BadInput
        If it is missing or unreadable.
    """
    return read_clip(file) if clip_seconds(file) else np.zeros(0, np.float32)


def _targets(file: Path, formats: Sequence[str], output: Path | None) -> dict[str, Path]:
    folder = file.parent if output is None else Path(output)
    return {form: folder / f"{file.stem}.{form}" for form in formats}


def _check_distinct(files: list[Path], targets: list[dict[str, Path]]) -> None:
    if not files:
        raise BadInput("No recording was given", "One or more can be transcribed", "Name their files")
    writers: dict[str, list[str]] = {_key(file): [f"{file} itself"] for file in files}
    for file, own in zip(files, targets, strict=True):
        for target in own.values():
            writers.setdefault(_key(target), []).append(str(file))
    clashes = [" and ".join(names) for names in writers.values() if len(names) > 1]
    if clashes:
        given = f"These would be written to the same file: {'; '.join(dict.fromkeys(clashes))}"
        raise BadInput(given, "Each recording needs a transcript of its own", "Rename or do one separately")


def _key(path: Path) -> str:
    return str(path.resolve()).casefold()  # some file systems take a.txt and A.txt for one file


def _check_free(targets: list[Path], overwrite: bool) -> None:
    taken = [str(each) for each in targets if os.path.isdir(each) or (os.path.exists(each) and not overwrite)]
    if taken:
        do = "Remove the folders" if overwrite else "Allow it with --overwrite, or choose another --output"
        raise BadInput(f"Already there: {', '.join(taken)}", "Nothing is replaced unasked", do)


def _lengths(files: list[Path]) -> list[float]:
    lengths, reasons = [], []
    for file in files:
        try:
            lengths.append(len(read_recording(file)) / SAMPLE_RATE)
        except (BadInput, OSError) as error:
            reasons.append(str(error))
    if reasons:
        raise BadInput(" ".join(reasons), "", "Nothing was transcribed yet; leave these out or replace them")
    return lengths


def _check_writable(folders: set[Path]) -> None:
    for folder in sorted(folders):
        nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        try:
            tempfile.TemporaryFile(dir=nearest).close()
        except OSError as error:
            given = f"Nothing can be written to {folder} ({error.strerror})"
            raise BadInput(given, "Transcripts need a folder", "Choose another one with --output") from error
