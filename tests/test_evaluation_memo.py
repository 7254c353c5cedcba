"""Oracles: files as they were, processes that work at the same time, and a recording cut by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import write_tone
from datasets import Dataset

from whisper_helpers.evaluation.memo import Memo, print_of_model, prints_of_clips

KEEP = """
import sys
from pathlib import Path
from whisper_helpers.evaluation.memo import Memo
memo = Memo(Path(sys.argv[1]))
print(sum(memo.get(f"key{number}", lambda: number * number) for number in range(200)))
"""


def test_answers_outlive_the_process_and_are_told_of_once(tmp_path: Path) -> None:
    lines: list[str] = []
    Memo(tmp_path / "heard").get("one", lambda: {"text": "नमस्ते"})
    memo = Memo(tmp_path / "heard", lines.append)
    assert memo.get("two", lambda: []) == []
    assert not lines
    for _ in range(2):
        assert memo.get("one", lambda: 1 / 0) == {"text": "नमस्ते"}
        assert memo.get("two", lambda: 1 / 0) == []
    assert lines == [f"Known from before, and not heard again: answers in {tmp_path / 'heard'}."]


def test_an_answer_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    one, other = Memo(tmp_path), Memo(tmp_path)
    assert other.find("key") is None
    one.keep("key", "first")
    other.keep("key", "second")
    assert Memo(tmp_path).find("key") == "first"


def test_a_damaged_answer_is_told_and_made_again(tmp_path: Path) -> None:
    lines: list[str] = []
    (tmp_path / "key.json").write_text('{"answ', encoding="utf-8")
    assert Memo(tmp_path, lines.append).get("key", lambda: 3) == 3
    assert lines == [f"{tmp_path / 'key.json'} is damaged: what it held is heard again."]
    assert Memo(tmp_path).find("key") == 3


def test_where_nothing_can_be_written_a_line_says_so_and_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    lines: list[str] = []
    memo = Memo(tmp_path / "file" / "heard", lines.append)
    assert [memo.get(key, lambda: 1) for key in ("one", "two", "one")] == [1, 1, 1]
    assert len(lines) == 1
    assert "What is heard is not kept" in lines[0]


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", KEEP, str(tmp_path / "heard")]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [each.communicate()[0].strip() for each in both] == [str(sum(n * n for n in range(200)))] * 2
    assert len(list((tmp_path / "heard").iterdir())) == 200
    assert Memo(tmp_path / "heard").find("key199") == 199 * 199


def test_a_clip_is_known_by_its_sound_and_an_excerpt_by_its_own(tmp_path: Path) -> None:
    path = str(write_tone(tmp_path / "long.wav", 3.0))
    places = [path, f"{path}#t=0,1", f"{path}#t=1,2"]
    columns = {"audio": [{"path": place, "bytes": None} for place in places]}
    columns["audio"].append({"path": "elsewhere.wav", "bytes": Path(path).read_bytes()})
    clips = Dataset.from_dict({**columns, "sentence": ["one"] * 4, "language": ["en"] * 4})
    prints = prints_of_clips(clips)
    assert prints[0] == prints[3]
    assert len(set(prints)) == 3


@pytest.mark.parametrize("name", ["model.safetensors", "generation_config.json"])
def test_a_model_with_other_weights_or_settings_is_another(tmp_path: Path, name: str) -> None:
    for each in ("model.safetensors", "generation_config.json", "README.md"):
        (tmp_path / each).write_text("one", encoding="utf-8")
    known = print_of_model(tmp_path)
    (tmp_path / "README.md").write_text("two", encoding="utf-8")
    assert print_of_model(tmp_path) == known
    (tmp_path / name).write_text("two", encoding="utf-8")
    assert print_of_model(tmp_path) != known
