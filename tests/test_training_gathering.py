"""Oracles: the model whose adapters were trained, and its weights before they were rounded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import WhisperForConditionalGeneration

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import weights
from whisper_helpers.training.gathering import ordinary_model
from whisper_helpers.training.keeping import let_write_nothing

RECIPE = Recipe(lora=4, base_in_8_bits=True)


def opened(folder: Path) -> WhisperForConditionalGeneration:
    """The tiny model."""
    return open_checkpoint(str(folder), "hi", announce=lambda line: None)[0].eval()


def trainer_of(model: WhisperForConditionalGeneration, *, sharded: bool = False) -> SimpleNamespace:
    """What of a trainer is looked at."""
    whole = {"get_state_dict": lambda model: model.state_dict(), "unwrap_model": lambda model, keep_fp32_wrapper: model}
    accelerator = SimpleNamespace(**whole)
    return SimpleNamespace(model=model, is_fsdp_enabled=sharded, accelerator=accelerator)


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """Two clips of noise and two rows of tokens."""
    random = torch.Generator().manual_seed(0)
    tokens = torch.randint(0, 50_000, (2, 7), generator=random)
    return {"input_features": torch.randn(2, 80, 3000, generator=random), "decoder_input_ids": tokens}


def test_a_model_that_is_whole_and_exact_stays_what_it_is(tiny_whisper: Path) -> None:
    model = opened(tiny_whisper)
    assert ordinary_model(trainer_of(model), None, Recipe()) is model


@pytest.mark.parametrize(
    ("recipe", "same"), [(RECIPE, False), (replace(RECIPE, base_in_8_bits=False), True)], ids=["8 bits", "shared out"]
)
def test_rounded_weights_are_left_behind_and_others_are_taken(
    recipe: Recipe, same: bool, tiny_whisper: Path, batch: dict[str, torch.Tensor]
) -> None:
    model = opened(tiny_whisper)
    weights.choose_weights(model, replace(recipe, base_in_8_bits=False))
    let_write_nothing(model)
    with torch.no_grad():
        for name, each in model.named_parameters():
            if "lora_" in name:
                each.normal_(std=0.3)
        exact = model(**batch).logits
        model.get_decoder().layers[0].fc1.base_layer.weight.mul_(2.0)
        rounded = model(**batch).logits
        whole = ordinary_model(trainer_of(model, sharded=True), lambda: opened(tiny_whisper), recipe)
        ours = whole(**batch).logits
    assert whole.generation_config.begin_suppress_tokens == [220]
    assert (exact - rounded).abs().max() > 1e-3
    assert torch.equal(ours, rounded if same else exact)


def test_adapters_learn_beside_weights_in_8_bits_and_end_beside_the_exact_ones(
    tiny_whisper: Path, batch: dict[str, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("bitsandbytes", reason="needs bitsandbytes, which rounds on a CPU too")
    monkeypatch.setattr(weights, "check_adapters", lambda recipe: None)
    base, model = opened(tiny_whisper), opened(tiny_whisper)
    weights.choose_weights(model, RECIPE)
    linear = model.get_encoder().layers[0].fc1.base_layer
    assert linear.weight.dtype == torch.int8
    optimizer = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], lr=1e-2)
    losses = []
    for _ in range(3):
        loss = model(**batch, labels=batch["decoder_input_ids"], use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[2] < losses[1] < losses[0]
    ours = ordinary_model(trainer_of(model), lambda: opened(tiny_whisper), RECIPE)
    with torch.no_grad():
        adapted = ours(**batch).logits
        assert 0 < (adapted - model(**batch).logits).abs().max() < 0.1 * (adapted - base(**batch).logits).abs().max()
        weights.merge_adapters(ours)
        assert (adapted - ours(**batch).logits).abs().max() < 1e-4
    assert ours.state_dict().keys() == base.state_dict().keys()
