"""In how many bits this machine multiplies: 16 where that is faster, 32 elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

CPU_INSTRUCTIONS = ("avx512_bf16", "amx_bf16")  # without one of them bfloat16 is many times slower than float32


def fast_dtype() -> torch.dtype:
    """Number format in which this machine's products of matrices are fastest.

    Returns
    -------
    torch.dtype
        On an NVIDIA GPU bfloat16, or float16 where it has no bfloat16; on Apple's GPU float32; on a CPU bfloat16 if it
        has instructions for it, else float32.

    Examples
    --------
    >>> fast_dtype().is_floating_point
    True
    """
    import torch

    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    known = {} if torch.accelerator.is_available() else torch.cpu.get_capabilities()
    return torch.bfloat16 if any(known.get(name) for name in CPU_INSTRUCTIONS) else torch.float32


def is_mixed() -> bool:
    """Whether this machine's fast format has 16 bits, so that training mixes it with float32.

    Examples
    --------
    >>> is_mixed() == (fast_dtype().itemsize == 2)
    True
    """
    return fast_dtype().itemsize == 2


def mixed_precision() -> torch.autocast:
    """Context in which products are done in :func:`fast_dtype`; weights stay in float32.

    Examples
    --------
    >>> mixed_precision().fast_dtype == fast_dtype()
    True
    """
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.autocast(device, fast_dtype(), enabled=is_mixed())


def precision_sentence(*, mixed: bool = True) -> str:
    """Device and precision of the training, in words.

    Parameters
    ----------
    mixed
        Whether 16 bits are used where they are fast.

    Returns
    -------
    str
        Such as ``"float32 on a CPU with 2 threads"``.

    Examples
    --------
    >>> precision_sentence(mixed=False).startswith("float32 on ")
    True
    """
    kind = f"mixed precision ({str(fast_dtype()).removeprefix('torch.')})" if mixed and is_mixed() else "float32"
    return f"{kind} on {_device()}"


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    if torch.accelerator.is_available():
        return "Apple's GPU"
    return f"a CPU with {torch.get_num_threads()} threads"
