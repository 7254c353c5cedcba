"""Oracles: corpora written here, in languages whose words are known, and the bundled sets' own tables."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from conftest import write_tone

from whisper_helpers.assets import assets_folder
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import is_synthetic
from whisper_helpers.errors import BadInput
from whisper_helpers.evaluation import Choices
from whisper_helpers.evaluation.guards import open_guards, place_of_guard
from whisper_helpers.evaluation.languages import foreign_language, vocabularies


def quiet(line: str) -> None:
    """Take a line and say nothing."""


def write_corpus(folder: Path, rows: list[tuple[str, str, str]]) -> str:
    """Write a corpus: split, language and sentence of each clip."""
    folder.mkdir()
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name", "split", "language", "sentence"])
        for number, row in enumerate(rows):
            write_tone(folder / f"{number}.wav", 1.0, hertz=200 + number)
            writer.writerow([f"{number}.wav", *row])
    return str(folder)


MIXED = [("train", code, f"word {number}") for code in ("de", "fr") for number in range(4)]
MIXED += [("test", "de", "guten tag"), ("test", "fr", "bonjour"), ("test", "de", "danke")]


def test_bundled_sets_have_short_names_and_any_corpus_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("en", "english", "English"):
        assert Path(place_of_guard(name)) == assets_folder() / "speech" / "guard" / "english"
    assert place_of_guard("hub:google/fleurs:ru_ru") == "hub:google/fleurs:ru_ru"
    with pytest.raises(BadInput, match="Bundled are English and Spanish"):
        place_of_guard("ru")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ru").mkdir()
    assert place_of_guard("ru") == "ru"


def test_each_language_of_a_guard_stands_for_itself_and_equal_ones_are_joined(
    tmp_path: Path, tiny_whisper: Path
) -> None:
    tokenizer = open_checkpoint(str(tiny_whisper), "hi", announce=quiet)[1].tokenizer
    mixed = write_corpus(tmp_path / "mixed", MIXED)
    more = write_corpus(tmp_path / "more", [("train", "de", f"wort {number}") for number in range(4)] + MIXED[8:9])
    guards, sentences = open_guards([mixed, more, "es"], "hi", 4, tokenizer, quiet)
    assert {code: len(each.clips) for code, each in guards.items()} == {"de": 3, "fr": 1, "es": 4}
    assert guards["de"].corpora == [mixed, more]
    assert [each.synthetic for each in guards.values()] == [False, False, True]
    assert {"bonjour", "word 2"} <= set(sentences["fr"])
    with pytest.raises(BadInput, match="is in French, as the test is"):
        open_guards([mixed], "fr", None, tokenizer, quiet)
    wordless = write_corpus(tmp_path / "wordless", [*MIXED[:4], ("test", "de", "?!")])
    with pytest.raises(BadInput, match="No sentence of the guard"):
        open_guards([wordless], "hi", None, tokenizer, quiet)


@pytest.mark.parametrize(
    ("name", "synthetic"),
    [
        ("bundled", True),
        ("bundled=hi:2,elsewhere=ml:1", True),
        (str(assets_folder() / "speech" / "guard" / "spanish"), True),
        ("bundled.csv", False),
        ("hub:google/fleurs:hi_in", False),
    ],
)
def test_bundled_speech_is_known_to_be_synthetic_by_whatever_name(name: str, synthetic: bool) -> None:
    assert is_synthetic(name) == synthetic


def test_every_bundled_sentence_is_told_by_its_words() -> None:
    known = vocabularies({"hi": ["मेरा नाम राम है"]})
    for code, folder in (("en", "english"), ("es", "spanish")):
        table = assets_folder() / "speech" / "guard" / folder / "metadata.csv"
        for row in csv.DictReader(table.open(encoding="utf-8")):
            assert foreign_language(row["sentence"], "hi", known) == code
            assert foreign_language(row["sentence"], code, known) is None
    for text in ("", "?!", "Rammney Baza Sennike", "मेरा नाम my", "میرا نام"):
        assert foreign_language(text, "hi", known) is None


@pytest.mark.parametrize("wrong", [{"silence": -1}, {"long_minutes": float("nan")}, {"batch_size": 0}])
def test_amounts_out_of_range_are_refused(wrong: dict) -> None:
    with pytest.raises(BadInput, match="or more"):
        Choices(**wrong)
