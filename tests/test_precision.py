"""In how many bits machines multiply that are not all at hand: what they can do is told to the code."""

from pathlib import Path

import pytest
import torch

from whisper_helpers.precision import fast_dtype, is_mixed, mixed_precision, precision_sentence
from whisper_helpers.processes import on_cpus
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import training_arguments

on_a_cpu = pytest.mark.skipif(torch.accelerator.is_available(), reason="what a CPU can do counts on a CPU")


@on_a_cpu
@pytest.mark.parametrize(
    ("capabilities", "dtype", "told"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16, "mixed precision (bfloat16) on a CPU with "),
        ({"avx512_bf16": False, "amx_bf16": True}, torch.bfloat16, "mixed precision (bfloat16) on a CPU with "),
        ({"avx512_bf16": False, "avx512_f": True}, torch.float32, "float32 on a CPU with "),
        ({"bf16": True}, torch.float32, "float32 on a CPU with "),  # ARM: not measured
    ],
)
def test_a_cpu_computes_in_16_bits_only_with_instructions_for_them(
    capabilities: dict[str, bool], dtype: torch.dtype, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert fast_dtype() is dtype
    assert is_mixed() == (dtype is torch.bfloat16)
    assert precision_sentence().startswith(told)
    assert precision_sentence(mixed=False).startswith("float32 on a CPU with ")
    with mixed_precision():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is dtype


@pytest.mark.parametrize(("native", "dtype"), [(True, torch.bfloat16), (False, torch.float16)])
def test_a_gpu_without_bfloat16_computes_in_float16(
    native: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: native)
    assert fast_dtype() is dtype


@on_a_cpu
def test_pytorch_built_for_a_gpu_that_is_not_there_counts_as_a_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch._C, "_accelerator_getAccelerator", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert torch.accelerator.current_accelerator() == torch.device("cuda")
    assert fast_dtype() is torch.bfloat16
    arguments = training_arguments(Recipe(steps=1), tmp_path, clips=4)
    assert (arguments.use_cpu, arguments.full_determinism, arguments.bf16) == (True, True, True)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert on_cpus()
