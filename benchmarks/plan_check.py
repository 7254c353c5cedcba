"""The planner's forecast against what steps take here: peak memory and seconds, a configuration a line.

    python benchmarks/plan_check.py [--json FILE] [--steps 3]

Each configuration runs in a process of its own, with random weights of the checkpoint's shapes and silence as audio.
Memory is what the process holds at most, less what it held after a step of a very small model. Seconds are forecast
from one configuration alone, base at 6 s, whose share of the matmul rate is taken for all.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from keeping import keep
from transformers import WhisperConfig, WhisperForConditionalGeneration

from whisper_helpers.checkpoints.family import Member, member
from whisper_helpers.plan import PeakMemory, Tuning, matmul_rate, step_flops, step_memory
from whisper_helpers.recipe import Recipe
from whisper_helpers.training.weights import choose_weights
from whisper_helpers.window import follow_window

LABELS = 40
CONFIGURATIONS = (  # name, window, clips, frozen encoder, rank
    ("base", 6, 4, False, None),
    ("tiny", 6, 4, False, None),
    ("tiny", 30, 2, False, None),
    ("base", 10, 2, False, None),
    ("base", 30, 2, False, None),
    ("base", 6, 4, True, None),
    ("base", 6, 4, False, 16),
    ("small", 6, 1, False, None),
)


def main() -> None:
    """Run all configurations, or, called by itself, one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=3, help="timed steps (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(one(CONFIGURATIONS[options.one], options.steps)))
        return
    rows = [child(number, options.steps) for number in range(len(CONFIGURATIONS))]
    share = rows[0]["flops"] / rows[0]["seconds"] / rows[0]["rate"]
    for row in rows:
        row["forecast_seconds"] = row["flops"] / row["rate"] / share
        print(
            f"{row['name']:32} memory {row['forecast_bytes'] / 1e9:5.2f} GB forecast, {row['bytes'] / 1e9:5.2f} "
            f"measured ({row['forecast_bytes'] / row['bytes'] - 1:+.0%}); {row['forecast_seconds']:6.2f} s forecast, "
            f"{row['seconds']:6.2f} measured ({row['forecast_seconds'] / row['seconds'] - 1:+.0%})",
            flush=True,
        )
    keep(rows, options.json)


def child(number: int, steps: int) -> dict[str, Any]:
    """Run a configuration in a process of its own."""
    command = [sys.executable, __file__, f"--one={number}", f"--steps={steps}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return json.loads(done.stdout.splitlines()[-1])


def one(configuration: tuple[str, int, int, bool, int | None], steps: int) -> dict[str, Any]:
    """Measure a configuration."""
    name, window, clips, frozen, rank = configuration
    shapes, tuning = member(name), Tuning(frozen_encoder=frozen, lora=rank)
    small = whisper(replace(shapes, width=64, encoder_layers=1, decoder_layers=1, vocabulary=1000)).train()
    step(small, torch.optim.AdamW(small.parameters()), torch.zeros(1, shapes.mels, 3000), torch.ones(1, 9).long())
    with PeakMemory() as peak:
        model = whisper(shapes)
        choose_weights(model, Recipe(freeze_encoder=frozen, lora=rank))
        follow_window(model.train())
        optimizer = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], fused=True)
        batch = torch.zeros(clips, shapes.mels, 100 * window), torch.ones(clips, LABELS, dtype=torch.long)
        seconds = [step(model, optimizer, *batch) for _ in range(steps + 1)][1:]
    wanted = sum(step_memory(shapes, window, LABELS, clips, tuning).values())
    work = step_flops(shapes, window, LABELS, clips, frozen_encoder=frozen, adapters_only=rank is not None)
    label = f"{name}, {window} s, {clips} clips{', frozen encoder' * frozen}{f', LoRA {rank}' if rank else ''}"
    measured = {"bytes": peak.bytes - peak.before, "seconds": statistics.median(seconds), "rate": matmul_rate()}
    return {"name": label, "forecast_bytes": wanted, "flops": work, **measured}


def whisper(shapes: Member) -> WhisperForConditionalGeneration:
    """Random weights of a checkpoint's shapes."""
    heads = shapes.width // 64
    config = WhisperConfig(
        d_model=shapes.width,
        encoder_layers=shapes.encoder_layers,
        decoder_layers=shapes.decoder_layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * shapes.width,
        decoder_ffn_dim=4 * shapes.width,
        num_mel_bins=shapes.mels,
        vocab_size=shapes.vocabulary,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=1,
    )
    model = WhisperForConditionalGeneration(config)
    model.model.encoder.embed_positions.requires_grad_(False)
    return model


def step(model: Any, optimizer: torch.optim.Optimizer, features: torch.Tensor, labels: torch.Tensor) -> float:
    """Do a training step; return its seconds."""
    began = time.perf_counter()
    model(features, labels=labels, use_cache=False).loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
