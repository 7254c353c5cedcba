"""The page and the JSON file: refused where something would be replaced, and written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..writing import write_whole
from .page import page

if TYPE_CHECKING:
    from datasets import Dataset

Announce = Callable[[str], None]


def check_targets(paths: Sequence[Path], overwrite: bool) -> None:
    """Refuse files that would be replaced unasked, or whose folder is not there.

    Parameters
    ----------
    paths
        Files to write.
    overwrite
        Whether they may be there already.

    Raises
    ------
    BadInput
        If one cannot be written.
    """
    if len({path.absolute() for path in paths}) < len(paths):
        raise BadInput(f"{paths[0]} is named twice", "Each file holds one thing", "Give two names")
    for path in paths:
        if path.is_dir() or (path.exists() and not overwrite):
            raise BadInput(
                f"{path} is there already", "Nothing is replaced unasked", "Give --overwrite or another name"
            )
        if not path.absolute().parent.is_dir():
            raise BadInput(f"There is no folder {path.absolute().parent}", "The report needs one", "Make it first")


def write_text(path: Path, content: str) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path
        Checked by :func:`check_targets`.
    content
        Its text.

    Raises
    ------
    BadInput
        If it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror})", "", "Name another place") from error


def write(
    results: dict[str, Any], clips: Dataset, report: Path | None, json_file: Path | None, announce: Announce
) -> None:
    """Write what is asked for.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.summary.summarise`.
    clips
        Test split that was heard.
    report, json_file
        Files, or None.
    announce
        Takes a line for each.
    """
    contents: dict[Path, str] = {}
    if json_file:
        contents[json_file] = json.dumps(results, indent=2, ensure_ascii=False) + "\n"
    if report:
        contents[report] = page(results, clips)
    for path, content in contents.items():
        write_text(path, content)
        announce(f"Written: {path}")
