"""What the terminal shows of a running training: loss, WER, seconds a step and the time left."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm
from transformers import ProgressCallback

from ..screen import duration

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments


class Pace:
    """Seconds of a training step, what lies between steps left out, and the time that is left.

    Attributes
    ----------
    step_seconds
        Mean of the steps between the last two looks; None before the first.
    validation_seconds
        Of the last validation; 0 before the first.

    Examples
    --------
    >>> pace = Pace()
    >>> pace.step_seconds, pace.validation_seconds = 2.0, 30.0
    >>> pace.seconds_left(steps=25, validate_every=10)
    140.0
    """

    def __init__(self) -> None:
        self.step_seconds: float | None = None
        self.validation_seconds, self.trained, self.steps = 0.0, 0.0, 0
        self.pause()

    def pause(self) -> None:
        """Leave out what was done since the last step."""
        self.mark = time.monotonic()

    def step(self) -> None:
        """Count a step that has just ended."""
        now = time.monotonic()
        self.trained, self.steps, self.mark = self.trained + now - self.mark, self.steps + 1, now

    def look(self) -> None:
        """Take the mean of the steps since the last look."""
        if self.steps:
            self.step_seconds, self.trained, self.steps = self.trained / self.steps, 0.0, 0

    def seconds_left(self, steps: int, validate_every: float) -> float:
        """Forecast the rest of the training.

        Parameters
        ----------
        steps
            Steps that are left.
        validate_every
            Steps from one validation to the next.
        """
        return steps * (self.step_seconds or 0.0) + math.ceil(steps / validate_every) * self.validation_seconds


class Progress(ProgressCallback):
    """Transformers' bar with the loss and WER beside it, and a line in words for each log instead of a dictionary."""

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Show the bar; that of a resumed run starts where the run goes on, or its rate would be too high."""
        self.pace, self.shown, self.current_step = Pace(), {}, state.global_step
        if state.is_world_process_zero:
            self.training_bar = tqdm(
                total=state.max_steps, initial=state.global_step, desc="training", unit="step", dynamic_ncols=True
            )

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Count the step."""
        self.pace.step()
        super().on_step_end(args, state, control, **kwargs)

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Close the validation's bar."""
        super().on_evaluate(args, state, control, **kwargs)
        self.pace.pause()

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Leave the time of saving out."""
        self.pace.pause()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Write a line, and the newest numbers beside the bar."""
        numbers = _numbers(logs or {})
        if self.training_bar is None or not numbers:
            return
        self.pace.look()
        self.pace.validation_seconds = logs.get("eval_runtime", self.pace.validation_seconds)
        self.shown |= numbers
        self.training_bar.set_postfix_str(_written(self.shown))
        self.training_bar.write(
            f"step {state.global_step} of {state.max_steps}: {_written(numbers)}, {self._rest(state)}"
        )

    def _rest(self, state: TrainerState) -> str:
        left = self.pace.seconds_left(state.max_steps - state.global_step, state.eval_steps)
        return f"{self.pace.step_seconds or 0:.2f} s a step, {duration(left)} left"


def _numbers(logs: dict[str, Any]) -> dict[str, str]:
    shown = {"loss": ("loss", "{:.3f}"), "eval_loss": ("validation loss", "{:.3f}"), "eval_wer": ("WER", "{:.1f} %")}
    return {label: form.format(float(logs[name])) for name, (label, form) in shown.items() if name in logs}


def _written(numbers: dict[str, str]) -> str:
    return ", ".join(f"{label} {number}" for label, number in numbers.items())
