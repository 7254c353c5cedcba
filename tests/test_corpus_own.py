"""Oracles: pandas and pyarrow write the tables, FFmpeg's own demuxers read the subtitles."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from pathlib import Path

import av
import numpy as np
import pandas
import pytest
import soundfile
from conftest import write_tone
from datasets import DatasetDict
from hypothesis import given, settings
from hypothesis import strategies as st

from whisper_helpers.audio import clip_seconds, read_clip
from whisper_helpers.corpus import clip_names, open_corpus
from whisper_helpers.corpus.subtitles import parse_subtitles, read_subtitles
from whisper_helpers.errors import BadInput

SRT = """1
00:00:00,500 --> 00:00:01,500
<i>पहला</i>
वाक्य

2
00:00:01,500 --> 00:00:02,750
{\\an8}दूसरा वाक्य

3
00:00:02,900 --> 00:00:03,400
तीसरा
"""
VTT = """WEBVTT

STYLE
::cue { color: red }

NOTE nobody says this

00:00.500 --> 00:01.500 align:start
<v आशा>पहला</v>
<c.loud>वाक्य</c>

name of the cue
00:00:01.500 --> 00:00:02.750
दूसरा &amp; वाक्य

00:00:02.900 --> 00:00:03.400
तीसरा
"""


def opened(place: Path, language: str | None = "hi", **choices: object) -> tuple[DatasetDict, str]:
    """Open a corpus; what it says comes back as one text."""
    lines: list[str] = []
    return open_corpus(str(place), language, announce=lines.append, **choices), "\n".join(lines)


def all_rows(corpus: DatasetDict) -> dict[str, str]:
    """Sentence by name of the clip, of all splits together."""
    return {Path(row["audio"]["path"]).name: row["sentence"] for split in corpus.values() for row in split}


def tones(folder: Path, number: int = 10) -> dict[str, str]:
    """Make clips and their sentences."""
    return {write_tone(folder / f"{n}.wav", 0.1 + n / 100).name: f'वाक्य "{n}", ठीक' for n in range(number)}


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["metadata", "my table"])
def test_any_table_of_any_name_opens_the_same(tmp_path: Path, kind: str, mark: str, end: str, name: str) -> None:
    rows = tones(tmp_path)
    table = pandas.DataFrame({"file_name": list(rows), "sentence": list(rows.values())})
    path = tmp_path / f"{name}.{kind}"
    if kind == "parquet":
        table.to_parquet(path)
    else:
        text = table.to_csv(index=False) if kind == "csv" else table.to_json(orient="records", lines=True)
        text = "".join("\t".join(row) + "\n" for row in [table.columns, *table.values]) if kind == "tsv" else text
        path.write_bytes((mark + text.replace("\r\n", "\n").replace("\n", end)).encode())
    assert all_rows(opened(tmp_path)[0]) == rows
    assert all_rows(opened(path)[0]) == rows


def test_parquet_with_clips_inside_opens_by_its_splits(tmp_path: Path) -> None:
    rows = tones(tmp_path)
    sounds = [{"bytes": (tmp_path / name).read_bytes(), "path": name} for name in rows]
    splits = ["train"] * 6 + ["dev"] * 2 + ["test"] * 2
    table = pandas.DataFrame({"audio": sounds, "sentence": list(rows.values()), "split": splits, "lang": "hi"})
    (tmp_path / "in").mkdir()
    table.to_parquet(tmp_path / "in" / "metadata.parquet")
    corpus, _ = opened(tmp_path / "in", None)
    assert {name: len(split) for name, split in corpus.items()} == {"train": 6, "validation": 2, "test": 2}
    assert all_rows(corpus) == rows
    assert corpus["test"][1]["audio"]["bytes"] == (tmp_path / "9.wav").read_bytes()
    assert corpus["test"]["language"][:] == ["hi", "hi"]


def test_a_table_for_each_split_opens(tmp_path: Path) -> None:
    rows = list(tones(tmp_path).items())
    for split, part in {"train": rows[:6], "validation": rows[6:8], "test": rows[8:]}.items():
        pandas.DataFrame(part, columns=["path", "text"]).to_csv(tmp_path / f"{split}.csv", index=False)
    corpus, _ = opened(tmp_path)
    assert [len(split) for split in corpus.values()] == [6, 2, 2]
    assert all_rows(corpus) == dict(rows)
    (tmp_path / "dev.tsv").touch()
    with pytest.raises(BadInput, match=r"holds dev.tsv and validation.csv"):
        opened(tmp_path)


def test_recordings_are_paired_with_texts_by_name_never_by_order(tmp_path: Path) -> None:
    names = [f"rec_{number}" for number in range(1, 13)]
    for number, name in enumerate(names):
        write_tone(tmp_path / f"deep/{name}.wav", 0.1)
        if name != "rec_2":
            (tmp_path / f"deep/{name}.txt").write_text(f"वाक्य {number}\n  और\r\n", encoding="utf-8-sig")
    (tmp_path / "readme.txt").write_text("About", encoding="utf-8")
    corpus, lines = opened(tmp_path)
    assert all_rows(corpus) == {f"{n}.wav": f"वाक्य {i} और" for i, n in enumerate(names) if n != "rec_2"}
    assert "1 of 12 recordings without a text of their name: deep/rec_2.wav" in lines
    assert "1 of 12 texts without a recording of their name: readme.txt" in lines


def test_folders_named_like_splits_are_the_splits(tmp_path: Path) -> None:
    for split, number in {"train": 4, "dev": 2, "test": 3}.items():
        for each in range(number):
            write_tone(tmp_path / f"{split}/{each}.wav", 0.1)
            (tmp_path / f"{split}/{each}.txt").write_text(f"{split} {each}", encoding="utf-8")
    assert [len(split) for split in opened(tmp_path)[0].values()] == [4, 2, 3]
    write_tone(tmp_path / "loose.wav", 0.1)
    (tmp_path / "loose.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="names the splits ''"):
        opened(tmp_path)


def test_names_in_either_form_of_unicode_meet(tmp_path: Path) -> None:
    for number in range(6):
        write_tone(tmp_path / f"{unicodedata.normalize('NFD', 'é')}{number}.wav", 0.1)
        (tmp_path / f"{unicodedata.normalize('NFC', 'é')}{number}.txt").write_text(f"parole {number}", encoding="utf-8")
    assert sum(map(len, opened(tmp_path, "fr")[0].values())) == 6


@pytest.mark.parametrize("extra", ["1.flac", "1.srt.txt", "1.vtt"])
def test_two_recordings_of_one_name_are_refused(tmp_path: Path, extra: str) -> None:
    for number in range(4):
        write_tone(tmp_path / f"{number}.wav", 0.1)
        (tmp_path / f"{number}.srt").write_text(SRT, encoding="utf-8")
    if extra == "1.srt.txt":
        (tmp_path / extra).write_text("a text of another name", encoding="utf-8")
        assert "texts without a recording" in opened(tmp_path)[1]
        return
    (tmp_path / extra).write_bytes((tmp_path / "1.wav").read_bytes())
    with pytest.raises(BadInput, match=r"have one name. Pairing is by name"):
        opened(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_users_own_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    for number in range(5):
        write_tone(tmp_path / f"elsewhere/{number}.wav", 0.1)
        (tmp_path / f"elsewhere/{number}.txt").write_text(f"वाक्य {number}", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "circle").symlink_to(tmp_path / "mine")
    assert sum(map(len, opened(tmp_path / "mine")[0].values())) == 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [("да".encode("cp1251"), "0.txt is not UTF-8"), (b"x" * 200_000, "0.txt is too long for one clip")],
)
def test_texts_that_are_none_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    write_tone(tmp_path / "0.wav", 0.1)
    (tmp_path / "0.txt").write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        opened(tmp_path)


def demuxed(path: Path) -> list[float]:
    """Beginning and end of each subtitle as FFmpeg finds them."""
    with av.open(str(path)) as file:
        packets = [packet for packet in file.demux(file.streams.subtitles[0]) if packet.size]
        return [float(time * each.time_base) for each in packets for time in (each.pts, each.pts + each.duration)]


@pytest.mark.parametrize(("ending", "text"), [("srt", SRT), ("vtt", VTT)])
def test_subtitles_have_the_times_that_ffmpeg_finds(tmp_path: Path, ending: str, text: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    cues = read_subtitles(path)
    assert [time for cue in cues for time in (cue.start, cue.end)] == pytest.approx(demuxed(path))
    second = "दूसरा वाक्य" if ending == "srt" else "दूसरा & वाक्य"
    assert [cue.text for cue in cues] == ["पहला वाक्य", second, "तीसरा"]
    assert cues[0].speaker == ("" if ending == "srt" else "आशा")


def test_a_number_without_a_blank_line_before_it_is_no_word() -> None:
    cues = list(parse_subtitles(SRT.replace("\n\n", "\n")))
    assert [cue.text for cue in cues] == ["पहला वाक्य", "दूसरा वाक्य", "तीसरा"]


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("0123456789:.,->\n\r<v/>{\\}& aक"), max_size=120))
def test_any_text_is_subtitles_or_none(text: str) -> None:
    for cue in parse_subtitles(f"00:00:01,000 --> 00:00:02,000\n{text}"):
        assert "\n" not in cue.text
        assert cue.start >= 0


def test_a_long_recording_is_cut_where_its_subtitles_say(tmp_path: Path) -> None:
    recording = np.sin(np.arange(4 * 16_000) / 20) * np.linspace(0.1, 0.9, 4 * 16_000)
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.flac", recording, 16_000)
    (tmp_path / "a.srt").write_text(SRT, encoding="utf-8")
    (tmp_path / "b.vtt").write_text(VTT.replace("तीसरा", "").replace("दूसरा", "चौथा"), encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    corpus, lines = opened(tmp_path)
    assert "1 of 6 subtitles without words or length" in lines
    rows = [(name, row) for s in corpus.values() for name, row in zip(clip_names(s), s, strict=True)]
    assert len(rows) == len({name for name, _ in rows}) == 5
    assert {row["speaker"] for _, row in rows} == {"a", "b", "आशा"}
    row = next(row for _, row in rows if row["sentence"] == "दूसरा वाक्य")
    assert row["audio"]["bytes"] is None
    assert clip_seconds(row["audio"]) == pytest.approx(1.25)
    whole, _ = soundfile.read(tmp_path / "a.flac", dtype="float32")
    assert np.array_equal(read_clip(row["audio"]), whole[24_000:44_000])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "holds no subtitles"), ("да".encode("cp1251"), "is not UTF-8"), (b"WEBVTT\n", "holds no")],
)
def test_subtitles_that_are_none_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    write_tone(tmp_path / "0.wav", 0.1)
    (tmp_path / "0.srt").write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        opened(tmp_path)


def kaldi(folder: Path, files: dict[str, list[str]]) -> Path:
    """Write a data folder of Kaldi."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_data_of_kaldi_opens_with_its_speakers(tmp_path: Path) -> None:
    names = [f"u{number:02}" for number in range(12)]
    for number, name in enumerate(names):
        write_tone(tmp_path / f"sound of/{name}.wav", 0.1 + number / 100)
    data = kaldi(
        tmp_path,
        {
            "text": [f"{name} वाक्य  {number}" for number, name in enumerate(names)] + ["gone nothing"],
            "wav.scp": [f"{name}\tsound of/{name}.wav" for name in reversed(names)],
            "utt2spk": [f"{name} s{number // 2}" for number, name in enumerate(names)],
        },
    )
    corpus, lines = opened(data)
    assert all_rows(corpus) == {f"{name}.wav": f"वाक्य  {number}" for number, name in enumerate(names)}
    assert set(corpus["train"]["speaker"]).isdisjoint(corpus["test"]["speaker"])
    assert "1 of 13 train utterances without a recording" in lines


