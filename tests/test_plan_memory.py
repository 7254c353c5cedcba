"""Oracles: the tensors that PyTorch keeps for the way back, and parameters counted in real modules."""

from __future__ import annotations

import pytest
import torch
from conftest import SIZES
from transformers import WhisperConfig, WhisperForConditionalGeneration

from whisper_helpers.checkpoints.family import member
from whisper_helpers.plan import model_shapes
from whisper_helpers.plan.memory import (
    Tuning,
    activation_bytes,
    encoder_parameters,
    largest_batch,
    step_memory,
    trained_parameters,
)
from whisper_helpers.recipe import Recipe
from whisper_helpers.training.weights import choose_weights
from whisper_helpers.window import follow_window


@pytest.fixture
def model() -> WhisperForConditionalGeneration:
    whisper = WhisperForConditionalGeneration(WhisperConfig(**SIZES)).train()
    follow_window(whisper)
    return whisper


@pytest.mark.parametrize(
    ("window", "labels", "frozen"), [(30, 20, False), (6, 40, False), (4, 10, False), (30, 40, True), (6, 20, True)]
)
def test_activations_are_what_pytorch_keeps(
    window: int, labels: int, frozen: bool, model: WhisperForConditionalGeneration
) -> None:
    choose_weights(model, Recipe(freeze_encoder=frozen))
    own = {weights.untyped_storage().data_ptr() for weights in model.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    ids = torch.ones(2, labels, dtype=torch.long)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = model(torch.randn(2, 80, 100 * window), labels=ids, use_cache=False).loss
    counted = 2 * activation_bytes(model_shapes(model.config), window, labels, Tuning(frozen_encoder=frozen))
    assert counted == pytest.approx(sum(kept.values()), rel=0.1)
    assert loss.requires_grad


@pytest.mark.parametrize("tuning", [Tuning(), Tuning(frozen_encoder=True), Tuning(lora=4), Tuning(True, 8)])
def test_trained_weights_are_those_of_the_recipe(tuning: Tuning, model: WhisperForConditionalGeneration) -> None:
    shapes = model_shapes(model.config)
    assert encoder_parameters(shapes) == sum(each.numel() for each in model.get_encoder().parameters())
    model.get_encoder().embed_positions.requires_grad_(True)
    choose_weights(model, Recipe(freeze_encoder=tuning.frozen_encoder, lora=tuning.lora))
    trained = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
    assert trained_parameters(shapes, tuning) == trained


def test_less_is_trained_in_less_memory_and_more_fits() -> None:
    whole = [
        sum(step_memory(member("small"), 30, 60, 4, tuning).values())
        for tuning in (Tuning(), Tuning(frozen_encoder=True), Tuning(frozen_encoder=True, lora=8))
    ]
    assert whole == sorted(whole, reverse=True)
    assert largest_batch(member("large-v3"), 30, 60, 16e9) == 0
    assert largest_batch(member("tiny"), 6, 60, 16e9) == 64


@pytest.mark.parametrize(
    ("name", "window", "clips", "gigabytes"),
    [
        ("base", 30, 4, 2.2),
        ("base", 6, 16, 2.3),
        ("base", 30, 64, 18.5),
        ("small", 30, 16, 15.8),
        ("small", 6, 64, 15.6),
        ("large-v3", 6, 4, 25.9),
        ("large-v3", 30, 16, 73.3),
        ("large-v3", 6, 64, 68.5),
    ],
)
def test_the_forecast_is_what_a_gpu_took(name: str, window: int, clips: int, gigabytes: float) -> None:
    """Measured in bf16 on an NVIDIA H200, 40 tokens a clip, as `benchmarks/README.md` says."""
    parts = step_memory(member(name), window, 40, clips, Tuning(mixed=True, on_gpu=True))
    assert sum(parts.values()) == pytest.approx(gigabytes * 1e9, rel=0.15)
