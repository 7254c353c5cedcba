"""``whisper-helpers plan``: what a training would cost."""

from __future__ import annotations

import argparse
from typing import Any

from ..screen import quieten

GPU_NAMES = ("T4", "L4", "A100", "H100", "H200", "cpu")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("plan", help="forecast memory, time and disk of a training")
    command.add_argument("--model", default="openai/whisper-small", help="checkpoint (default: %(default)s)")
    command.add_argument("--hours", type=float, required=True, help="hours of training clips")
    command.add_argument("--gpu", choices=GPU_NAMES, default="cpu", help="machine; cpu is this one (default: cpu)")
    command.add_argument("--clip-seconds", type=float, default=5.0, help="usual clip, seconds (default: %(default)s)")
    command.add_argument("--labels", type=int, default=40, help="usual sentence, tokens (default: %(default)s)")
    command.add_argument("--corpus", default="FOLDER", help="name in the resulting command (default: %(default)s)")
    command.add_argument("--measure", action="store_true", help="time a few real steps on this machine instead")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    quieten()
    from ..plan import plan

    print(
        plan(
            options.model,
            options.hours,
            options.gpu,
            clip_seconds=options.clip_seconds,
            labels=options.labels,
            corpus=options.corpus,
            measure=options.measure,
        )
    )
