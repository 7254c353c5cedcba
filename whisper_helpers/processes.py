"""Several processes that work on one run: which one speaks and writes, and what all agree on.

``accelerate launch`` starts them; torch.distributed carries their messages. A process alone is the main one, and
nothing here costs it anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import BadInput

if TYPE_CHECKING:
    import torch
    from accelerate import PartialState

Item = TypeVar("Item")


def is_main() -> bool:
    """Whether this process is the one that speaks and writes.

    Examples
    --------
    >>> is_main()
    True
    """
    return int(os.environ.get("RANK", 0)) == 0


def count() -> int:
    """Number of processes that work together.

    Examples
    --------
    >>> count()
    1
    """
    return int(os.environ.get("WORLD_SIZE", 1))


def sharded() -> bool:
    """Whether the launcher shares the weights out over the processes (FSDP), so that none has them all.

    Examples
    --------
    >>> sharded()
    False
    """
    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"


def on_cpus() -> bool:
    """Whether several processes work together on CPUs, which accelerate must be told."""
    import torch

    kind = torch.accelerator.current_accelerator(check_available=True)
    return count() > 1 and (kind is None or kind.type == "mps")


def state() -> PartialState:
    """What accelerate knows of this process; the first call connects the processes.

    Without being told of the CPU, accelerate takes each of several processes on CPUs for one alone.
    """
    from accelerate import PartialState

    return PartialState(cpu=on_cpus())


def device() -> torch.device:
    """Device of this process: its own GPU, Apple's, or the CPU."""
    return state().device


def wait() -> None:
    """Go on when all processes have come here."""
    state().wait_for_everyone()


def together(work: Callable[[], Item]) -> Item:
    """Do something in every process; what one of them refuses, all refuse.

    Parameters
    ----------
    work
        Must not talk to other processes.

    Returns
    -------
    Any
        What `work` returned in this process, once it is done in all.

    Raises
    ------
    BadInput
        The same in all processes, marked as `agreed`.

    Examples
    --------
    >>> together(lambda: 2 + 2)
    4
    """
    if count() == 1:
        return work()
    done, refusals = None, []
    try:
        done = work()
    except BadInput as error:
        refusals = [str(error)]
    if refusals := gather(refusals):
        refusal = BadInput(refusals[0])
        refusal.agreed = True
        raise refusal
    return done


def agree(value: Item) -> Item:
    """Give every process the main one's value.

    Parameters
    ----------
    value
        Anything that can be pickled; what other processes bring is dropped.

    Examples
    --------
    >>> agree({"wer": 41.3})
    {'wer': 41.3}
    """
    from accelerate.utils import broadcast_object_list

    state()
    return broadcast_object_list([value])[0]


def share(items: Sequence[Item]) -> Sequence[Item]:
    """Take this process's part of some work; all parts together are the whole, and no item is in two.

    Parameters
    ----------
    items
        The same in every process.

    Examples
    --------
    >>> share(["a", "b", "c"])
    ['a', 'b', 'c']
    """
    return items[int(os.environ.get("RANK", 0)) :: count()]


def gather(items: list[Any]) -> list[Any]:
    """Bring together what all processes have, in every process.

    Parameters
    ----------
    items
        What this process has.

    Examples
    --------
    >>> gather([1, 2])
    [1, 2]
    """
    from accelerate.utils import gather_object

    state()
    return gather_object(items)
