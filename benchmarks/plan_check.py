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
from typing import Any, NamedTuple

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
JOINED = Corpus(1, labels=LABELS).joined_labels


class Configuration(NamedTuple):
    """A step to forecast and to measure."""

    name: str
    window: int
    clips: int
    labels: int = LABELS
    frozen: bool = False
    rank: int | None = None

    def __str__(self) -> str:
        how = f"{', frozen encoder' * self.frozen}{f', LoRA {self.rank}' if self.rank else ''}"
        joined = f", {self.labels} tokens each" if self.labels != LABELS else ""
        return f"{self.name}, {self.window} s, {self.clips} clips{joined}{how}"

    def tuning(self) -> Tuning:
        """What is trained."""
        return Tuning(self.frozen, self.rank, mixed=is_mixed(), on_gpu=torch.cuda.is_available())


CONFIGURATIONS = (
    Configuration("tiny", 6, 4),
    Configuration("tiny", 30, 2),
    Configuration("base", 6, 4),
    Configuration("base", 10, 2),
    Configuration("base", 30, 4),
    Configuration("base", 30, 4, JOINED),
    Configuration("base", 6, 4, frozen=True),
    Configuration("base", 6, 4, rank=16),
    Configuration("small", 6, 1),
    Configuration("small", 6, 4),
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
        name: Machine(**child(f"--timed={name}")) for name in dict.fromkeys(each.name for each in CONFIGURATIONS)
    }
    rows: list[dict[str, Any]] = []
    for number, each in enumerate(CONFIGURATIONS):
        row = child(f"--one={number}", f"--steps={options.steps}")
        work, machine = (member(each.name), each.window, each.labels, each.clips), machines[each.name]
        row["forecast_seconds"] = step_seconds(*work, machine, each.tuning())
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


def one(chosen: Configuration, steps: int) -> dict[str, Any]:
    """Measure a configuration."""
    shapes, tuning = member(chosen.name), chosen.tuning()
    small = replace(shapes, width=64, encoder_layers=1, decoder_layers=1, vocabulary=1000)
    train(small, Configuration("small", 30, 1, rank=chosen.rank), 1)
    with PeakMemory() as peak:
        seconds = train(shapes, chosen, steps)
    wanted = sum(step_memory(shapes, chosen.window, chosen.labels, chosen.clips, tuning).values())
    return {"name": str(chosen), "forecast_bytes": wanted, "bytes": peak.bytes - peak.before, "seconds": seconds}


def train(shapes: Member, chosen: Configuration, steps: int) -> float:
    """Seconds of a step with random weights."""
    model = whisper(shapes)
    choose_weights(model, Recipe(freeze_encoder=chosen.frozen, lora=chosen.rank))
    follow_window(model.train())
    return timed_steps(model, chosen.window, chosen.labels, chosen.clips, steps)


if __name__ == "__main__":
    main()
