"""Which weights are trained: all, all but the encoder's, or small adapters that are merged into them at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..errors import BadInput
from ..processes import device

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
        ``freeze_encoder``, ``lora`` and ``base_in_8_bits``.

    Raises
    ------
    BadInput
        As for :func:`check_adapters`.
    """
    if recipe.lora:
        _add_adapters(model, recipe)
    if recipe.freeze_encoder:
        model.get_encoder().requires_grad_(False)


def check_adapters(recipe: Recipe) -> None:
    """Refuse adapters where what they need is missing.

    Parameters
    ----------
    recipe
        ``lora`` and ``base_in_8_bits``.

    Raises
    ------
    BadInput
        If peft is needed and not installed; or weights in 8 bits are wanted without adapters, without an NVIDIA GPU
        or without bitsandbytes.
    """
    from importlib.util import find_spec

    if recipe.lora and not find_spec("peft"):
        raise BadInput("--lora needs peft, which is not installed", "", 'Run pip install "whisper-helpers[lora]"')
    if not recipe.base_in_8_bits:
        return
    if not recipe.lora:
        raise BadInput("--base-in-8-bits without --lora", "Weights in 8 bits cannot be trained", "Give --lora 16")
    if not torch.cuda.is_available():
        do = "Leave --base-in-8-bits out: --lora alone trains here, and the weights take four times as much memory"
        raise BadInput("--base-in-8-bits on a machine without an NVIDIA GPU", "8 bits need one", do)
    if not find_spec("bitsandbytes"):
        do = 'Run pip install "whisper-helpers[lora-8bit]", or leave --base-in-8-bits out'
        raise BadInput("--base-in-8-bits needs bitsandbytes, which is not installed", "", do)


def _add_adapters(model: WhisperForConditionalGeneration, recipe: Recipe) -> None:
    check_adapters(recipe)
    from peft import LoraConfig, inject_adapter_in_model

    torch.manual_seed(recipe.seed)
    inside = "decoder" if recipe.freeze_encoder else "(encoder|decoder)"
    layers = rf".*{inside}\.layers\..*\.({'|'.join(ADAPTED)})"
    model.requires_grad_(False)
    if recipe.base_in_8_bits:
        _keep_in_8_bits(model)
    inject_adapter_in_model(LoraConfig(r=recipe.lora, lora_alpha=SCALE * recipe.lora, target_modules=layers), model)


def _keep_in_8_bits(model: WhisperForConditionalGeneration) -> None:
    """Replace the linear layers inside encoder and decoder; weights are rounded on the way from the CPU to the GPU.

    Checkpoints leave these layers out: they never change, and bitsandbytes cannot read them back once they were used.
    """
    from bitsandbytes.nn import Int8Params, Linear8bitLt

    linear = [name for name, _ in model.named_modules() if name.rpartition(".")[2] in ADAPTED]
    for name in linear:
        old = model.get_submodule(name)
        new = Linear8bitLt(old.in_features, old.out_features, old.bias is not None, has_fp16_weights=False)
        new.weight = Int8Params(old.weight.data.cpu(), requires_grad=False, has_fp16_weights=False).to(device())
        new.bias = old.bias
        new._save_to_state_dict = new._load_from_state_dict = _nothing
        model.set_submodule(name, new)
    model.is_loaded_in_8bit = True  # peft looks for it


def _nothing(*_: Any) -> None:
    """Neither write nor read."""


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
