"""The notebooks' static gate: what can be seen without running them, in seconds."""

from __future__ import annotations

import ast
import importlib.util
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

HOUSE = Path(__file__).resolve().parents[2]
FOLDER = HOUSE / "notebooks"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
ALL = [*LESSONS, *sorted((FOLDER / "solutions").glob("*.ipynb"))]
REPOSITORY = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
LONGEST_CELL, MEDIAN_CELL = 25, 6  # lines
LARGEST = 300_000  # bytes
BLOCK = ("You learn", "You need", "Time", "Memory", "Download", "Account")
LITERALS = re.compile(r"openai/whisper|[\"']hi[\"']|[\"']bundled[\"']|[\"'](?:/|\./|runs/|~/)")
MACHINE = re.compile(r"/(?:root|tmp|home|Users|content)/|0x[0-9a-f]{6,}|\d+%\||it/s")


def read(path: Path) -> Any:
    """Read a notebook."""
    return nbformat.read(path, 4)


def code_cells(path: Path) -> list[Any]:
    """Cells of code."""
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def tagged(path: Path, tag: str) -> list[Any]:
    """Cells with a tag."""
    return [cell for cell in read(path).cells if tag in cell.metadata.get("tags", [])]


def python(cell: Any) -> str:
    """Source of a cell without magics."""
    return "\n".join(re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in cell.source.splitlines())


def tool() -> Any:
    """Load the tool that runs the notebooks."""
    spec = importlib.util.spec_from_file_location("notebook_tool", HOUSE / "tools" / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


notebooks = pytest.mark.parametrize("path", ALL, ids=lambda path: path.relative_to(FOLDER).as_posix())
lessons = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)


def test_there_are_notebooks_and_a_solution_of_each() -> None:
    assert [path.name for path in LESSONS] == [path.name for path in ALL[len(LESSONS) :]]
    assert len(LESSONS) >= 6


@notebooks
def test_it_is_a_valid_notebook_of_python(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.language == "python"
    for cell in code_cells(path):
        ast.parse(python(cell))


@lessons
def test_it_opens_with_badge_title_and_what_it_takes(path: Path) -> None:
    first = read(path).cells[0].source
    colab = REPOSITORY.replace("https://github.com/", "https://colab.research.google.com/github/")
    assert f"({colab}/blob/main/notebooks/{path.name})" in first
    assert re.search(r"(?m)^# ", first)
    assert not [word for word in BLOCK if f"**{word}**" not in first]


@notebooks
def test_setup_comes_first_and_is_the_same_everywhere(path: Path) -> None:
    (setup,) = tagged(path, "setup")
    assert code_cells(path)[0] == setup
    assert setup.source == tagged(LESSONS[0], "setup")[0].source
    assert f"git+{REPOSITORY}" in setup.source


@notebooks
def test_parameters_come_second_and_hold_every_choice(path: Path) -> None:
    (parameters,) = tagged(path, "parameters")
    assert code_cells(path)[1] == parameters
    assert re.search(r"(?m)^PROFILE = \"quick\"", parameters.source)
    for cell in code_cells(path)[2:]:
        assert not LITERALS.search(cell.source), cell.source


@notebooks
def test_cells_are_short(path: Path) -> None:
    lengths = [len(cell.source.splitlines()) for cell in code_cells(path)]
    assert max(lengths) <= LONGEST_CELL
    assert path not in LESSONS or statistics.median(lengths) <= MEDIAN_CELL


@lessons
def test_prose_leads_from_cell_to_cell(path: Path) -> None:
    kinds = "".join(cell.cell_type[0] for cell in read(path).cells)
    assert "ccc" not in kinds[4:]
    assert kinds.endswith("m")


@notebooks
def test_links_lead_somewhere(path: Path) -> None:
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if not target.startswith(("http:", "https:", "data:", "attachment:")):
            assert (path.parent / target).exists(), target


@notebooks
def test_names_from_the_package_are_public_and_there(path: Path) -> None:
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(python(cell))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("whisper_helpers"):
                defined = names_in(node.module)
                assert not [alias.name for alias in node.names if alias.name not in defined or alias.name[0] == "_"]


def names_in(module: str) -> set[str]:
    """Names that a module of the package defines or imports, read without running it."""
    place = HOUSE.joinpath(*module.split("."))
    source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    names = {path.stem for path in place.glob("*.py")} | {path.name for path in place.glob("*/")}
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for each in node.targets for target in ast.walk(each) if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
    return names


@notebooks
def test_outputs_are_of_this_source_and_keep_what_teaches(path: Path) -> None:
    notebook = read(path)
    assert notebook.metadata["source"] == tool().source_hash(notebook), "run: make notebooks"
    assert path.stat().st_size <= LARGEST
    for cell in code_cells(path):
        assert cell.execution_count is None
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr"
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
            assert not MACHINE.search(text_of(output)), text_of(output)[:300]


@notebooks
def test_words_are_spelled_right(path: Path) -> None:
    assert misspelled("\n".join(cell.source for cell in read(path).cells)) == ""


def test_the_spelling_gate_sees_a_wrong_word() -> None:
    assert "spectrum" in misspelled("a " + "".join(["spec", "tum"]))


def misspelled(text: str) -> str:
    """Common misspellings that codespell finds, and what it would write."""
    return subprocess.run(
        [sys.executable, "-m", "codespell_lib", "-"], input=text, capture_output=True, encoding="utf-8"
    ).stdout


def test_a_changed_parameter_is_of_the_lesson_not_of_its_solution() -> None:
    words = ["05:STEPS=8", "05:SEED=2", "solutions/06:CLIP=1"]
    assert tool().changes(words, FOLDER / "05_training.ipynb") == [("STEPS", "8"), ("SEED", "2")]
    assert tool().changes(words, FOLDER / "solutions" / "05_training.ipynb") == []
    assert tool().changes(words, FOLDER / "solutions" / "06_demo.ipynb") == [("CLIP", "1")]


def text_of(output: Any) -> str:
    """What an output says in words; sounds and pictures left out."""
    data = output.get("data", {})
    html = re.sub(r"data:[\w/+]+;base64,[\w+/=]+", "", data.get("text/html", ""))
    return output.get("text", "") + data.get("text/plain", "") + html


@lessons
def test_figures_have_words_for_those_who_do_not_see_them(path: Path) -> None:
    pictures = [out for cell in code_cells(path) for out in cell.outputs if "image/png" in out.get("data", {})]
    assert all(len(picture.metadata["image/png"]["alt"]) > 20 for picture in pictures)


@lessons
def test_there_are_exercises_with_open_answers_and_links_around(path: Path) -> None:
    cells = read(path).cells
    checks = [cell for cell in cells if cell.cell_type == "code" and "exercises" in cell.source]
    assert 2 <= len(checks) <= 4
    assert all("..." in cell.source for cell in checks)
    assert f"solutions/{path.name}" in cells[-1].source
