"""What benchmarks of a training step share: a model with random weights and its optimizer."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from whisper_helpers import processes
from whisper_helpers.checkpoints.family import Member
from whisper_helpers.plan import matmul_rate
from whisper_helpers.precision import mixed_precision


def whisper(shapes: Member) -> WhisperForConditionalGeneration:
    """Random weights of a checkpoint's shapes, on the device."""
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
    with processes.device():
        model = WhisperForConditionalGeneration(config)
    model.model.encoder.embed_positions.requires_grad_(False)
    return model


def adamw(model: Any, rate: float = 1e-3) -> torch.optim.Optimizer:
    """Fused AdamW over the weights that learn."""
    return torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], lr=rate, fused=True)


def recompute_layers(model: Any, recompute: bool) -> None:
    """Switch gradient checkpointing on or off."""
    model.gradient_checkpointing_enable() if recompute else model.gradient_checkpointing_disable()


def tutorial_precision() -> AbstractContextManager:
    """The tutorial's 16 bits on a GPU; float32 on a CPU, where its float16 does not train."""
    return mixed_precision() if torch.cuda.is_available() else nullcontext()


def recipe_rate(recipe: str) -> float:
    """The machine's matmul rate in the precision of a recipe: ours, ours in float32, or the tutorial's."""
    fast = recipe.startswith("ours") or torch.cuda.is_available()
    return matmul_rate(mixed=fast and recipe != "ours_float32")


def finish() -> None:
    """Wait until a GPU has done what it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
