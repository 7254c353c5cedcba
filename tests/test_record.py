"""Takes are saved as they came, judged at once, and still there after anything was killed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from whisper_helpers.audio import read_clip
from whisper_helpers.cli import main
from whisper_helpers.corpus import open_corpus
from whisper_helpers.errors import BadInput
from whisper_helpers.record import Studio, build_recorder, judge, read_sentences

SENTENCES = ["पहला वाक्य", "दूसरा वाक्य", "तीसरा वाक्य"]


@pytest.fixture
def speech(hindi_clips: list[Path], tmp_path: Path) -> Path:
    """A recording as a browser sends it: stereo, 48 kHz, 16 bits."""
    samples, rate = soundfile.read(hindi_clips[0])
    soundfile.write(tmp_path / "sent.wav", np.stack([samples, samples], axis=1), rate, subtype="PCM_16")
    return tmp_path / "sent.wav"


def test_a_take_is_saved_without_loss(speech: Path, tmp_path: Path) -> None:
    studio = Studio(SENTENCES, tmp_path / "out", "hi")
    assert studio.save(speech, SENTENCES[0], "Asha K.").usable
    (clip,) = (tmp_path / "out" / "clips").iterdir()
    assert clip.name == "asha-k-0001-1.flac"
    (kept, rate), (sent, other) = soundfile.read(clip, dtype="int16"), soundfile.read(speech, dtype="int16")
    assert rate == other
    assert np.array_equal(kept, sent)


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT", "PCM_U8"])
def test_other_kinds_of_samples_keep_their_24_bits(tmp_path: Path, subtype: str) -> None:
    samples = np.random.default_rng(0).uniform(-0.9, 0.9, 16_000)
    soundfile.write(tmp_path / "sent.wav", samples, 16_000, subtype=subtype)
    Studio(SENTENCES, tmp_path / "out").save(tmp_path / "sent.wav", SENTENCES[0], "")
    (clip,) = (tmp_path / "out" / "clips").iterdir()
    sent = soundfile.read(tmp_path / "sent.wav")[0]
    assert np.abs(soundfile.read(clip)[0] - sent).max() <= 2**-23


def test_the_trainer_opens_the_folder(speech: Path, tmp_path: Path) -> None:
    studio = Studio([f"वाक्य {letter}" for letter in "कखगघचछजझ"], tmp_path / "out", "hi")
    for number, sentence in enumerate(studio.sentences):
        studio.save(speech, sentence, f"speaker {number % 2}")
    corpus = open_corpus(str(tmp_path / "out"), announce=lambda line: None)
    assert sum(map(len, corpus.values())) == 8
    row = corpus["train"][0]
    assert row["language"] == "hi"
    assert row["speaker"].startswith("speaker")
    assert np.allclose(read_clip(row["audio"]), read_clip(speech), atol=1e-4)


def test_opened_again_it_goes_on_where_it_was_left(speech: Path, tmp_path: Path) -> None:
    Studio(SENTENCES, tmp_path / "out").save(speech, SENTENCES[0], "Asha")
    again = Studio(SENTENCES, tmp_path / "out")
    assert again.recorded("Asha") == {SENTENCES[0]}
    assert again.recorded("Ravi") == set()
    assert again.last_speaker() == "Asha"
    assert again.next_sentence("Asha") == 1
    assert again.next_sentence("Ravi") == 0
    assert again.next_sentence("Asha", after=2) == 1
    for sentence in SENTENCES[1:]:
        again.save(speech, sentence, "Asha")
    assert again.next_sentence("Asha", after=2) == 0


def test_another_take_replaces_the_row_and_no_file(speech: Path, tmp_path: Path) -> None:
    studio = Studio(SENTENCES, tmp_path / "out")
    for _ in range(3):
        studio.save(speech, SENTENCES[1], "Asha")
    names = sorted(path.name for path in (tmp_path / "out" / "clips").iterdir())
    assert names == [f"asha-0002-{take}.flac" for take in (1, 2, 3)]
    assert [take.file_name for take in Studio(SENTENCES, tmp_path / "out").takes] == ["clips/asha-0002-3.flac"]


@pytest.mark.parametrize("lost", ["table", "last row"])
def test_a_table_that_was_not_written_any_more_is_completed(speech: Path, tmp_path: Path, lost: str) -> None:
    studio = Studio(SENTENCES, tmp_path / "out", "hi")
    studio.save(speech, SENTENCES[0], "Asha")
    before = (tmp_path / "out" / "metadata.csv").read_bytes()
    studio.save(speech, SENTENCES[1], "Ravi, “R”\tS")
    table = tmp_path / "out" / "metadata.csv"
    table.unlink() if lost == "table" else table.write_bytes(before)
    assert Studio(SENTENCES, tmp_path / "out", "hi").takes == studio.takes


def test_a_half_written_clip_is_no_take(speech: Path, tmp_path: Path) -> None:
    studio = Studio(SENTENCES, tmp_path / "out")
    studio.save(speech, SENTENCES[0], "Asha")
    (tmp_path / "out" / "clips" / "asha-0002-1.flac.partial").write_bytes(b"fLaC")
    assert Studio(SENTENCES, tmp_path / "out").takes == studio.takes
    assert studio.save(speech, SENTENCES[1], "Asha").usable


def test_takes_are_judged(speech: Path, tmp_path: Path) -> None:
    samples, rate = soundfile.read(speech)
    kinds = {
        (): samples,
        ("clipped",): np.clip(samples * 20, -1, 1),
        ("silent",): samples * 1e-5,
        ("quiet",): samples * 0.02,
        ("too_short",): samples[rate : rate + rate // 10],
        ("too_long",): np.tile(samples, (12, 1)),
        ("empty_audio",): samples[:0],
    }
    for faults, sound in kinds.items():
        soundfile.write(tmp_path / "take.wav", sound, rate)
        verdict = judge(tmp_path / "take.wav")
        assert verdict.faults == faults
        assert verdict.usable == (not set(faults) - {"clipped", "quiet"})
        assert str(verdict)


def test_a_useless_take_is_kept_and_not_listed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(32_000), 16_000)
    studio = Studio(SENTENCES, tmp_path / "out")
    assert not studio.save(tmp_path / "silent.wav", SENTENCES[0], "").usable
    assert [path.name for path in (tmp_path / "out" / "clips").iterdir()] == ["speaker-0001-1.flac"]
    assert studio.recorded("") == set()
    assert Studio(SENTENCES, tmp_path / "out").takes == []


def test_a_folder_with_another_table_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("file_name,sentence\n1.wav,eins\n", encoding="utf-8")
    with pytest.raises(BadInput, match="another table"):
        Studio(SENTENCES, tmp_path)
    assert (tmp_path / "metadata.csv").read_text(encoding="utf-8") == "file_name,sentence\n1.wav,eins\n"


def test_sentences_are_lines(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_bytes("\ufeffएक  दो\r\n\r\nतीन\r\nएक दो\r\n".encode())
    assert read_sentences(tmp_path / "s.txt") == ["एक दो", "तीन"]


@pytest.mark.parametrize("content", [None, b"", b" \n\n", "schön".encode("latin-1")])
def test_what_is_no_list_of_sentences_is_bad_input(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "s.txt").write_bytes(content)
    assert main(["record", "--sentences", str(tmp_path / "s.txt"), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_the_table_is_plain_csv(speech: Path, tmp_path: Path) -> None:
    Studio(['He said, "go"'], tmp_path / "out", "en").save(speech, 'He said, "go"', "A, B")
    with (tmp_path / "out" / "metadata.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["sentence"], row["speaker"], row["language"]) == ('He said, "go"', "A, B", "en")


def test_the_page_offers_nothing_to_strangers(tmp_path: Path) -> None:
    page = build_recorder(Studio(SENTENCES, tmp_path))
    assert {each.api_visibility for each in page.fns.values()} == {"private"}
    assert page.analytics_enabled is False
