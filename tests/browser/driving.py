"""What drives the browser: where it is, what it may complain about, its pictures, and what bars people from a page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HOUSE = Path(__file__).resolve().parents[2]
SCREENSHOTS = HOUSE / "runs" / "browser"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|localhost):\d+[^\s'\")]*")
SLOW = 90_000  # milliseconds that a busy machine may take for anything
PATIENCE = 120  # seconds until a program must have told its address
SERIOUS = {"serious", "critical"}
HARMLESS = re.compile(r"favicon|manifest\.json|fonts\.g(?:oogleapis|static)\.com|ERR_INTERNET_DISCONNECTED")
Open = Callable[..., Page]
Visit = Callable[..., Page]
Serve = Callable[..., str]


def chromium() -> str:
    """Program of the browser: `$CHROMIUM`, or the first of the usual names."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *NAMES)):
        if program := shutil.which(name):
            return program
    pytest.exit("Chromium is missing: install it (Debian: apt-get install chromium), or name it in $CHROMIUM", 2)


@contextmanager
def programs(folder: Path) -> Iterator[Serve]:
    """Start Python programs in a folder, `serve("-m", "whisper_helpers.cli", …)` giving the address that one prints."""
    running: list[subprocess.Popen[str]] = []

    def serve(*arguments: str | Path, **environment: str) -> str:
        paths = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH"))))
        settings = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1", **environment}
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "errors": "replace"}
        command = [sys.executable, *map(str, arguments)]
        running.append(subprocess.Popen(command, env=settings, cwd=folder, encoding="utf-8", **pipes))
        return told_address(running[-1])

    try:
        yield serve
    finally:
        for program in running:
            program.terminate()
        for program in running:
            _wait(program)


def _wait(program: subprocess.Popen[str]) -> None:
    try:
        program.wait(20)
    except subprocess.TimeoutExpired:
        program.kill()


def told_address(program: subprocess.Popen[str]) -> str:
    """Wait until a program prints its address."""
    lines: list[str] = []

    def read() -> None:
        for line in program.stdout:
            lines.append(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and (program.poll() is None or reader.is_alive()):
        for line in list(lines):
            if found := ADDRESS.search(line):
                return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no address within {PATIENCE} s:\n{''.join(lines)}")


def is_error(message: Any) -> bool:
    """Whether a line in the console is an error of ours: pages that ask for addresses outside are not."""
    return message.type == "error" and not HARMLESS.search(f"{message.text} {message.location.get('url', '')}")


def photograph(page: Page, name: str, *, whole: bool = True) -> Path:
    """Keep a picture of a page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / (re.sub(r"[^\w-]+", "-", name).strip("-") + ".png")
    page.screenshot(path=path, full_page=whole)
    return path


def barriers(page: Page, within: str | None = None) -> list[str]:
    """Run axe-core; its serious findings, each in a line."""
    found = Axe().run(page, context=within).response["violations"]
    serious = [each for each in found if each["impact"] in SERIOUS]
    return [f"{each['id']}: {node['html'][:200]}" for each in serious for node in each["nodes"]]
