"""Clips with a known fault each, which must be found, and sound ones, which must stay as they are."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import write_tone
from datasets import Audio, Dataset, DatasetDict
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import PreTrainedTokenizerFast

from whisper_helpers.audio import clip_seconds
from whisper_helpers.corpus.clips import clips_of
from whisper_helpers.doctor import fast as doctor
from whisper_helpers.errors import BadInput


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """Tokenizer of one token a word, without a prefix."""
    model = Tokenizer(WordLevel({"[UNK]": 0, "<|startoftranscript|>": 1}, unk_token="[UNK]"))
    model.pre_tokenizer = WhitespaceSplit()
    fast = PreTrainedTokenizerFast(tokenizer_object=model, unk_token="[UNK]")
    fast.language = None
    return fast


def encoded(samples: np.ndarray, **options: str) -> bytes:
    """Write samples at 16 kHz as an audio file in memory."""
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, **({"format": "WAV"} | options))
    return file.getvalue()


def damaged_flac() -> bytes:
    """Bytes of a clip whose header is fine and whose frames are not."""
    noise = np.random.default_rng(0).normal(0, 0.1, 32_000)
    content = bytearray(encoded(noise, format="FLAC"))
    content[len(content) // 2 :] = b"\x55" * (len(content) - len(content) // 2)
    return bytes(content)


FAULTS = {
    "text.wav": (b"plain text", "cannot be read as audio"),
    "empty.wav": (b"", "cannot be read as audio"),
    "nothing.wav": (encoded(np.zeros(0)), "holds no samples"),
    "nan.wav": (encoded(np.array([0.1, np.nan]), subtype="FLOAT"), "holds NaN or infinite samples"),
    "long.wav": (encoded(np.zeros(16_000 * 30 + 1600)), "lasts 30.1 s, and Whisper hears 30 s at most"),
    "damaged.flac": (damaged_flac(), "cannot be decoded"),
}


def corpus_of(paths: list[str], sentences: list[str] | None = None) -> DatasetDict:
    """Corpus of one split."""
    sentences = sentences or ["नमस्ते"] * len(paths)
    columns = {
        "audio": paths,
        "sentence": sentences,
        "language": ["hi"] * len(paths),
        "speaker": [""] * len(paths),
    }
    return DatasetDict({"train": clips_of(columns)})


def checked(
    corpus: DatasetDict, tokenizer: PreTrainedTokenizerFast
) -> tuple[DatasetDict, list[doctor.Finding], list[str]]:
    """Check a corpus; what is said comes back as lines."""
    lines: list[str] = []
    return *doctor.usable_clips(corpus, tokenizer, progress=False, announce=lines.append), lines


def test_every_fault_is_found_and_named(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    sound = [str(write_tone(tmp_path / f"{n}.wav", 0.5 + n / 10)) for n in range(9)]
    for name, (content, _) in FAULTS.items():
        (tmp_path / name).write_bytes(content)
    bad = [str(tmp_path / name) for name in (*FAULTS, "gone. And more.wav")]
    usable, findings, lines = checked(corpus_of([*sound[:4], *bad, *sound[4:]]), tokenizer)
    reasons = {Path(finding.clip).name: finding.reason for finding in findings}
    assert list(reasons) == [*FAULTS, "gone. And more.wav"]
    assert all(reasons[name].startswith(reason) for name, (_, reason) in FAULTS.items())
    assert reasons["gone. And more.wav"] == "is not there"
    assert [audio["path"] for audio in usable["train"]["audio"]] == sound
    assert usable["train"]["seconds"][:] == pytest.approx([0.5 + n / 10 for n in range(9)])
    assert lines[0] == "7 clips are left out:"
    assert lines[1] == f"  train {(tmp_path / 'text.wav').as_posix()} cannot be read as audio"


def test_the_damaged_clip_looks_fine_from_outside() -> None:
    assert soundfile.info(io.BytesIO(damaged_flac())).duration == 2.0


def test_thirty_seconds_and_448_tokens_still_fit(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    path = str(write_tone(tmp_path / "30.wav", 30.0))
    sentences = [" ".join(["शब्द"] * words) for words in (448, 449)] + ["शब्द", "  "]
    usable, findings, _ = checked(corpus_of([path] * 4, sentences), tokenizer)
    assert usable["train"]["sentence"][:] == [sentences[0], "शब्द"]
    assert [finding.reason for finding in findings] == [
        "needs 449 tokens for its sentence, 448 at most",
        "has no sentence",
    ]
    assert usable["train"]["seconds"][:] == [30.0, 30.0]


def test_a_sound_corpus_stays_as_it_is(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    corpus = corpus_of([str(write_tone(tmp_path / f"{n}.wav", 0.2, rate=44_100)) for n in range(5)])
    corpus["test"] = corpus["train"].select([4, 1])
    usable, findings, lines = checked(corpus, tokenizer)
    assert (findings, lines) == ([], [])
    for name, split in corpus.items():
        assert usable[name].remove_columns("seconds")[:] == split[:]
        assert usable[name].features["audio"] == Audio(decode=False)
        assert usable[name]["seconds"][:] == pytest.approx([0.2] * len(split), abs=1e-4)


def test_clips_of_bytes_keep_their_bytes(tokenizer: PreTrainedTokenizerFast) -> None:
    content = [encoded(np.full(1600, level)) for level in (0.1, 0.2)] + [b"no sound"]
    rows = [
        {"audio": {"bytes": each, "path": None}, "sentence": "हाँ", "language": "hi", "speaker": ""} for each in content
    ]
    corpus = DatasetDict({"test": Dataset.from_list(rows).cast_column("audio", Audio(decode=False))})
    usable, findings, _ = checked(corpus, tokenizer)
    assert [audio["bytes"] for audio in usable["test"]["audio"]] == content[:2]
    assert findings == [doctor.Finding("test", "clip 2", "cannot be read as audio")]


def test_more_than_ten_findings_are_counted(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    path = str(write_tone(tmp_path / "a.wav", 0.1))
    _, findings, lines = checked(corpus_of([path] * 30, ["हाँ"] * 18 + [" "] * 12), tokenizer)
    assert len(findings) == 12
    assert len(lines) == 12
    assert lines[-1] == "  and 2 more"


@pytest.mark.parametrize("bad", [3, 4])
def test_a_split_that_is_mostly_broken_is_refused(tmp_path: Path, tokenizer: PreTrainedTokenizerFast, bad: int) -> None:
    path = str(write_tone(tmp_path / "a.wav", 0.1))
    corpus = corpus_of([path] * 40)
    corpus["test"] = corpus_of([path] * 4, [" "] * bad + ["हाँ"] * (4 - bad))["train"]
    with pytest.raises(BadInput, match=f"{bad} of 4 test clips cannot be used.*a.wav has no sentence"):
        checked(corpus, tokenizer)


def test_a_split_without_clips_is_refused(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    corpus = corpus_of([str(write_tone(tmp_path / "a.wav", 0.1))])
    corpus["test"] = corpus["train"].select([])
    with pytest.raises(BadInput, match="0 of 0 test clips"):
        checked(corpus, tokenizer)


def test_damage_behind_a_header_is_found_in_a_large_corpus_too(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    sound, damaged = str(write_tone(tmp_path / "a.wav", 0.1)), tmp_path / "damaged.flac"
    damaged.write_bytes(damaged_flac())
    assert clip_seconds(damaged) == 2.0
    usable, findings, _ = checked(corpus_of([str(damaged), *[sound] * 2_500]), tokenizer)
    assert [Path(finding.clip).name for finding in findings] == ["damaged.flac"]
    assert len(usable["train"]) == 2_500
