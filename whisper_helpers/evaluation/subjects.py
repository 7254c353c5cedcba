"""What is evaluated: a checkpoint, or a run, which brings its corpus and its base."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .memo import shared_folder

COLUMNS = ("audio_column", "sentence_column", "split_column", "speaker_column", "language_column", "seed")
OPENED = (*COLUMNS, "splits", "min_up_votes", "max_down_votes", "limit_train", "language", "stream")


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
        """How the run opened its corpus, as arguments of `open_corpus`, and ``stream`` if it was one."""
        recipe = self.results.get("recipe", {})
        told = {name: recipe[name] for name in OPENED if recipe.get(name) is not None and recipe[name] is not False}
        proxy = self.results.get("proxy")
        return told | {"language": proxy} if proxy else told

    @property
    def languages(self) -> list[str]:
        """Codes of the languages that the run was trained on; empty for a checkpoint."""
        known = self.results.get("languages") or [self.results.get("language")]
        return [code for code in known if code]

    @property
    def mixed_in(self) -> dict[str, Any] | None:
        """Clips beside the corpus that the run was trained on; None if that is not recorded."""
        return self.results.get("mixed_in")

    @property
    def heard(self) -> Path:
        """Folder that keeps what was heard: in the run, or for all other models in the user's cache."""
        return Path(self.name).expanduser() / "evaluation" / "heard" if self.results else shared_folder()


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
