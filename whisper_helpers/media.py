"""Clips that are part of a longer recording, and recordings that libsndfile cannot read."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import soundfile

EXTRA = 'pip install "whisper-helpers[media]"'
RUN_UP = 0.5  # seconds decoded before an excerpt: after a jump, mp3 and opus need what came before
_EXCERPT = re.compile(r"(.+)#t=(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)", re.DOTALL)
_KINDS = (  # beginning of a file, where it stands, and the one demuxer that may read it: no playlist, no address
    (b"ftyp", 4, "mov"),
    (b"\x1a\x45\xdf\xa3", 0, "matroska"),
    (b"\xff\xf1", 0, "aac"),
    (b"\xff\xf9", 0, "aac"),
    (b"\x30\x26\xb2\x75", 0, "asf"),
    (b"#!AMR", 0, "amr"),
)


def name_excerpt(path: str, start: float, end: float) -> str:
    """Name a part of a recording, as W3C's Media Fragments do; nothing is cut until it is read.

    Parameters
    ----------
    path
        The recording.
    start, end
        Seconds from its beginning, to the millisecond.

    Examples
    --------
    >>> name_excerpt("talk.mp3", 1.5, 4)
    'talk.mp3#t=1.500,4.000'
    """
    return f"{path}#t={start:.3f},{end:.3f}"


def split_excerpt(name: str) -> tuple[str, tuple[float, float] | None]:
    """Take the name of an excerpt apart.

    Parameters
    ----------
    name
        A path, or what :func:`name_excerpt` makes of one.

    Returns
    -------
    str, (float, float) or None
        The recording, and where the excerpt begins and ends in seconds; None for a whole recording. A file
        that has such a name is itself meant.

    Examples
    --------
    >>> split_excerpt("talk.mp3#t=1.500,4.000"), split_excerpt("talk.mp3")
    (('talk.mp3', (1.5, 4.0)), ('talk.mp3', None))
    """
    match = _EXCERPT.fullmatch(name)
    if not match or os.path.isfile(name):
        return name, None
    return match[1], (float(match[2]), float(match[3]))


def is_there(name: str) -> bool:
    """Whether a recording is there, or the one that an excerpt is a part of.

    Parameters
    ----------
    name
        A path, or what :func:`name_excerpt` makes of one.

    Examples
    --------
    >>> is_there("nowhere/talk.mp3#t=1.500,4.000")
    False
    """
    return os.path.isfile(split_excerpt(name)[0])


class Excerpt:
    """A part of an open recording, read like a `soundfile.SoundFile`.

    Parameters
    ----------
    sound
        The recording, at its beginning.
    start, end
        Seconds from there; what lies behind the recording's end is not there.
    """

    def __init__(self, sound: soundfile.SoundFile | Container, start: float, end: float) -> None:
        self.sound, self.samplerate, self.channels = sound, sound.samplerate, sound.channels
        first = min(round(start * sound.samplerate), sound.frames)
        self.frames = max(0, min(round(end * sound.samplerate), sound.frames) - first)
        self.left = self.frames
        self.run_up = min(first, round(RUN_UP * sound.samplerate)) if self.frames else 0
        if self.frames:
            sound.seek(first - self.run_up)

    def __enter__(self) -> Excerpt:
        return self

    def __exit__(self, *_: object) -> None:
        self.sound.close()

    def read(self, frames: int = -1, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """Read on: shape (frames, channels), fewer at the end.

        The run-up and the part come in one piece, since soundfile jumps after each.
        """
        wanted = self.left if frames < 0 else min(frames, self.left)
        block = self.sound.read(self.run_up + wanted, dtype=dtype, always_2d=True)[self.run_up :]
        self.run_up, self.left = 0, self.left - len(block) if len(block) == wanted else 0
        return block


def container_kind(head: bytes) -> str | None:
    """Demuxer of a file that libsndfile cannot read but FFmpeg's libraries can.

    Parameters
    ----------
    head
        The first bytes of the file.

    Examples
    --------
    >>> container_kind(b"....ftypM4A "), container_kind(b"RIFF")
    ('mov', None)
    """
    return next((kind for magic, place, kind in _KINDS if head[place : place + len(magic)] == magic), None)


class Container:
    """An m4a, webm, aac, wma or amr recording, decoded by PyAV and read like a `soundfile.SoundFile`.

    Parameters
    ----------
    source
        A path, or the file's bytes.
    kind
        From :func:`container_kind`.

    Raises
    ------
    ImportError
        If PyAV is not installed.
    RuntimeError
        If it cannot be decoded or holds no sound.
    """

    def __init__(self, source: Path | bytes, kind: str) -> None:
        import av

        self.failure = av.FFmpegError
        try:
            self.file = av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source), format=kind)
            self.stream = next(iter(self.file.streams.audio), None)
        except av.FFmpegError as error:
            raise RuntimeError("it is damaged") from error
        if self.stream is None or not self.stream.rate:
            self.file.close()
            raise RuntimeError("it holds no sound")
        self.samplerate, self.channels = self.stream.rate, self.stream.channels
        self.frames = self._length(told=kind not in ("aac", "amr"))
        self.seek(0)

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def seek(self, frame: int) -> None:
        """Go to a frame, counted from the beginning."""
        self.file.seek(int(frame / self.samplerate / self.stream.time_base), stream=self.stream)
        self.blocks, self.rest = self._decoded(frame), np.zeros((0, self.channels), np.float32)

    def read(self, frames: int = -1, dtype: str = "float32", always_2d: bool = True) -> np.ndarray:
        """Read on: shape (frames, channels), fewer at the end."""
        parts, found = [self.rest], len(self.rest)
        while frames < 0 or found < frames:
            block = next(self.blocks, None)
            if block is None:
                break
            parts.append(block)
            found += len(block)
        whole = np.concatenate(parts)
        cut = len(whole) if frames < 0 else frames
        self.rest = whole[cut:]
        return whole[:cut]

    def _length(self, told: bool) -> int:
        """Frames by the header; a kind without one is decoded, and so is a browser's recording that tells none."""
        if told and self.stream.duration:
            return round(self.stream.duration * self.stream.time_base * self.samplerate)
        if told and self.file.duration:
            return round(self.file.duration / 1e6 * self.samplerate)
        return sum(len(block) for block in self._decoded(0))

    def _decoded(self, first: int) -> Iterator[np.ndarray]:
        import av

        resampler = av.AudioResampler(format="fltp", layout=self.stream.layout, rate=self.samplerate)
        try:
            for frame in self.file.decode(self.stream):
                missing = first - round((frame.time or 0) * self.samplerate)
                for even in resampler.resample(frame):
                    block = even.to_ndarray().T
                    yield block[max(0, missing) :]
                    missing -= len(block)
        except self.failure as error:
            raise RuntimeError("it is damaged") from error


def open_container(source: Path | bytes) -> Container | None:
    """Open a recording with PyAV if it is of a kind that needs it.

    Parameters
    ----------
    source
        A path, or the file's bytes.

    Returns
    -------
    Container or None
        None if it is of no such kind.

    Raises
    ------
    ImportError
        If PyAV is not installed.
    RuntimeError
        If it cannot be decoded or holds no sound.
    """
    if isinstance(source, bytes):
        kind = container_kind(source[:16])
    else:
        with source.open("rb") as file:
            kind = container_kind(file.read(16))
    return Container(source, kind) if kind else None


Sound = Any  # a soundfile.SoundFile, an Excerpt or a Container: frames, samplerate, channels, read, a context
