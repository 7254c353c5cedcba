"""Oracle: the system's own count of the pages that it had to bring."""

from __future__ import annotations

import mmap
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
import torch

from whisper_helpers import memory

glibc_only = pytest.mark.skipif(sys.platform != "linux" or memory._glibc() is None, reason="only glibc can be asked")
SIZE = 2**26
PAGES = SIZE // mmap.PAGESIZE
FILLS = 32


def pages_brought() -> int:
    """Fill large tensors, each freed before the next; count the pages that the system brings for them."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(FILLS):
        torch.ones(SIZE, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def resident() -> int:
    """Pages that the process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1])


def measure() -> tuple[int, int, int]:
    """Pages brought without and with keeping, and pages given back at its end."""
    usual = pages_brought()
    with memory.keep_freed_memory():
        with memory.keep_freed_memory():
            pass
        kept, held = pages_brought(), resident()
    return usual, kept, held - resident()


@glibc_only
def test_freed_tensors_are_used_again_and_given_back_at_the_end() -> None:
    """In a process of its own, whose heap has no gaps that other tests left."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        usual, kept, given_back = process.submit(measure).result()
    assert kept < 0.5 * usual
    assert given_back > 0.9 * PAGES


def test_the_peak_of_memory_is_seen() -> None:
    with memory.PeakMemory() as peak:
        block = np.ones(40_000_000)
        del block
    assert peak.gpu or peak.bytes - peak.before > 250e6
