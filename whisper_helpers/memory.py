"""Memory: the most that some work takes, and what tensors have given back, kept for the next ones."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4  # numbers of mallopt(3)
KEEP = {MMAP_MAX: 0, TRIM_THRESHOLD: -1}  # -1: never
GIVE_BACK = {MMAP_MAX: 65_536, MMAP_THRESHOLD: 2**25, TRIM_THRESHOLD: 2**26}  # where glibc's own adaptation ends
_users: list[None] = []


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


@contextmanager
def keep_freed_memory() -> Iterator[None]:
    """Let the process keep what tensors free, and give all of it back to the system afterwards.

    Linux's C library asks the system for every large tensor anew, and the system fills each page with zeros first. In a
    training step on a CPU that is up to a fifth of the time; ``benchmarks/README.md`` has the measurements. The
    process takes a little more memory meanwhile. One use may lie in another. Afterwards the thresholds are those that
    the C library comes to by itself, whatever ``MALLOC_`` variables had set. Without glibc nothing changes.

    Examples
    --------
    >>> with keep_freed_memory():
    ...     total = sum(range(10))
    >>> total
    45
    """
    _users.append(None)
    _set(KEEP)
    try:
        yield
    finally:
        _users.pop()
        if not _users:
            _give_back()


def _give_back() -> None:
    _set(GIVE_BACK)
    if glibc := _glibc():
        glibc.malloc_trim(0)


def _set(options: dict[int, int]) -> None:
    if glibc := _glibc():
        for option, value in options.items():
            glibc.mallopt(option, value)


def _glibc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
