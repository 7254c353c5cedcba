"""Oracles: places worked out by hand from made-up transcripts, and what three forms of a table must hold."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from datasets import Dataset

from whisper_helpers import cli
from whisper_helpers.errors import BadInput
from whisper_helpers.evaluation import leaderboard
from whisper_helpers.evaluation.leaderboard import as_html, as_markdown, as_text, ranked

pytestmark = pytest.mark.usefixtures("heard_elsewhere")
CLIPS = 40
SAID = ["one two three four"] * CLIPS


def heard(wrong: list[int]) -> list[dict]:
    """Transcripts with so many wrong words a clip."""
    return [
        {"text": " ".join(["x"] * number + sentence.split()[number:])}
        for number, sentence in zip(wrong, SAID, strict=True)
    ]


@pytest.fixture
def board() -> dict:
    """Four models: two that cannot be told apart, a clearly worse one, and one chosen on the test."""
    test = Dataset.from_dict({"sentence": SAID, "speaker": [""] * CLIPS})
    material = SimpleNamespace(test=test, language="en")
    models = {
        "worse": heard([3] * CLIPS),
        "good": heard([1, 0] * (CLIPS // 2)),
        "as good": heard([0, 1] * (CLIPS // 2 - 1) + [1, 1]),
        "a | b": heard([4] * CLIPS),
    }
    rows = ranked(list(models), list(models.values()), [None, None, None, "test"], material)
    facts = {"language": "en", "clips": CLIPS, "split": "test", "corpus": "toy", "hours": 0.5, "window_seconds": 30}
    facts |= {"unit": "word", "speakers": 0, "test_sentences_in_train": 3, "test_speakers_in_train": 0}
    facts |= {"other_languages": 0, "left_out": 0, "without_words": 2}
    return {**facts, "normaliser": "normalised", "synthetic": True, "rows": rows}


def test_models_are_sorted_and_those_that_cannot_be_told_apart_share_a_place(board: dict) -> None:
    found = [(row["place"], row["model"], row["wer"], row["tied"]) for row in board["rows"]]
    assert found == [
        (1, "good", 12.5, False),
        (1, "as good", 13.125, True),
        (3, "worse", 75.0, False),
        (4, "a | b", 100.0, False),
    ]
    assert [row["behind"] for row in board["rows"]] == [None, 0.625, 62.5, 87.5]
    for row in board["rows"][1:]:
        assert row["behind_interval"][0] <= row["behind"] <= row["behind_interval"][1]


def test_each_form_says_the_same_and_under_which_conditions(board: dict) -> None:
    for text in (as_text(board), as_markdown(board), as_html(board)):
        for words in (
            "as good",
            "1=",
            "75.0",
            "+62.5",
            "40 test clips of toy",
            "synthetic",
            "3 test sentences",
            "2 clips without words to say: in no rate.",
            "these speakers only",
            "chosen on the test",
        ):
            assert words in text
    assert "a \\| b *" in as_markdown(board)
    assert "http" not in as_html(board)


def test_one_model_is_no_comparison(tiny_whisper: Path) -> None:
    with pytest.raises(BadInput, match="two different"):
        leaderboard([str(tiny_whisper), str(tiny_whisper)])


def test_the_command_writes_a_table_and_replaces_nothing_unasked(
    tiny_whisper: Path,
    whisper_base: Path,
    small_corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "board.md"
    words = ["leaderboard", str(tiny_whisper), str(whisper_base), "--corpus", str(small_corpus), "--language", "hi"]
    words += ["--limit-test", "1", "--markdown", str(table)]
    assert cli.main(words) == 0
    assert "an interval takes 5 clips" in table.read_text(encoding="utf-8")
    capsys.readouterr()
    assert cli.main(words) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert cli.main([*words, "--html", str(table), "--overwrite"]) == 2
    assert "named twice" in capsys.readouterr().err
