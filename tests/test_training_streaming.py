"""Oracles: the stream read from one end to the other, and a run that was never interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import IterableDataset, concatenate_datasets
from hub_data_standin import FILES, serving, shard
from safetensors.torch import load_file
from test_processes import TWO, python
from test_resume import run

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.sampling import POOL
from whisper_helpers.training import finetune, streaming
from whisper_helpers.training.stream_notes import Notes
from whisper_helpers.training.streaming import StreamedClips


def silent(line: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def tokenizer(tiny_whisper: Path) -> Any:
    """Of the tiny checkpoint."""
    return open_checkpoint(str(tiny_whisper), "hi", announce=silent)[1].tokenizer


def stream_of(folder: Path, copies: int = 3) -> IterableDataset:
    """The training clips of a corpus as a stream, each sentence of its own."""
    train = concatenate_datasets([open_corpus(str(folder), "hi", announce=silent)["train"]] * copies)
    train = train.remove_columns("sentence").add_column("sentence", [f"वाक्य {n}" for n in range(len(train))])
    return train.to_iterable_dataset(num_shards=4)


def test_each_block_holds_the_next_clips_of_the_stream(small_corpus: Path, tokenizer: Any) -> None:
    stream = stream_of(small_corpus)
    whole = [row["sentence"] for row in stream]
    clips = StreamedClips(stream_of(small_corpus), 100, 2, tokenizer)
    size = 2 * POOL
    seen = [clips[index]["sentence"] for index in range(100)]
    for start in range(0, 96, size):
        expected = [whole[place % len(whole)] for place in range(start, start + size)]
        assert sorted(seen[start : start + size]) == sorted(expected)
    assert seen[:size] != whole[:size]
    assert {"step_seconds", "seconds"} <= set(clips[99])


def test_clips_of_a_stream_go_on_with_others_of_their_block(small_corpus: Path, tokenizer: Any) -> None:
    clips = StreamedClips(stream_of(small_corpus), 100, 2, tokenizer, joined_every=3)
    seen = [clips[index] for index in range(96)]
    for start in range(0, 96, 2 * POOL):
        block = {clip["sentence"] for clip in seen[start : start + 2 * POOL]}
        assert all(
            each["sentence"] in block for clip in seen[start : start + 2 * POOL] for each in clip.get("then", [])
        )
    assert [index // 2 for index in range(0, 96, 2) if "then" in seen[index]] == [*range(2, 48, 3)]


def test_a_resumed_run_reads_on_and_sees_the_same(small_corpus: Path, tokenizer: Any, tmp_path: Path) -> None:
    kept = tmp_path / "positions.json"
    first = StreamedClips(stream_of(small_corpus), 200, 2, tokenizer, notes=kept)
    seen = [first[index]["sentence"] for index in range(140)]
    again = StreamedClips(stream_of(small_corpus), 200, 2, tokenizer)
    assert [again[index]["sentence"] for index in range(70, 140)] == seen[70:]
    resumed = StreamedClips(stream_of(small_corpus), 200, 2, tokenizer, notes=kept)
    assert max(resumed.notes.blocks) == 4
    assert [resumed[index]["sentence"] for index in range(130, 140)] == seen[130:]
    assert resumed.next == 5


def test_clips_that_cannot_be_used_are_passed_over(small_corpus: Path, tokenizer: Any) -> None:
    rows = list(stream_of(small_corpus))
    rows[1]["audio"]["path"], rows[2]["sentence"], rows[3]["sentence"] = "gone.wav", "  ", "क" * 2_000
    from datasets import Dataset

    stream = Dataset.from_list(rows).to_iterable_dataset()
    clips = StreamedClips(stream, 32, 2, tokenizer, longest=2.5)
    seen = {clips[index]["sentence"] for index in range(32)}
    assert not seen & {rows[1]["sentence"], rows[2]["sentence"], rows[3]["sentence"]}
    assert all(clips[index]["seconds"] <= 2.5 for index in range(32))
    faults = dict(clips.left_out)
    assert faults["gone.wav"] == "is not there"
    assert faults[rows[2]["audio"]["path"]] == "has no sentence"
    assert faults[rows[3]["audio"]["path"]].endswith("tokens for its sentence, 448 at most")
    assert sum(fault.endswith("longer than the window of 2.5 s") for fault in faults.values()) == 4
    with pytest.raises(BadInput, match="holds no clip that can be trained on"):
        StreamedClips(stream, 32, 2, tokenizer, longest=0.01)[0]


@pytest.mark.parametrize("choice", [{"epochs": 1}, {"replay": "bundled"}, {"silence_share": 0.1}])
def test_what_a_stream_cannot_do_is_refused(choice: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="Give --steps"):
        Recipe(stream=True, **choice)


def test_a_run_trains_on_a_stream(
    small_corpus: Path, tiny_whisper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = open_corpus(str(small_corpus), "hi", announce=silent)
    held_out = {split: corpus[split] for split in ("validation", "test")}
    monkeypatch.setattr(streaming, "stream_corpus", lambda *choices: (stream_of(small_corpus), held_out))
    recipe = Recipe(
        model=str(tiny_whisper), corpus="hub:a/b", stream=True, steps=3, batch_size=2, output=str(tmp_path / "run")
    )
    results = finetune(recipe, announce=silent).read_results()
    assert results["steps"] == 3
    assert results["clips"] == {"train": 6, "validation": 4, "test": 4}
    assert results["streamed"] == {"left_out": 0}
    blocks = Notes(tmp_path / "run" / "checkpoints" / "stream.json").blocks
    assert list(blocks) == [0]
    assert results["hours"]["train"] == round(blocks[0].seconds / 3600, 4) > 0
    assert {"before", "after", "after_30s"} <= set(results)


FAULTY = {3: ("", b""), 7: ("वाक्य 7", b"no sound"), 11: ("वाक्य 103!", b""), 20: ("क" * 2_000, b"")}


@pytest.fixture(scope="module")
def streamed_run(tiny_whisper: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Words of a run over two blocks of a stream from a small Hub, where four clips cannot be used."""

    def rows(numbers: range) -> bytes:
        texts = [FAULTY[n][0] if n in FAULTY else f"वाक्य {n}" for n in numbers]
        lengths = [0.5 + n % 9 / 10 for n in numbers]
        return shard(numbers, texts, lengths, {n: content for n, (_, content) in FAULTY.items() if content})

    train = {f"hi/train/{number:04}.parquet": rows(range(20 * number, 20 * number + 20)) for number in range(2)}
    held_out = {f"hi/{split}/0000.parquet": rows(range(start, start + 4)) for split, start in HELD_OUT.items()}
    FILES["someone/speech"] = train | held_out
    home = tmp_path_factory.mktemp("home")
    with serving() as address, pytest.MonkeyPatch.context() as patch:
        for name, value in {"HF_ENDPOINT": address, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0"}.items():
            patch.setenv(name, value)
        patch.setenv("NO_PROXY", "127.0.0.1")
        words = {"--model": tiny_whisper, "--corpus": "hub:someone/speech:hi", "--steps": 18, "--save-steps": 4}
        words |= {"--batch-size": 2, "--limit-test": 2, "--learning-rate": 1e-3, "--patience": 99}
        yield ["finetune", "--stream", "--no-mixed-precision", *(str(word) for pair in words.items() for word in pair)]
    del FILES["someone/speech"]


HELD_OUT = {"validation": 100, "test": 102}


def test_a_streamed_run_counts_and_lists_and_a_killed_one_ends_alike(streamed_run: list[str], tmp_path: Path) -> None:
    whole = run("nowhere", streamed_run, tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr[-2000:]
    results = json.loads((tmp_path / "whole" / "results.json").read_text(encoding="utf-8"))
    assert results["streamed"] == {"left_out": 4}
    assert {(each["split"], each["clip"]) for each in results["skipped"]} == {("train", f"{n}.wav") for n in FAULTY}
    faults = {each["clip"]: each["reason"] for each in results["skipped"]}
    assert faults["3.wav"] == "has no sentence"
    assert faults["11.wav"] == "says what a validation or test clip says"
    assert "4 clips are left out:" in whole.stdout
    assert results["clips"]["train"] == 36
    first = sum([0.5 + n % 9 / 10 for n in range(40) if n not in FAULTY][:32])  # all of the first block
    assert first + 4 * 0.5 < 3600 * results["hours"]["train"] + 0.2 < first + 4 * 1.3 + 0.4
    weights = load_file(tmp_path / "whole" / "model" / "model.safetensors")
    assert run("step 18", streamed_run, tmp_path / "killed").returncode in (-9, 137)
    done = run("nowhere", streamed_run, tmp_path / "killed", "--resume")
    assert done.returncode == 0, done.stderr[-2000:]
    again = json.loads((tmp_path / "killed" / "results.json").read_text(encoding="utf-8"))
    told = ("skipped", "hours", "clips", "window_seconds")
    assert [again[name] for name in told] == [results[name] for name in told]
    resumed = load_file(tmp_path / "killed" / "model" / "model.safetensors")
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


def test_two_processes_learn_from_a_stream_what_one_learns(streamed_run: list[str], tmp_path: Path) -> None:
    logs = []
    for launcher, clips in (("", 2), (TWO, 1)):
        folder = tmp_path / f"batches of {clips}"
        words = [*launcher.split(), "-m", "whisper_helpers.cli", *streamed_run, "--batch-size", str(clips)]
        done = python(*words, "--output", str(folder))
        assert done.returncode == 0, done.stderr[-2000:]
        logs.append(json.loads((folder / "results.json").read_text(encoding="utf-8")))
    one, two = logs
    told = ("skipped", "hours", "clips", "streamed", "window_seconds")
    assert [one[name] for name in told] == [two[name] for name in told]
    for ours, theirs in zip(one["training_log"], two["training_log"], strict=True):
        assert ours.get("loss") == pytest.approx(theirs.get("loss"), abs=1e-4)
