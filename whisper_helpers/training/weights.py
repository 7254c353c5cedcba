"""Which weights are trained: all, all but the encoder's, or small adapters that are merged into them at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..errors import BadInput

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration

    from ..recipe import Recipe

ADAPTED = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")  # every linear layer inside encoder and decoder
SCALE = 2  # an adapter's alpha, in ranks


def choose_weights(model: WhisperForConditionalGeneration, recipe: Recipe) -> None:
    """Freeze what a recipe leaves as it is, and add the adapters that it wants.

    Parameters
    ----------
    model
        Changed in place; it stays an ordinary Whisper in all else.
    recipe
        ``freeze_encoder`` and ``lora``.

    Raises
    ------
    BadInput
        If adapters are wanted and peft is not installed.
    """
    if recipe.lora:
        _add_adapters(model, recipe)
    if recipe.freeze_encoder:
        model.get_encoder().requires_grad_(False)


def check_adapters(rank: int | None) -> None:
    """Refuse adapters where the library that makes them is missing.

    Parameters
    ----------
    rank
        Rank of the adapters, or None for none.

    Raises
    ------
    BadInput
        If peft is needed and not installed.
    """
    from importlib.util import find_spec

    if rank and not find_spec("peft"):
        raise BadInput("--lora needs peft, which is not installed", "", 'Run pip install "whisper-helpers[lora]"')


def _add_adapters(model: WhisperForConditionalGeneration, recipe: Recipe) -> None:
    check_adapters(recipe.lora)
    from peft import LoraConfig, inject_adapter_in_model

    torch.manual_seed(recipe.seed)
    inside = "decoder" if recipe.freeze_encoder else "(encoder|decoder)"
    layers = rf".*{inside}\.layers\..*\.({'|'.join(ADAPTED)})"
    inject_adapter_in_model(
        LoraConfig(r=recipe.lora, lora_alpha=SCALE * recipe.lora, target_modules=layers), model.requires_grad_(False)
    )


def merge_adapters(model: WhisperForConditionalGeneration) -> None:
    """Add the adapters to the weights that they adapt, and take them out: an ordinary Whisper with the same outputs.

    Parameters
    ----------
    model
        Changed in place; without adapters it is left as it is.
    """
    adapted = [name for name, module in model.named_modules() if hasattr(module, "lora_A")]
    for name in adapted:
        layer = model.get_submodule(name)
        layer.merge()
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, layer.get_base_layer())
    if adapted:
        del model.peft_config
