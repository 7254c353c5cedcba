"""Oracle: PyTorch's own counter of operations."""

from __future__ import annotations

import pytest
import torch
from conftest import SIZES
from torch.utils.flop_counter import FlopCounterMode
from transformers import WhisperConfig, WhisperForConditionalGeneration

from whisper_helpers.plan import matmul_rate, model_shapes, step_flops
from whisper_helpers.window import follow_window


def model(mels: int) -> WhisperForConditionalGeneration:
    whisper = WhisperForConditionalGeneration._from_config(
        WhisperConfig(**SIZES, num_mel_bins=mels), attn_implementation="eager"
    )
    whisper.model.encoder.embed_positions.requires_grad_(False)
    follow_window(whisper)
    return whisper.train()


@pytest.mark.parametrize(
    ("window", "labels", "clips", "mels", "frozen", "checkpointing"),
    [
        (30, 40, 1, 80, False, False),
        (4, 7, 3, 80, False, False),
        (6, 20, 2, 128, True, False),
        (5, 20, 2, 80, False, True),
    ],
)
def test_the_count_is_pytorchs(
    window: int, labels: int, clips: int, mels: int, frozen: bool, checkpointing: bool
) -> None:
    whisper = model(mels)
    if frozen:
        whisper.model.encoder.requires_grad_(False)
    if checkpointing:
        whisper.gradient_checkpointing_enable({"use_reentrant": False})
    ids = torch.ones(clips, labels, dtype=torch.long)
    with FlopCounterMode(display=False) as counter:
        whisper(torch.randn(clips, mels, window * 100), labels=ids, use_cache=False).loss.backward()
    ours = step_flops(
        model_shapes(whisper.config), window, labels, clips, frozen_encoder=frozen, checkpointing=checkpointing
    )
    assert ours == pytest.approx(counter.get_total_flops(), rel=1e-3)


def test_a_machine_has_a_rate() -> None:
    assert matmul_rate(3, 256) > 1e6
