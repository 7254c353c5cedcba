"""Stopping and going on: which checkpoints are whole, and what Ctrl-C does."""

from __future__ import annotations

import json
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from .. import processes
from ..writing import write_whole

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments

LAST_WRITTEN = "trainer_state.json"  # the trainer writes it when all else of a checkpoint is there


def last_checkpoint(folder: Path) -> Path | None:
    """Newest checkpoint of a run that was written to its end.

    A run killed while it saved leaves a folder without a readable ``trainer_state.json``; `get_last_checkpoint` of
    transformers would pick it.

    Parameters
    ----------
    folder
        Where the trainer keeps its ``checkpoint-N``.

    Returns
    -------
    pathlib.Path or None
        None if no checkpoint is whole.
    """
    whole = [checkpoint for checkpoint in folder.glob("checkpoint-*") if is_whole(checkpoint)]
    return max(whole, key=step_of, default=None)


def is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint was written to its end.

    Parameters
    ----------
    checkpoint
        A folder ``checkpoint-N``.
    """
    try:
        state = json.loads((checkpoint / LAST_WRITTEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return state.get("global_step") == step_of(checkpoint)


def step_of(checkpoint: Path) -> int:
    """Optimiser step at which a checkpoint was written.

    Examples
    --------
    >>> step_of(Path("checkpoint-40"))
    40
    """
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1


def drop_broken(folder: Path) -> list[str]:
    """Remove checkpoints that a killed run left half-written.

    Parameters
    ----------
    folder
        Where the trainer keeps its ``checkpoint-N``.

    Returns
    -------
    list of str
        Names of what was removed.
    """
    broken = [checkpoint for checkpoint in folder.glob("checkpoint-*") if not is_whole(checkpoint)]
    for checkpoint in broken:
        shutil.rmtree(checkpoint)
    return sorted(checkpoint.name for checkpoint in broken)


def find_best_again(checkpoint: Path) -> None:
    """Point a checkpoint to the best one beside it, wherever the run's folder lies by now.

    The trainer notes the best checkpoint's path; of a folder that was moved, or a relative path seen from elsewhere,
    it would forget which one was the best.

    Parameters
    ----------
    checkpoint
        A whole checkpoint; its state is changed.
    """
    path = checkpoint / LAST_WRITTEN
    state = json.loads(path.read_text(encoding="utf-8"))
    if best := state.get("best_model_checkpoint"):
        state["best_model_checkpoint"] = str(checkpoint.parent / PureWindowsPath(best).name)  # knows both slashes
        write_whole(path, json.dumps(state, indent=2, sort_keys=True) + "\n")


@contextmanager
def tell_how_to_go_on(path: Path) -> Iterator[None]:
    """Let Ctrl-C, whenever it comes, name the folder with which the run goes on.

    Parameters
    ----------
    path
        The run's folder.

    Raises
    ------
    KeyboardInterrupt
        With the folder as its argument.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(str(path)) from interrupt


class SaveOnInterrupt(TrainerCallback):
    """On Ctrl-C, finish the step, save a checkpoint and stop; a second Ctrl-C stops at once.

    Several processes stop at once, for each hears the signal in another step; their last checkpoint is kept.

    Attributes
    ----------
    interrupted
        Whether Ctrl-C was pressed during the training.
    """

    def __init__(self) -> None:
        self.interrupted, self.previous = False, None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Listen for Ctrl-C; signals reach the main thread only."""
        if threading.current_thread() is threading.main_thread() and processes.count() == 1:
            self.previous = signal.signal(signal.SIGINT, self._note)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Save and stop if Ctrl-C was pressed during the step."""
        if self.interrupted:
            control.should_save = control.should_training_stop = True

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Stop listening."""
        self.stop_listening()

    def stop_listening(self) -> None:
        """Give Ctrl-C back to whoever had it before the training, which may have ended in an error."""
        if self.previous is not None:
            signal.signal(signal.SIGINT, self.previous)
            self.previous = None

    def _note(self, *_: Any) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        print("\nCtrl-C: saving after this step. Press it again to stop at once.", flush=True)
