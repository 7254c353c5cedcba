"""A real Chromium with a microphone that plays a clip.

Screenshots stay in `runs/browser`, and an error in the console fails.
Run with `make test-browser`; these tests are not part of `make test`. A test asks for `serve`, which starts a program
and finds its address, and for `visit`, which opens a page there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser.driving import ADDRESS, SLOW, Open, Serve, Visit, chromium, is_error, photograph, programs
from browser.notebooks import THEIRS, Jupyter, front_end, run
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
    with programs(tmp_path) as serve:
        yield serve


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """JupyterLab and Notebook 7, which one server serves."""
    folder, private = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("settings")
    command, environment = front_end(folder, private)
    with programs(folder) as serve:
        yield Jupyter(serve(*command, **environment), folder)


@pytest.fixture
def notebook(jupyter: Jupyter, visit: Visit, request: pytest.FixtureRequest) -> Open:
    """Write cells into a notebook, open it in `"jupyterlab"` or `"notebook"`, and run them."""

    def open_notebook(name: str, *cells: str, **look: object) -> Page:
        page = visit(jupyter.page(name, request.node.name, *cells), **{"height": 1500, "theirs": THEIRS, **look})
        run(page, len(cells))
        return page

    return open_notebook
