"""Oracles: tables written by the csv and json modules, and what they must come back as."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import write_tone
from datasets import Audio, DatasetDict
from hypothesis import given, settings
from hypothesis import strategies as st

from whisper_helpers.corpus import clip_names, is_synthetic, open_corpus, some_of
from whisper_helpers.corpus.clips import leave_out
from whisper_helpers.corpus.columns import languages_of, locale_language
from whisper_helpers.corpus.table import read_table
from whisper_helpers.errors import BadInput

HEADER = ["file_name", "sentence", "split"]
Rows = list[list[str]]


def as_csv(rows: Rows) -> str:
    """Write rows as comma-separated values."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def as_tsv(rows: Rows) -> str:
    """Write rows with tabs, nothing quoted."""
    return "".join("\t".join(row) + "\n" for row in rows)


def as_jsonl(rows: Rows) -> str:
    """Write rows as one JSON object a line."""
    return "".join(json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:])


def clips_and_rows(folder: Path, number: int = 10) -> Rows:
    """Make clips, and a table of them that brings every split."""
    splits = ["train"] * (number - 4) + ["dev", "dev", "test", "test"]
    for index in range(number):
        write_tone(folder / f"clips/{index}.wav", 0.1)
    return [HEADER, *([f"clips/{index}.wav", f"वाक्य {index}", split] for index, split in enumerate(splits))]


def opened(name: Path | str, language: str | None = "hi", **choices: object) -> tuple[DatasetDict, str]:
    """Open a corpus; what it says comes back as one text."""
    lines: list[str] = []
    return open_corpus(str(name), language, announce=lines.append, **choices), "\n".join(lines)


def read_or_refused(table: Path) -> tuple[list[str], list[dict[str, str]], str]:
    """Columns, rows and no refusal, or the refusal."""
    try:
        return *read_table(table), ""
    except BadInput as error:
        return [], [], str(error)


@pytest.mark.parametrize(("ending", "write"), [("csv", as_csv), ("tsv", as_tsv), ("jsonl", as_jsonl)])
def test_every_kind_of_table_opens_the_same(tmp_path: Path, ending: str, write: Callable[[Rows], str]) -> None:
    rows = clips_and_rows(tmp_path)
    table = tmp_path / f"metadata.{ending}"
    table.write_text(write(rows), encoding="utf-8")
    corpus, lines = opened(tmp_path)
    assert list(corpus) == ["train", "validation", "test"]
    assert corpus["train"].column_names == ["audio", "sentence", "language", "speaker"]
    assert corpus["train"].features["audio"] == Audio(decode=False)
    assert corpus["test"][0] == {
        "audio": {"bytes": None, "path": str(tmp_path / "clips" / "8.wav")},
        "sentence": "वाक्य 8",
        "language": "hi",
        "speaker": "",
    }
    assert "Clips: 6 train, 2 validation, 2 test." in lines
    assert opened(table)[0]["test"][:] == corpus["test"][:]


@settings(deadline=None, max_examples=100)
@given(
    sentences=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30).filter(str.strip),
        min_size=1,
        max_size=8,
    )
)
def test_no_sentence_is_lost_or_shifted(tmp_path_factory: pytest.TempPathFactory, sentences: list[str]) -> None:
    folder = tmp_path_factory.mktemp("tables")
    rows = [["file_name", "sentence"], *([f"{n}.wav", sentence] for n, sentence in enumerate(sentences))]
    for ending, write in (("csv", as_csv), ("tsv", as_tsv), ("jsonl", as_jsonl)):
        (folder / f"t.{ending}").write_bytes(write(rows).encode())
        found = read_table(folder / f"t.{ending}")[1]
        assert [row["sentence"] for row in found] == sentences, ending
        assert [row["file_name"] for row in found] == [f"{n}.wav" for n in range(len(sentences))]


