"""The folder of a run: claiming it, and writing to it so that a killed run can go on."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..recipe import Recipe, changed_fields, load_recipe
from ..writing import write_whole


@dataclass(frozen=True)
class RunFolder:
    """Where a run writes; see the paths below.

    Parameters
    ----------
    path
        The folder itself.
    """

    path: Path

    @property
    def recipe(self) -> Path:
        """Choices of the run."""
        return self.path / "recipe.json"

    @property
    def results(self) -> Path:
        """Scores, hours, times and versions; complete when it holds ``after_30s``."""
        return self.path / "results.json"

    @property
    def predictions(self) -> Path:
        """Test clips with reference and transcripts before and after."""
        return self.path / "predictions.csv"

    @property
    def model(self) -> Path:
        """The tuned checkpoint."""
        return self.path / "model"

    @property
    def checkpoints(self) -> Path:
        """The trainer's ``checkpoint-N``."""
        return self.path / "checkpoints"

    @property
    def logs(self) -> Path:
        """TensorBoard logs: numbers only, for they are published with the model."""
        return self.path / "logs"

    @property
    def clips(self) -> Path:
        """TensorBoard logs of some validation clips; people's voices are in them, so they are never published."""
        return self.path / "clips"

    @property
    def figure(self) -> Path:
        """Loss and validation WER over the steps."""
        return self.path / "training.png"

    @property
    def card(self) -> Path:
        """The model card."""
        return self.path / "README.md"

    def read_results(self) -> dict[str, Any]:
        """Results so far; empty for a new run."""
        return json.loads(self.results.read_text(encoding="utf-8")) if self.results.is_file() else {}

    def write_results(self, results: dict[str, Any]) -> None:
        """Write results, whole or not at all."""
        write_whole(self.results, json.dumps(results, indent=2, ensure_ascii=False) + "\n")

    def read_predictions(self) -> dict[str, list[str]]:
        """Columns of the predictions so far."""
        if not self.predictions.is_file():
            return {}
        with self.predictions.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        return {name: [row[column] for row in rows] for column, name in enumerate(header)}

    def write_predictions(self, columns: dict[str, list[str]]) -> None:
        """Write predictions, whole or not at all."""
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        write_whole(self.predictions, file.getvalue())


def choose_folder(recipe: Recipe, default_name: str, *, resume: bool = False, overwrite: bool = False) -> RunFolder:
    """Find the folder that a run may take: a new one, an old one to go on with, or an old one to replace.

    Nothing is written yet.

    Parameters
    ----------
    recipe
        Choices of the run; ``output`` is the folder, or None for ``runs/<default_name>-<number>``.
    default_name
        Name for runs without ``output``.
    resume
        Go on with the run that is there; a new one is started if there is none.
    overwrite
        Replace the run that is there.

    Raises
    ------
    BadInput
        If the folder holds something else, a run of another recipe, or cannot be written.
    """
    if resume and overwrite:
        raise BadInput("Both --resume and --overwrite are given", "A run goes on or starts again, not both")
    folder = RunFolder(Path(recipe.output).expanduser() if recipe.output else _next_folder(default_name, resume))
    check_writable(folder.path)
    if folder.path.exists() and any(folder.path.iterdir()):
        _check_same_recipe(folder, recipe) if resume else _check_replaceable(folder, overwrite)
    return folder


def start(folder: RunFolder, recipe: Recipe, *, resume: bool = False, overwrite: bool = False) -> None:
    """Make the folder ready: empty but for the recipe, or as it was when it is resumed.

    Parameters
    ----------
    folder
        From :func:`choose_folder`.
    recipe
        Choices of the run.
    resume
        Keep what is there.
    overwrite
        Remove what is there.

    Raises
    ------
    BadInput
        If the folder cannot be written, or another run has taken it since it was chosen.
    """
    if resume and folder.recipe.is_file():
        return
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        if overwrite:
            _empty(folder.path)
        folder.recipe.touch(exist_ok=False)  # of two runs that start at once one has it
        recipe.save(folder.recipe)
    except FileExistsError as error:
        raise BadInput(f"{folder.path} was just taken by another run", "A run has its own folder", _RETRY) from error
    except OSError as error:
        raise _not_writable(folder.path, error.strerror) from error


_RETRY = "Start again, or choose another --output"


def _empty(folder: Path) -> None:
    """Remove what is in a folder, but not the folder, which may be a link or the current one."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def open_run(recipe: Recipe) -> RunFolder:
    """Open the folder of a notebook's run: a new one, or the one that was begun with the same choices.

    Parameters
    ----------
    recipe
        Choices of the run; ``output`` is the folder.

    Returns
    -------
    RunFolder
        It holds the recipe, and no checkpoint that was only half written.

    Raises
    ------
    BadInput
        If the folder holds something else, a run of another recipe, or cannot be written; nothing is changed then.
    """
    from .resume import drop_broken

    try:
        folder = choose_folder(recipe, "notebook", resume=True)
    except BadInput as error:
        raise BadInput(str(error), do="In a notebook, name another folder as OUTPUT or delete this one") from None
    start(folder, recipe, resume=True)
    drop_broken(folder.checkpoints)
    return folder


def _next_folder(default_name: str, resume: bool) -> Path:
    numbers = {
        int(match[1]): path
        for path in Path("runs").glob(f"{default_name}-*")
        if (match := re.fullmatch(rf"{re.escape(default_name)}-(\d+)", path.name))
    }
    last = max(numbers, default=0)
    return numbers[last] if resume and numbers else Path("runs") / f"{default_name}-{last + 1}"


def _check_same_recipe(folder: RunFolder, recipe: Recipe) -> None:
    if not folder.recipe.is_file():
        raise BadInput(f"{folder.path} is not a run", "--resume goes on with a run", "Choose another --output")
    differing = [name for name in changed_fields(load_recipe(folder.recipe), recipe) if name != "output"]
    if differing:
        given = f"{folder.path} was started with other settings: {', '.join(differing)}"
        raise BadInput(given, "A run goes on with its own", f"See {folder.recipe}, or start again with --overwrite")


def _check_replaceable(folder: RunFolder, overwrite: bool) -> None:
    given = f"{folder.path} is there already"
    if not overwrite:
        raise BadInput(given, "Nothing is overwritten unasked", "Give --resume, --overwrite or another --output")
    if not folder.recipe.is_file():
        raise BadInput(f"{given} and is not a run", "Only runs are overwritten", "Choose another --output")


def check_writable(path: Path) -> None:
    """Refuse a folder that cannot be written; it need not exist yet.

    Parameters
    ----------
    path
        The folder.

    Raises
    ------
    BadInput
        If it, or the nearest folder above it, is a file or may not be written.
    """
    nearest = next(parent for parent in [path.absolute(), *path.absolute().parents] if parent.exists())
    if not nearest.is_dir():
        raise BadInput(f"{nearest} is a file", "A run needs a folder", "Choose another --output")
    if not os.access(nearest, os.W_OK):
        raise _not_writable(nearest, "no permission")


def _not_writable(path: Path, reason: str) -> BadInput:
    return BadInput(f"{path} cannot be written ({reason})", "A run writes its results", "Choose another --output")
