"""Oracles: sets that must not meet, and every subset tried for the closest size."""

from __future__ import annotations

from itertools import combinations

import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from whisper_helpers.corpus.clips import clips_of
from whisper_helpers.corpus.splits import complete, cut_groups, grouping, sentence_keys
from whisper_helpers.errors import BadInput


def clips(sentences: list[str], speakers: list[str]) -> Dataset:
    """Clips that need no files, numbered in their paths."""
    paths = [f"{number}.wav" for number in range(len(sentences))]
    return clips_of({"audio": paths, "sentence": sentences, "language": ["hi"] * len(paths), "speaker": speakers})


def paths(split: Dataset) -> list[str]:
    """Paths of a split's clips."""
    return [audio["path"] for audio in split["audio"]]


def cut(train: Dataset, seed: int = 0, **brought: Dataset) -> dict[str, Dataset]:
    """Complete a corpus without a word."""
    return complete({"train": train, **brought}, seed, announce=lambda line: None)


@settings(deadline=None, max_examples=200)
@given(
    groups=st.lists(st.sampled_from(["", *"abcdefgh"]), min_size=2, max_size=40),
    target=st.integers(1, 12),
    seed=st.integers(0, 5),
)
def test_whole_groups_come_as_close_to_the_target_as_any_choice(groups: list[str], target: int, seed: int) -> None:
    chosen = cut_groups(groups, target, seed).tolist()
    names = sorted(set(groups) - {""})
    totals = [
        sum(groups.count(name) for name in some) for n in range(1, len(names) + 1) for some in combinations(names, n)
    ]
    possible = [total for total in totals if total < len(groups)]
    assert chosen == sorted(set(chosen))
    assert {groups[index] for index in chosen}.isdisjoint({groups[i] for i in range(len(groups)) if i not in chosen})
    assert "" not in {groups[index] for index in chosen}
    if possible:
        assert abs(len(chosen) - target) == min(abs(total - target) for total in possible)
    else:
        assert not chosen


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)), min_size=20, max_size=300),
    seed=st.integers(0, 3),
)
def test_a_corpus_of_one_split_is_parted_without_overlap(rows: list[tuple[int, int]], seed: int) -> None:
    train = clips([f"वाक्य {sentence}" for sentence, _ in rows], [f"s{speaker}" for _, speaker in rows])
    by_speaker = len({speaker for _, speaker in rows}) >= 5
    if not by_speaker and len({sentence for sentence, _ in rows}) < 3:
        with pytest.raises(BadInput, match=r"split possible"):
            cut(train, seed)
        return
    splits = cut(train, seed)
    together = [path for split in splits.values() for path in paths(split)]
    kinds = grouping(train["sentence"], train["language"], train["speaker"])[0]
    assert (kinds == "speaker") == by_speaker
    assert set(splits["train"][kinds]).isdisjoint(splits["test"][kinds])
    assert set(splits["validation"][kinds]).isdisjoint(splits["test"][kinds])
    assert len(together) == len(set(together))
    assert 1 <= len(splits["validation"]) <= 60
    assert 1 <= len(splits["test"]) <= 500
    assert {name: paths(split) for name, split in cut(train, seed).items()} == {
        name: paths(split) for name, split in splits.items()
    }


def test_nothing_is_lost_when_the_groups_are_small() -> None:
    train = clips([f"वाक्य {n}" for n in range(400)], [f"s{n % 40}" for n in range(400)])
    splits = cut(train)
    assert sorted(path for split in splits.values() for path in paths(split)) == sorted(paths(train))
    assert {name: len(split) for name, split in splits.items()} == {
        "train": 320,
        "validation": 40,
        "test": 40,
    }
    speakers = [set(split["speaker"]) for split in splits.values()]
    assert sum(map(len, speakers)) == len(set.union(*speakers)) == 40


def test_validation_has_60_clips_at_most_and_test_500() -> None:
    train = clips([f"वाक्य {n}" for n in range(6000)], [""] * 6000)
    assert {name: len(split) for name, split in cut(train).items()} == {
        "train": 5440,
        "validation": 60,
        "test": 500,
    }


def test_a_held_out_speaker_with_too_many_clips_is_used_in_part_and_told() -> None:
    train = clips([f"वाक्य {n}" for n in range(600)], [f"s{n % 6}" for n in range(600)])
    lines: list[str] = []
    splits = complete({"train": train, "test": clips(["वाक्य"], ["t"])}, 0, lines.append)
    assert (len(splits["train"]), len(splits["validation"])) == (500, 60)
    assert set(splits["train"]["speaker"]).isdisjoint(splits["validation"]["speaker"])
    assert "60 clips are cut from train by speaker; 40 more of the same speakers are left out" in lines[0]


def test_four_speakers_are_too_few_to_hold_one_out() -> None:
    train = clips(["हाँ", "हाँ!", "नहीं", "शायद"] * 10, [f"s{n // 10}" for n in range(40)])
    splits = cut(train)
    keys = [set(sentence_keys(split["sentence"], split["language"])) for split in splits.values()]
    assert sum(map(len, keys)) == len(set.union(*keys)) == 3
    assert set(splits["train"]["speaker"]) & set(splits["test"]["speaker"])


def test_a_clip_without_speaker_stays_in_train() -> None:
    train = clips([f"वाक्य {n}" for n in range(100)], ["" if n % 2 else f"s{n % 20}" for n in range(100)])
    splits = cut(train)
    assert "" not in set(splits["test"]["speaker"]) | set(splits["validation"]["speaker"])
    assert splits["train"]["speaker"][:].count("") == 50


def test_brought_splits_stay_and_test_is_cut_from_train_only() -> None:
    train, validation = clips([f"वाक्य {n}" for n in range(50)], [""] * 50), clips(["एक", "दो"], ["", ""])
    splits = cut(train, validation=validation)
    assert splits["validation"]["sentence"][:] == ["एक", "दो"]
    assert (len(splits["train"]), len(splits["test"])) == (45, 5)


def test_another_seed_cuts_other_clips() -> None:
    train = clips([f"वाक्य {n}" for n in range(100)], [""] * 100)
    assert paths(cut(train, 0)["test"]) != paths(cut(train, 1)["test"])


@pytest.mark.parametrize("sentences", [["एक"], ["हाँ", "हाँ!", " हाँ "], ["एक", "दो"]])
def test_too_few_sentences_cannot_be_cut(sentences: list[str]) -> None:
    with pytest.raises(BadInput, match=r"split possible: train has only one sentence"):
        cut(clips(sentences, [""] * len(sentences)))


def test_a_corpus_without_train_is_refused() -> None:
    with pytest.raises(BadInput, match=r"brings only test. A train split is needed"):
        complete({"test": clips(["एक"], [""])}, 0, announce=lambda line: None)
