"""The demo in a browser: a microphone, files, keys, a telephone, and what must not happen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser.driving import SLOW, Serve, Visit, barriers
from playwright.sync_api import Page, expect


@pytest.fixture
def demo(serve: Serve, tiny_whisper: Path, tmp_path: Path) -> str:
    """Address of a page with two models, each with random weights, that keeps corrections."""
    other = tmp_path / "other"
    other.symlink_to(tiny_whisper, target_is_directory=True)
    command = ("-m", "whisper_helpers.cli", "demo", tiny_whisper, "--against", other, "--keep", tmp_path / "kept")
    return serve(*command)


def choose_example(page: Page) -> None:
    """Take the first example; the button to transcribe it wakes up when the form has it."""
    expect(page.get_by_role("button", name="Transcribe", exact=True)).to_be_disabled()
    page.get_by_role("button", name="hi_305").click()
    expect(page.get_by_role("button", name="Transcribe", exact=True)).to_be_enabled(timeout=SLOW)


def transcribe(page: Page) -> None:
    """Press the button and wait for the end."""
    page.get_by_role("button", name="Transcribe", exact=True).click()
    expect(page.get_by_text("Done.").or_(page.get_by_test_id("toast-body")).first).to_be_visible(timeout=SLOW)
    assert page.get_by_test_id("toast-body").all_inner_texts() == []


def test_an_example_is_heard_compared_and_taken_away(demo: str, visit: Visit, tmp_path: Path) -> None:
    page = visit(demo)
    choose_example(page)
    page.get_by_label("What is really said").fill("मेरी दादी हर सुबह मंदिर में पूजा करने जाती हैं।")
    transcribe(page)
    assert page.locator("#heard section").count() == 2
    assert page.locator("#heard .word").count() > 0
    assert page.get_by_text("WER").count() == 2
    contents = {}
    for form in ("txt", "srt", "vtt", "json"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download {form}").or_(page.get_by_role("link", name=form)).first.click()
        target = tmp_path / f"taken.{form}"
        download.value.save_as(target)
        contents[form] = target.read_text(encoding="utf-8")
    transcript = json.loads(contents["json"])
    assert transcript["segments"]
    assert contents["vtt"].startswith("WEBVTT\n")
    assert contents["srt"].startswith("1\n00:00:")
    assert contents["txt"].split() == " ".join(each["text"] for each in transcript["segments"]).split()


def test_a_word_plays_from_its_time(demo: str, visit: Visit) -> None:
    page = visit(demo)
    choose_example(page)
    transcribe(page)
    word = page.locator("#heard .word").last
    word.focus()
    page.keyboard.press("Enter")
    expect(word).to_have_class("word now")
    began = float(word.get_attribute("data-start"))
    page.wait_for_function("began => document.querySelector('#heard audio').currentTime >= began", arg=began)
    assert page.evaluate("document.querySelector('#heard audio').duration") > 1


def test_what_the_microphone_hears_is_written_down(demo: str, visit: Visit) -> None:
    page = visit(demo)
    page.get_by_role("button", name="Record", exact=True).first.click()
    page.wait_for_timeout(3000)
    page.get_by_role("button", name="Stop", exact=True).first.click()
    expect(page.get_by_label("Clear").first).to_be_visible(timeout=SLOW)
    transcribe(page)
    assert page.locator("#heard section").count() == 2


def test_text_follows_who_speaks_until_the_end(demo: str, visit: Visit) -> None:
    page = visit(demo)
    page.get_by_role("tab", name="While you speak").click()
    tab = page.get_by_role("tabpanel").filter(has=page.get_by_text("text follows every few seconds"))
    tab.get_by_role("button", name="Record", exact=True).click()
    written = tab.get_by_role("textbox")
    expect(written).not_to_have_value("", timeout=SLOW)
    tab.get_by_role("button", name="Stop", exact=True).click()
    page.wait_for_timeout(3000)
    assert page.get_by_test_id("toast-body").all_inner_texts() == []


def test_a_new_recording_does_not_keep_what_was_said_in_the_last(demo: str, visit: Visit) -> None:
    page = visit(demo)
    said = page.get_by_label("What is really said")
    said.fill("typed before")
    choose_example(page)
    transcribe(page)
    expect(said).to_have_value("typed before")
    page.get_by_role("button", name="en_001").click()
    expect(said).to_have_value("", timeout=SLOW)
    expect(page.locator("#heard audio")).to_have_count(0)
    expect(page.get_by_text("then press Transcribe")).to_be_visible()


def test_cancel_ends_the_work_and_says_so(demo: str, visit: Visit, tmp_path: Path) -> None:
    minutes = tmp_path / "minutes.flac"
    soundfile.write(minutes, np.random.default_rng(0).normal(0, 0.1, 16_000 * 300), 16_000)
    page = visit(demo)
    page.get_by_label("Upload file").first.click()
    page.locator("input[type=file]").first.set_input_files(minutes)
    expect(page.get_by_role("button", name="Transcribe", exact=True)).to_be_enabled(timeout=SLOW)
    page.get_by_role("button", name="Transcribe", exact=True).click()
    expect(page.get_by_text("listens …")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("Cancelled.")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="hi_305").click()
    expect(page.get_by_text("then press Transcribe")).to_be_visible(timeout=SLOW)
    transcribe(page)
    assert page.locator("#heard section").count() == 2


def test_it_fits_a_telephone_and_everybody(demo: str, visit: Visit) -> None:
    page = visit(demo, 390, 844)
    choose_example(page)
    transcribe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not barriers(page)
    dark = visit(f"{demo}?__theme=dark", dark=True)
    dark.get_by_role("button", name="Transcribe", exact=True).wait_for()
    assert not barriers(dark)


def test_a_correction_is_kept_for_training(demo: str, visit: Visit, tmp_path: Path) -> None:
    page = visit(demo)
    choose_example(page)
    page.get_by_label("What is really said").fill("सही वाक्य")
    page.get_by_label("Spoken language").fill("Hindi")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Correct and keep").click()
    expect(page.get_by_text("Kept as")).to_be_visible(timeout=SLOW)
    assert "सही वाक्य,hi" in (tmp_path / "kept" / "metadata.csv").read_text(encoding="utf-8")
