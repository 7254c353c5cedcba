"""What a run leaves behind: its numbers as a table, a figure and a model card."""

from __future__ import annotations

import csv
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..card import STAGES, model_card, spoken_languages
from ..corpus import is_synthetic
from ..plots import new_figure, plot_training
from ..precision import precision_sentence
from ..screen import command_line, span
from ..text import NORMALISER
from ..tokens import language_name
from ..window import window_for
from .languages import languages_of

if TYPE_CHECKING:
    from datasets import DatasetDict
    from transformers import TrainerState

    from ..checkpoints import Checkpoint
    from ..doctor import Finding
    from ..recipe import Recipe
    from .run_folder import RunFolder

LIBRARIES = (
    "whisper-helpers",
    "torch",
    "transformers",
    "datasets",
    "accelerate",
    "tokenizers",
    "jiwer",
    "soundfile",
)
LOGGED = ("step", "loss", "eval_loss")  # and eval_wer, with several languages of each
EXAMPLES = 3
LONGEST_LINE = 160  # characters


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that a result depends on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def describe(recipe: Recipe, corpus: DatasetDict, checkpoint: Checkpoint, skipped: list[Finding]) -> dict[str, Any]:
    """Tell what is known of a run before it begins: data, model, choices, versions.

    Parameters
    ----------
    recipe
        Choices of the run.
    corpus
        Usable clips, with a column ``seconds``.
    checkpoint
        Where the base model came from.
    skipped
        Clips that were left out.
    """
    hours = {split: round(sum(clips["seconds"]) / 3600, 4) for split, clips in corpus.items()}
    return {
        "model": checkpoint.name,
        "checkpoint_source": checkpoint.source,
        "corpus": recipe.corpus,
        "synthetic": is_synthetic(recipe.corpus),
        "language": languages_of(corpus["train"])[0],
        "languages": languages_of(corpus["train"]),
        "proxy": languages_of(corpus["train"])[0] if recipe.proxy else None,
        "spoken": recipe.language if recipe.proxy else None,
        "task": recipe.task,
        "hours": hours,
        "clips": {split: len(clips) for split, clips in corpus.items()},
        "window": "auto" if recipe.window is None else recipe.window,
        "window_seconds": window_for(max(corpus["train"]["seconds"]), recipe.window),
        "normaliser": NORMALISER,
        "chosen_on": "validation",
        "recipe": asdict(recipe),
        "seed": recipe.seed,
        "precision": precision_sentence(mixed=recipe.mixed_precision),
        "skipped": [asdict(finding) for finding in skipped],
        "versions": versions(),
    }


def training_results(state: TrainerState, resumed_step: int) -> dict[str, Any]:
    """Read what the training took from the trainer's state.

    Parameters
    ----------
    state
        The trainer's state after `train`.
    resumed_step
        Step at which this session went on; 0 for a run in one go. Times are those of this session.

    Returns
    -------
    dict
        ``steps``, ``best_step``, ``train_seconds`` (validation included), ``seconds_per_step`` (validation left out),
        ``resumed_from_step`` and ``training_log``.
    """
    log = [{key: row[key] for key in row if key in LOGGED or key.startswith("eval_wer")} for row in state.log_history]
    seconds = next(row["train_runtime"] for row in reversed(state.log_history) if "train_runtime" in row)
    validating = sum(row.get("eval_runtime", 0) for row in state.log_history if row["step"] > resumed_step)
    return {
        "steps": state.global_step,
        "best_step": state.best_global_step,
        "train_seconds": round(seconds, 1),
        "seconds_per_step": round((seconds - validating) / max(state.global_step - resumed_step, 1), 3),
        "resumed_from_step": resumed_step,
        "training_log": [row for row in log if len(row) > 1],
    }


def write(folder: RunFolder, results: dict[str, Any]) -> None:
    """Write the figure and the model card of a finished run.

    Parameters
    ----------
    folder
        Where to.
    results
        What ``results.json`` holds.
    """
    figure = new_figure(7, 4)
    plot_training(results["training_log"], figure.subplots())
    figure.savefig(folder.figure, dpi=120)
    folder.card.write_text(model_card(results, examples(folder)), encoding="utf-8")
    (folder.model / "README.md").write_text(model_card(results, examples(folder)), encoding="utf-8")


