"""A real Chromium with a microphone that plays a clip.

Screenshots stay in `runs/browser`, and an error in the console fails.
Run with `make test-browser`; these tests are not part of `make test`. A test asks for `serve`, which starts a program
and finds its address, and for `visit`, which opens a page there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from browser.driving import ADDRESS, HOUSE, SLOW, Serve, Visit, chromium, is_error, photograph, told_address
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from whisper_helpers.audio import SAMPLE_RATE, read_clip

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def spoken(hindi_clips: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone plays, over and over: a bundled clip and a second of silence, WAV at 48 kHz."""
    import soxr

    samples = np.pad(read_clip(hindi_clips[0]), (SAMPLE_RATE // 4, SAMPLE_RATE))
    path = tmp_path_factory.mktemp("microphone") / "spoken.wav"
    soundfile.write(path, soxr.resample(samples, SAMPLE_RATE, 48_000), 48_000, subtype="PCM_16")
    return path


@pytest.fixture(scope="session")
def browser(playwright: Playwright, spoken: Path) -> Iterator[Browser]:
    """A browser whose microphone plays `spoken`."""
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={spoken}"]
    started = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *fake])
    yield started
    started.close()


@pytest.fixture
def deaf(playwright: Playwright) -> Iterator[Browser]:
    """A browser where there is no microphone."""
    started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Open an address: `visit(address, width=1280, height=900, microphone=True, dark=False)` gives the page.

    `within` is another browser than the usual one. After the test each page is photographed, and errors in its console
    fail the test, those like `theirs` excepted.
    """
    contexts: list[BrowserContext] = []
    pages: list[Page] = []
    errors: list[str] = []

    def visit(
        address: str,
        width: int = 1280,
        height: int = 900,
        *,
        microphone: bool = True,
        dark: bool = False,
        theirs: str = "$^",
        within: Browser = browser,
    ) -> Page:
        def note(text: str) -> None:
            if not re.search(theirs, text):
                errors.append(text)

        look = {"viewport": {"width": width, "height": height}, "color_scheme": "dark" if dark else "light"}
        context = within.new_context(**look, permissions=["microphone"] if microphone else [], locale="en-GB")
        context.route(lambda url: not ADDRESS.match(url) and url.startswith("http"), lambda route: route.abort())
        context.set_default_timeout(SLOW)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message.text) if is_error(message) else None)
        page.on("pageerror", lambda error: note(str(error)))
        pages.append(page)
        page.goto(address)
        return page

    yield visit
    for number, page in enumerate(pages):
        photograph(page, f"{request.node.name}{f'-{number}' if number else ''}")
    for context in contexts:
        context.close()
    assert not errors, "the browser's console has errors"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a Python program, `serve("-m", "whisper_helpers.cli", "demo", …)`, and return the address it prints."""
    running: list[subprocess.Popen[str]] = []

    def serve(*arguments: str | Path, **environment: str) -> str:
        command = [sys.executable, *map(str, arguments)]
        paths = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH"))))
        settings = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1", **environment}
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        program = subprocess.Popen(command, env=settings, cwd=tmp_path, encoding="utf-8", errors="replace", **pipes)
        running.append(program)
        return told_address(program)

    yield serve
    for program in running:
        program.terminate()
        try:
            program.wait(20)
        except subprocess.TimeoutExpired:
            program.kill()
