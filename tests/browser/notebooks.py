"""Notebooks in a front end: what it is told, where it is started, and how cells are run there by keys."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import nbformat
from playwright.sync_api import Page, expect

PATIENT = 120_000  # milliseconds, on a busy machine
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"adaptive-theme": True},  # dark where the browser asks for it
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells stay where they are when they leave the screen
}
THEIRS = (  # errors of the front ends
    r"reading 'schema'|Failed to load resource.*40[34]|net::ERR_FAILED|filebrowser:open-path|themes/|jupyter.*news"
)


def write_notebook(path: Path, *cells: str) -> None:
    """Write cells of code."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)), metadata=kernel), path)


@dataclass(frozen=True)
class Jupyter:
    """A server, and the folder of its notebooks."""

    address: str
    folder: Path

    def page(self, name: str, title: str, *cells: str) -> str:
        """Address of a new notebook in a front end; kernels of earlier ones are closed."""
        self._close_kernels()
        file = re.sub(r"\W+", "-", title).strip("-") + ".ipynb"
        write_notebook(self.folder / file, *cells)
        return page_of(name, self.address, file)

    def _close_kernels(self) -> None:
        for kernel in json.load(self._ask("GET", "kernels")):
            self._ask("DELETE", f"kernels/{kernel['id']}").close()

    def _ask(self, method: str, what: str) -> Any:
        server, token = server_of(self.address)
        headers = {"Authorization": f"token {token}"}
        return urlopen(Request(f"{server}api/{what}", headers=headers, method=method))


def front_end(folder: Path, private: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Command and environment of a server of JupyterLab and Notebook 7, with settings of its own."""
    for plugin, values in SETTINGS.items():
        extension, _, part = plugin.partition("/")
        path = private / "lab" / "user-settings" / "@jupyterlab" / extension / f"{part}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    flags = ("--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}")
    folders = {"JUPYTER_CONFIG_DIR": private, "IPYTHONDIR": private / "ipython", "JUPYTER_RUNTIME_DIR": private / "run"}
    return ("-m", "jupyterlab", *flags), {variable: str(folder) for variable, folder in folders.items()}


def page_of(name: str, address: str, notebook: str) -> str:
    """Address of a notebook, in a workspace of its own, from the one that the server told."""
    server, token = server_of(address)
    place = "notebooks" if name == "notebook" else f"lab/workspaces/{notebook.partition('.')[0]}/tree"
    return f"{server}{place}/{notebook}?token={token}"


def server_of(address: str) -> tuple[str, str]:
    """Where a server is, and its token."""
    return re.match(r"http://[^/]+/", address)[0], address.partition("token=")[2]


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
