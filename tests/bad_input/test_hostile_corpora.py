"""Every reader of a corpus meets files that mean harm: a clear message, or the right clips; nothing else is written."""

from __future__ import annotations

import io
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import soundfile
from conftest import write_tone
from datasets import DatasetDict

from whisper_helpers import cli
from whisper_helpers.audio import clip_seconds, read_clip
from whisper_helpers.corpus import clip_names, open_corpus
from whisper_helpers.errors import BadInput

WIDE = 1_000_000  # columns
MANY = 100_000  # rows


def everything(folder: Path) -> dict[Path, bytes]:
    """Content of all files below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def opened(place: Path, language: str | None = "hi") -> DatasetDict:
    """Open a corpus, which must change nothing."""
    before = everything(place)
    try:
        return open_corpus(str(place), language, announce=lambda line: None)
    finally:
        assert everything(place) == before


def refused(place: Path, reason: str) -> None:
    """A corpus that must be refused, in a message that fits on a screen."""
    with pytest.raises(BadInput, match=reason) as error:
        opened(place)
    assert len(str(error.value)) < 2_000


def wide(folder: Path, kind: str) -> None:
    """Write a table of a million columns."""
    names = [f"c{number}" for number in range(WIDE)]
    if kind == "jsonl":
        text = "{" + ",".join(f'"{name}":1' for name in names) + "}\n"
    else:
        mark = "," if kind == "csv" else "\t"
        text = mark.join(names) + "\n" + mark.join("1" for _ in names) + "\n"
    (folder / f"metadata.{kind}").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_a_million_columns_are_refused(tmp_path: Path, kind: str) -> None:
    wide(tmp_path, kind)
    refused(tmp_path, r"has 1,000,000 columns. At most 1,000 are read")


def test_a_wide_parquet_is_refused(tmp_path: Path) -> None:
    table = pyarrow.table({f"c{number}": [1] for number in range(5_000)})
    pyarrow.parquet.write_table(table, tmp_path / "metadata.parquet")
    refused(tmp_path, r"has 5,000 columns. At most 1,000 are read")


def test_a_wide_table_of_common_voice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    wide(tmp_path, "tsv")
    (tmp_path / "metadata.tsv").rename(tmp_path / "train.tsv")
    refused(tmp_path, r"has 1,000,000 columns")


def forged_wav() -> bytes:
    """A WAV of 1 KB whose header promises 4 GB."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(490, dtype="int16"), 16_000, format="WAV")
    content = bytearray(file.getvalue())
    content[4:8] = struct.pack("<I", 0xFFFFFFF0)
    data = content.find(b"data") + 4
    content[data : data + 4] = struct.pack("<I", 0xFFFFFF00)
    return bytes(content)


def forged_flac() -> bytes:
    """A FLAC of a second whose header promises 2 ** 36 samples."""
    file = io.BytesIO()
    soundfile.write(file, np.random.default_rng(0).normal(0, 0.1, 16_000), 16_000, format="FLAC")
    content = bytearray(file.getvalue())
    content[21] |= 0x0F
    content[22:26] = b"\xff\xff\xff\xf0"
    return bytes(content)


@pytest.mark.parametrize("name", ["1.mp3", "1.wav", "1.flac", "1.m4a", "1.ogg"])
@pytest.mark.parametrize("content", [b"", b"\xff", b"RIFF", b"\x00\x00\x00\x18ftypM4A ", b"\x1a\x45\xdf\xa3\xff"])
def test_clips_of_a_few_bytes_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    for read in (read_clip, clip_seconds):
        with pytest.raises(BadInput, match=name):
            read(tmp_path / name)


def test_a_header_that_promises_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(forged_wav())
    assert len(read_clip(tmp_path / "a.wav")) <= 512
    (tmp_path / "b.flac").write_bytes(forged_flac())
    with pytest.raises(BadInput, match=r"b.flac cannot be decoded"):
        read_clip(tmp_path / "b.flac")


@pytest.mark.parametrize("make", [forged_flac, lambda: b"\xff"])
def test_finetune_leaves_damaged_clips_out_by_name(
    small_corpus: Path, tmp_path: Path, make: Callable[[], bytes], tiny_whisper: Path
) -> None:
    from whisper_helpers.checkpoints import open_checkpoint
    from whisper_helpers.doctor import usable_clips

    rows = ["file_name,sentence"]
    for number in range(12):
        write_tone(tmp_path / f"{number}.flac", 0.5)
        rows.append(f"{number}.flac,वाक्य {number}")
    (tmp_path / "metadata.csv").write_text("\n".join(rows), encoding="utf-8")
    corpus = opened(tmp_path)
    victim = Path(corpus["train"][0]["audio"]["path"])
    victim.write_bytes(make())
    _, processor = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    usable, findings = usable_clips(corpus, processor.tokenizer, progress=False, announce=lambda line: None)
    assert [Path(finding.clip).name for finding in findings] == [victim.name]
    assert len(usable["train"]) == len(corpus["train"]) - 1


