"""Oracles: the model before its adapters are merged, the weights of the base, and a run in one go."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import WhisperForConditionalGeneration

from whisper_helpers.checkpoints import open_checkpoint, save_checkpoint
from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import finetune
from whisper_helpers.training.weights import check_adapters, choose_weights, merge_adapters


def quiet(line: str) -> None:
    """Say nothing."""


def test_merged_adapters_give_the_same_outputs_in_an_ordinary_model(tiny_whisper: Path, tmp_path: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", announce=quiet)
    names = set(model.state_dict())
    choose_weights(model, Recipe(lora=4))
    with torch.no_grad():
        for name, weights in model.named_parameters():
            assert weights.requires_grad == ("lora_" in name)
            if "lora_B" in name:  # zero at first, which would adapt nothing
                weights.normal_(std=0.3)
    batch = {"input_features": torch.randn(2, 80, 3000), "decoder_input_ids": torch.randint(0, 50_000, (2, 7))}
    with torch.no_grad():
        adapted = model.eval()(**batch).logits
        merge_adapters(model)
        merged = model(**batch).logits
        base = open_checkpoint(str(tiny_whisper), announce=quiet)[0].eval()(**batch).logits
        saved = WhisperForConditionalGeneration.from_pretrained(save_checkpoint(model, processor, tmp_path / "saved"))
        reopened = saved.eval()(**batch).logits
    assert set(model.state_dict()) == names
    assert (adapted - base).abs().max() > 0.1
    assert (adapted - merged).abs().max() < 1e-4
    assert torch.equal(merged, reopened)


@pytest.mark.parametrize("rank", [None, 2])
def test_a_frozen_encoder_keeps_its_weights(rank: int | None, tiny_whisper: Path) -> None:
    model, _ = open_checkpoint(str(tiny_whisper), "hi", announce=quiet)
    choose_weights(model, Recipe(freeze_encoder=True, lora=rank))
    trained = [name for name, weights in model.named_parameters() if weights.requires_grad]
    assert trained
    assert all(".decoder." in name for name in trained)


def test_a_run_with_adapters_goes_on_and_ends_as_an_ordinary_model(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path
) -> None:
    choices = {"model": str(tiny_whisper), "corpus": str(small_corpus), "language": "hi", "limit_test": 2}
    recipe = Recipe(**choices, steps=4, save_steps=2, learning_rate=1e-2, lora=2, output=str(tmp_path / "run"))
    folder = finetune(recipe, announce=quiet)
    whole = load_file(folder.model / "model.safetensors")
    base = load_file(tiny_whisper / "model.safetensors")
    assert whole.keys() == base.keys()
    changed = {name for name, weights in base.items() if not torch.equal(weights, whole[name])}
    assert changed
    assert all(name.endswith("weight") and ".layers." in name for name in changed)
    shutil.rmtree(folder.model)
    shutil.rmtree(folder.checkpoints / "checkpoint-4")
    results = folder.read_results()
    folder.write_results({name: results[name] for name in results if name not in ("train_seconds", "run_seconds")})
    lines: list[str] = []
    finetune(recipe, resume=True, announce=lines.append)
    assert "Going on from checkpoint-2." in lines
    again = load_file(folder.model / "model.safetensors")
    assert all(torch.equal(again[name], weights) for name, weights in whole.items())


def test_adapters_without_their_library_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"whisper-helpers\[lora\]"):
        check_adapters(Recipe(lora=4))
    check_adapters(Recipe())


@pytest.mark.parametrize(
    ("rank", "gpu", "told"),
    [
        (None, True, "Give --lora"),
        (4, False, "without an NVIDIA GPU.*Leave"),
        (4, True, r"whisper-helpers\[lora-8bit\]"),
    ],
)
def test_8_bits_are_refused_where_they_cannot_be(
    rank: int | None, gpu: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name != "bitsandbytes")
    with pytest.raises(BadInput, match=told):
        check_adapters(Recipe(lora=rank, base_in_8_bits=True))


def test_weights_in_8_bits_stay_out_of_checkpoints(tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bitsandbytes")
    monkeypatch.setattr("whisper_helpers.training.weights.check_adapters", lambda recipe: None)  # it wants a GPU
    model, _ = open_checkpoint(str(tiny_whisper), announce=quiet)
    choose_weights(model, Recipe(lora=4, base_in_8_bits=True))
    audio, labels = torch.randn(1, 80, 3000), torch.randint(9, 99, (1, 7))
    model(audio, labels=labels).loss.backward()
    weights = {name: each.clone() for name, each in model.state_dict().items()}
    assert any("lora_A" in name for name in weights)
    assert not any("base_layer" in name for name in weights)
    with torch.no_grad():
        before = model.eval()(audio, labels=labels).loss
        for name, each in model.named_parameters():
            each.add_("lora_" in name)
        assert not torch.equal(model(audio, labels=labels).loss, before)
        assert not model.load_state_dict(weights, strict=False).missing_keys
        assert torch.equal(model(audio, labels=labels).loss, before)
