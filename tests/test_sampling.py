"""Properties of the order: complete, alike within a step, random from step to step, the same for a seed."""

from __future__ import annotations

import numpy as np
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st

from whisper_helpers.sampling import SimilarLengths, length_grouped_order


@given(
    seconds=st.lists(st.floats(0.1, 30), min_size=1, max_size=300),
    clips_per_step=st.integers(1, 16),
    epoch=st.integers(0, 3),
)
def test_every_clip_is_seen_once_an_epoch(seconds: list[float], clips_per_step: int, epoch: int) -> None:
    order = length_grouped_order(np.array(seconds), clips_per_step, 0, epoch)
    assert sorted(order) == list(range(len(seconds)))


def test_grouping_spares_padding_and_keeps_the_order_random() -> None:
    seconds = np.random.default_rng(0).uniform(1, 12, 512)

    def padded(order: np.ndarray) -> float:
        return sum(seconds[step].max() * 4 for step in order.reshape(-1, 4))

    order = length_grouped_order(seconds, 4, seed=1, epoch=0)
    assert padded(order) < 1.1 * seconds.sum() < padded(np.arange(512))
    steps = seconds[order].reshape(-1, 4).mean(axis=1)
    assert abs(np.corrcoef(steps, np.arange(len(steps)))[0, 1]) < 0.2
    assert np.array_equal(order, length_grouped_order(seconds, 4, seed=1, epoch=0))
    assert not np.array_equal(order, length_grouped_order(seconds, 4, seed=1, epoch=1))
    assert not np.array_equal(order, length_grouped_order(seconds, 4, seed=2, epoch=0))


@given(clips=st.integers(1, 40), clips_per_step=st.integers(1, 12))
def test_a_filled_up_epoch_has_whole_steps_and_each_sentence_once(clips: int, clips_per_step: int) -> None:
    sentences = [str(number) for number in range(clips)]
    split = Dataset.from_dict({"seconds": np.linspace(1, 9, clips), "sentence": sentences})
    filled = SimilarLengths(split, clips_per_step, fill=True)
    seen = [filled[index]["sentence"] for index in range(len(filled))]
    assert len(seen) % clips_per_step == 0
    assert len(seen) - clips < clips_per_step
    assert sorted(sentence for sentence in seen if sentence is not None) == sorted(sentences)
    assert len(SimilarLengths(split, clips_per_step)) == clips


def test_all_clips_of_a_step_tell_its_longest() -> None:
    seconds = np.random.default_rng(0).uniform(1, 9, 22)
    split = SimilarLengths(Dataset.from_dict({"seconds": seconds, "sentence": ["a"] * 22}), 4, fill=True)
    split.set_epoch(3)
    rows = [split[index] for index in range(len(split))]
    for step in (rows[at : at + 4] for at in range(0, 24, 4)):
        assert {row["step_seconds"] for row in step} == {max(row["seconds"] for row in step)}
