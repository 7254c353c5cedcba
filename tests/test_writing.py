"""Oracles: what another process reads meanwhile, and the folder afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from whisper_helpers.errors import BadInput
from whisper_helpers.evaluation.files import write_text
from whisper_helpers.writing import write_whole


def test_what_fails_halfway_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "note.txt"
    write_whole(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(target, "new \ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
    assert target.read_bytes() == b"old"


def test_line_ends_stay_as_they_are_and_a_name_may_be_as_long_as_a_name_can_be(tmp_path: Path) -> None:
    target = tmp_path / f"{'n' * 251}.txt"
    write_whole(target, "one\r\ntwo\nthree")
    assert target.read_bytes() == b"one\r\ntwo\nthree"


def test_the_old_file_is_whole_until_the_new_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, seen = tmp_path / "note.txt", []
    write_whole(target, "old")
    replace = os.replace

    def looked_at(source: Path, goal: Path) -> None:
        seen.append((target.read_text(encoding="utf-8"), Path(source).read_text(encoding="utf-8")))
        replace(source, goal)

    monkeypatch.setattr("os.replace", looked_at)
    write_whole(target, "new")
    assert seen == [("old", "new")]
    assert target.read_text(encoding="utf-8") == "new"


def test_a_report_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        write_text(tmp_path / "gone" / "report.html", "page")
