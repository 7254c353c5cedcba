"""What a lab may look at: a clip in any form, the clips of a corpus, a file that was uploaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..audio import SAMPLE_RATE, WINDOW_SECONDS, open_sound
from ..errors import BadInput

LISTED = 500  # clips of a corpus that a list shows
LABEL = 60  # characters of a sentence in it
SOUND = "A path, bytes of an audio file, a row of a corpus, 16 kHz samples, or a whole corpus"


def sources_of(given: Any) -> dict[str, Any]:
    """Name what there is to choose from.

    Parameters
    ----------
    given
        A path, the bytes of an audio file, samples at 16 kHz, samples with their rate, a row of a corpus, a split, or
        a corpus; of the last two the first `LISTED` clips.

    Returns
    -------
    dict of str to Any
        For each name in the list what :func:`load` opens; nothing is decoded yet.

    Raises
    ------
    BadInput
        If it is none of these, or holds no clip.

    Examples
    --------
    >>> sources_of("talk.mp3")
    {'talk.mp3': 'talk.mp3'}
    """
    if isinstance(given, str | Path):
        return {Path(given).name: given}
    if isinstance(given, bytes | tuple | np.ndarray) or _is_audio(given):
        return {"the clip": given}
    if isinstance(given, Mapping) and "audio" in given:
        return {_label("clip", 0, given.get("sentence")): given["audio"]}
    splits = given if isinstance(given, Mapping) else {"clip": given}
    if not all(map(_is_split, splits.values())):
        raise BadInput(f"A {type(given).__name__} cannot be looked at", SOUND)
    found = [pair for name, split in splits.items() for pair in _listed(name, split)][:LISTED]
    if not found:
        raise BadInput("There is no clip", SOUND)
    return dict(found)


def load(source: Any) -> tuple[np.ndarray, int]:
    """Decode the first 30 s of a clip at its own rate; of a recording of hours no more is read.

    Parameters
    ----------
    source
        A value of :func:`sources_of`.

    Returns
    -------
    numpy.ndarray, int
        Shape (samples,), float32, channels averaged, at least one; and samples a second.

    Raises
    ------
    BadInput
        If it cannot be decoded, holds no samples, or some that are no numbers.

    Examples
    --------
    >>> load(np.zeros(40 * 16_000))[0].shape  # of 40 s
    (480000,)
    """
    source = source() if callable(source) else source
    if isinstance(source, np.ndarray | tuple):
        samples, rate = source if isinstance(source, tuple) else (source, SAMPLE_RATE)
        samples = np.asarray(samples, dtype=np.float32)[: round(WINDOW_SECONDS * rate)]
    else:
        samples, rate = _decode(source)
    if samples.ndim != 1 or not samples.size or not np.isfinite(samples).all():
        given = f"The samples have the shape {samples.shape}" + (" or are no numbers" if samples.size else "")
        raise BadInput(given, "A clip is one row of finite numbers between -1 and 1", "Record it again")
    return samples, rate


def uploaded(value: Mapping[str, Any] | Sequence[Any]) -> dict[str, bytes]:
    """Files in the value of an upload button, which ipywidgets 7 and 8 write differently.

    Parameters
    ----------
    value
        A dictionary of files by name, or a sequence of files.

    Examples
    --------
    >>> uploaded({"a.wav": {"content": b"x"}}) == uploaded(({"name": "a.wav", "content": memoryview(b"x")},))
    True
    """
    if isinstance(value, Mapping):
        return {name: bytes(file["content"]) for name, file in value.items()}
    return {file["name"]: bytes(file["content"]) for file in value}


def _decode(source: Any) -> tuple[np.ndarray, int]:
    with open_sound(source) as sound:
        try:
            wanted = round(WINDOW_SECONDS * sound.samplerate)
            return sound.read(wanted, dtype="float32", always_2d=True).mean(axis=1), sound.samplerate
        except (RuntimeError, MemoryError) as error:
            raise BadInput(f"The clip cannot be decoded ({error})", SOUND, "Export it again") from error


def _is_audio(given: Any) -> bool:
    return isinstance(given, Mapping) and bool(given) and set(given) <= {"path", "bytes"}


def _is_split(split: Any) -> bool:
    sized = hasattr(split, "__getitem__") and hasattr(split, "__len__") and not isinstance(split, Mapping)
    return sized and (not len(split) or (isinstance(split[0], Mapping) and "audio" in split[0]))


def _listed(name: str, split: Any) -> list[tuple[str, Callable[[], Any]]]:
    """Name and opener of each clip; the sound of a row is not touched before it is asked for."""
    count = min(len(split), LISTED)
    if "sentence" in getattr(split, "column_names", ()):
        texts = split.select_columns("sentence")[:count]["sentence"]
    else:
        texts = [split[number].get("sentence") for number in range(count)]
    return [(_label(name, number, text), partial(_sound, split, number)) for number, text in enumerate(texts)]


def _sound(split: Any, number: int) -> Any:
    return split[number]["audio"]


def _label(split: str, number: int, sentence: str | None) -> str:
    text = sentence or ""
    return f"{split} {number}: {text[:LABEL]}{'…' if len(text) > LABEL else ''}".removesuffix(": ")
