"""A corpus in an archive: looked through first, then unpacked into the user's cache."""

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

from ..errors import BadInput
from .clips import Announce

ENDINGS = (".tar.gz", ".tgz", ".tar", ".zip")
MOST_GROWTH = 100  # unpacked bytes for each packed one: recordings hardly shrink, a bomb grows a thousandfold
SMALL = 100_000_000  # bytes that any archive may grow to
MOST_FILES = 20_000_000
LONGEST_READ = 16_000_000  # bytes that a member's header may ask for at once
PARTIAL, COMPLETE = ".partial", ".complete"
BLOCK = 1 << 20
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
DAMAGE += (EOFError, RuntimeError, OverflowError)


@dataclass(frozen=True)
class Member:
    """An entry of an archive.

    Parameters
    ----------
    name
        Its path inside the archive.
    size
        Bytes when unpacked.
    is_file, is_folder
        What it is; neither for a link or a device.
    content
        Opens it, for a file.
    """

    name: str
    size: int
    is_file: bool
    is_folder: bool
    content: Any = None


def is_archive(place: Path) -> bool:
    """Whether a file's name is that of an archive.

    Examples
    --------
    >>> is_archive(Path("cv-corpus-27.0-hi.tar.gz")), is_archive(Path("metadata.csv"))
    (True, False)
    """
    return place.name.lower().endswith(ENDINGS)


def corpus_cache() -> Path:
    """Folder of unpacked corpora, beside the Hugging Face cache (``HF_HOME`` moves both)."""
    from huggingface_hub import constants

    return Path(constants.HF_HOME) / "whisper-helpers" / "corpora"


def unpack(archive: Path, announce: Announce, cache: Path | None = None) -> Path:
    """Unpack an archive into the cache, once; an interrupted unpacking goes on where it stopped.

    Nothing is written before the whole archive has been looked through.

    Parameters
    ----------
    archive
        A file with one of `ENDINGS`.
    announce
        Takes a line for the user.
    cache
        Where to; by default :func:`corpus_cache`.

    Returns
    -------
    pathlib.Path
        The folder of its contents.

    Raises
    ------
    BadInput
        If it is damaged, too large for the disk, grows more than a hundredfold, or holds a link, a device, or a
        path that leads out of the folder.
    """
    state = archive.stat()
    key = hashlib.sha256(f"{archive.resolve()} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:12]
    stem = next(archive.name[: -len(ending)] for ending in ENDINGS if archive.name.lower().endswith(ending))
    folder = (cache or corpus_cache()) / f"{stem[:60]}-{key}"
    if not (folder / COMPLETE).is_file():
        announce(f"Looking through {archive.name}.")
        with _readable(archive):
            size = _check(archive, state.st_size)
        _check_disk(folder, size)
        announce(f"Unpacking {size / 1e9:.2f} GB into {folder}, once.")
        with _writable(archive):
            _extract(archive, folder)
            (folder / COMPLETE).touch()
    return folder


def _check(archive: Path, packed: int) -> int:
    """Bytes when unpacked, if every member may be unpacked."""
    total, most = 0, SMALL + MOST_GROWTH * packed
    for number, member in enumerate(_members(archive)):
        _check_name(member, archive)
        total += member.size
        if total > most or number >= MOST_FILES:
            told = f"{archive.name} unpacks to more than {min(total, most) / 1e9:.1f} GB in {number + 1:,} files"
            raise BadInput(told, f"It may grow {MOST_GROWTH}-fold at most", "Unpack it yourself if you trust it")
        if member.content:  # read to its end, so that damage shows before anything is written
            _read(member, lambda block: None)
    return total


def _check_name(member: Member, archive: Path) -> None:
    parts = {*PurePosixPath(member.name).parts, *PureWindowsPath(member.name).parts}
    windows = PureWindowsPath(member.name)
    outside = ".." in parts or windows.drive or windows.root or PurePosixPath(member.name).is_absolute()
    if outside or not (member.is_file or member.is_folder):
        fault = "a path that leads out of the folder" if outside else "a link or a device"
        do = "Unpack it yourself if you trust it, and give the folder"
        given = f"{archive.name} holds {fault}: {member.name[:100]!r}"
        raise BadInput(given, "Only files and folders may be in it", do)


def _check_disk(folder: Path, size: int) -> None:
    place = next(place for place in folder.parents if place.is_dir())
    free = shutil.disk_usage(place).free
    if size > free:
        given = f"{size / 1e9:.1f} GB are needed in {folder.parent}"
        raise BadInput(given, f"{free / 1e9:.1f} GB are free", "Make room, or point HF_HOME to another disk")


def _extract(archive: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for member in _members(archive):
        target = folder / member.name
        if member.is_folder:
            target.mkdir(parents=True, exist_ok=True)
        elif not (target.is_file() and target.stat().st_size == member.size):
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(target.name + PARTIAL)
            with partial.open("wb") as file:
                _read(member, file.write)
            os.replace(partial, target)


def _read(member: Member, write: Any) -> None:
    """Hand on a member's content in blocks, never more than it says to be."""
    left = member.size
    with member.content() as source:
        while left > 0 and (block := source.read(min(BLOCK, left))):
            write(block)
            left -= len(block)
    if left:
        raise EOFError(member.name)


def _members(archive: Path) -> Iterator[Member]:
    return _zip_members(archive) if archive.name.lower().endswith(".zip") else _tar_members(archive)


def _zip_members(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for each in file.infolist():
            kind = (each.external_attr >> 16) & 0o170000  # a Unix mode, 0 elsewhere
            is_file = not each.is_dir() and kind in (0, 0o100000)
            yield Member(each.filename, each.file_size, is_file, each.is_dir(), lambda each=each: file.open(each))


def _tar_members(archive: Path) -> Iterator[Member]:
    with _tar_stream(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as file:
        while (each := file.next()) is not None:
            file.members.clear()  # a large corpus has millions
            content = (lambda each=each: file.extractfile(each)) if each.isreg() else None
            yield Member(each.name, each.size, each.isreg(), each.isdir(), content)
        stream.read(LONGEST_READ)  # what follows is padding; gzip's own checksum stands after it


@contextmanager
def _tar_stream(archive: Path) -> Iterator[IO[bytes]]:
    import gzip

    with archive.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        yield _Careful(gzip.GzipFile(fileobj=file) if packed else file)


class _Careful:
    """A stream that refuses to read very much at once, as a forged header would have it."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.tell, self.seek = stream.tell, stream.seek

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= LONGEST_READ:
            raise tarfile.ReadError("a header asks for too much")
        return self.stream.read(size)


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    do = "Download it again: it may have been cut short"
    try:
        yield
    except (*DAMAGE, OSError) as error:
        raise BadInput(f"{archive} is damaged or no archive", f"Readable are {', '.join(ENDINGS)}", do) from error


@contextmanager
def _writable(archive: Path) -> Iterator[None]:
    try:
        yield
    except (*DAMAGE, OSError) as error:
        do = "Check the disk, or point HF_HOME to another, then start again"
        raise BadInput(f"{archive.name} could not be unpacked ({error})", "", do) from error
