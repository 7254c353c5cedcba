"""The forecast as text, and the machine that it stands on, measured if that is wanted."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..audio import WINDOW_SECONDS
from ..checkpoints.family import Member
from ..memory import keep_freed_memory
from ..precision import is_mixed, mixed_precision
from ..screen import duration
from .flops import model_shapes, step_flops
from .forecast import Corpus, Machine
from .machine import matmul_rate

if TYPE_CHECKING:
    import torch

ASSUMED_CPU_SHARE = 0.5  # of the measured matmul rate, until a step is timed
ASSUMED = "assumed; --measure times real steps on this machine"
FEW, MORE, FULL = 1, 4, 2  # clips of the steps that are timed at the window, and at 30 s
LEAST_OF_CLIPS = 0.5  # of a step of more clips, which are the clips' own at least: times of a busy machine may say less


def this_machine(*, name: str = "cpu") -> Machine:
    """Memory of this machine and its measured matmul rate; the share that a step reaches is assumed.

    Parameters
    ----------
    name
        What to call it: ``cpu``, or a GPU's name.
    """
    import psutil
    import torch

    gpu = torch.cuda.is_available()
    memory = torch.cuda.get_device_properties(0).total_memory if gpu else psutil.virtual_memory().available
    return Machine(torch.cuda.get_device_name() if gpu else name, memory, matmul_rate(), ASSUMED_CPU_SHARE, is_mixed())


def measured_machine(model: Any, window: float, corpus: Corpus, *, steps: int = 3) -> Machine:
    """Time a few real training steps here: with few and with more clips at the window, and at 30 s.

    What more clips add is what the machine reaches; the rest of a step, such as the optimizer, is there for any batch.

    Parameters
    ----------
    model
        A Whisper with real weights; they change.
    window
        Seconds that the encoder sees.
    corpus
        Its labels count.
    steps
        Timed steps of each after one to warm up; the median counts.
    """
    import torch

    from ..window import follow_window

    machine, shapes = this_machine(), model_shapes(model.config)
    follow_window(model.to("cuda" if torch.cuda.is_available() else "cpu").train())
    few, more = (timed_steps(model, window, corpus.labels, clips, steps) for clips in (FEW, MORE))
    a_clip = max((more - few) / (MORE - FEW), LEAST_OF_CLIPS * more / MORE)
    fixed = max(0.0, more - MORE * a_clip)
    whole = timed_steps(model, WINDOW_SECONDS, corpus.labels, FULL, steps)
    full = max(whole - fixed, LEAST_OF_CLIPS * whole) / FULL
    reached, full_reached = (
        step_flops(shapes, seen, corpus.labels) / seconds / machine.rate
        for seen, seconds in ((window, a_clip), (WINDOW_SECONDS, full))
    )
    return replace(machine, share=reached, measured=True, full_share=full_reached, fixed_seconds=fixed)


def timed_steps(model: Any, window: float, labels: int, clips: int, steps: int) -> float:
    """Do a few training steps on silence with an optimizer of their own.

    Parameters
    ----------
    model
        A Whisper on its device; its weights change.
    window
        Seconds that the encoder sees.
    labels
        Tokens a clip.
    clips
        Batch size.
    steps
        Timed steps after one to warm up.

    Returns
    -------
    float
        Median of their seconds.
    """
    import torch

    optimizer = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], lr=1e-7, fused=True)
    features = torch.zeros(clips, model.config.num_mel_bins, round(100 * window), device=model.device)
    ids = torch.ones(clips, labels, dtype=torch.long, device=model.device)
    with keep_freed_memory():
        return statistics.median([timed_step(model, optimizer, features, ids) for _ in range(steps + 1)][1:])


def timed_step(model: Any, optimizer: Any, features: torch.Tensor, labels: torch.Tensor) -> float:
    """Do a training step, in the precision in which a training does it.

    Parameters
    ----------
    model, optimizer
        Both change.
    features
        Shape (batch, mels, frames), float32.
    labels
        Shape (batch, length), int64.

    Returns
    -------
    float
        Seconds.
    """
    import torch

    began = time.perf_counter()
    with mixed_precision():
        loss = model(features, labels=labels, use_cache=False).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if features.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - began


def plan_text(model: Member, corpus: Corpus, machine: Machine, ways: dict[str, dict], source: str) -> str:
    """Write a forecast down.

    Parameters
    ----------
    model, corpus, machine
        What it was made for.
    ways
        From :func:`whisper_helpers.plan.forecast`.
    source
        The corpus as the command shall name it.
    """
    share = f"measured; {machine.fixed_seconds:.2f} s a step besides" if machine.measured else ASSUMED
    lines = [
        f"{model.name}, {model.parameters / 1e6:.0f} million parameters, on {machine.name}: {machine.memory / 1e9:.0f} "
        f"GB, {machine.rate / 1e12:.2f} TFLOP/s, of which a step reaches {machine.share:.0%} ({share}).",
        f"{corpus.hours:g} h, {corpus.clips:,} clips of {corpus.clip_seconds:g} s, {corpus.labels} tokens each.",
    ]
    for name, way in ways.items():
        lines += ["", f"{name}: {_fit(way)}"]
        if way["batch_size"]:
            lines.append(f"  whisper-helpers finetune --model {model.name} --corpus {source} {_flags(way)}")
    return "\n".join(lines)


def _fit(way: dict) -> str:
    parts = ", ".join(f"{name} {size / 1e9:.2f}" for name, size in way["memory"].items())
    total = sum(way["memory"].values()) / 1e9
    if not way["batch_size"]:
        return f"does not fit; one clip needs {total:.1f} GB ({parts})"
    return (
        f"batch of {way['batch_size']}, {total:.1f} GB ({parts}); window {way['window']:g} s, "
        f"{way['step_seconds']:.2f} s a batch, {duration(way['epoch_seconds'])} an epoch, "
        f"disk {way['disk'] / 1e9:.1f} GB"
    )


def _flags(way: dict) -> str:
    sizes = f"--epochs 3 --batch-size {way['batch_size']} --gradient-accumulation {way['gradient_accumulation']}"
    return sizes + way["flags"]
