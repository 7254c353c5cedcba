"""The recorder in a real browser, whose microphone plays a clip."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import soundfile

from whisper_helpers.corpus import open_corpus

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api").expect
driving = pytest.importorskip("browser.driving")
expect.set_options(timeout=30_000)
SENTENCES = [f"वाक्य {word}" for word in ("एक", "दो", "तीन", "चार")]


def start(folder: Path, port: int = 0) -> tuple[subprocess.Popen[str], str]:
    """Start the recorder as a user does."""
    (folder / "sentences.txt").write_text("\n".join(SENTENCES), encoding="utf-8")
    command = [sys.executable, "-m", "whisper_helpers.cli", "record", "--sentences", str(folder / "sentences.txt")]
    command += ["--out", str(folder / "out"), "--language", "hi", "--no-browser"]
    settings = {**os.environ, "PYTHONPATH": str(driving.HOUSE), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    program = subprocess.Popen(command, env=settings, encoding="utf-8", **pipes)
    return program, driving.told_address(program)


def record(page: Page, seconds: float = 3.0) -> None:
    """Press the microphone, wait, press stop, and wait until the take is judged."""
    page.locator("#recording button.record-button").click()
    page.wait_for_timeout(1000 * seconds)
    expect(page.locator("#next")).to_be_disabled()
    page.locator("#recording button.stop-button:visible").click()
    expect(page.locator("#verdict [role=status]")).to_contain_text("Saved.", timeout=30_000)
    expect(page.locator("#next")).to_be_enabled()


def table(folder: Path) -> list[dict[str, str]]:
    """Rows that are on the disk."""
    with (folder / "out" / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_corpus_is_recorded_and_survives_a_closed_browser_and_a_killed_server(tmp_path: Path, visit: object) -> None:
    program, address = start(tmp_path)
    try:
        page = visit(address)
        expect(page.locator("#sentence")).to_contain_text(SENTENCES[0])
        page.locator("#speaker textarea, #speaker input").first.fill("Asha")
        page.locator("#speaker textarea, #speaker input").first.blur()
        expect(page.locator("#progress")).to_contain_text("0 of 4 sentences recorded by Asha")
        record(page)
        assert [row["sentence"] for row in table(tmp_path)] == SENTENCES[:1]
        assert page.locator("#recording").locator("audio, .waveform-container, [data-testid^=waveform]").count()
        driving.photograph(page, "recorder-take")
        page.locator("#next").click()
        expect(page.locator("#sentence")).to_contain_text(SENTENCES[1])
        page.locator("#skip").click()
        expect(page.locator("#sentence")).to_contain_text(SENTENCES[2])
        record(page)
        page.locator("#redo").click()
        expect(page.locator("#verdict")).to_contain_text("Recorded already")
        record(page)
        assert len(list((tmp_path / "out" / "clips").iterdir())) == 3
        page.goto("about:blank")
    finally:
        program.kill()
        program.wait()
    program, address = start(tmp_path)
    try:
        page = visit(address, width=390, height=800, dark=True)
        expect(page.locator("#progress")).to_contain_text("2 of 4 sentences recorded by Asha")
        expect(page.locator("#sentence")).to_contain_text(SENTENCES[1])
        record(page)
        page.locator("#next").click()
        expect(page.locator("#sentence")).to_contain_text(SENTENCES[3])
        record(page)
        driving.photograph(page, "recorder-phone")
        page.goto("about:blank")  # the dying server is no fault of the page
    finally:
        program.kill()
        program.wait()
    rows = table(tmp_path)
    assert {row["sentence"] for row in rows} == set(SENTENCES)
    assert {(row["speaker"], row["language"]) for row in rows} == {("Asha", "hi")}
    corpus = open_corpus(str(tmp_path / "out"), announce=lambda line: None)
    assert sum(map(len, corpus.values())) == 4
    for row in rows:
        info = soundfile.info(tmp_path / "out" / row["file_name"])
        assert info.format == "FLAC"
        assert 2 < info.duration < 6
