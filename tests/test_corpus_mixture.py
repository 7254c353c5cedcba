"""Oracles: the corpora opened one by one, counts by hand, and the metrics of each language alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import WORDS, write_tone
from datasets import DatasetDict
from hypothesis import given
from hypothesis import strategies as st

from whisper_helpers.corpus import clip_names, open_corpus
from whisper_helpers.corpus.mixture import Part, parse_mixture, weighted
from whisper_helpers.errors import BadInput


def opened(name: str, language: str | None = None, **choices: object) -> tuple[DatasetDict, str]:
    """Open a corpus; what it says comes back as one text."""
    lines: list[str] = []
    return open_corpus(name, language, announce=lines.append, **choices), "\n".join(lines)


def make(folder: Path, clips: int, words: list[str] = WORDS) -> Path:
    """A folder of recordings beside texts."""
    for number in range(clips):
        write_tone(folder / f"{number:02}.wav", 0.3 + number / 50, hertz=200 + number)
        (folder / f"{number:02}.txt").write_text(f"{words[number % len(words)]} {number}", encoding="utf-8")
    return folder


def test_each_row_has_its_language_and_train_its_weight(tmp_path: Path) -> None:
    hindi, malayalam = make(tmp_path / "a", 20), make(tmp_path / "b", 10, ["ഒന്ന്", "രണ്ട്"])
    mixed, lines = opened(f"{hindi}=hi:2.5,{malayalam}=Malayalam:0.5")
    alone = {"hi": opened(str(hindi), "hi")[0], "ml": opened(str(malayalam), "ml")[0]}
    for split in ("validation", "test"):
        rows = [row for corpus in alone.values() for row in corpus[split]]
        assert list(mixed[split]) == rows
    counts = Counter((row["language"], row["sentence"]) for row in mixed["train"])
    assert {key for key in counts if key[0] == "hi"} == {("hi", s) for s in alone["hi"]["train"]["sentence"]}
    assert {count for (code, _), count in counts.items() if code == "hi"} == {2, 3}
    assert Counter(mixed["train"]["language"]) == {
        "hi": round(2.5 * len(alone["hi"]["train"])),
        "ml": round(0.5 * len(alone["ml"]["train"])),
    }
    assert f"{hindi}: hi, {len(alone['hi']['train'])} training clips, seen 2.5 times each pass." in lines
    assert clip_names(mixed["test"]) == [name for corpus in alone.values() for name in clip_names(corpus["test"])]
    assert list(opened(f"{hindi}=hi:2.5,{malayalam}=ml:0.5")[0]["train"]) == list(mixed["train"])


def test_the_bundled_corpus_tells_its_language_in_a_mixture(tmp_path: Path) -> None:
    mixed, _ = opened(f"bundled, {make(tmp_path / 'a', 12)}", "ml", limit_train=9, limit_test=2)
    assert Counter(mixed["train"]["language"]) == {"ml": 18}
    mixed, _ = opened(f"bundled,{tmp_path / 'a'}=ml", limit_train=9, limit_test=2)
    assert Counter(mixed["train"]["language"]) == {"hi": 9, "ml": 9}
    assert Counter(mixed["test"]["language"]) == {"hi": 2, "ml": 1}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a=hi:2,b=ml:1", [Part("a", "hi", 2.0), Part("b", "ml", 1.0)]),
        ("C:\\clips=hi, D:\\more", [Part("C:\\clips", "hi"), Part("D:\\more")]),
        ("hub:a/b:c=hi:0.5,mdc:pa-IN", [Part("hub:a/b:c", "hi", 0.5), Part("mdc:pa-IN")]),
        ("x=y=hi:3,z=:2", [Part("x=y", "hi", 3.0), Part("z", None, 2.0)]),
        ("a=hi:2", [Part("a=hi:2")]),
    ],
)
def test_names_of_mixtures_are_taken_apart(name: str, parts: list[Part]) -> None:
    assert parse_mixture(name) == parts


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a=hi,", "has no name"),
        ("a=hi,=ml", "does not know|There is no corpus|has no name"),
        ("a=hi:0,b=ml", "weight '0' is none"),
        ("a=hi:-1,b=ml", "weight '-1' is none"),
        ("a=hi:many,b=ml", "weight 'many' is none"),
        ("a=hi:nan,b=ml", "weight 'nan' is none"),
        ("a=hi:inf,b=ml", "weight 'inf' is none"),
        ("a=klingon,b=ml", "does not know the language 'klingon'"),
        ("nowhere=hi,b=ml", "There is no corpus nowhere"),
    ],
)
def test_mixtures_that_are_none_are_refused(name: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        opened(name)


def test_a_folder_with_a_comma_in_its_name_is_one_corpus(tmp_path: Path) -> None:
    place = make(tmp_path / "mine, all=hi:2", 6)
    assert sum(map(len, opened(str(place), "hi")[0].values())) == 6


@given(st.integers(1, 200), st.floats(0.01, 20), st.integers(0, 9))
def test_no_clip_is_seen_more_than_once_more_than_another(clips: int, weight: float, seed: int) -> None:
    chosen = weighted(clips, weight, seed)
    counts = np.bincount(chosen, minlength=clips)
    assert len(chosen) == max(1, round(clips * weight))
    assert counts.max() - counts.min() <= 1
