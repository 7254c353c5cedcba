"""Each bad input gets one clear message and exit code 2: no stack trace, nothing written."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import write_tone

from whisper_helpers import cli

Rows = list[dict[str, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_corpus(folder: Path, change: Callable[[Rows], Rows] = lambda rows: rows) -> Path:
    """Write 20 clips of tones and their table, changed."""
    splits = ["train"] * 12 + ["validation"] * 4 + ["test"] * 4
    rows = [{"file_name": f"{n:02}.wav", "sentence": f"वाक्य {n}", "split": split} for n, split in enumerate(splits)]
    for number, row in enumerate(rows):
        write_tone(folder / row["file_name"], 1.0, hertz=200 + 10 * number)
    rows = change(rows)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def everything(folder: Path) -> set[Path]:
    """All that lies below a folder."""
    return set(folder.rglob("*"))


def refused(capsys: pytest.CaptureFixture, here: Path, *words: str) -> str:
    """Run `finetune`, which must refuse; return its message."""
    before = everything(here)
    status = cli.main(["finetune", "--output", str(here / "run"), *words])
    message = capsys.readouterr().err.split("whisper-helpers: ")
    assert (status, len(message)) == (2, 2)
    assert "Traceback" not in message[1]
    assert everything(here) == before
    return message[1]


def test_missing_corpus(here: Path, capsys: pytest.CaptureFixture) -> None:
    assert "nowhere" in refused(capsys, here, "--corpus", "nowhere", "--language", "hi")


def test_no_metadata(here: Path, capsys: pytest.CaptureFixture) -> None:
    write_tone(here / "clips" / "a.wav", 1)
    assert "metadata.csv" in refused(capsys, here, "--corpus", "clips", "--language", "hi")


def test_unknown_column(here: Path, capsys: pytest.CaptureFixture) -> None:
    make_corpus(here / "corpus")
    message = refused(capsys, here, "--corpus", "corpus", "--language", "hi", "--sentence-column", "satz")
    assert "satz" in message
    assert "sentence" in message


def test_no_column_for_the_text(here: Path, capsys: pytest.CaptureFixture) -> None:
    make_corpus(here / "corpus", lambda rows: [{"file_name": row["file_name"], "words": "x"} for row in rows])
    assert "--sentence-column" in refused(capsys, here, "--corpus", "corpus", "--language", "hi")


def test_files_that_are_missing(here: Path, capsys: pytest.CaptureFixture) -> None:
    make_corpus(here / "corpus", lambda rows: [row | {"file_name": f"gone/{row['file_name']}"} for row in rows])
    assert "gone" in refused(capsys, here, "--corpus", "corpus", "--language", "hi")


def test_empty_transcripts(here: Path, capsys: pytest.CaptureFixture) -> None:
    make_corpus(here / "corpus", lambda rows: [row | {"sentence": " "} for row in rows])
    assert "sentence" in refused(capsys, here, "--corpus", "corpus", "--language", "hi")


def test_no_language(here: Path, capsys: pytest.CaptureFixture) -> None:
    make_corpus(here / "corpus")
    assert "--language" in refused(capsys, here, "--corpus", "corpus")


def test_unknown_language(here: Path, capsys: pytest.CaptureFixture) -> None:
    make_corpus(here / "corpus")
    assert "hindi" in refused(capsys, here, "--corpus", "corpus", "--language", "hindy")


def test_unknown_checkpoint(here: Path, capsys: pytest.CaptureFixture) -> None:
    make_corpus(here / "corpus")
    message = refused(capsys, here, "--corpus", "corpus", "--language", "hi", "--model", "openai/whisper-bose")
    assert "whisper-bose" in message
    assert "whisper-base" in message


def test_unknown_task(here: Path, capsys: pytest.CaptureFixture) -> None:
    assert "translate" in refused(capsys, here, "--task", "summarise")


@pytest.mark.parametrize("flag", ["--steps", "--batch-size", "--learning-rate", "--limit-train", "--window"])
def test_numbers_that_mean_nothing(flag: str, here: Path, capsys: pytest.CaptureFixture) -> None:
    assert "window" in (message := refused(capsys, here, flag, "-3")) or flag in message


def test_no_test_split_possible(here: Path, capsys: pytest.CaptureFixture) -> None:
    one = [{"file_name": "00.wav", "sentence": "एक"}]
    make_corpus(here / "corpus", lambda rows: one)
    assert "split" in refused(capsys, here, "--corpus", "corpus", "--language", "hi")


@pytest.mark.parametrize("content", [b"", b"not audio at all, though its name says so"])
def test_a_corpus_that_is_mostly_unreadable(
    content: bytes, here: Path, capsys: pytest.CaptureFixture, tiny_whisper: Path
) -> None:
    folder = make_corpus(here / "corpus")
    for number in range(15):
        (folder / f"{number:02}.wav").write_bytes(content)
    message = refused(capsys, here, "--corpus", "corpus", "--language", "hi", "--model", str(tiny_whisper))
    assert "12 of 12 train clips" in message


def spoil(folder: Path) -> None:
    """Make five of twelve training clips unusable, each in another way."""
    (folder / "00.wav").write_bytes(b"")
    (folder / "01.wav").write_bytes(b"text with an audio extension")
    soundfile.write(folder / "02.wav", np.full(16_000, np.nan, dtype=np.float32), 16_000, subtype="FLOAT")
    soundfile.write(folder / "03.wav", np.zeros(0), 16_000)
    write_tone(folder / "04.wav", 31)


def test_a_few_bad_clips_are_skipped_and_listed(here: Path, capsys: pytest.CaptureFixture, tiny_whisper: Path) -> None:
    spoil(make_corpus(here / "corpus"))
    write_tone(here / "corpus" / "05.wav", 1.0, rate=96_000, channels=8)
    words = ["--model", str(tiny_whisper), "--corpus", "corpus", "--language", "hi", "--output", "run"]
    assert cli.main(["finetune", *words, "--steps", "1", "--save-steps", "1", "--limit-test", "1"]) == 0
    output = capsys.readouterr().out
    for number in range(5):
        assert f"{number:02}.wav" in output
    assert '"train": 7' in (here / "run" / "results.json").read_text(encoding="utf-8")


def test_labels_beyond_448_are_skipped_and_named(here: Path, capsys: pytest.CaptureFixture, tiny_whisper: Path) -> None:
    make_corpus(here / "corpus", lambda rows: [rows[0] | {"sentence": "क" * 1000}, *rows[1:]])
    words = ["--model", str(tiny_whisper), "--corpus", "corpus", "--language", "hi", "--output", "run"]
    assert cli.main(["finetune", *words, "--steps", "1", "--save-steps", "1", "--limit-test", "1"]) == 0
    output = capsys.readouterr().out
    assert "00.wav" in output
    assert "448" in output


def test_output_that_is_a_file(here: Path, capsys: pytest.CaptureFixture, tiny_whisper: Path) -> None:
    make_corpus(here / "corpus")
    (here / "taken").write_text("mine")
    words = [
        "--corpus",
        "corpus",
        "--language",
        "hi",
        "--model",
        str(tiny_whisper),
        "--output",
        str(here / "taken" / "run"),
    ]
    assert "is a file" in refused(capsys, here, *words)


def test_output_that_is_not_writable(here: Path, capsys: pytest.CaptureFixture, tiny_whisper: Path) -> None:
    make_corpus(here / "corpus")
    root = os.name == "posix" and os.geteuid() == 0  # root may write everywhere but where there is no room at all
    locked = Path("/proc") if root else here / "locked"
    locked.mkdir(mode=0o500, exist_ok=True)
    words = [
        "--corpus",
        "corpus",
        "--language",
        "hi",
        "--model",
        str(tiny_whisper),
        "--output",
        str(locked / "run"),
    ]
    assert ("0.0 GB are free" if root else "cannot be written") in refused(capsys, here, *words)


def test_a_disk_without_room(
    here: Path, capsys: pytest.CaptureFixture, tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_corpus(here / "corpus")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9 - 5000, 5000))
    words = ["--corpus", "corpus", "--language", "hi", "--model", str(tiny_whisper)]
    assert "GB are free" in refused(capsys, here, *words)


@pytest.mark.parametrize("repo", ["mine", "a/b/c", "me/what ever"])
def test_a_name_that_no_hub_takes(repo: str, here: Path, capsys: pytest.CaptureFixture) -> None:
    assert repo in refused(capsys, here, "--push-to-hub", repo)
