"""Defects planted on purpose must be found, sound corpora left in peace, and originals never touched."""

from __future__ import annotations

import csv
import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import write_tone
from planted import PLANTERS, Truth, make_corpus

from whisper_helpers.cli import main
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import REASONS, Examination, examine, page, write_fixed, write_page
from whisper_helpers.doctor.fixing import DECISIONS
from whisper_helpers.doctor.parallel import listen_to_all
from whisper_helpers.doctor.sound import listen
from whisper_helpers.doctor.whole import doubles, mismatches
from whisper_helpers.doctor.writing import faults_of
from whisper_helpers.errors import BadInput

HINDI, RUSSIAN, GERMAN = (frozenset({script}) for script in ("DEVANAGARI", "CYRILLIC", "LATIN"))


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """Corpus of 250 clips with three of each defect."""
    return make_corpus(tmp_path_factory.mktemp("planted") / "corpus", clips=250, each=3)


@pytest.fixture(scope="module")
def examined(truth: Truth) -> Examination:
    """What the doctor says about it."""
    return examine(str(truth.folder), progress=False, processes=1)


def write_table(folder: Path, rows: list[tuple[str, ...]], header: str = "file_name,sentence,language") -> str:
    """Write a table of a corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return str(folder)


def reasons(found: Examination) -> set[tuple[str | None, str]]:
    """Pairs of clip and reason."""
    return {(each.clip, each.reason) for each in found.findings}


def test_every_planted_defect_is_found_and_nothing_else(truth: Truth, examined: Examination) -> None:
    assert reasons(examined) == truth.findings
    assert {reason for _, reason in truth.findings} == set(REASONS)
    assert len(REASONS) == 22
    assert examined.ruins


def test_the_bundled_corpus_is_sound() -> None:
    found = examine("bundled", progress=False)
    assert found.findings == []
    assert not found.ruins
    assert found.summary["words"] == "Train on it: nothing was found in 370 clips."
    corpus = open_corpus("bundled", announce=lambda line: None)
    assert found.summary["clips"] == {split: len(clips) for split, clips in corpus.items()}


def test_many_processes_hear_what_one_hears(examined: Examination) -> None:
    rows = examined.corpus.rows[:40]
    for one, other in zip(examined.heard, listen_to_all(rows, processes=2), strict=False):
        assert (one.seconds, one.faults) == (other.seconds, other.faults)
        assert np.array_equal(one.sketch, other.sketch) if one.sketch is not None else other.sketch is None


@pytest.mark.parametrize(
    ("sentence", "language", "scripts", "found"),
    [
        ("नमस्ते दुनिया।", "hi", HINDI, set()),
        ("मेरा WhatsApp नंबर", "hi", HINDI, set()),
        ("क्षेत्र\u200d और ज़\u200cरा", "hi", HINDI, set()),
        ("«Да», — сказал он… Нет?! 'так'", "ru", RUSSIAN, set()),
        ("Größe, naïve d’accord “so”", "de", GERMAN, set()),
        ("Сегодня 5 часов", "ru", RUSSIAN, {"digits"}),
        ("Mосква", "ru", RUSSIAN, {"odd_characters"}),
        ("Да 漢 нет", "ru", RUSSIAN, {"odd_characters"}),
        ("Да, конечно".encode().decode("latin-1"), "ru", RUSSIAN, {"odd_characters"}),
        ("hello world", "ru", RUSSIAN, {"wrong_script"}),
        ("<noise> ja", "de", GERMAN, {"tags"}),
        ("ja &amp; nein", "de", GERMAN, {"tags"}),
        ("ja (lacht)", "de", GERMAN, {"tags"}),
        ("\u200b \ufeff", "de", GERMAN, {"empty_text"}),
        ("…!", "de", GERMAN, {"empty_text"}),
    ],
)
def test_sentences(sentence: str, language: str, scripts: frozenset[str], found: set[str]) -> None:
    assert set(faults_of(sentence, language, scripts)) == found


def test_a_language_that_whisper_does_not_know_is_judged_by_its_own_texts(tmp_path: Path) -> None:
    rows = [
        (str(write_tone(tmp_path / f"{n}.wav", 1 + n / 50, hertz=200 + 9 * n)), f"слово {'абвгдежзик'[n]}")
        for n in range(9)
    ]
    place = write_table(tmp_path, [*((*row, "cv") for row in rows), (rows[0][0], "nothing but Latin", "cv")])
    assert (rows[0][0], "wrong_script") in reasons(examine(place, "cv", progress=False))


HOSTILE = {
    "one.mp3": b"\xff",
    "none.wav": b"",
    "huge.wav": b"RIFF"
    + struct.pack("<I", 0xFFFFFFFF)
    + b"WAVEfmt "
    + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16),
    "text.flac": "यह आवाज़ नहीं है".encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_findings(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    assert set(listen(str(tmp_path / name)).faults) <= {"unreadable", "empty_audio"}
    assert listen(str(tmp_path / name)).faults


def test_a_header_that_promises_4_gb_is_not_believed(tmp_path: Path) -> None:
    body = np.random.default_rng(0).integers(-9000, 9000, 500, dtype=np.int16).tobytes()
    (tmp_path / "a.wav").write_bytes(HOSTILE["huge.wav"] + b"data" + struct.pack("<I", 0xFFFFFF00) + body)
    heard = listen(str(tmp_path / "a.wav"))
    assert heard.seconds < 0.1
    assert set(heard.faults) & {"too_short", "unreadable"}


def test_names_with_newlines_and_quotes_stay_as_the_table_has_them(tmp_path: Path) -> None:
    names = ["a\nb.wav", 'say "no".wav', "<script>alert(1)</script>.wav", "x" * 5000, "nul\x01.wav"]
    found = examine(write_table(tmp_path, [(name, "ja", "de") for name in names]), progress=False)
    missing = [each.clip for each in found.findings if each.reason == "missing_file"]
    assert missing == names
    assert "<script>alert" not in page.fragment(found)
    json.loads(json.dumps(found.as_dict()))


def test_copies_are_found_across_formats_and_other_takes_are_not(tmp_path: Path) -> None:
    speech, rate = soundfile.read(next(Path(row.audio) for row in examine_rows()))
    soundfile.write(tmp_path / "a.flac", speech, rate)
    soundfile.write(tmp_path / "b.wav", speech, rate)
    soundfile.write(tmp_path / "c.wav", 0.8 * speech, rate)
    rows = [(name, text, "hi") for name, text in (("a.flac", "एक"), ("b.wav", "दो"), ("c.wav", "तीन"))]
    assert reasons(examine(write_table(tmp_path, rows), progress=False)) == {
        ("b.wav", "duplicate_audio"),
        (None, "tiny_split"),
    }


def examine_rows() -> list:
    """Rows of the bundled corpus."""
    from whisper_helpers.doctor.rows import read_rows

    return read_rows("bundled", None, {}).rows


def test_of_a_pair_the_test_clip_is_named(tmp_path: Path) -> None:
    from whisper_helpers.doctor.rows import Row
    from whisper_helpers.doctor.sound import Heard

    sketch = np.ones((2, 64), np.float32)
    rows = [Row(f"{split}.wav", split, "x", "ja", "de", "") for split in ("test", "train", "validation")]
    found = {(each.clip, each.reason) for each in doubles(rows, [Heard(1.0, sketch)] * 3)}
    assert found == {
        ("validation.wav", "duplicate_audio"),
        ("test.wav", "duplicate_audio"),
        ("test.wav", "text_in_train_and_test"),
    }
    assert list(mismatches(rows, [Heard(1.0)] * 3, [{}] * 3)) == []


def test_the_fixed_table_has_no_fault_that_can_be_mended(truth: Truth, examined: Examination, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in truth.folder.rglob("*") if path.is_file()}
    table = write_fixed(examined, tmp_path / "fixed")
    again = examine(str(table), progress=False, processes=1)
    assert {each.reason for each in again.findings} <= {name for name, each in REASONS.items() if each.fix == "kept"}
    assert not again.ruins
    assert {path: path.read_bytes() for path in truth.folder.rglob("*") if path.is_file()} == before
    assert {path.name for path in table.parent.iterdir()} == {"metadata.csv", DECISIONS}
    assert set(open_corpus(str(table), announce=lambda line: None)) == {"train", "validation", "test"}


def test_every_finding_has_a_decision(examined: Examination, tmp_path: Path) -> None:
    write_fixed(examined, tmp_path)
    with (tmp_path / DECISIONS).open(encoding="utf-8", newline="") as file:
        decisions = list(csv.DictReader(file))
    assert {(row["clip"] or None, row["reason"]) for row in decisions} == reasons(examined)
    tagged = [row for row in decisions if row["reason"] == "tags"]
    assert all(row["decision"] == "text cleaned" and row["before"] != row["after"] for row in tagged)
    with pytest.raises(BadInput, match="there already"):
        write_fixed(examined, tmp_path)


def test_the_page_stands_alone_and_has_a_player_for_what_can_be_played(examined: Examination, tmp_path: Path) -> None:
    write_page(examined, tmp_path / "deep" / "page.html")
    text = (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")
    assert "http" not in text.replace("http-equiv", "")
    assert text.count("<audio") > len(PLANTERS)
    assert len(text) < 2 * page.BUDGET
    assert 'class="verdict bad"' in text
    assert all(f">{reason}</b>" in text for reason in REASONS)


def test_the_players_keep_to_their_budget(examined: Examination) -> None:
    silent = len(page.fragment(examined, 0))
    assert "<audio" not in page.fragment(examined, 0)
    for budget in (100_000, 1_000_000):
        grown = len(page.fragment(examined, budget)) - silent
        assert 0.7 * budget < grown < 1.5 * budget  # base64 takes four thirds


def test_a_notebook_shows_it(examined: Examination) -> None:
    assert len(examined._repr_html_()) < 300_000


def test_the_command_tells_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = [
        (str(write_tone(tmp_path / f"{n}.wav", 1 + n / 20, hertz=200 + 9 * n)), f"Wort {chr(97 + n)}", "de")
        for n in range(25)
    ]
    place = write_table(tmp_path, good)
    assert main(["doctor", place, "--json", str(tmp_path / "good.json")]) == 0
    assert json.loads((tmp_path / "good.json").read_text(encoding="utf-8"))["findings"] == []
    place = write_table(tmp_path, [*good, ("gone.wav", "weg", "de")])
    assert main(["doctor", place, "--json", str(tmp_path / "bad.json")]) == 1
    (found,) = json.loads((tmp_path / "bad.json").read_text(encoding="utf-8"))["findings"]
    assert found == {"clip": "gone.wav", "reason": "missing_file", "detail": "is not there"}
    assert "Not yet: 1 of 26 clips" in capsys.readouterr().out


def test_a_corpus_that_is_not_there_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(tmp_path / "none"), "--html", str(tmp_path / "page.html")]) == 2
    assert not list(tmp_path.iterdir())
    assert "There is no corpus" in capsys.readouterr().err


def test_a_clip_of_bytes_is_heard_like_a_file() -> None:
    noise, file = np.random.default_rng(0).normal(0, 0.1, 16_000), io.BytesIO()
    soundfile.write(file, noise, 16_000, format="WAV")
    assert listen({"path": None, "bytes": file.getvalue()}).faults == {}


def test_a_release_of_common_voice_is_read_with_the_clips_that_are_missing(tmp_path: Path) -> None:
    write_tone(tmp_path / "clips" / "a.wav", 1.0)
    for stem, clip in (("train", "a.wav"), ("dev", "b.mp3"), ("test", "c.mp3")):
        rows = f'client_id\tpath\tsentence\tlocale\n{stem}\t{clip}\tSie sagte "nein {stem}\tde\n'
        (tmp_path / f"{stem}.tsv").write_text(rows, encoding="utf-8")
    found = examine(str(tmp_path), progress=False)
    assert [(row.split, row.speaker) for row in found.corpus.rows] == [
        ("train", "train"),
        ("validation", "dev"),
        ("test", "test"),
    ]
    assert {("b.mp3", "missing_file"), ("c.mp3", "missing_file")} <= reasons(found)
    for stem in ("dev", "test"):
        write_tone(tmp_path / "clips" / f"{stem}.wav", 1.0, hertz=300 + len(stem))
        row = f"client_id\tpath\tsentence\tlocale\n{stem}\t{stem}.wav\tNein {stem}\tde\n"
        (tmp_path / f"{stem}.tsv").write_text(row, encoding="utf-8")
    table = write_fixed(examine(str(tmp_path), progress=False), tmp_path / "fixed")
    corpus = open_corpus(str(table), announce=lambda line: None)
    assert {split: clips["speaker"][:] for split, clips in corpus.items()} == {
        "train": ["train"],
        "validation": ["dev"],
        "test": ["test"],
    }


def test_a_folder_without_a_table_is_examined_too(tmp_path: Path) -> None:
    for number in range(12):
        write_tone(tmp_path / f"{number}.wav", 1 + number / 20, hertz=200 + 9 * number)
        (tmp_path / f"{number}.txt").write_text(f"сӑмах {'абвгдежзиклм'[number]}", encoding="utf-8")
    found = examine(str(tmp_path), "cv", progress=False)
    assert len(found.corpus.rows) == 12
    assert {row.language for row in found.corpus.rows} == {"cv"}
    assert {each.reason for each in found.findings} <= {"tiny_split"}
