"""Everything a room without network needs, fetched beforehand into one folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .checkpoints import find_checkpoint
from .checkpoints.wheels import folder_name
from .errors import BadInput

SOURCE = Path(__file__).resolve().parent.parent  # of a checkout, where there are notebooks
LEFT_HERE = shutil.ignore_patterns("runs", ".ipynb_checkpoints", "*.wav", "*.txt")  # what running notebooks leaves
GUIDE = """\
# Prepared for a room without network

Copy this folder to each machine of the same kind (system and Python version) as the one that made it. In the copy, run

    python -m venv .venv
    .venv/bin/pip install --no-index --find-links wheels whisper-helpers jupyterlab
    HF_HOME="$PWD" HF_HUB_OFFLINE=1 .venv/bin/jupyter lab notebooks

On Windows:

    python -m venv .venv
    .venv\\Scripts\\pip install --no-index --find-links wheels whisper-helpers jupyterlab
    set HF_HOME=%CD%
    set HF_HUB_OFFLINE=1
    .venv\\Scripts\\jupyter lab notebooks

Checkpoints here: {models}. The bundled speech and the font are inside the package.
"""


def prepare(
    folder: Path,
    models: Sequence[str] = ("openai/whisper-base",),
    *,
    wheels: bool = True,
    announce: Callable[[str], None] = print,
) -> Path:
    """Fetch checkpoints, packages and notebooks into a folder that works with the network off.

    What is there already is kept, so that an interrupted call goes on.

    Parameters
    ----------
    folder
        Where to; made if missing.
    models
        Names of checkpoints.
    wheels
        Fetch Whisper Helpers, JupyterLab and all they need as wheels of this system and Python version.
    announce
        Takes a line for each step.

    Returns
    -------
    pathlib.Path
        The folder; its ``README.md`` says how to use it.

    Raises
    ------
    BadInput
        If a checkpoint is not found, the packages cannot be fetched, or the folder cannot be written.
    """
    folder = Path(folder).absolute()
    try:
        (folder / "whisper-helpers").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"{folder} cannot be written ({error.strerror})", "A folder is needed", "Choose another"
        ) from error
    for model in models:
        _keep_checkpoint(model, folder / "whisper-helpers", announce)
    if wheels:
        _fetch_wheels(folder / "wheels", announce)
    if (SOURCE / "notebooks").is_dir():
        shutil.copytree(SOURCE / "notebooks", folder / "notebooks", dirs_exist_ok=True, ignore=LEFT_HERE)
    guide = GUIDE.format(models=", ".join(models))
    (folder / "README.md").write_text(guide, encoding="utf-8")
    announce(f"Ready: {folder / 'README.md'} says how to use it.")
    return folder


def _keep_checkpoint(model: str, cache: Path, announce: Callable[[str], None]) -> None:
    target = cache / folder_name(model)
    if target.is_dir():
        return
    found = find_checkpoint(model, announce=announce)
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(found.folder, partial)
    partial.rename(target)
    announce(f"{model} is in {target}.")


def _fetch_wheels(folder: Path, announce: Callable[[str], None]) -> None:
    announce("Fetching packages; this takes some minutes the first time.")
    pins = ["--constraint", str(SOURCE / "constraints.txt")] if (SOURCE / "constraints.txt").is_file() else []
    package = str(SOURCE) if (SOURCE / "pyproject.toml").is_file() else "whisper-helpers"
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--wheel-dir",
        str(folder),
        *pins,
        package,
        "jupyterlab",
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BadInput(f"pip could not fetch the packages ({reason})", "", "Check the network and start again")