def test_segments_of_kaldi_are_excerpts(tmp_path: Path) -> None:
    write_tone(tmp_path / "long.wav", 10)
    for split, first in {"train": 0, "dev": 5, "test": 8}.items():
        numbers = range(first, first + 2)
        files = {
            "text": [f"u{n} वाक्य {n}" for n in numbers],
            "wav.scp": [f"long {tmp_path / 'long.wav'}"],
            "segments": [f"u{n} long {n}.0 {n}.75" for n in numbers],
        }
        kaldi(tmp_path / split, files)
    corpus, _ = opened(tmp_path)
    assert [len(split) for split in corpus.values()] == [2, 2, 2]
    assert [clip_seconds(audio) for audio in corpus["test"]["audio"]] == pytest.approx([0.75, 0.75])
    assert np.array_equal(read_clip(corpus["test"][0]["audio"]), read_clip(tmp_path / "long.wav")[128_000:140_000])


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("wav.scp", "u1 sph2pipe -f wav a.sph |", "names a command: sph2pipe"),
        ("wav.scp", "u1 | touch owned", "names a command"),
        ("wav.scp", "u0 other.wav", "has u0 twice"),
        ("text", "u0 again", "has u0 twice"),
        ("segments", "u0 u0 2 1", "has the values 'u0 2 1'"),
        ("segments", "u0 u0 nan 1", "has the values"),
        ("segments", "u0", "has the values ''"),
    ],
)
def test_what_kaldi_would_run_or_mistake_is_refused(tmp_path: Path, name: str, line: str, reason: str) -> None:
    write_tone(tmp_path / "a.wav", 0.1)
    data = kaldi(tmp_path, {"text": ["u0 a"], "wav.scp": ["u0 a.wav"]})
    with (data / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    before = sorted(os.listdir(data))
    with pytest.raises(BadInput, match=reason):
        opened(data)
    assert sorted(os.listdir(data)) == before


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_recordings_of_any_rate_and_channels_open(tmp_path: Path, rate: int, channels: int) -> None:
    for number in range(4):
        write_tone(tmp_path / f"{number}.wav", 0.5, rate=rate, channels=channels)
        (tmp_path / f"{number}.txt").write_text(f"वाक्य {number}", encoding="utf-8")
    corpus, _ = opened(tmp_path)
    assert len(read_clip(corpus["train"][0]["audio"])) == 8_000


def test_nothing_but_recordings_is_no_corpus(tmp_path: Path) -> None:
    tones(tmp_path)
    with pytest.raises(BadInput, match=r"holds no metadata.csv"):
        opened(tmp_path)


def test_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    whole = io.BytesIO()
    pandas.DataFrame({"file_name": ["a"] * 9, "sentence": ["b"] * 9}).to_parquet(whole)
    for content in (b"", b"PAR1", whole.getvalue()[:-30], b"PAR1" + os.urandom(100) + b"PAR1"):
        (tmp_path / "metadata.parquet").write_bytes(content)
        with pytest.raises(BadInput, match="is no parquet"):
            opened(tmp_path)
