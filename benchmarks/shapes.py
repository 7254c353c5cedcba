"""Seconds and memory of training and generating by a checkpoint's shapes and the batch, with random weights.

    python benchmarks/shapes.py [base small large-v3] [--clips 4 16 64] [--seconds 6] [--json FILE]

For machines that the weights cannot be brought to: audio is noise, sentences are random tokens, and every clip is
given the same number of new tokens. Tutorial: 30 s with gradient checkpointing. Plain: 30 s without. Ours: the window
of the clips. All with AdamW over all weights, in the precision that the trainer takes; log-mel is not counted.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from keeping import keep
from stepping import adamw, finish, recompute_layers, whisper

from whisper_helpers import processes
from whisper_helpers.audio import FRAMES_PER_SECOND, WINDOW_SECONDS
from whisper_helpers.checkpoints.family import Member, member
from whisper_helpers.memory import PeakMemory
from whisper_helpers.plan import matmul_rate, step_flops
from whisper_helpers.plan.report import timed_step
from whisper_helpers.precision import mixed_precision, precision_sentence
from whisper_helpers.screen import quieten
from whisper_helpers.window import follow_window


def main() -> None:
    """Measure every shape at every batch, and print a line each."""
    options = parse()
    quieten()
    rate = matmul_rate()
    print(f"{precision_sentence()}, {rate / 1e12:.2f} TFLOP/s in a product of matrices", flush=True)
    rows = []
    for name in options.shapes:
        for row in rows_of(member(name), options, rate):
            print(sentence(row), flush=True)
            rows.append(row)
            keep({"machine": precision_sentence(), "matmul_rate": rate, "rows": rows}, options.json)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shapes", nargs="*", default=["base", "small", "large-v3"], help="checkpoints")
    parser.add_argument("--clips", type=int, nargs="*", default=[4, 16, 64], help="batches (default: 4 16 64)")
    parser.add_argument("--seconds", type=float, default=6.0, help="window of the clips (default: %(default)s)")
    parser.add_argument("--labels", type=int, default=40, help="tokens of a sentence (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=5, help="timed steps (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    return parser.parse_args()


def rows_of(shapes: Member, options: argparse.Namespace, rate: float) -> Iterator[dict[str, Any]]:
    """Training by each recipe and generation, batch by batch."""
    model = whisper(shapes)
    follow_window(model)
    optimizer = adamw(model)
    windows = {"tutorial": WINDOW_SECONDS, "plain": WINDOW_SECONDS, "ours": options.seconds}
    for clips in options.clips:
        row: dict[str, Any] = {"shapes": shapes.name, "clips": clips}
        for recipe, window in windows.items():
            again = recipe == "tutorial"
            recompute_layers(model, again)
            row[recipe] = trained(model, optimizer, noise(shapes, window, clips), options)
            if row[recipe]:
                work = step_flops(shapes, window, options.labels, clips, checkpointing=again)
                row[recipe]["limit_share"] = work / row[recipe]["seconds"] / rate
        for window in (WINDOW_SECONDS, options.seconds):
            row[f"generated at {window:g} s"] = generated(model, noise(shapes, window, clips), options.labels)
        yield row


def trained(
    model: Any, optimizer: torch.optim.Optimizer, features: torch.Tensor, options: argparse.Namespace
) -> dict[str, float] | None:
    """Seconds of a step and its peak memory; None if memory does not suffice."""
    model.train()
    labels = torch.randint(9, 9999, (len(features), options.labels), device=features.device)
    try:
        with PeakMemory() as peak:
            seconds = [timed_step(model, optimizer, features, labels) for _ in range(options.repetitions + 2)][2:]
    except torch.OutOfMemoryError:
        optimizer.zero_grad()
        torch.cuda.empty_cache()
        return None
    return {"seconds": statistics.median(seconds), "peak_bytes": peak.bytes}


@torch.inference_mode()
def generated(model: Any, features: torch.Tensor, tokens: int) -> float:
    """Seconds in which every clip is given the same number of new tokens."""
    model.eval()
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        with mixed_precision():
            model.generate(features, min_new_tokens=tokens, max_new_tokens=tokens)
        finish()
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])


def noise(shapes: Member, window: float, clips: int) -> torch.Tensor:
    """Log-mel of nothing in particular, on the device."""
    return torch.randn(clips, shapes.mels, round(window * FRAMES_PER_SECOND), device=processes.device())


def sentence(row: dict[str, Any]) -> str:
    """A row of the table, in Markdown."""
    cells = [row["shapes"], row["clips"]]
    for recipe in ("tutorial", "plain", "ours"):
        of = row[recipe]
        one = f"{of['seconds']:.3f} s, {of['limit_share']:.0%}, {of['peak_bytes'] / 1e9:.1f} GB" if of else "no memory"
        cells.append(one)
    both = row["tutorial"] and row["ours"]
    cells.append(f"{row['tutorial']['seconds'] / row['ours']['seconds']:.1f}" if both else "")
    cells += [f"{row[key]:.2f} s" for key in row if key.startswith("generated")]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
