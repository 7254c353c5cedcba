"""Is a model better than another, at what, and what did it break: all measurements as one dictionary."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..checkpoints import Checkpoint, find_checkpoint, open_checkpoint
from ..corpus import BUNDLED, clip_names
from ..errors import BadInput
from ..tokens import language_code
from . import findings
from .material import Choices, Material, collect
from .measuring import check_language, machine, measure, own_language
from .memo import Memo
from .page import page

Announce = Callable[[str], None]
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


def evaluate(
    model: str,
    *,
    corpus: str | None = None,
    language: str | None = None,
    against: str | None = None,
    guards: Sequence[str] | None = None,
    choices: Choices | None = None,
    report: Path | None = None,
    json_file: Path | None = None,
    overwrite: bool = False,
    memo: Path | None = None,
    announce: Announce = print,
) -> dict[str, Any]:
    """Measure a model at 30 s, alone or against another, and write a page and a JSON file.

    Stopped on the way, it goes on where it was when it is called again.

    Parameters
    ----------
    model
        A checkpoint or the folder of a run. A run brings its corpus, its language and its base model.
    corpus
        Corpus whose test split is heard; by default the run's, else the bundled one.
    language
        Code or name; by default the run's or the model's, else the corpus tells it.
    against
        Model to compare with, before; by default the run's base, and none for a checkpoint.
    guards
        Corpora of other languages; by default the bundled English and Spanish.
    choices
        How much is measured.
    report
        HTML page to write.
    json_file
        JSON file to write.
    overwrite
        Replace files that are there.
    memo
        File that keeps what was heard; by default in the run, or in ``runs/evaluation``.
    announce
        Takes each line for the user.

    Returns
    -------
    dict
        What the JSON file holds.

    Raises
    ------
    BadInput
        If the input is at fault; then nothing has been written.
    """
    choices, subject = choices or Choices(), subject_of(model)
    check_targets([path for path in (report, json_file) if path], overwrite)
    against = against or subject.results.get("model")
    checkpoints = [find_checkpoint(name, announce=announce) for name in (against, model) if name]
    language = language_code(language) if language else subject.results.get("language") or own_language(checkpoints[-1])
    processor = open_checkpoint(checkpoints[-1], announce=announce)[1]
    corpus = corpus or subject.results.get("corpus", BUNDLED)
    options = subject.options if corpus == subject.results.get("corpus") else {}
    material = collect(corpus, language, guards, choices, processor.tokenizer, options, announce)
    for checkpoint in checkpoints:
        check_language(checkpoint, material.language)
    kept = Memo(memo or subject.memo)
    if kept.known:
        announce(f"Going on: {len(kept.known):,} answers are known from before.")
    measured = [measure(checkpoint, material, choices, kept, announce) for checkpoint in checkpoints]
    results = summarise(checkpoints, material, measured, choices.seed)
    results["chosen_on"] = subject.results.get("chosen_on")
    _write(results, material, measured, report, json_file, announce)
    return results


def summarise(
    checkpoints: Sequence[Checkpoint], material: Material, measured: Sequence[dict[str, Any]], seed: int = 0
) -> dict[str, Any]:
    """Work out all findings.

    Parameters
    ----------
    checkpoints, measured
        One model, or two: before, after.
    material
        What they heard.
    seed
        Of the intervals.
    """
    test, language, after = material.test, material.language, measured[-1]
    stages = dict(zip(("before", "after")[-len(measured) :], measured, strict=True))
    both = len(measured) == 2
    names = dict(zip(stages, [checkpoint.name for checkpoint in checkpoints], strict=True))
    silence = {stage: findings.invented(material.silence, each["silence"]) for stage, each in stages.items()}
    results: dict[str, Any] = {
        "models": names,
        **material.facts,
        "machine": machine(),
        "scores": {stage: findings.score_of(test, each["test"], language, seed) for stage, each in stages.items()},
        "difference": findings.difference_of(test, measured[0]["test"], after["test"], language, seed)
        if both
        else None,
        "groups": findings.groups(test, after["test"], language, seed),
        "confusions": findings.confused(test, after["test"], language),
        "guard": _guard(material, stages, seed, both),
        "silence": {stage: found and found["words_a_minute"] for stage, found in silence.items()},
        "silence_details": silence,
        "thresholds": findings.thresholds(test, after["test"], material.silence, after["silence"], language),
        "long": {stage: each["long"] for stage, each in stages.items()},
        "speed": {stage: _speed(material, each) for stage, each in stages.items()},
    }
    if material.apart is not None:
        results["without_words_heard"] = {
            stage: sum(len(each["text"].split()) for each in heard["apart"]) for stage, heard in stages.items()
        }
    return results


def _guard(material: Material, stages: dict[str, dict[str, Any]], seed: int, both: bool) -> dict[str, Any]:
    guard: dict[str, Any] = {}
    for code, clips in material.guard.items():
        if all(code in each["guard"] for each in stages.values()):
            guard[code] = {
                stage: findings.guard_of(clips, each["guard"][code], code, each["timestamps"][code], seed)
                for stage, each in stages.items()
            }
            if both:
                before, after = (each["guard"][code] for each in stages.values())
                guard[code]["difference"] = findings.difference_of(clips, before, after, code, seed)
    return guard


def _speed(material: Material, measured: dict[str, Any]) -> dict[str, Any]:
    seconds = sum(each["seconds"] for each in measured["test"])
    factor = round(seconds / sum(material.test["seconds"]), 3)
    return {"real_time_factor": factor, "peak_memory": measured["peak_memory"]}


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
    for path in paths:
        if path.is_dir() or (path.exists() and not overwrite):
            raise BadInput(
                f"{path} is there already", "Nothing is replaced unasked", "Give --overwrite or another name"
            )
        if not path.absolute().parent.is_dir():
            raise BadInput(f"There is no folder {path.absolute().parent}", "The report needs one", "Make it first")


def _write(
    results: dict[str, Any],
    material: Material,
    measured: Sequence[dict[str, Any]],
    report: Path | None,
    json_file: Path | None,
    announce: Announce,
) -> None:
    contents: dict[Path, str] = {}
    if json_file:
        contents[json_file] = json.dumps(results, indent=2, ensure_ascii=False) + "\n"
    if report:
        heard = [findings.texts(each["test"]) for each in measured]
        contents[report] = page(results, material.test, clip_names(material.test), heard)
    for path, content in contents.items():
        partial = path.with_name(f".{path.name}.part")
        partial.write_text(content, encoding="utf-8", newline="\n")
        os.replace(partial, path)
        announce(f"Written: {path}")
