"""The planner's forecast against what steps take here: peak memory and seconds, a configuration a line.

    python benchmarks/plan_check.py [--json FILE] [--steps 3]

Each configuration runs in a process of its own, with random weights of the checkpoint's shapes and silence as audio.
Memory is what the process holds at most, less what it held after a step of a very small model. Seconds are forecast
as `plan --measure` does it: full tuning is timed with one and with four clips at 6 s and with two at 30 s, once for
each checkpoint.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from keeping import keep
from stepping import whisper

from whisper_helpers.checkpoints.family import Member, member
from whisper_helpers.memory import PeakMemory
from whisper_helpers.plan import Corpus, Machine, Tuning, step_memory
from whisper_helpers.plan.forecast import step_seconds
from whisper_helpers.plan.report import measured_machine, timed_steps
from whisper_helpers.precision import is_mixed
from whisper_helpers.recipe import Recipe
from whisper_helpers.training.weights import choose_weights
from whisper_helpers.window import follow_window

LABELS = 40
CONFIGURATIONS = (  # name, window, clips, frozen encoder, rank
    ("tiny", 6, 4, False, None),
    ("tiny", 30, 2, False, None),
    ("base", 6, 4, False, None),
    ("base", 10, 2, False, None),
    ("base", 30, 4, False, None),
    ("base", 6, 4, True, None),
    ("base", 6, 4, False, 16),
    ("small", 6, 1, False, None),
    ("small", 6, 4, False, None),
)


def main() -> None:
    """Run all configurations, or, called by itself, one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=3, help="timed steps (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--timed", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.timed:
        print(json.dumps(asdict(measured_machine(whisper(member(options.timed)), 6, Corpus(1, labels=LABELS)))))
        return
    if options.one is not None:
        print(json.dumps(one(CONFIGURATIONS[options.one], options.steps)))
        return
    machines = {
        name: Machine(**child(f"--timed={name}")) for name in dict.fromkeys(name for name, *_ in CONFIGURATIONS)
    }
    rows: list[dict[str, Any]] = []
    for number, (name, window, clips, *how) in enumerate(CONFIGURATIONS):
        row = child(f"--one={number}", f"--steps={options.steps}")
        row["forecast_seconds"] = step_seconds(member(name), window, LABELS, clips, machines[name], Tuning(*how))
        print(sentence(row), flush=True)
        rows.append(row)
    keep(rows, options.json)


def sentence(row: dict[str, Any]) -> str:
    """A row of the table, in Markdown."""
    memory, seconds = (row[f"forecast_{each}"] / row[each] - 1 for each in ("bytes", "seconds"))
    return (
        f"| {row['name']} | {row['forecast_bytes'] / 1e9:.2f} | {row['bytes'] / 1e9:.2f} | {memory:+.0%} "
        f"| {row['forecast_seconds']:.2f} | {row['seconds']:.2f} | {seconds:+.0%} |"
    )


def child(*flags: str) -> dict[str, Any]:
    """Call this program in a process of its own."""
    done = subprocess.run([sys.executable, __file__, *flags], stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return json.loads(done.stdout.splitlines()[-1])


def one(configuration: tuple[str, int, int, bool, int | None], steps: int) -> dict[str, Any]:
    """Measure a configuration."""
    name, window, clips, frozen, rank = configuration
    shapes, tuning = member(name), Tuning(frozen, rank, mixed=is_mixed(), on_gpu=torch.cuda.is_available())
    train(replace(shapes, width=64, encoder_layers=1, decoder_layers=1, vocabulary=1000), Tuning(lora=rank), 30, 1, 1)
    with PeakMemory() as peak:
        seconds = train(shapes, tuning, window, clips, steps)
    wanted = sum(step_memory(shapes, window, LABELS, clips, tuning).values())
    label = f"{name}, {window} s, {clips} clips{', frozen encoder' * frozen}{f', LoRA {rank}' if rank else ''}"
    measured = {"bytes": peak.bytes - peak.before, "seconds": seconds}
    return {"name": label, "forecast_bytes": wanted, **measured}


def train(shapes: Member, tuning: Tuning, window: int, clips: int, steps: int) -> float:
    """Seconds of a step with random weights."""
    model = whisper(shapes)
    choose_weights(model, Recipe(freeze_encoder=tuning.frozen_encoder, lora=tuning.lora))
    follow_window(model.train())
    return timed_steps(model, window, LABELS, clips, steps)


if __name__ == "__main__":
    main()
