"""What is evaluated: a checkpoint, or a run, which brings its corpus and its base."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput

COLUMNS = ("audio_column", "sentence_column", "split_column", "speaker_column", "language_column", "seed")
COLUMNS += ("splits", "min_up_votes", "max_down_votes")
HEARD = "heard.jsonl"


@dataclass(frozen=True)
class Subject:
    """What is evaluated: a checkpoint, or a run, which brings its corpus and its base.

    Parameters
    ----------
    name
        As the user gave it.
    results
        What the run's ``results.json`` holds; empty for a checkpoint.
    """

    name: str
    results: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """How the run opened its corpus."""
        recipe = self.results.get("recipe", {})
        return {name: recipe[name] for name in (*COLUMNS, "limit_train") if recipe.get(name) is not None}

    @property
    def memo(self) -> Path:
        """Where it is kept what was heard."""
        return (Path(self.name) if self.results else Path("runs")) / "evaluation" / HEARD


def subject_of(name: str) -> Subject:
    """Tell a run from a checkpoint.

    Parameters
    ----------
    name
        A checkpoint as :func:`~whisper_helpers.checkpoints.find_checkpoint` takes it, or the folder of a run.

    Raises
    ------
    BadInput
        If a run's results cannot be read.
    """
    path = Path(name).expanduser() / "results.json"
    if not path.is_file():
        return Subject(name)
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        return Subject(name, {"corpus": results["corpus"], "language": results["language"]} | results)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{path} cannot be read ({error})", "A run writes it", "Finish the run, or name its model"
        ) from error
