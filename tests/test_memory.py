"""Oracle: the system's own count of the pages that it had to bring."""

from __future__ import annotations

import sys

import pytest
import torch

from whisper_helpers import memory

pytestmark = pytest.mark.skipif(sys.platform != "linux" or memory._glibc() is None, reason="only glibc can be asked")
PAGES = 2**28 // 4096  # of the tensor


def pages_brought() -> int:
    """Fill a large tensor that is then freed; count the pages that the system brings for it."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(2**28, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def resident() -> int:
    """Pages that the process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1])


def test_a_freed_tensor_is_used_again_and_given_back_at_the_end() -> None:
    with memory.keep_freed_memory():
        pages_brought()
        again, held = pages_brought(), resident()
    assert again < 0.01 * pages_brought()
    assert held - resident() > 0.9 * PAGES
