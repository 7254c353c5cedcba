"""What a training would leave out is found in a corpus of any shape: each is made with its faults known."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pyarrow
import pytest
import soundfile
from pyarrow.parquet import write_table

from whisper_helpers.cli import main
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import examine, write_fixed
from whisper_helpers.doctor import page as pages

ABOUT_ALL = {"tiny_split", "unbalanced_speaker", "digits", "duplicate_text"}
WORDS = ("एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ", "दस")


def found_in(place: Path, language: str | None = "hi") -> set[tuple[str, str]]:
    """Last part of the clip's name and reason of each finding about a clip; audio that is a tone is not judged."""
    found = examine(str(place), language, progress=False).findings
    return {(Path(each.clip).name, each.reason) for each in found if each.clip and each.reason not in ABOUT_ALL}


def silent(line: str) -> None:
    """Say nothing."""


def clip(path: Path, number: int, seconds: float = 1.0) -> Path:
    """Write a clip of noise that no other number has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(number).normal(0, 0.05, int((seconds + number / 50) * 16_000))
    soundfile.write(path, noise, 16_000)
    return path


def pairs(folder: Path) -> None:
    """Ten recordings with their words, and three things that a training leaves out."""
    for number, word in enumerate(WORDS):
        clip(folder / f"{number}.wav", number)
        (folder / f"{number}.txt").write_text(word, encoding="utf-8")
    (folder / "0.txt").write_text("  \n", encoding="utf-8")
    clip(folder / "alone.wav", 11)
    (folder / "lost.txt").write_text("खो गया", encoding="utf-8")


FAULTS_OF_PAIRS = {("0.wav", "empty_text"), ("alone.wav", "empty_text"), ("lost", "missing_file")}


def test_recordings_and_texts_that_stand_alone_are_findings(tmp_path: Path) -> None:
    pairs(tmp_path)
    assert found_in(tmp_path) == FAULTS_OF_PAIRS
    table = write_fixed(examine(str(tmp_path), "hi", progress=False), tmp_path.parent / "fixed")
    corpus = open_corpus(str(table), announce=silent)
    assert {row["sentence"] for split in corpus.values() for row in split} == set(WORDS[1:])


def test_an_archive_is_examined_like_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "home"))
    pairs(tmp_path / "in")
    with tarfile.open(tmp_path / "in.tar.gz", "w:gz") as file:
        file.add(tmp_path / "in", "in")
    assert found_in(tmp_path / "in.tar.gz") == FAULTS_OF_PAIRS


def test_subtitles_without_words_or_length_are_findings_and_excerpts_can_be_heard(tmp_path: Path) -> None:
    clip(tmp_path / "talk.wav", 1, 20)
    times = [f"00:00:{start:02},000 --> 00:00:{start + 1:02},500\n{word}\n" for start, word in enumerate(WORDS)]
    times += ["00:00:11,000 --> 00:00:12,000\n<i></i>\n", "00:00:13,000 --> 00:00:13,000\nकुछ\n"]
    (tmp_path / "talk.srt").write_text("\n".join(times), encoding="utf-8")
    assert found_in(tmp_path) == {
        ("talk.wav#t=11.000,12.000", "empty_text"),
        ("talk.wav#t=13.000,13.000", "empty_audio"),
    }
    found = examine(str(tmp_path), "hi", progress=False)
    assert pages.fragment(found).count("<audio controls") == 1
    table = write_fixed(found, tmp_path / "fixed")
    corpus = open_corpus(str(table), announce=silent)
    assert sorted(row["sentence"] for split in corpus.values() for row in split) == sorted(WORDS)


def test_utterances_of_kaldi_without_recording_or_text_are_findings(tmp_path: Path) -> None:
    lines = [f"u{number} {clip(tmp_path / f'{number}.wav', number).name}" for number in range(10)]
    texts = [f"u{number} {word}" for number, word in enumerate(WORDS)]
    texts[3] = "u3 "
    (tmp_path / "wav.scp").write_text("\n".join([*lines[:9], "u9 gone.wav", f"u11 {lines[2].split()[1]}"]))
    (tmp_path / "text").write_text("\n".join([*texts, "u10 दस"]), encoding="utf-8")
    assert found_in(tmp_path) - {("2.wav", "duplicate_audio")} == {
        ("gone.wav", "missing_file"),
        ("u10", "missing_file"),
        ("3.wav", "empty_text"),
        ("2.wav", "empty_text"),
    }
    said: list[str] = []
    open_corpus(str(tmp_path), "hi", announce=said.append)
    assert "Left out: 1 train recordings without a text: u11." in said


def test_segments_of_kaldi_without_their_recording_are_findings(tmp_path: Path) -> None:
    clip(tmp_path / "a.wav", 1, 20)
    (tmp_path / "wav.scp").write_text("a a.wav\nb gone.wav\n", encoding="utf-8")
    spans = [f"u{n} a {n} {n + 1}\n" for n in range(9)]
    (tmp_path / "segments").write_text("".join([*spans, "u9 b 0 1\n"]), encoding="utf-8")
    (tmp_path / "text").write_text("".join(f"u{n} {word}\n" for n, word in enumerate(WORDS)), encoding="utf-8")
    assert found_in(tmp_path) == {("gone.wav#t=0.000,1.000", "missing_file")}


def test_clips_inside_a_parquet_are_examined_with_those_that_are_not_there(tmp_path: Path) -> None:
    sounds = [{"bytes": clip(tmp_path / "one.wav", n).read_bytes(), "path": f"{n}.wav"} for n in range(10)]
    sounds[4]["bytes"], sounds[5]["bytes"], sounds[6] = None, b"", None
    sentences = [*WORDS[:7], "  ", None, WORDS[9]]
    table = pyarrow.table({"audio": sounds, "sentence": sentences})
    write_table(table, tmp_path / "metadata.parquet")
    assert found_in(tmp_path) == {
        ("4.wav", "missing_file"),
        ("5.wav", "unreadable"),
        ("clip 6", "missing_file"),
        ("7.wav", "empty_text"),
        ("8.wav", "empty_text"),
    }


def test_a_table_for_each_split_and_one_of_any_name_are_read_whole(tmp_path: Path) -> None:
    clip(tmp_path / "a.wav", 1)
    for place, names in ((tmp_path / "two", ("train", "test")), (tmp_path / "one", ("list",))):
        place.mkdir()
        for name in names:
            rows = f"file_name,sentence\n../a.wav,एक\ngone_{name}.wav,दो\n../a.wav,\n"
            (place / f"{name}.csv").write_text(rows, encoding="utf-8")
    expected = {("gone_train.wav", "missing_file"), ("gone_test.wav", "missing_file"), ("a.wav", "empty_text")}
    assert expected <= found_in(tmp_path / "two")
    assert {row.split for row in examine(str(tmp_path / "two"), "hi", progress=False).corpus.rows} == {"train", "test"}
    assert {("gone_list.wav", "missing_file"), ("a.wav", "empty_text")} <= found_in(tmp_path / "one")


@pytest.mark.parametrize("inside", ["", "cv-corpus/hi"])
def test_a_release_is_read_whole_from_above_and_by_its_validated_clips(tmp_path: Path, inside: str) -> None:
    folder = tmp_path / inside
    clip(folder / "clips" / "a.mp3", 1)
    rows = "client_id\tpath\tsentence\tlocale\ns\ta.mp3\tएक\thi\ns\tb.mp3\tदो\thi\ns\tb.mp3\t\thi\n"
    (folder / "validated.tsv").write_text(rows, encoding="utf-8")
    (folder / "train.tsv").write_text(rows.split("\n")[0] + "\n", encoding="utf-8")
    assert found_in(tmp_path, None) >= {("b.mp3", "missing_file"), ("b.mp3", "empty_text")}


def test_each_corpus_of_a_mixture_is_read_once_and_fixed_with_its_language(tmp_path: Path) -> None:
    for code, words in (("hi", WORDS), ("ru", ("раз", "два", "три", "четыре", "пять"))):
        folder = tmp_path / code
        lines = [f"{clip(folder / f'{n}.wav', n + 50 * len(code + words[0])).name},{w}" for n, w in enumerate(words)]
        column = "path" if code == "ru" else "file_name"
        (folder / "list.csv").write_text("\n".join([f"{column},sentence", *lines, "gone.wav,a"]), encoding="utf-8")
    found = examine(f"{tmp_path / 'hi'}=hi:3,{tmp_path / 'ru'}=ru", progress=False)
    assert len(found.corpus.rows) == 17
    assert [each.clip for each in found.findings if each.reason == "missing_file"] == ["gone.wav", "gone.wav"]
    corpus = open_corpus(str(write_fixed(found, tmp_path / "fixed")), announce=silent)
    rows = [row for split in corpus.values() for row in split]
    assert sorted({row["language"] for row in rows}) == ["hi", "ru"]
    assert len(rows) == 15


def test_the_command_tells_of_what_a_training_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs(tmp_path / "in")
    assert main(["doctor", str(tmp_path / "in"), "--language", "hi", "--json", str(tmp_path / "found.json")]) == 1
    listed = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert {(Path(each["clip"] or "").name, each["reason"]) for each in listed["findings"]} >= FAULTS_OF_PAIRS
    assert "missing_file" in capsys.readouterr().out
