"""Every clip decoded once, in several processes, with few of them in memory at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from .rows import Row
from .sound import Heard, listen

CHUNK = 16  # clips that a process gets at once
AHEAD = 3  # chunks a process that are under way
WORTH_A_PROCESS = 100  # clips; fewer are decoded faster than a process starts


def listen_to_all(rows: Sequence[Row], processes: int | None = None) -> Iterator[Heard]:
    """Decode each clip once.

    Parameters
    ----------
    rows
        Rows of a corpus.
    processes
        How many decode at the same time; by default one a core, or none besides this for few clips.

    Yields
    ------
    Heard
        What was heard, in the order of the rows.
    """
    processes = processes or min(os.cpu_count() or 1, 1 + len(rows) // WORTH_A_PROCESS)
    if processes == 1:
        yield from (_hear(_sound(row)) for row in rows)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        under_way: deque[Any] = deque()
        for start in range(0, len(rows), CHUNK):
            under_way.append(pool.submit(_hear_some, [_sound(row) for row in rows[start : start + CHUNK]]))
            if len(under_way) > AHEAD * processes:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def _sound(row: Row) -> Any:
    return row.sound() if row.audio else None


def _hear_some(sounds: list[Any]) -> list[Heard]:
    return [_hear(sound) for sound in sounds]


def _hear(sound: Any) -> Heard:
    return listen(sound) if sound else Heard(faults={"missing_file": "is not there"})
