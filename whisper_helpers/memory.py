"""Memory that tensors have given back: kept for the next ones, where the C library can be asked to."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # numbers of mallopt(3)
KEEP = {MMAP_MAX: 0, TRIM_THRESHOLD: -1}  # -1: never
GIVE_BACK = {MMAP_MAX: 65_536, TRIM_THRESHOLD: 128 * 1024}  # as mallopt(3) gives the defaults


@contextmanager
def keep_freed_memory() -> Iterator[None]:
    """Let the process keep what tensors free, and give all of it back to the system afterwards.

    Linux's C library asks the system for every large tensor anew, and the system fills each page with zeros first. In a
    training step on a CPU that is up to a sixth of the time; ``benchmarks/README.md`` has the measurements. The
    process takes a little more memory meanwhile. Without glibc nothing changes.

    Examples
    --------
    >>> with keep_freed_memory():
    ...     total = sum(range(10))
    >>> total
    45
    """
    _set(KEEP)
    try:
        yield
    finally:
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