def examples(folder: RunFolder, number: int = EXAMPLES) -> list[dict[str, str]]:
    """First test clips with what was said and what the model heard before and after.

    Parameters
    ----------
    folder
        Of a finished run.
    number
        How many.
    """
    with folder.predictions.open(encoding="utf-8", newline="") as file:
        return [row for row, _ in zip(csv.DictReader(file), range(number), strict=False)]


def summary(folder: RunFolder, results: dict[str, Any]) -> str:
    """Everything a user wants to read at the end of a run.

    Parameters
    ----------
    folder
        Of a finished run.
    results
        What ``results.json`` holds.
    """
    parts = [_headline(results), table(results), *_if_worse(results), _transcripts(folder)]
    return "\n\n".join([*parts, _whereabouts(folder, results)])


def table(results: dict[str, Any]) -> str:
    """Scores before and after, with 95 % intervals, as aligned text.

    Parameters
    ----------
    results
        What ``results.json`` holds.
    """
    rows = [["test split", "WER %", "95 % interval", "CER %", "95 % interval"]]
    for name, label in STAGES.items():
        rows.append(_row(label, results[name]))
        for code, part in results.get("by_language", {}).get(name, {}).items():
            rows.append(_row(f"  {language_name(code)}, {part['clips']} clips", part))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first, *others = widths
    return "\n".join(
        "  ".join([row[0].ljust(first), *(cell.rjust(width) for cell, width in zip(row[1:], others, strict=True))])
        for row in rows
    )


def _row(label: str, stage: dict[str, Any]) -> list[str]:
    wer, cer = f"{stage['wer']:.1f}", f"{stage['cer']:.1f}"
    return [label, wer, span(stage["wer_interval"]), cer, span(stage["cer_interval"])]


def _headline(results: dict[str, Any]) -> str:
    clips, minutes = results["clips"]["test"], results["hours"]["test"] * 60
    voices = " The voices are synthetic: real speech is harder." if results["synthetic"] else ""
    languages = spoken_languages(results)
    return f"{languages}: {clips} test clips, {minutes:.1f} minutes, {results['normaliser']}.{voices}"


def _if_worse(results: dict[str, Any]) -> list[str]:
    """What to try where the base was better."""
    lost, rate = results["after_30s"]["wer"] - results["before"]["wer"], results["recipe"]["learning_rate"]
    if lost <= 0:
        return []
    return [
        f"It hears worse than before, by {lost:.1f} points at 30 s. What a base can do already is kept by a lower "
        f"--learning-rate (it was {rate:g}); `whisper-helpers evaluate` tells whether this may be chance."
    ]


def _transcripts(folder: RunFolder) -> str:
    rows = [("said", "reference"), ("before", "before"), ("after", "after_30s")]
    return "\n\n".join(
        "\n".join(f"{word:7} {shorten(row[column])}" for word, column in rows) for row in examples(folder)
    )


def shorten(text: str, longest: int = LONGEST_LINE) -> str:
    """Cut a transcript that would fill the screen, as those of an untuned model may.

    Examples
    --------
    >>> shorten("word " * 100, 9)
    'word word…'
    """
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"


def _whereabouts(folder: RunFolder, results: dict[str, Any]) -> str:
    clip = examples(folder, 1)[0]["clip"]
    heard = clip if Path(clip).is_file() else "RECORDING.wav"
    return "\n".join(
        [
            f"{results['run_seconds'] / 60:.1f} minutes in all, {results['seconds_per_step']:.2f} s a step.",
            f"Everything is in {folder.path}: results.json, predictions.csv, model/, training.png, README.md, logs/.",
            f"Its course, and some validation clips to hear: {command_line('tensorboard', '--logdir', folder.path)}",
            f"Next, let it hear a file of yours: {command_line('whisper-helpers', 'transcribe', folder.path, heard)}",
        ]
    )
