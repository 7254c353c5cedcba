"""What the bundled speech promises, read from the files themselves."""

from __future__ import annotations

import csv
import itertools
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from whisper_helpers.assets import assets_folder
from whisper_helpers.audio import read_clip
from whisper_helpers.text import normalise

HINDI = assets_folder() / "speech" / "hindi"
GUARD = assets_folder() / "speech" / "guard"
NO_SPEECH = assets_folder() / "speech" / "no_speech"
LETTERS = "अआइईउऊऋएऐओऔऑकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह"
SIGNS = "ािीुूृेैोौॉंँः़्"
CONJUNCTS = [
    "क्ष",
    "त्र",
    "ज्ञ",
    "श्र",
    "द्य",
    "द्ध",
    "द्द",
    "ष्ट",
    "ष्ठ",
    "क्त",
    "त्त",
    "न्न",
    "म्म",
    "ल्ल",
    "च्च",
    "च्छ",
    "स्त",
    "स्थ",
    "प्र",
    "क्र",
    "ग्र",
    "ह्म",
    "ह्न",
]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """The table."""
    with (HINDI / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_enough_clips_in_each_split(rows: list[dict[str, str]]) -> None:
    clips = Counter(row["split"] for row in rows)
    assert clips["train"] >= 240
    assert clips["validation"] >= 40
    assert clips["test"] >= 60
    assert 15 <= sum(float(row["seconds"]) for row in rows) / 60 <= 25


def test_small_enough_to_carry(rows: list[dict[str, str]]) -> None:
    assert sum(path.stat().st_size for path in HINDI.rglob("*")) <= 6e6


def test_each_clip_is_48_khz_mono_opus_of_the_length_that_the_table_says(rows: list[dict[str, str]]) -> None:
    for row in rows:
        info = soundfile.info(HINDI / row["file_name"])
        assert (info.samplerate, info.channels, info.format, info.subtype) == (48_000, 1, "OGG", "OPUS")
        assert info.duration == pytest.approx(float(row["seconds"]), abs=0.01)


def test_each_clip_sounds_and_none_clips(rows: list[dict[str, str]]) -> None:
    for row in rows:
        samples = read_clip(HINDI / row["file_name"])
        letters = sum(unicodedata.category(sign)[0] == "L" for sign in row["sentence"])
        assert 0.2 < np.abs(samples).max() < 1.0
        assert np.sqrt(np.mean(samples**2)) > 0.01
        assert 0.06 < (len(samples) / 16_000 - 0.5) / letters < 0.35, row


def test_no_speaker_and_no_sentence_is_in_two_splits(rows: list[dict[str, str]]) -> None:
    for key in (lambda row: row["speaker"], lambda row: normalise(row["sentence"], "hi")):
        splits = {name: {key(row) for row in rows if row["split"] == name} for name in ("train", "validation", "test")}
        for one, other in itertools.combinations(splits.values(), 2):
            assert not one & other


def test_every_letter_sign_and_common_conjunct_is_taught(rows: list[dict[str, str]]) -> None:
    taught = " ".join(row["sentence"] for row in rows if row["split"] == "train")
    assert not [each for each in [*LETTERS, *SIGNS, *CONJUNCTS] if each not in taught]


def test_sentences_are_everyday_ones(rows: list[dict[str, str]]) -> None:
    sentences = [row["sentence"] for row in rows]
    assert len(set(sentences)) == len(sentences)
    assert all(4 <= len(sentence.split()) <= 12 for sentence in sentences)
    assert {sentence[-1] for sentence in sentences} == set("।?!")
    assert all(unicodedata.is_normalized("NFC", sentence) for sentence in sentences)


def test_the_table_holds_the_written_sentences(rows: list[dict[str, str]]) -> None:
    with (HINDI / "sentences.tsv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [(Path(row["file_name"]).stem, row["split"], row["sentence"]) for row in rows] == [
        (row["id"], row["split"], row["sentence"]) for row in written
    ]


@pytest.mark.parametrize("kind", ["silence", "white", "brown", "hum", "clicks"])
def test_clips_without_speech(kind: str) -> None:
    samples = read_clip(NO_SPEECH / f"{kind}.opus")
    assert len(samples) == pytest.approx(6 * 16_000, abs=100)
    assert (np.abs(samples).max() > 0.01) == (kind != "silence")


@pytest.mark.parametrize(("name", "language"), [("english", "en"), ("spanish", "es")])
def test_a_guard_set_has_a_hundred_sound_clips_of_unseen_voices(name: str, language: str) -> None:
    with (GUARD / name / "metadata.csv").open(encoding="utf-8", newline="") as file:
        clips = list(csv.DictReader(file))
    assert Counter(row["split"] for row in clips)["test"] >= 100
    assert {row["language"] for row in clips} == {language}
    for key in ("speaker", "sentence"):
        train, test = ({row[key] for row in clips if row["split"] == split} for split in ("train", "test"))
        assert not train & test
    for row in clips:
        info = soundfile.info(GUARD / name / row["file_name"])
        assert (info.samplerate, info.channels, info.format, info.subtype) == (48_000, 1, "OGG", "OPUS")
        assert info.duration == pytest.approx(float(row["seconds"]), abs=0.01)
        assert 0.2 < np.abs(read_clip(GUARD / name / row["file_name"])).max() < 1.0


def test_the_guard_sets_are_small_enough_to_carry() -> None:
    assert sum(path.stat().st_size for path in GUARD.rglob("*")) <= 4e6
