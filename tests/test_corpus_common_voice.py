"""Oracles: a release written row by row, and pandas reading it with quotation marks taken literally."""

from __future__ import annotations

import csv
from pathlib import Path

import common_voice
import pandas
import pytest
from datasets import DatasetDict

from whisper_helpers.corpus import open_corpus
from whisper_helpers.errors import BadInput

SPLIT_OF = {"train": "train", "validation": "dev", "test": "test"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a release with one language."""
    return common_voice.write(tmp_path_factory.mktemp("cv"), common_voice.files())


def opened(place: Path, language: str | None = None, **choices: object) -> tuple[DatasetDict, str]:
    """Open a corpus; what it says comes back as one text."""
    lines: list[str] = []
    return open_corpus(str(place), language, announce=lines.append, **choices), "\n".join(lines)


def numbers(split: object) -> list[int]:
    """The clips' numbers, from their file names."""
    return [int(Path(audio["path"]).stem.rpartition("_")[2]) for audio in split["audio"]]


@pytest.mark.parametrize("inside", [".", "hi", ".."])
def test_a_release_opens_by_its_official_splits(release: Path, inside: str) -> None:
    corpus, lines = opened(release / inside)
    for name, table in SPLIT_OF.items():
        read = pandas.read_csv(release / "hi" / f"{table}.tsv", sep="\t", quoting=csv.QUOTE_NONE, dtype=str)
        assert [Path(audio["path"]).name for audio in corpus[name]["audio"]] == list(read["path"])
        assert corpus[name]["sentence"][:] == list(read["sentence"])
        assert corpus[name]["speaker"][:] == list(read["client_id"])
        assert set(corpus[name]["language"]) == {"hi"}
    assert corpus["train"][3]["sentence"] == 'वह "बोली'
    assert "Clips: 12 train, 4 validation, 4 test." in lines


def test_every_validated_clip_of_other_speakers_can_be_trained_on(release: Path) -> None:
    corpus, lines = opened(release, splits="validated")
    assert numbers(corpus["train"]) == [*range(12), *range(20, 30)]
    assert (numbers(corpus["validation"]), numbers(corpus["test"])) == ([*range(12, 16)], [*range(16, 20)])
    speakers = [set(split["speaker"]) for split in corpus.values()]
    assert len(set.union(*speakers)) == sum(map(len, speakers))
    assert "Validation and test are the official ones; 0 of 22 other validated clips" in lines


def test_other_clips_of_the_test_speakers_are_left_out_and_counted(tmp_path: Path) -> None:
    content = common_voice.files()
    table = f"{common_voice.RELEASE}/hi/test.tsv"
    content[table] = b"".join(content[table].splitlines(keepends=True)[:4])  # its last clip, 19, is of 18's speaker
    corpus, lines = opened(common_voice.write(tmp_path, content), splits="validated")
    assert 19 not in numbers(corpus["train"])
    assert "1 of 23 other validated clips are of their speakers and left out" in lines


def test_a_release_without_official_splits_is_cut_by_speaker(tmp_path: Path) -> None:
    content = {name: each for name, each in common_voice.files().items() if Path(name).stem not in SPLIT_OF.values()}
    place = common_voice.write(tmp_path, content)
    with pytest.raises(BadInput, match=r"no clips in train.tsv.*--splits validated"):
        opened(place)
    corpus, lines = opened(place, splits="validated")
    assert sum(map(len, corpus.values())) == 30
    assert set(corpus["train"]["speaker"]).isdisjoint(corpus["test"]["speaker"])
    assert "cut from train by speaker" in lines


def test_an_empty_official_table_is_no_split(tmp_path: Path) -> None:
    content = common_voice.files()
    for name in ("dev", "test"):
        table = f"{common_voice.RELEASE}/hi/{name}.tsv"
        content[table] = content[table].splitlines(keepends=True)[0]
    _, lines = opened(common_voice.write(tmp_path, content))
    assert "brings no test split" in lines
    assert "brings no validation split" in lines


def test_votes_filter_as_pandas_does(release: Path) -> None:
    corpus, lines = opened(release, min_up_votes=3, max_down_votes=1)
    for name, table in SPLIT_OF.items():
        read = pandas.read_csv(release / "hi" / f"{table}.tsv", sep="\t", quoting=csv.QUOTE_NONE)
        kept = read[(read["up_votes"] >= 3) & (read["down_votes"] <= 1)]
        assert [Path(audio["path"]).name for audio in corpus[name]["audio"]] == list(kept["path"])
    assert "9 of 12 train clips have at least 3 up_votes." in lines


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"min_up_votes": 9}, "No train clip of train.tsv has at least 9 up_votes"),
        ({"min_up_votes": -1}, "--min-up-votes is -1. It must be 0 or more"),
        ({"splits": "all"}, "no splits 'all'. Splits are official or validated"),
    ],
)
def test_impossible_choices_are_refused(release: Path, choices: dict[str, object], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        opened(release, **choices)


@pytest.mark.parametrize(("votes", "reason"), [("", "has '' as up_votes"), ("many", "has 'many' as up_votes")])
def test_votes_that_are_no_numbers_are_refused(tmp_path: Path, votes: str, reason: str) -> None:
    content = common_voice.files()
    table = f"{common_voice.RELEASE}/hi/train.tsv"
    content[table] = content[table].replace(b"\t2\t0\t", f"\t{votes}\t0\t".encode())
    with pytest.raises(BadInput, match=reason):
        opened(common_voice.write(tmp_path, content), min_up_votes=1)


def test_votes_of_other_tables_are_refused() -> None:
    with pytest.raises(BadInput, match="has no column down_votes"):
        opened(Path("bundled"), max_down_votes=1)


def test_of_several_languages_the_given_one_is_opened(tmp_path: Path) -> None:
    for locale in ("hi", "pa-IN"):
        place = common_voice.write(tmp_path, common_voice.files(locale))
    with pytest.raises(BadInput, match=r"holds 2 languages. They are hi, pa-IN. Give the folder of one"):
        opened(place)
    assert set(opened(place, "hi")[0]["train"]["language"]) == {"hi"}
    corpus, _ = opened(place, "pa")
    assert Path(corpus["train"][0]["audio"]["path"]).parts[-3] == "pa-IN"
    assert set(opened(place / "pa-IN")[0]["train"]["language"]) == {"pa"}


def test_a_table_of_ones_own_wins_over_the_release(tmp_path: Path) -> None:
    place = common_voice.write(tmp_path, common_voice.files()) / "hi"
    (place / "metadata.tsv").write_bytes((place / "other.tsv").read_bytes())
    corpus, _ = opened(place)
    assert sorted(number for split in corpus.values() for number in numbers(split)) == [*range(40, 44)]
