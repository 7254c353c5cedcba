"""After a training: the model whole and exact again, where its weights were shared out or rounded."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import processes
from ..errors import BadInput
from .weights import choose_weights

if TYPE_CHECKING:
    from transformers import Seq2SeqTrainer, WhisperForConditionalGeneration

    from ..recipe import Recipe


def check_sharding(recipe: Recipe) -> None:
    """Refuse what does not go together with weights that are shared out over processes (FSDP).

    Parameters
    ----------
    recipe
        Choices of the run.

    Raises
    ------
    BadInput
        If the launcher asks for the first version of FSDP, or the recipe for weights in 8 bits.
    """
    if not processes.sharded():
        return
    if os.environ.get("FSDP_VERSION") != "2":
        given = f"FSDP of version {os.environ.get('FSDP_VERSION')} is asked for"
        raise BadInput(given, "Version 2 shares weights out here", "Give accelerate launch --fsdp_version 2")
    if recipe.base_in_8_bits:
        given = "--base-in-8-bits with weights that are shared out (FSDP)"
        raise BadInput(given, "Whole weights are kept in 8 bits", "Leave out one of them")


def ordinary_model(
    trainer: Seq2SeqTrainer, open_base: Callable[[], WhisperForConditionalGeneration], recipe: Recipe
) -> WhisperForConditionalGeneration:
    """Bring a trained model together, its adapters still beside its weights.

    Parameters
    ----------
    trainer
        After `train`, in every process.
    open_base
        Opens the checkpoint that the training started from.
    recipe
        Choices of the run.

    Returns
    -------
    transformers.WhisperForConditionalGeneration
        The trainer's own model, computing in float32 again, if it is whole and exact. If it was shared out, the main
        process gets the trained weights, and the others the base's; if it was in 8 bits, adapters come into the base
        as it was.
    """
    if not (trainer.is_fsdp_enabled or recipe.base_in_8_bits):
        return trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
    trained = trainer.accelerator.get_state_dict(trainer.model)
    base = open_base()
    choose_weights(base, replace(recipe, base_in_8_bits=False))
    base.load_state_dict(_exact(trained, recipe), strict=False)
    base.generation_config = trainer.model.generation_config
    return base


def _exact(weights: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Weights that were not rounded."""
    return {name: each for name, each in weights.items() if "lora_" in name or not recipe.base_in_8_bits}
