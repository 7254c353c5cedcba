"""Oracles: tarfile and zipfile write what must come back; hostile archives are written member by member."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import common_voice
import pytest
from conftest import write_tone

from whisper_helpers.corpus import archive as room
from whisper_helpers.corpus import open_corpus
from whisper_helpers.corpus.archive import unpack
from whisper_helpers.errors import BadInput

Change = Callable[[tarfile.TarInfo], object]


def everything(folder: Path) -> dict[str, bytes]:
    """Content by path of all files in a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def packed(place: Path, content: dict[str, bytes], change: Change = lambda member: None, mode: str = "w:gz") -> Path:
    """Write a tar archive whose members are changed."""
    with tarfile.open(place, mode) as file:
        for name, each in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(each)
            change(member)
            file.addfile(member, io.BytesIO(each))
    return place


@pytest.mark.parametrize("ending", ["tar.gz", "tgz", "tar", "zip"])
def test_files_come_out_as_they_went_in_and_only_once(tmp_path: Path, ending: str) -> None:
    content = {"a/1.wav": os.urandom(3_000_000), 'a/दो, "2".txt': b"x", "empty": b""}
    place = tmp_path / f"corpus.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(place, "w") as file:
            file.mkdir("a")
            for name, each in content.items():
                file.writestr(name, each)
    else:
        packed(place, content, mode="w" if ending == "tar" else "w:gz")
    lines: list[str] = []
    folder = unpack(place, lines.append, tmp_path / "cache")
    assert everything(folder) == content | {room.COMPLETE: b""}
    assert f"Unpacking 0.00 GB into {folder}, once." in lines
    assert unpack(place, lines.append, tmp_path / "cache") == folder
    assert len(lines) == 2


