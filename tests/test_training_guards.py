"""Oracles: a run whose memory and disk suffice."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import RunFolder, finetune, token_mean_loss
from whisper_helpers.training.guards import disk_needed, smaller_batches


@pytest.fixture(scope="module")
def recipe(tiny_whisper: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Four steps with a checkpoint after two, windows left to the clips."""
    return Recipe(
        model=str(tiny_whisper),
        corpus=str(small_corpus),
        language="hi",
        steps=4,
        save_steps=2,
        learning_rate=1e-3,
        full_window_every=3,
        mixed_precision=False,
        limit_test=2,
        output=str(tmp_path_factory.mktemp("guards") / "run"),
    )


@pytest.fixture(scope="module")
def undisturbed(recipe: Recipe) -> RunFolder:
    """The run that nothing disturbs."""
    return finetune(recipe, announce=lambda line: None)


def losses(folder: RunFolder) -> list[float]:
    return [row["loss"] for row in folder.read_results()["training_log"] if "loss" in row]


def test_memory_that_runs_out_in_the_middle_halves_the_batches_for_the_same_result(
    recipe: Recipe, undisturbed: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = []

    def exhausted_once(outputs, labels, num_items_in_batch=None):
        batches.append(len(labels))
        if len(batches) == 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return token_mean_loss(outputs, labels, num_items_in_batch)

    monkeypatch.setattr("whisper_helpers.training.parts.token_mean_loss", exhausted_once)
    lines: list[str] = []
    folder = finetune(Recipe(**(vars(recipe) | {"output": str(tmp_path / "run")})), announce=lines.append)
    assert [line for line in lines if "batches of 2 from here on" in line]
    assert folder.read_results()["smaller_batches"] == {"batch_size": 2, "gradient_accumulation": 2}
    assert losses(folder) == pytest.approx(losses(undisturbed), abs=1e-4)
    ours, theirs = (load_file(each.model / "model.safetensors") for each in (folder, undisturbed))
    assert max((ours[name] - weights).abs().max().item() for name, weights in theirs.items()) < 1e-3


def test_weights_that_are_shared_out_take_a_copy_more_in_each_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = disk_needed(1_000)
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    assert (whole, disk_needed(1_000)) == (40_000, 52_000)


def test_an_odd_batch_is_cut_into_equal_parts_and_a_clip_is_not() -> None:
    assert smaller_batches(Recipe(batch_size=9)).batch_size == 3
    assert smaller_batches(Recipe(batch_size=9)).gradient_accumulation == 3
    assert smaller_batches(Recipe(batch_size=1)) is None


def test_a_full_disk_leaves_the_older_checkpoint_to_go_on_from(
    recipe: Recipe, undisturbed: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(**(vars(recipe) | {"output": str(tmp_path / "run")}))
    save = torch.save

    def full(what, path, *args, **kwargs):
        if "checkpoint-4" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return save(what, path, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", full)
        with pytest.raises(BadInput, match="--resume"):
            finetune(recipe, announce=lambda line: None)
    lines: list[str] = []
    folder = finetune(recipe, resume=True, announce=lines.append)
    assert "checkpoint-4 was not written to its end: removed." in lines
    assert "Going on from checkpoint-2." in lines
    assert losses(folder) == losses(undisturbed)
