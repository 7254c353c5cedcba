"""The listening lab's page in a browser: words and the picture play the clip, and the cursor follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.driving import Serve, Visit, barriers

from whisper_helpers.audio import read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.explore import decoding_lab

LEFT = "() => parseFloat(document.querySelector('.cursor').style.left)"


@pytest.fixture(scope="module")
def lab(tiny_whisper: Path, hindi_clips: list[Path]) -> str:
    """What stands in the lab's place without a kernel; models with random weights."""
    opened = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    return decoding_lab(opened, read_clip(hindi_clips[0]), opened, language="hi").still()[0]["text/html"]


@pytest.mark.parametrize(("width", "dark"), [(1000, False), (390, True)])
def test_words_play_and_the_cursor_follows(serve: Serve, visit: Visit, lab: str, width: int, dark: bool) -> None:
    page = visit(serve("-m", "http.server", "0", "--bind", "127.0.0.1"), width, dark=dark)
    look = "<style>:root { color-scheme: light dark }</style>"
    page.set_content(f"<html lang=en><title>Lab</title>{look}<main><h1>Lab</h1>{lab}</main></html>")
    page.wait_for_function("document.querySelector('audio').duration > 1")
    page.locator(".place").first.click(position={"x": 200, "y": 50})
    page.wait_for_function(f"({LEFT})() > 15")
    page.locator(".wh-steps button").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"({LEFT})() > 90")
    page.get_by_text("every step").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not barriers(page)
