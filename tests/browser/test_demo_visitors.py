"""What visitors of the demo do not have, bring too much of, or must not see of each other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser.driving import SLOW, Serve, Visit
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def demo(serve: Serve, tiny_whisper: Path) -> str:
    """Address of a page with a model of random weights."""
    return serve("-m", "whisper_helpers.cli", "demo", tiny_whisper)


def press(page: Page, name: str) -> None:
    """Press a button that has just this name."""
    page.get_by_role("button", name=name, exact=True).first.click()


def test_a_missing_and_a_refused_microphone_are_told(demo: str, deaf: Browser, visit: Visit) -> None:
    for words, settings in (
        ("may not use the microphone. Allow it", {"microphone": False}),
        ("No microphone was found. Connect one", {"within": deaf}),
    ):
        page = visit(demo, theirs="microphone|device not found|Permission denied", **settings)
        press(page, "Record")
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible(timeout=SLOW)


def test_two_hours_are_refused_in_words(demo: str, visit: Visit, tmp_path: Path) -> None:
    hours = tmp_path / "hours.flac"
    soundfile.write(hours, np.zeros(8000 * 7200, np.int16), 8000)
    page = visit(demo, theirs="Waveform load error")  # Chromium may not have room for two hours of it
    page.get_by_role("button", name="hi_305").click()
    expect(page.get_by_role("button", name="Transcribe", exact=True)).to_be_enabled(timeout=SLOW)
    press(page, "Transcribe")
    expect(page.get_by_text("Done.")).to_be_visible(timeout=SLOW)
    page.get_by_label("Clear").first.click()
    page.get_by_label("Upload file").first.click()
    page.locator("input[type=file]").first.set_input_files(hours)
    expect(page.get_by_role("button", name="Transcribe", exact=True)).to_be_enabled(timeout=SLOW)
    press(page, "Transcribe")
    expect(page.get_by_test_id("toast-body")).to_contain_text("lasts 7200 s. Here it may last 1200 s", timeout=SLOW)
    expect(page.get_by_role("tabpanel").get_by_text("lasts 7200 s")).to_be_visible()
    expect(page.locator("#heard audio")).to_have_count(0)  # of the example that was heard before


def test_two_visitors_at_once_get_their_own(demo: str, visit: Visit) -> None:
    pages = {visit(demo): name for name in ("hi_305", "en_001")}
    for page, name in pages.items():
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("button", name="Transcribe", exact=True)).to_be_enabled(timeout=SLOW)
    for page in pages:
        press(page, "Transcribe")
    for page, name in pages.items():
        expect(page.get_by_text("Done.")).to_be_visible(timeout=SLOW)
        with page.expect_download() as download:
            press(page, "Download json")
        transcript = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert Path(transcript["file"]).stem == name
        length = page.locator("#heard audio").evaluate("sound => sound.duration")
        assert length == pytest.approx(transcript["duration"], abs=0.05)