@settings(deadline=None, max_examples=150)
@given(content=st.binary(max_size=120) | st.text(st.sampled_from('a,"\t\n\r;{}[]\\:u\ud800'), max_size=60))
def test_any_content_is_a_table_or_bad_input(tmp_path_factory: pytest.TempPathFactory, content: bytes | str) -> None:
    folder = tmp_path_factory.mktemp("wild")
    for ending in ("csv", "tsv", "jsonl"):
        table = folder / f"t.{ending}"
        table.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        columns, rows, refusal = read_or_refused(table)
        assert bool(rows) != bool(refusal)
        assert all(list(row) == columns for row in rows)
        assert not refusal or table.name in refusal


def test_a_lone_quotation_mark_in_a_tsv_swallows_no_row(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    rows[2][1] = '"उसने कहा'
    (tmp_path / "metadata.tsv").write_text(as_tsv(rows), encoding="utf-8")
    corpus, _ = opened(tmp_path)
    assert corpus["train"]["sentence"][:3] == ["वाक्य 0", '"उसने कहा', "वाक्य 2"]


def test_a_lone_quotation_mark_in_a_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text('file_name,sentence\n1.wav,"Yes\n2.wav,No\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"no proper CSV"):
        opened(tmp_path)


def test_a_comma_without_quotation_marks_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("file_name,sentence\n1.wav,No\n2.wav,Yes, please\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"Line 3 of metadata.csv has 3 values. Its header has 2"):
        opened(tmp_path)


def test_a_spreadsheet_with_byte_order_mark_and_semicolons_opens(tmp_path: Path) -> None:
    text = as_tsv(clips_and_rows(tmp_path)).replace("\t", ";").replace("\n", "\r\n")
    (tmp_path / "metadata.csv").write_bytes(text.encode("utf-8-sig"))
    assert opened(tmp_path)[0]["test"]["sentence"][:] == ["वाक्य 8", "वाक्य 9"]


@pytest.mark.parametrize("line", ['{"file_name": ', "[1, 2]", "null", '{"sentence": "\\ud800"}', "[" * 100_000])
def test_a_broken_line_of_json_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "metadata.jsonl").write_text(f'{{"file_name": "1.wav"}}\n\n{line}\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"Line 3 of metadata.jsonl is no JSON object"):
        opened(tmp_path)


def test_usual_column_names_are_guessed_in_any_case(tmp_path: Path) -> None:
    write_tone(tmp_path / "clips/a.mp3.wav", 0.1)
    header = "client_id\tPath\tsentence_id\tText\tlocale\n"
    rows = "".join(f"s{n}\ta.mp3.wav\t{n}\tਵਾਕ {n}\tpa-IN\n" for n in range(20))
    (tmp_path / "validated.tsv").write_text(header + rows, encoding="utf-8")
    corpus, lines = opened(tmp_path / "validated.tsv", None)
    assert corpus["train"][0]["language"] == "pa"
    assert sum(len(split) for split in corpus.values()) == 20
    assert set(corpus["train"]["speaker"]).isdisjoint(corpus["test"]["speaker"])
    assert "brings no test split: 2 clips are cut from train by speaker" in lines
    assert "brings no validation split: 2 clips are cut from train by speaker" in lines


def test_columns_can_be_named(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    rows[0] = ["recording", "said", "part"]
    table = [[*row, f"who{n}", "Hindi"] for n, row in enumerate(rows)]
    table[0][3:] = ["voice", "tongue"]
    (tmp_path / "metadata.csv").write_text(as_csv(table), encoding="utf-8")
    columns = {
        "audio": "recording",
        "sentence": "said",
        "split": "part",
        "speaker": "voice",
        "language": "tongue",
    }
    choices = {f"{kind}_column": column for kind, column in columns.items()}
    corpus, _ = opened(tmp_path, None, **choices)
    assert corpus["test"][0] | {"audio": None} == {
        "audio": None,
        "sentence": "वाक्य 8",
        "language": "hi",
        "speaker": "who9",
    }
    with pytest.raises(BadInput, match=r"no column voices. metadata.csv has the columns recording, said, part, voice"):
        opened(tmp_path, None, **(choices | {"speaker_column": "voices"}))
    with pytest.raises(BadInput, match=r"no known column of the audio.*file_name.*--audio-column"):
        opened(tmp_path)


def test_a_given_language_wins_and_none_at_all_is_refused(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    table = [[*row, "language" if n == 0 else "ur"] for n, row in enumerate(rows)]
    (tmp_path / "metadata.csv").write_text(as_csv(table), encoding="utf-8")
    assert set(opened(tmp_path, None)[0]["train"]["language"]) == {"ur"}
    assert set(opened(tmp_path, "Hindi")[0]["train"]["language"]) == {"hi"}
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    with pytest.raises(BadInput, match=r"--language hi"):
        opened(tmp_path, None)
    with pytest.raises(BadInput, match=r"does not know the language 'klingon'"):
        opened(tmp_path, "klingon")


@pytest.mark.parametrize(("locale", "code"), [("hi", "hi"), ("pa-IN", "pa"), ("zh-CN", "zh"), ("sv_se", "sv")])
def test_a_locale_is_its_language(locale: str, code: str) -> None:
    assert locale_language(locale) == code
    assert languages_of([locale, "ru"], None, "t.csv") == [code, "ru"]


def test_an_unknown_split_is_refused(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    rows[3][2], rows[4][2] = "other", ""
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    with pytest.raises(BadInput, match=r"splits 'other', ''. Allowed are train, training, validation"):
        opened(tmp_path)


def test_a_few_missing_clips_and_sentences_are_left_out_and_named(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path, 20)
    rows[1][0], rows[2][1] = "clips/gone.wav", "  "
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    corpus, lines = opened(tmp_path)
    assert corpus["train"]["sentence"][0] == "वाक्य 2"
    assert len(corpus["train"]) == 14
    assert f"Left out: 1 of 16 train clips missing in {tmp_path}: clips/gone.wav." in lines
    assert "Left out: 1 of 15 train clips without a sentence: " in lines
    assert "clips/1.wav" in lines


def test_a_split_that_is_mostly_missing_is_refused(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    for number in (8, 9):
        (tmp_path / f"clips/{number}.wav").unlink()
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    with pytest.raises(BadInput, match=r"2 of 2 test clips missing in .*: clips/8.wav, clips/9.wav"):
        opened(tmp_path)


def test_a_split_without_sentences_is_refused(tmp_path: Path) -> None:
    rows = [[name, "" if split == "test" else text, split] for name, text, split in clips_and_rows(tmp_path)]
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    with pytest.raises(BadInput, match=r"2 of 2 test clips without a sentence"):
        opened(tmp_path)


def test_sentences_in_place_of_file_names_are_refused(tmp_path: Path) -> None:
    rows = [HEADER, *(["नमस्ते " * 100, "clips/1.wav", "train"] for _ in range(5))]
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    with pytest.raises(BadInput, match=r"5 of 5 train clips missing in"):
        opened(tmp_path)


def test_backslashes_and_absolute_paths_lead_to_the_clips(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    rows[1][0], rows[2][0] = "clips\\0.wav", str(tmp_path / "clips" / "1.wav")
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    paths = [Path(audio["path"]) for audio in opened(tmp_path)[0]["train"]["audio"]]
    assert paths == [tmp_path / "clips" / f"{number}.wav" for number in range(6)]


def test_text_in_train_and_test_is_told_and_kept(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    rows[9][1] = "  वाक्य 0!"
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    corpus, lines = opened(tmp_path)
    assert len(corpus["test"]) == 2
    assert "1 of 2 test clips have a sentence that is in train as well" in lines
    assert lines.endswith("वाक्य 0!")
    rows[9][1] = "वाक्य 8"
    (tmp_path / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    assert "in train as well" not in opened(tmp_path)[1]


def test_limits_keep_a_stable_random_part_in_order(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text(as_csv(clips_and_rows(tmp_path, 30)), encoding="utf-8")
    whole = opened(tmp_path)[0]
    few, lines = opened(tmp_path, limit_train=7, limit_test=1)
    assert {name: len(split) for name, split in few.items()} == {"train": 7, "validation": 1, "test": 1}
    kept = few["train"]["sentence"][:]
    assert kept == [sentence for sentence in whole["train"]["sentence"] if sentence in set(kept)]
    assert kept == opened(tmp_path, limit_train=7)[0]["train"]["sentence"][:]
    assert kept != opened(tmp_path, limit_train=7, seed=1)[0]["train"]["sentence"][:]
    assert "Clips: 7 train, 1 validation, 1 test." in lines
    with pytest.raises(BadInput, match=r"limit of train is 0 clips"):
        opened(tmp_path, limit_train=0)


def test_clips_are_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus_folder = tmp_path / "my corpus"
    (corpus_folder / "clips").mkdir(parents=True)
    (corpus_folder / "metadata.csv").write_text(as_csv(clips_and_rows(corpus_folder)), encoding="utf-8")
    outside = clip_names(opened(corpus_folder)[0]["test"])
    assert outside == [(corpus_folder / f"clips/{number}.wav").as_posix() for number in (8, 9)]
    monkeypatch.chdir(tmp_path)
    for name in (corpus_folder, "my corpus"):
        assert clip_names(opened(name)[0]["test"]) == ["my corpus/clips/8.wav", "my corpus/clips/9.wav"]
    limited = opened(corpus_folder, limit_test=1)[0]["test"]
    assert all(Path(name).is_file() for name in clip_names(limited))


def test_places_without_a_corpus_say_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "malayalam").mkdir()
    with pytest.raises(BadInput, match=r"Did you mean malayalam\?"):
        opened(tmp_path / "malayam")
    with pytest.raises(BadInput, match=r"file_name,sentence\nclips/1.wav,What is said") as error:
        opened(tmp_path / "malayalam")
    assert "no metadata.csv, metadata.tsv or metadata.jsonl" in str(error.value)
    (tmp_path / "malayalam" / "train.tsv").write_text("path\tsentence\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"Or give one of its tables: train.tsv"):
        opened(tmp_path / "malayalam")
    with pytest.raises(BadInput, match=r"train.tsv has no rows"):
        opened(tmp_path / "malayalam" / "train.tsv")


def test_two_tables_in_one_folder_are_refused(tmp_path: Path) -> None:
    for ending in ("csv", "tsv"):
        (tmp_path / f"metadata.{ending}").touch()
    with pytest.raises(BadInput, match=r"holds metadata.csv and metadata.tsv"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("metadata.xlsx", b"PK", "no table. Readable are .csv, .tsv, .jsonl"),
        ("metadata.csv", b"", "has no rows"),
        ("metadata.csv", "file_name,sentence\n1.wav,да\n".encode("cp1251"), "not UTF-8"),
        ("metadata.csv", "file_name,sentence\n".encode("utf-16"), "not UTF-8"),
        ("metadata.csv", b"text,file,text\n1,2,3\n", "two columns of one name"),
    ],
)
def test_unreadable_tables_are_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        opened(tmp_path / name)


def test_many_names_are_counted() -> None:
    assert some_of([str(n) for n in range(1500)], 2) == "0, 1 and 1,498 more"


def test_the_bundled_corpus_opens_and_is_synthetic() -> None:
    corpus, _ = opened("bundled", None)
    assert is_synthetic("bundled")
    assert not is_synthetic("bundled.csv")
    assert set(corpus["train"]["language"]) == {"hi"}
    assert set(corpus["train"]["speaker"]).isdisjoint(corpus["test"]["speaker"])
    assert all(Path(audio["path"]).is_file() for split in corpus.values() for audio in split["audio"])


def test_lists_in_json_are_no_sentence(tmp_path: Path) -> None:
    rows = clips_and_rows(tmp_path)
    lines = [json.loads(line) for line in as_jsonl(rows).splitlines()]
    lines[0]["sentence"], lines[1]["words"] = ["two", "words"], ["not", "asked", "for"]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "metadata.jsonl").write_text(text, encoding="utf-8")
    corpus, told = opened(tmp_path)
    assert len(corpus["train"]) == 5
    assert "1 of 6 train clips without a sentence: " in told


def test_half_of_the_clips_may_be_left_out_and_not_one_more() -> None:
    lines: list[str] = []
    leave_out(["a", "b"], 4, "clips gone", "Bring them back", lines.append)
    assert lines == ["Left out: 2 of 4 clips gone: a, b."]
    with pytest.raises(BadInput, match="3 of 5 clips gone"):
        leave_out(["a", "b", "c"], 5, "clips gone", "Bring them back", lines.append)