STRANGE = [
    "line\nbreak",
    'quote"s',
    "tab\tbed",
    "'; DROP TABLE",
    "السلام عليكم",
    "…\u202egnp.wav",
    "%s{0}$(id)`id`",
    "💬",
]


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not possible there")
@pytest.mark.parametrize("kind", ["csv", "jsonl", "pairs", "zip"])
def test_strange_names_and_texts_come_through(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import csv
    import json
    import zipfile

    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "home"))
    folder = tmp_path / "in"
    texts = {f"{number} {name}": f"{name.strip()} {number}" for number, name in enumerate(STRANGE)}
    for name, text in texts.items():
        write_tone(folder / f"{name}.wav", 0.1)
        if kind in ("pairs", "zip"):
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    rows = [{"file_name": f"{name}.wav", "sentence": text} for name, text in texts.items()]
    if kind == "csv":
        with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    elif kind == "jsonl":
        (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    place = folder
    if kind == "zip":
        place = tmp_path / "c.zip"
        with zipfile.ZipFile(place, "w") as file:
            for path in folder.iterdir():
                file.write(path, path.name)
    corpus = opened(place)
    found = {Path(row["audio"]["path"]).name: row["sentence"] for split in corpus.values() for row in split}
    spaced = (lambda text: " ".join(text.split())) if kind in ("pairs", "zip") else str
    assert found == {f"{name}.wav": spaced(text) for name, text in texts.items()}
    assert len({name for split in corpus.values() for name in clip_names(split)}) == len(texts)


@pytest.mark.parametrize("name", ["../out.wav", "a/../../out.wav"])
def test_what_a_table_names_is_read_and_never_written(tmp_path: Path, name: str) -> None:
    write_tone(tmp_path / "out.wav", 0.1)
    rows = "".join(f"{name},वाक्य {number}\n" for number in range(9))
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "metadata.csv").write_text("file_name,sentence\n" + rows, encoding="utf-8")
    before = everything(tmp_path)
    assert sum(map(len, opened(tmp_path / "in").values())) == 9
    assert everything(tmp_path) == before


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_mixed_encodings_are_refused_with_the_line(tmp_path: Path, kind: str) -> None:
    lines = [b"file_name,sentence", "1.wav,да".encode(), "2.wav,нет".encode("cp1251"), "3.wav,ага".encode("utf-16")]
    (tmp_path / f"metadata.{kind}").write_bytes(b"\n".join(lines))
    refused(tmp_path, rf"metadata.{kind} is not UTF-8 in line 3")


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("content", [b"\x00" * 5_000, os.urandom(5_000), b"a" * 3_000_000, b'"' * 4_001, b"{" * 4_001])
def test_bytes_that_are_no_table_are_refused(tmp_path: Path, kind: str, content: bytes) -> None:
    (tmp_path / f"metadata.{kind}").write_bytes(content)
    refused(tmp_path, "metadata")


def test_a_hundred_thousand_rows_open_whole(tmp_path: Path) -> None:
    write_tone(tmp_path / "one.wav", 0.1)
    with (tmp_path / "metadata.tsv").open("w", encoding="utf-8") as file:
        file.write("file_name\tsentence\tspeaker\n")
        file.writelines(f"one.wav\tجملة رقم {number}\ts{number % 300}\n" for number in range(MANY))
    corpus = open_corpus(str(tmp_path), "ar", announce=lambda line: None)
    assert corpus["train"][0]["sentence"] == "جملة رقم 0"
    assert len(set(corpus["train"]["speaker"]) & set(corpus["test"]["speaker"])) == 0
    assert sum(map(len, corpus.values())) > 0.8 * MANY


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"text": "u1 a\n", "wav.scp": "u1 curl http://127.0.0.1:9 |\n"}, "names a command"),
        ({"a.wav": "x", "a.txt": "\ud800"}, "not UTF-8"),
        ({"a.wav": "x", "a.srt": "00:00:01,000 --> 99999999:00:00,000\n"}, "subtitles without words"),
        ({"train.csv": "x", "test.csv": "x"}, "has no rows"),
        ({"c.tar.gz": "x"}, "holds no metadata"),
        ({"metadata.parquet": "PAR1"}, "is no parquet"),
    ],
)
def test_the_command_refuses_each_without_a_trace(
    tmp_path: Path, files: dict[str, str], reason: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    before = everything(tmp_path)
    assert cli.main(["finetune", "--corpus", "in", "--language", "hi", "--output", "run"]) == 2
    message = capsys.readouterr().err
    assert reason in message
    assert "Traceback" not in message
    assert everything(tmp_path) == before
