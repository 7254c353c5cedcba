"""Running out of memory or disk: seen before the run where possible, told clearly where not."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from .. import processes
from ..errors import BadInput
from ..screen import command_line

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration

    from ..recipe import Recipe

BYTES_A_PARAMETER = 4  # float32
CHECKPOINTS_AT_ONCE = 3  # the best, the last, and the one being written
HALVE = (
    "Halve --batch-size and double --gradient-accumulation, and the result stays the same; if it happened while "
    "transcribing, halve --eval-batch-size"
)
FULL_DISK = (  # safetensors says the first, torch.save the others
    "No space left on device",
    "PytorchStreamWriter",
    "unexpected pos",
    "iostream error",
)
COPIES_IN_A_CHECKPOINT = 3  # weights and AdamW's two moments


def disk_needed(parameters: int) -> int:
    """Bytes that a run writes: checkpoints and the tuned model.

    Parameters
    ----------
    parameters
        Number of the model's weights.

    Examples
    --------
    >>> round(disk_needed(74_000_000) / 1e9, 1)  # whisper-base
    3.0
    """
    copies = COPIES_IN_A_CHECKPOINT + processes.sharded()  # FSDP saves the weights a second time
    return BYTES_A_PARAMETER * parameters * (CHECKPOINTS_AT_ONCE * copies + 1)


def check_disk(path: Path, model: WhisperForConditionalGeneration) -> None:
    """Refuse to start a run that its disk cannot hold.

    Parameters
    ----------
    path
        The run's folder, which need not exist yet.
    model
        The model that it saves.

    Raises
    ------
    BadInput
        If too little space is free.
    """
    nearest = next(parent for parent in [path.absolute(), *path.absolute().parents] if parent.exists())
    needed, free = disk_needed(model.num_parameters()), shutil.disk_usage(nearest).free
    if free < needed:
        given = f"{free / 1e9:.1f} GB are free for {path}"
        raise BadInput(given, f"The run writes up to {needed / 1e9:.1f} GB", "Free some or choose another --output")


def check_processes(clips: int, processes: int) -> None:
    """Refuse to let more processes train than there are clips.

    Parameters
    ----------
    clips
        Number of training clips.
    processes
        Processes that train together.

    Raises
    ------
    BadInput
        If some would have nothing to do.
    """
    if processes > clips:
        given = f"{processes} processes are to train on {clips} clips"
        raise BadInput(given, "Each needs a clip at least", "Launch fewer with --num_processes")


def smaller_batches(recipe: Recipe) -> Recipe | None:
    """Halve a recipe's batches and double what is accumulated, so that a step still sees the same clips.

    Parameters
    ----------
    recipe
        Choices of a run. A batch of an odd number is cut into more parts than two.

    Returns
    -------
    Recipe or None
        None if a batch is one clip already.

    Examples
    --------
    >>> from whisper_helpers.recipe import Recipe
    >>> smaller = smaller_batches(Recipe(batch_size=4))
    >>> smaller.batch_size, smaller.gradient_accumulation
    (2, 2)
    """
    parts = next((number for number in range(2, recipe.batch_size + 1) if recipe.batch_size % number == 0), None)
    if parts is None:
        return None
    return replace(
        recipe,
        batch_size=recipe.batch_size // parts,
        gradient_accumulation=recipe.gradient_accumulation * parts,
        eval_batch_size=max(1, recipe.eval_batch_size // 2),
    )


@contextmanager
def clear_failures(path: Path) -> Iterator[None]:
    """Turn exhausted memory or a full disk into a message that says what to change.

    A process that loses another, which has told why it stops, stops without a word.

    Parameters
    ----------
    path
        The run's folder.

    Raises
    ------
    BadInput
        In place of the library's own error.
    SystemExit
        If another process has gone.
    """
    try:
        yield
    except Exception as error:
        if out_of_memory(error):
            raise BadInput(
                "The memory is exhausted",
                HALVE,
                f"Then start again with {command_line('--overwrite', '--output', path)}",
            ) from error
        if _disk_full(error):
            do = f"Free some space and go on with {command_line('--resume', '--output', path)}"
            raise BadInput(f"The disk of {path} is full", "The last whole checkpoint is kept", do) from error
        if processes.count() > 1 and "Connection closed by peer" in str(error):
            raise SystemExit(2) from error
        raise


def out_of_memory(error: Exception) -> bool:
    """Whether an error means that the memory is exhausted, the GPU's or the machine's."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def _disk_full(error: Exception) -> bool:
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    return full or any(words in str(error) for words in FULL_DISK)
