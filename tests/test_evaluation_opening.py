"""Oracles: corpora written here, whose splits share what is known."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import write_tone
from datasets import Dataset

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.errors import BadInput
from whisper_helpers.evaluation.material import Choices, collect
from whisper_helpers.evaluation.measuring import check_language
from whisper_helpers.evaluation.opening import UNKNOWN, overlap_with_run
from whisper_helpers.evaluation.sections import warnings
from whisper_helpers.evaluation.subjects import Subject, subject_of

ROWS = [("train", f"शब्द {number}", "one", "hi") for number in range(6)]
ROWS += [("validation", "जाँच", "three", "hi"), ("test", "शब्द 2", "one", "hi")]


def silent(line: str) -> None:
    """Take a line and say nothing."""


def write(folder: Path, rows: list[tuple[str, str, str, str]]) -> str:
    """Write a corpus: split, sentence, speaker and language of each clip."""
    folder.mkdir()
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name", "split", "sentence", "speaker", "language"])
        for number, row in enumerate(rows):
            write_tone(folder / f"{number}.wav", 1.0, hertz=200 + number)
            writer.writerow([f"{number}.wav", *row])
    return str(folder)


def run_on(corpus: str, **results: Any) -> Subject:
    """A run that was trained on a corpus."""
    return Subject("run", {"corpus": corpus, "language": "hi", "recipe": {"seed": 0}} | results)


@pytest.fixture(scope="module")
def tokenizer(tiny_whisper: Path) -> Any:
    """Of the tiny checkpoint."""
    return open_checkpoint(str(tiny_whisper), "hi", announce=silent)[1].tokenizer


def test_a_test_of_another_corpus_is_compared_with_what_the_run_was_trained_on(tmp_path: Path) -> None:
    run = run_on(write(tmp_path / "trained", ROWS))
    columns = {"sentence": ["शब्द 1!", "नया", "शब्द 3"], "speaker": ["one", "", "two"], "language": ["hi"] * 3}
    found = overlap_with_run(Dataset.from_dict(columns), run, silent)
    assert found == {"test_sentences_in_train": 2, "test_speakers_in_train": 1}


def test_where_the_runs_corpus_is_gone_it_is_told_that_nothing_is_known(tmp_path: Path) -> None:
    lines: list[str] = []
    test = Dataset.from_dict({"sentence": ["एक"], "speaker": [""], "language": ["hi"]})
    assert overlap_with_run(test, run_on(str(tmp_path / "gone")), lines.append) == UNKNOWN
    assert "is not known" in lines[0]
    facts = {**UNKNOWN, "language": "hi", "synthetic": False, "unit": "word", "base_chosen_on": "test"}
    assert [text[:33] for text in warnings(facts)] == [
        "Whether test sentences or speaker",
        "The model before was chosen on th",
    ]


def test_a_run_opens_its_corpus_as_it_was_trained(tmp_path: Path, tokenizer: Any) -> None:
    corpus = write(tmp_path / "corpus", [(*row[:3], "ur") for row in ROWS])
    choices = Choices(silence=0, long_minutes=0)
    run = run_on(corpus, recipe={"language": "Hindi", "seed": 0})
    assert collect(corpus, "hi", [], choices, tokenizer, run.options, silent).facts["clips"] == 1
    with pytest.raises(BadInput, match="is Urdu, not Hindi"):
        collect(corpus, "hi", [], choices, tokenizer, run_on(corpus).options, silent)
    strict = {"max_down_votes": 0, "stream": False, "limit_train": None}
    assert run_on(corpus, recipe=strict).options == {"max_down_votes": 0}
    assert run_on(corpus, recipe={"language": "Chuvash"}, proxy="tt").options["language"] == "tt"


def test_of_a_streamed_corpus_only_the_test_is_read(
    small_corpus: Path, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whisper_helpers.corpus import open_corpus

    opened, asked = open_corpus(str(small_corpus), "hi", announce=silent), []

    def stream(*told: Any) -> tuple[None, dict[str, Dataset]]:
        asked.append((told[0], *told[2:]))
        return None, {name: opened[name] for name in ("validation", "test")}

    monkeypatch.setattr("whisper_helpers.evaluation.opening.stream_corpus", stream)
    run = run_on("hub:someone/long", recipe={"stream": True, "limit_train": 9})
    choices = Choices(silence=0, long_minutes=0, limit_test=4)
    material = collect("hub:someone/long", "hi", [], choices, tokenizer, run.options, silent)
    assert asked == [("hub:someone/long", 9, 4)]
    assert {name: material.facts[name] for name in ("clips", *UNKNOWN)} == {"clips": 4, **UNKNOWN}


def test_a_run_of_several_languages_is_tested_in_each_of_them(tmp_path: Path) -> None:
    checkpoint = SimpleNamespace(folder=tmp_path, name="model")
    (tmp_path / "generation_config.json").write_text(json.dumps({"language": "<|hi|>"}), encoding="utf-8")
    check_language(run_on("mixed", languages=["hi", "ml"]), checkpoint, "ml")
    with pytest.raises(BadInput, match="tuned for Hindi and Malayalam, the test is Tamil"):
        check_language(run_on("mixed", languages=["hi", "ml"]), checkpoint, "ta")
    with pytest.raises(BadInput, match="tuned for Hindi, the test is Malayalam"):
        check_language(subject_of("checkpoint"), checkpoint, "ml")
