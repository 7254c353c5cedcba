"""What this machine can do: its matmul rate, and the memory that some work takes at most."""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

SIZE = 1536  # rows and columns of the measured product


def matmul_rate(repetitions: int = 8, size: int = SIZE) -> float:
    """Measure how many operations a second this machine does in a product of matrices, in training's precision.

    Parameters
    ----------
    repetitions
        Timed products; the median counts.
    size
        Rows and columns.

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
    kind = torch.bfloat16 if gpu else torch.float32
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


class PeakMemory:
    """Largest memory while some work is done: the GPU's, or what this process holds, sampled.

    Attributes
    ----------
    bytes
        The largest so far.
    before
        What was held at the start; on a GPU 0.

    Examples
    --------
    >>> with PeakMemory() as peak:
    ...     block = bytearray(100_000_000)
    >>> peak.bytes > 0
    True
    """

    def __enter__(self) -> PeakMemory:
        """Start to watch."""
        import psutil
        import torch

        self.gpu, self.process = torch.cuda.is_available(), psutil.Process()
        if self.gpu:
            torch.cuda.reset_peak_memory_stats()
        self.before = self.bytes = 0 if self.gpu else self.process.memory_info().rss
        self.over = threading.Event()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()
        return self

    def _watch(self) -> None:
        while not self.over.wait(0.02):
            self._look()

    def _look(self) -> None:
        import torch

        held = torch.cuda.max_memory_allocated() if self.gpu else self.process.memory_info().rss
        self.bytes = max(self.bytes, held)

    def __exit__(self, *_: Any) -> None:
        """Stop watching."""
        self._look()
        self.over.set()
        self.watcher.join()
