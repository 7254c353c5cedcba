"""Seconds a training step takes: the tutorial's recipe against ours, in turn, on the same clips and checkpoint.

    python benchmarks/step_time.py [--model NAME] [--batch-size 4] [--longest 6] [--repetitions 5] [--json FILE]

Tutorial: log-mel at 30 s computed beforehand (not counted), its collator's padding, gradient checkpointing. Ours:
decoding and log-mel within the step (counted), the window of the clips, 16 bits on a CPU that is fast at them. Both:
16 bits on a GPU, AdamW. The ratio of each pair of steps is printed, and their median; a machine that slows down slows
both. The share of the limit is the step's operations a second over what the machine reaches in a product of matrices.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from keeping import keep
from stepping import adamw, finish, recipe_rate, recompute_layers, tutorial_precision

from whisper_helpers import processes
from whisper_helpers.audio import N_FRAMES, read_clip, widen
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.collate import DataCollatorSpeechSeq2SeqWithPadding, pad_labels
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.plan import model_shapes, step_flops
from whisper_helpers.precision import mixed_precision, precision_sentence
from whisper_helpers.screen import quieten
from whisper_helpers.training import token_mean_loss
from whisper_helpers.window import follow_window

Batch = dict[str, torch.Tensor]


def main() -> None:
    """Measure and print."""
    options = parse()
    quieten()
    model, processor = open_checkpoint(options.model, options.language or "hi")
    model.to(processes.device())
    batches = clips_of(options, processor)
    steps = recipes(model, processor, batches)
    numbers = [number % len(batches) for number in range(options.repetitions + 1)][1:]
    measure(steps, 0)
    rows = [measure(steps, number) for number in numbers]
    result = summary(rows, options)
    rates = {name: recipe_rate(name) for name in rows[0]}
    work = [operations(model, ours_of(batches[number], processor)) for number in numbers]
    result["matmul_rate"] = rates
    result["limit_share"] = {
        name: statistics.median(done[name] / row[name] for done, row in zip(work, rows, strict=True)) / rates[name]
        for name in rows[0]
    }
    print(f"{options.model}, {options.batch_size} clips of up to {options.longest:g} s, {precision_sentence()}")
    for name in ("tutorial", "ours at 30 s", "ours"):
        share = f"{result['limit_share'][name]:.0%} of {rates[name] / 1e9:.0f} GFLOP/s"
        print(f"{name:14} {result['seconds'][name]:6.2f} s a step, {result['ratio'][name]:5.2f} times as fast, {share}")
    print("ratios of the pairs:", *(f"{ratio:.2f}" for ratio in result["ratios"]))
    keep(result, options.json)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="openai/whisper-base", help="checkpoint (default: %(default)s)")
    parser.add_argument("--corpus", default="bundled", help="corpus (default: %(default)s)")
    parser.add_argument("--language", help="language of the corpus, if it does not tell")
    parser.add_argument("--batch-size", type=int, default=4, help="clips (default: %(default)s)")
    parser.add_argument("--longest", type=float, default=6.0, help="seconds of the longest clip (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=5, help="pairs of steps (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    return parser.parse_args()


def clips_of(options: argparse.Namespace, processor: Any) -> list[list[dict]]:
    """Batches of random clips up to the longest length, each with clips of similar length as in training."""
    corpus = open_corpus(options.corpus, options.language, announce=lambda line: None)
    train = usable_clips(corpus, processor.tokenizer, progress=False)[0]["train"]
    short = [clip for clip in train.shuffle(seed=0) if clip["seconds"] <= options.longest]
    pool = sorted(short[: options.batch_size * 16], key=lambda clip: clip["seconds"])
    batches = [pool[at : at + options.batch_size] for at in range(0, len(pool), options.batch_size)]
    order = torch.randperm(len(batches), generator=torch.Generator().manual_seed(0))
    return [batches[index] for index in order]


def recipes(model: Any, processor: Any, batches: list[list[dict]]) -> dict[str, Callable[[int], float]]:
    """One function a recipe, which takes a batch's number, does a training step and returns its seconds."""
    follow_window(model)
    optimizer = adamw(model, rate=1e-6)
    ours = DataCollatorSpeechSeq2SeqWithPadding(processor)
    stored = [tutorial_features(batch, processor) for batch in batches]
    return {
        "tutorial": lambda number: step(model, optimizer, lambda: stored[number], tutorial=True),
        "ours at 30 s": lambda number: step(model, optimizer, lambda: widened(ours(batches[number]))),
        "ours": lambda number: step(model, optimizer, lambda: ours(batches[number])),
    }


def tutorial_features(clips: list[dict], processor: Any) -> Batch:
    """What the tutorial stores and collates: 30 s of log-mel a clip, labels padded to the longest."""
    samples = [read_clip(clip["audio"]) for clip in clips]
    features = processor.feature_extractor(samples, sampling_rate=16_000, return_tensors="pt").input_features
    labels = pad_labels([processor.tokenizer(clip["sentence"]).input_ids[1:] for clip in clips])
    return {"input_features": features, "labels": labels}


def ours_of(clips: list[dict], processor: Any) -> Batch:
    """Our batch of some clips."""
    return DataCollatorSpeechSeq2SeqWithPadding(processor)(clips)


def operations(model: Any, batch: Batch) -> dict[str, int]:
    """Operations of a step by each recipe."""
    clips, labels = batch["labels"].shape
    window, shapes = batch["input_features"].shape[-1] / 100, model_shapes(model.config)
    return {
        "tutorial": step_flops(shapes, 30, labels, clips, checkpointing=True),
        "ours at 30 s": step_flops(shapes, 30, labels, clips),
        "ours": step_flops(shapes, window, labels, clips),
    }


def widened(batch: Batch) -> Batch:
    """Our batch with the window of 30 s."""
    return batch | {"input_features": widen(batch["input_features"], N_FRAMES)}


def step(model: Any, optimizer: Any, get_batch: Callable[[], Batch], *, tutorial: bool = False) -> float:
    """Do one training step from clips to changed weights; return its seconds."""
    recompute_layers(model, tutorial)
    model.train()
    began = time.perf_counter()
    batch = {name: tensor.to(model.device) for name, tensor in get_batch().items()}
    with tutorial_precision() if tutorial else mixed_precision():
        loss = model(**batch, use_cache=False).loss if tutorial else our_loss(model, batch)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    finish()
    return time.perf_counter() - began


def our_loss(model: Any, batch: Batch) -> torch.Tensor:
    """The loss of our trainer, which gives the model no labels."""
    labels = batch["labels"]
    inputs = {name: tensor for name, tensor in batch.items() if name != "labels"}
    return token_mean_loss(model(**inputs, use_cache=False), labels)


def measure(steps: dict[str, Callable[[int], float]], number: int) -> dict[str, float]:
    """Do a step of each recipe on the same clips."""
    return {name: each(number) for name, each in steps.items()}


def summary(rows: list[dict[str, float]], options: argparse.Namespace) -> dict[str, Any]:
    """Medians of the seconds, and of the ratio tutorial over ours within each pair."""
    names = rows[0].keys()
    return {
        "model": options.model,
        "batch_size": options.batch_size,
        "longest_clip_seconds": options.longest,
        "machine": precision_sentence(),
        "seconds": {name: statistics.median(row[name] for row in rows) for name in names},
        "ratio": {name: statistics.median(row["tutorial"] / row[name] for row in rows) for name in names},
        "ratios": [row["tutorial"] / row["ours"] for row in rows],
    }


if __name__ == "__main__":
    main()