def test_an_interrupted_unpacking_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {f"{number}.bin": os.urandom(2_000) for number in range(6)}
    place = packed(tmp_path / "c.tar.gz", content)
    real, written = os.replace, []

    def stop(source: Path, target: Path) -> None:
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(target.name)
        real(source, target)

    monkeypatch.setattr(room.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        unpack(place, print, tmp_path / "cache")
    (half,) = (tmp_path / "cache").iterdir()
    assert not (half / room.COMPLETE).exists()
    assert sorted(path.name for path in half.glob("*.bin")) == ["0.bin", "1.bin", "2.bin"]
    monkeypatch.setattr(room.os, "replace", lambda source, target: (written.append(target.name), real(source, target)))
    assert everything(unpack(place, print, tmp_path / "cache")) == content | {room.COMPLETE: b""}
    assert written == list(content)


def test_a_changed_archive_is_unpacked_anew(tmp_path: Path) -> None:
    first = unpack(packed(tmp_path / "c.tar", {"a": b"1"}, mode="w"), print, tmp_path / "cache")
    second = unpack(packed(tmp_path / "c.tar", {"a": b"2", "b": b""}, mode="w"), print, tmp_path / "cache")
    assert first != second
    assert (second / "a").read_bytes() == b"2"


def link(kind: bytes, target: str) -> Change:
    """Make a member a link."""

    def change(member: tarfile.TarInfo) -> None:
        if member.name == "bad":
            member.type, member.linkname, member.size = kind, target, 0

    return change


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("../bad", None, "leads out of the folder"),
        ("a/../../bad", None, "leads out of the folder"),
        ("/bad", None, "leads out of the folder"),
        ("C:\\bad", None, "leads out of the folder"),
        ("a\\..\\..\\bad", None, "leads out of the folder"),
        ("\\\\server\\share\\bad", None, "leads out of the folder"),
        ("bad", link(tarfile.SYMTYPE, "../../outside"), "a link or a device"),
        ("bad", link(tarfile.SYMTYPE, "good"), "a link or a device"),
        ("bad", link(tarfile.LNKTYPE, "/etc/passwd"), "a link or a device"),
        ("bad", link(tarfile.FIFOTYPE, ""), "a link or a device"),
        ("bad", link(tarfile.CHRTYPE, ""), "a link or a device"),
    ],
)
def test_what_could_be_written_elsewhere_is_refused(tmp_path: Path, name: str, change: Change, reason: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    place = packed(inside / "c.tar.gz", {"good": b"x", name: b"y"}, change or (lambda member: None))
    before = everything(tmp_path)
    with pytest.raises(BadInput, match=reason):
        unpack(place, print, inside / "cache")
    assert everything(tmp_path) == before
    assert not (inside / "cache").exists()


@pytest.mark.parametrize("name", ["../bad", "/bad", "a/../../bad", "C:/bad"])
def test_a_zip_cannot_write_elsewhere_either(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as file:
        file.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(BadInput, match="leads out of the folder"):
        unpack(tmp_path / "c.zip", print, tmp_path / "cache")
    assert [path.name for path in tmp_path.iterdir()] == ["c.zip"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("bad")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as file:
        file.writestr(member, "/etc/passwd")
    with pytest.raises(BadInput, match="a link or a device"):
        unpack(tmp_path / "c.zip", print, tmp_path / "cache")


class Zeros(io.RawIOBase):
    """A file of zeros that takes no memory."""

    def read(self, size: int = -1) -> bytes:
        """Any number of zeros."""
        return bytes(size)


@pytest.mark.parametrize("ending", ["tar.gz", "zip"])
def test_a_bomb_is_refused_before_anything_is_written(tmp_path: Path, ending: str) -> None:
    place, size = tmp_path / f"bomb.{ending}", 200_000_000
    if ending == "zip":
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as file, file.open("zeros", "w") as target:
            for _ in range(size // 1_000_000):
                target.write(bytes(1_000_000))
    else:
        member = tarfile.TarInfo("zeros")
        member.size = size
        with tarfile.open(place, "w:gz", compresslevel=1) as file:
            file.addfile(member, Zeros())
    assert place.stat().st_size < 1_000_000
    with pytest.raises(BadInput, match="may grow 100-fold at most"):
        unpack(place, print, tmp_path / "cache")
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_a_zip_that_lies_about_its_size_writes_no_more_than_it_says(tmp_path: Path) -> None:
    place = tmp_path / "c.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(10_000_000))
    true, said = (10_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    place.write_bytes(place.read_bytes().replace(true, said))
    try:
        folder = unpack(place, print, tmp_path / "cache")
    except BadInput:
        assert not (tmp_path / "cache").exists()
    else:
        assert sum(map(len, everything(folder).values())) <= 1_000


def test_a_header_that_asks_for_gigabytes_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 4_000_000_000
    (tmp_path / "c.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises(BadInput, match="damaged or no archive"):
        unpack(tmp_path / "c.tar", print, tmp_path / "cache")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("place", [31, 32, 35, 39, 60, 200, 1_000])
def test_damage_in_any_packing_of_a_zip_is_refused(tmp_path: Path, method: int, place: int) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w", method) as file:
        file.writestr("a", b"".join(number.to_bytes(4, "little") for number in range(2_000)))
    assert unpack(tmp_path / "c.zip", lambda line: None, tmp_path / "sound").is_dir()
    content = bytearray((tmp_path / "c.zip").read_bytes())
    content[place : place + 4] = bytes(255 - byte for byte in content[place : place + 4])
    (tmp_path / "c.zip").write_bytes(content)
    with pytest.raises(BadInput, match=r"damaged|could not be unpacked"):
        unpack(tmp_path / "c.zip", lambda line: None, tmp_path / "cache")


@pytest.mark.parametrize("keep", [0, 10, 3_000, -20, -200])
def test_a_damaged_archive_is_refused(tmp_path: Path, keep: int) -> None:
    whole = common_voice.tar_gz({"a": os.urandom(5_000), "b": os.urandom(5_000)})
    for name, content in {"c.tar.gz": whole[:keep], "d.tar.gz": b"\x1f\x8b" + os.urandom(500), "e.zip": b"PK"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match="damaged"):
            unpack(tmp_path / name, print, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_full_disk_is_told_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = packed(tmp_path / "c.tar", {"a": bytes(1_000_000)}, mode="w")
    monkeypatch.setattr(room.shutil, "disk_usage", lambda folder: SimpleNamespace(free=999_999))
    with pytest.raises(BadInput, match="Make room, or point HF_HOME to another disk"):
        unpack(place, print, tmp_path / "cache")


def test_an_archive_of_common_voice_opens_like_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "home"))
    content = common_voice.files()
    place = tmp_path / f"{common_voice.RELEASE}-hi.tar.gz"
    place.write_bytes(common_voice.tar_gz(content))
    from_archive = open_corpus(str(place))
    from_folder = open_corpus(str(common_voice.write(tmp_path, content)))
    for split, clips in from_archive.items():
        assert clips.remove_columns("audio")[:] == from_folder[split].remove_columns("audio")[:]
        for audio, other in zip(clips["audio"], from_folder[split]["audio"], strict=True):
            assert Path(audio["path"]).read_bytes() == Path(other["path"]).read_bytes()
    assert (tmp_path / "home") in Path(from_archive["train"][0]["audio"]["path"]).parents


def test_a_zip_of_ones_own_folder_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "home"))
    rows = ["file_name,sentence", *(f"{number}.wav,वाक्य {number}" for number in range(9))]
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as file:
        file.writestr("mine/metadata.csv", "\n".join(rows))
        for number in range(9):
            file.write(write_tone(tmp_path / "tone.wav", 0.1), f"mine/{number}.wav")
    assert sum(map(len, open_corpus(str(tmp_path / "mine.zip"), "hi").values())) == 9


def test_many_files_come_out_all(tmp_path: Path) -> None:
    place = packed(tmp_path / "c.tar.gz", {f"{number}": b"" for number in range(3_000)})
    with tarfile.open(place) as file:
        names = file.getnames()
    assert {*names, room.COMPLETE} == set(everything(unpack(place, print, tmp_path / "cache")))
