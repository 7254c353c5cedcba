"""What this machine can do: its matmul rate."""

from __future__ import annotations

import statistics
import time

from ..precision import fast_dtype

SIZE = 1536  # rows and columns of the measured product


def matmul_rate(repetitions: int = 8, size: int = SIZE, *, mixed: bool = True) -> float:
    """Measure how many operations a second this machine does in a product of matrices, in training's precision.

    Parameters
    ----------
    repetitions
        Timed products; the median counts.
    size
        Rows and columns.
    mixed
        In 16 bits where the machine is fast at them, as training is.

    Returns
    -------
    float
        Operations a second.

    Examples
    --------
    >>> matmul_rate(repetitions=1, size=64) > 0
    True
    """
    import torch

    gpu = torch.cuda.is_available()
    kind = fast_dtype() if mixed else torch.float32
    size = size if not gpu else 4 * size
    matrix = torch.randn(size, size, dtype=kind, device="cuda" if gpu else "cpu")
    seconds = []
    for _ in range(repetitions + 1):
        began = time.perf_counter()
        matrix @ matrix
        if gpu:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return 2 * size**3 / statistics.median(seconds[1:])
