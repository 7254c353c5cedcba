"""Run the notebooks from fresh kernels, clean what they print, and write it back.

    python tools/notebooks.py [--check] [--set NAME=VALUE ...] [NOTEBOOK ...]

Without names all notebooks and solutions run. ``--check`` runs them without writing. ``--set`` changes a parameter
for the run, such as ``05:STEPS=8`` (``solutions/05:SEED=2`` for a solution). Needs nbclient and nbformat.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HOUSE = Path(__file__).resolve().parent.parent
FOLDER = HOUSE / "notebooks"
LONGEST_CELL = 2400  # seconds, on a busy machine
KEPT_METADATA = {"kernelspec", "language_info", "source"}
NOISE = re.compile(r"\r|it/s|\d+%\||WARNING|Warning:")  # progress bars and libraries' warnings
PROGRESS = re.compile(r"<progress.*?</progress>(?:\s*\[\d+/\d+ [^\]]*\])?", re.DOTALL)
WIDGETS = "application/vnd.jupyter.widget-view+json"


def main() -> None:
    """Run the notebooks; the exit code is the number of those that failed."""
    options = parse()
    names = options.notebooks or [path for path in sorted(FOLDER.rglob("*.ipynb")) if ".ipynb_" not in str(path)]
    failed = [path for path in map(Path, names) if not run(path, options)]
    sys.exit(len(failed))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of them and their solutions")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--set", action="append", default=[], metavar="NN:NAME=VALUE", help="change a parameter")
    return parser.parse_args()


def run(path: Path, options: argparse.Namespace) -> bool:
    """Run one notebook in an empty folder, print its time, and write it back unless asked not to."""
    notebook, began = nbformat.read(path, 4), time.monotonic()
    original = [cell.source for cell in notebook.cells]
    change_parameters(notebook, dict(changes(options.set, path)))
    error = execute(notebook)
    print(f"{path.name:28} {time.monotonic() - began:6.1f} s  {error or 'ok'}", flush=True)
    for cell, source in zip(notebook.cells, original, strict=True):
        cell.source = source
    if not error and not options.check:
        nbformat.write(clean(notebook), path)
    return not error


def changes(words: list[str], path: Path) -> list[tuple[str, str]]:
    """Parameters to change in a notebook, from ``05:STEPS=8`` (a solution's: ``solutions/05:SEED=2``)."""
    split, name = [word.partition(":") for word in words], os.path.relpath(path, FOLDER)
    return [tuple(rest.split("=", 1)) for start, _, rest in split if name.startswith(start)]


def change_parameters(notebook: Any, values: dict[str, str]) -> None:
    """Replace assignments in the cell tagged `parameters`."""
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    for name, value in values.items():
        cell.source, found = re.subn(rf"(?m)^{name} = .*?(?=  #|$)", f"{name} = {value}", cell.source)
        if not found:
            raise SystemExit(f"There is no parameter {name}")


def execute(notebook: Any) -> str:
    """Run all cells; return the first line of what went wrong, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=LONGEST_CELL, resources={"metadata": {"path": folder}})
        os.environ.setdefault("TQDM_DISABLE", "1")
        try:
            client.execute()
        except Exception as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            return " … ".join([*lines[:1], *lines[-2:]])[:600]
    return ""


def clean(notebook: Any) -> Any:
    """Leave what teaches: no counts, widget states, progress bars, paths; and note which source was run."""
    notebook.metadata = {key: value for key, value in notebook.metadata.items() if key in KEPT_METADATA}
    notebook.metadata.get("language_info", {}).pop("version", None)
    notebook.metadata["source"] = source_hash(notebook)
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in ("tags", "jupyter")}
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [output for output in map(clean_output, merged(cell.outputs)) if output]
    return notebook


def merged(outputs: list[Any]) -> list[Any]:
    """Join pieces of one stream, as a front end would show them."""
    joined: list[Any] = []
    for output in outputs:
        if joined and output.output_type == "stream" == joined[-1].output_type and output.name == joined[-1].name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def clean_output(output: Any) -> Any:
    """Clean one output; None if nothing of it is worth keeping."""
    if output.output_type == "stream":
        lines = output.text.splitlines(keepends=True)
        output.text = "".join(without_paths(line) for line in lines if not NOISE.search(line)).strip("\n")
        return output if output.text and output.name == "stdout" else None
    if output.get("data", {}).pop(WIDGETS, None) and set(output.data) <= {"text/plain"}:
        return None  # a lab keeps the picture that stands in its place
    if "execution_count" in output:
        output.execution_count = None
    alt = {kind: {"alt": notes["alt"]} for kind, notes in output.get("metadata", {}).items() if "alt" in notes}
    output.metadata = alt
    for kind, text in output.get("data", {}).items():
        if kind.startswith("text/"):
            output.data[kind] = without_paths(PROGRESS.sub("", text))
    return output


def without_paths(text: str) -> str:
    """Take paths of this machine and memory addresses out."""
    text = re.sub(rf"{re.escape(str(HOUSE))}/?", "", text)
    text = re.sub(rf"{re.escape(tempfile.gettempdir())}/\w+/?", "", text)
    text = re.sub(rf"{re.escape(str(Path.home()))}", "~", text)
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def source_hash(notebook: Any) -> str:
    """Fingerprint of the cells that were run, kept beside their outputs."""
    sources = "\n\x00".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(sources.encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
