"""What a run leaves behind: its numbers as a table, a figure and a model card."""

from __future__ import annotations

import csv
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from ..card import model_card
from ..plots import plot_training

if TYPE_CHECKING:
    from transformers import TrainerState

    from .run_folder import RunFolder

LIBRARIES = ("whisper-helpers", "torch", "transformers", "datasets", "accelerate", "tokenizers", "jiwer", "soundfile")
STAGES = {"before": "before, at 30 s", "after": "after, at the clips' window", "after_30s": "after, at 30 s"}
EXAMPLES = 3


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that a result depends on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


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
    log = [{key: row[key] for key in ("step", "loss", "eval_wer", "eval_loss") if key in row} for row in state.log_history]
    seconds = state.log_history[-1].get("train_runtime") or _last(state.log_history, "train_runtime")
    validating = sum(row.get("eval_runtime", 0) for row in state.log_history if row["step"] > resumed_step)
    return {
        "steps": state.global_step,
        "best_step": state.best_global_step,
        "train_seconds": round(seconds, 1),
        "seconds_per_step": round((seconds - validating) / max(state.global_step - resumed_step, 1), 3),
        "resumed_from_step": resumed_step,
        "training_log": [row for row in log if len(row) > 1],
    }


def _last(history: list[dict[str, Any]], key: str) -> float:
    return next(row[key] for row in reversed(history) if key in row)


def write(folder: RunFolder, results: dict[str, Any]) -> None:
    """Write the figure and the model card of a finished run.

    Parameters
    ----------
    folder
        Where to.
    results
        What ``results.json`` holds.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
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
    return "\n\n".join([_headline(results), table(results), _transcripts(folder), _whereabouts(folder, results)])


def table(results: dict[str, Any]) -> str:
    """Scores before and after, with 95 % intervals, as aligned text.

    Parameters
    ----------
    results
        What ``results.json`` holds.
    """
    rows = [["test split", "WER %", "95 % interval", "CER %", "95 % interval"]]
    for name, label in STAGES.items():
        stage = results[name]
        wer, cer = f"{stage['wer']:.1f}", f"{stage['cer']:.1f}"
        rows.append([label, wer, _interval(stage["wer_interval"]), cer, _interval(stage["cer_interval"])])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first, *others = widths
    return "\n".join(
        "  ".join([row[0].ljust(first), *(cell.rjust(width) for cell, width in zip(row[1:], others, strict=True))])
        for row in rows
    )


def _interval(bounds: list[float]) -> str:
    return f"{bounds[0]:.1f} to {bounds[1]:.1f}"


def _headline(results: dict[str, Any]) -> str:
    clips, minutes = results["clips"]["test"], results["hours"]["test"] * 60
    voices = " The voices are synthetic: real speech is harder." if results["synthetic"] else ""
    return f"{clips} test clips, {minutes:.1f} minutes, {results['normaliser']}.{voices}"


def _transcripts(folder: RunFolder) -> str:
    return "\n\n".join(
        f"said    {row['reference']}\nbefore  {row['before']}\nafter   {row['after_30s']}" for row in examples(folder)
    )


def _whereabouts(folder: RunFolder, results: dict[str, Any]) -> str:
    clip = examples(folder, 1)[0]["clip"]
    return "\n".join(
        [
            f"{results['run_seconds'] / 60:.1f} minutes in all, {results['seconds_per_step']:.2f} s a step.",
            f"Everything is in {folder.path}: results.json, predictions.csv, model/, training.png, README.md, logs/.",
            f"Next, let it hear a file of yours: whisper-helpers transcribe {folder.path} {clip}",
        ]
    )
