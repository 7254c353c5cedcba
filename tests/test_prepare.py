"""Oracle: a process that sees only the prepared folder and no network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from whisper_helpers.errors import BadInput
from whisper_helpers.prepare import prepare


def test_with_the_network_off_the_prepared_folder_is_enough(whisper_base: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    folder = prepare(tmp_path / "room", wheels=False, announce=lines.append)
    code = "from whisper_helpers.checkpoints import open_checkpoint; open_checkpoint('openai/whisper-base', 'hi')"
    offline = {"HF_HOME": str(folder), "HF_HUB_OFFLINE": "1", "PIP_NO_INDEX": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | offline, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-1000:]
    assert done.stdout == ""  # nothing was looked for or downloaded
    assert (folder / "notebooks" / "01_setup.ipynb").is_file()
    assert "README.md" in lines[-1]
    assert str(tmp_path) not in (folder / "README.md").read_text(encoding="utf-8")  # it is copied elsewhere


def test_what_is_there_is_kept(whisper_base: Path, tmp_path: Path) -> None:
    prepare(tmp_path, wheels=False, announce=lambda line: None)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "whisper-helpers").rglob("*")}
    prepare(tmp_path, wheels=False, announce=lambda line: None)
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "whisper-helpers").rglob("*")}


def test_what_running_notebooks_left_is_not_handed_on(
    whisper_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebooks = tmp_path / "source" / "notebooks"
    (notebooks / "runs" / "notebook-05" / "clips").mkdir(parents=True)
    for name in ("01_setup.ipynb", "TEACHING.md", "question.wav", "notes.txt"):
        (notebooks / name).write_text("mine")
    monkeypatch.setattr("whisper_helpers.prepare.SOURCE", tmp_path / "source")
    folder = prepare(tmp_path / "room", wheels=False, announce=lambda line: None)
    assert {path.name for path in (folder / "notebooks").iterdir()} == {"01_setup.ipynb", "TEACHING.md"}


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "room").write_text("mine")
    with pytest.raises(BadInput, match="cannot be written"):
        prepare(tmp_path / "room", wheels=False)
