"""A corpus with defects planted on purpose: which clip has which is known. The tests and a benchmark use it."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from whisper_helpers.audio import SAMPLE_RATE, read_clip
from whisper_helpers.corpus.bundled import bundled_folder

SOURCE = bundled_folder()
NOBODY = [f"clips/nobody_{number}.flac" for number in range(99)]
URDU, RUSSIAN = "آج صبح سے ہلکی بارش ہو رہی ہے", "Сегодня с утра идёт мелкий дождь"
ENGLISH = "aaj subah se halki barish ho rahi hai"
ODD = ["★", "\ufffd", "\u200b", "😀", "\ue000", "\x07", "§", "|"]
TAGS = ["<noise>", "[हँसी]", "(खाँसी)", "<b>", "&nbsp;", "{unk}"]
DIGITS = ["3", "१२", "2026", "½", "९", "10"]


@dataclass
class Planted:
    """A row under construction."""

    name: str
    samples: np.ndarray
    sentence: str
    split: str
    speaker: str
    write: Callable[[Path, np.ndarray], None] | None = None
    defects: set[str] = field(default_factory=set)


@dataclass
class Truth:
    """Where the corpus is, and which findings are true: pairs of the clip, None for the corpus, and the reason."""

    folder: Path
    findings: set[tuple[str | None, str]]


def make_corpus(folder: Path, clips: int = 500, each: int = 6, seed: int = 0, whole: bool = True) -> Truth:
    """Write a corpus of Hindi speech with `each` clips of every defect, and with `whole` those of the corpus too."""
    rng = np.random.default_rng(seed)
    rows = _sound_rows(clips, rng)
    pool = {split: iter([row for row in rows if row.split == split]) for split in ("train", "test")}
    for reason, plant in PLANTERS.items():
        for number in range(each):
            donor = next(pool["train"]) if reason in PAIRS else None
            row = next(pool["test" if reason in ON_TEST else "train"])
            plant(row, donor, number, rng)
            row.defects.add(reason)
    found = {(row.name, reason) for row in rows for reason in row.defects}
    if whole:
        found |= _spoil_whole(rows)
    _write(folder, rows)
    return Truth(folder, found)


def _sound_rows(clips: int, rng: np.random.Generator) -> list[Planted]:
    with (SOURCE / "metadata.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    table = [table[place] for place in rng.permutation(len(table))]
    sounds = [read_clip(SOURCE / row["file_name"]) for row in table[: min(clips, len(table))]]
    rows = []
    for number in range(clips):
        own, other = number % len(table), (7 * number + 3) % len(sounds)
        joined = number >= len(table)  # every sentence is said once: two in a row make a new one
        samples = np.concatenate([sounds[own], sounds[other]]) if joined else sounds[own]
        text = " ".join(table[place]["sentence"] for place in ([own, other] if joined else [own]))
        split = "test" if number % 5 == 0 else "validation" if number % 5 == 1 and number < 125 else "train"
        row = Planted(
            f"clips/{number:03}.flac", samples, text, split, f"{split} {number % 4 if split == 'train' else 0}"
        )
        rows.append(row)
    return rows


def _spoil_whole(rows: list[Planted]) -> set[tuple[str | None, str]]:
    for number, row in enumerate(row for row in rows if row.split == "validation"):
        row.split, row.speaker = ("validation", row.speaker) if number < 12 else ("train", "train 0")
    for number, row in enumerate(row for row in rows if row.split == "train"):
        row.speaker = "train 0" if number % 5 else row.speaker
    return {(None, "tiny_split"), (None, "unbalanced_speaker")}


def _write(folder: Path, rows: list[Planted]) -> None:
    (folder / "clips").mkdir(parents=True)
    for row in rows:
        if row.name not in NOBODY:
            (row.write or _flac)(folder / row.name, row.samples)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name", "sentence", "speaker", "split", "language"])
        writer.writerows([row.name, row.sentence, row.speaker, row.split, "hi"] for row in rows)


def _flac(path: Path, samples: np.ndarray) -> None:
    soundfile.write(path, samples, SAMPLE_RATE, format="FLAC")


def _float(path: Path, samples: np.ndarray) -> None:
    soundfile.write(path, samples, SAMPLE_RATE, format="WAV", subtype="FLOAT")


def _wav(path: Path, samples: np.ndarray) -> None:
    soundfile.write(path, samples, SAMPLE_RATE, format="WAV")


def _ogg(path: Path, samples: np.ndarray) -> None:
    soundfile.write(path, samples, SAMPLE_RATE, format="OGG", subtype="VORBIS")


def _missing(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.name = NOBODY[number]


def _unreadable(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    def write(path: Path, samples: np.ndarray) -> None:
        _flac(path, samples)
        content = bytearray(path.read_bytes())
        content[len(content) // 2 :] = b"\x55" * (len(content) - len(content) // 2)
        path.write_bytes((b"", b"no sound", rng.bytes(4000), bytes(content), b"\xff", b"RIFF")[number % 6])

    row.write = write


def _empty(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.samples, row.write = np.zeros(0, np.float32), _wav


def _nan(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.samples, row.write = row.samples.copy(), _float
    row.samples[rng.integers(len(row.samples))] = (np.nan, np.inf)[number % 2]


def _silent(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.samples = (rng.standard_normal(len(row.samples)) * (0, 1e-4, 5e-4)[number % 3]).astype(np.float32)


def _short(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    start = len(row.samples) // 3
    row.samples = row.samples[start : start + int(SAMPLE_RATE * rng.uniform(0.05, 0.28))]


def _long(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    times = math.ceil(30.5 * SAMPLE_RATE / len(row.samples))
    row.samples = np.tile(row.samples, times)


def _clipped(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    level = (1.0, 0.9, 0.4)[number % 3]  # some recorders clip below full scale
    row.samples = np.clip(row.samples / np.abs(row.samples).max() * level * rng.uniform(3, 12), -level, level)
    row.write = (_flac, _ogg)[number % 2]


def _low_rate(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    import soxr

    low = (8_000, 11_025, 8_000)[number % 3]
    narrow = soxr.resample(row.samples, SAMPLE_RATE, low)
    if number % 3 == 2:
        row.write = lambda path, samples: soundfile.write(path, narrow, low, format="FLAC")
    row.samples = soxr.resample(narrow, low, SAMPLE_RATE)


def _same_audio(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.samples, row.write = donor.samples, (_flac, _wav)[number % 2]
    row.sentence = donor.sentence


def _no_text(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.sentence = ("", "   ", "।", "...", "\u200b", "?!")[number % 6]


def _many_tokens(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.sentence = " ".join([row.sentence] * 25)


def _foreign(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    words = (URDU, RUSSIAN, ENGLISH)[number % 3].split()
    row.sentence = " ".join(words[number // 3 :] + words[: number // 3])


def _odd(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    cut = int(rng.integers(len(row.sentence)))
    row.sentence = row.sentence[:cut] + ODD[number % len(ODD)] + row.sentence[cut:]


def _digits(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.sentence = f"{DIGITS[number % len(DIGITS)]} {row.sentence}"


def _tags(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.sentence = f"{row.sentence} {TAGS[number % len(TAGS)]}"


def _mismatched(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    words = row.sentence.split()
    row.sentence = (
        " ".join(words[: max(1, len(words) // 5)]) if number % 2 else f"{row.sentence} सो {row.sentence} {row.sentence}"
    )


def _same_text(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.samples = 0.7 * donor.samples[: int(0.98 * len(donor.samples))]  # said again
    row.sentence = f" {donor.sentence}!" if number % 2 else donor.sentence


def _same_speaker(row: Planted, donor: Planted | None, number: int, rng: np.random.Generator) -> None:
    row.speaker = "train 1"


PLANTERS: dict[str, Callable[[Planted, Planted | None, int, np.random.Generator], None]] = {
    "missing_file": _missing,
    "unreadable": _unreadable,
    "empty_audio": _empty,
    "nan": _nan,
    "silent": _silent,
    "too_short": _short,
    "too_long": _long,
    "clipped": _clipped,
    "low_rate": _low_rate,
    "duplicate_audio": _same_audio,
    "empty_text": _no_text,
    "too_many_tokens": _many_tokens,
    "wrong_script": _foreign,
    "odd_characters": _odd,
    "digits": _digits,
    "tags": _tags,
    "text_audio_mismatch": _mismatched,
    "duplicate_text": _same_text,
    "text_in_train_and_test": _same_text,
    "speaker_in_train_and_test": _same_speaker,
}
ON_TEST = {"text_in_train_and_test", "speaker_in_train_and_test"}
PAIRS = {"duplicate_audio", "duplicate_text", "text_in_train_and_test"}
