"""Oracles: the stream read from one end to the other, and a run that was never interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from datasets import IterableDataset, concatenate_datasets

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.sampling import POOL
from whisper_helpers.training import finetune, streaming
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


def test_a_resumed_run_reads_on_and_sees_the_same(small_corpus: Path, tokenizer: Any, tmp_path: Path) -> None:
    kept = tmp_path / "positions.json"
    first = StreamedClips(stream_of(small_corpus), 200, 2, tokenizer, positions=kept)
    seen = [first[index]["sentence"] for index in range(140)]
    again = StreamedClips(stream_of(small_corpus), 200, 2, tokenizer)
    assert [again[index]["sentence"] for index in range(70, 140)] == seen[70:]
    resumed = StreamedClips(stream_of(small_corpus), 200, 2, tokenizer, positions=kept)
    assert max(resumed.positions) == 4
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
    assert results["streamed"] == {"hours_estimated_from_clips": 32}
    assert 0 < results["hours"]["train"] < 0.01
    assert {"before", "after", "after_30s"} <= set(results)
