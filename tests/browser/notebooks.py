"""Notebooks in a front end: what it is told, where it is started, and how cells are run there by keys."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
from playwright.sync_api import Page, expect

PATIENT = 120_000  # milliseconds, on a busy machine
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells stay where they are when they leave the screen
}
DARK = {"apputils-extension/themes": {"theme": "JupyterLab Dark"}}


def write_notebook(path: Path, *cells: str) -> None:
    """Write cells of code."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)), metadata=kernel), path)


def front_end(name: str, folder: Path, private: Path, *, dark: bool = False) -> tuple[tuple[str, ...], dict[str, str]]:
    """Command and environment of `jupyterlab` or `notebook`, with settings of its own."""
    for plugin, values in (SETTINGS | (DARK if dark else {})).items():
        extension, _, part = plugin.partition("/")
        path = private / "lab" / "user-settings" / "@jupyterlab" / extension / f"{part}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    flags = ("--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}")
    folders = {"JUPYTER_CONFIG_DIR": private, "IPYTHONDIR": private / "ipython", "JUPYTER_RUNTIME_DIR": private / "run"}
    return ("-m", name, *flags), {variable: str(folder) for variable, folder in folders.items()}


def page_of(name: str, address: str, notebook: str) -> str:
    """Address of a notebook, from the one that the server told."""
    server, token = re.match(r"http://[^/]+/", address)[0], address.partition("token=")[2]
    return f"{server}{'notebooks' if name == 'notebook' else 'lab/tree'}/{notebook}?token={token}"


def run(page: Page, cells: int) -> None:
    """Run the first cells by keys, one after the other; a key that comes before the kernel is pressed again."""
    editors = page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-editor")
    prompts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt")
    editors.first.wait_for(timeout=PATIENT)
    page.wait_for_timeout(4000)
    asked = page.locator(".jp-Dialog .jp-mod-accept")  # which kernel, when a cell is run before one is there
    for number in range(cells):
        for _ in range(30):
            if asked.count():
                asked.first.click()
            editors.nth(number).click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(1500)
            if re.search(r"[*\d]", prompts.nth(number).inner_text()):
                break
        expect(prompts.nth(number)).to_have_text(re.compile(r"\d"), timeout=PATIENT)
