"""Stopping a training early: when validation no longer gains, and when the loss is no number any more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from transformers import EarlyStoppingCallback, TrainerCallback

from ..errors import BadInput

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments


class ResumableEarlyStopping(EarlyStoppingCallback):
    """Early stopping that a resumed run counts as an uninterrupted one does.

    Parameters
    ----------
    validations
        Stop after so many validations without a better WER.
    """

    def __init__(self, validations: int) -> None:
        super().__init__(validations)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Count the validations since the best one, which the trainer's log has."""
        super().on_train_begin(args, state, control, **kwargs)
        best = state.best_global_step or 0
        worse = [row for row in state.log_history if "eval_wer" in row and row["step"] > best]
        self.early_stopping_patience_counter = len(worse)
        control.should_training_stop = len(worse) >= self.early_stopping_patience


class StopWhenDiverged(TrainerCallback):
    """Stop when the validation loss is no number: the weights are lost, and so would be the time."""

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Look at the loss of the validation.

        Raises
        ------
        BadInput
            If it is NaN or infinite.
        """
        loss = kwargs["metrics"].get("eval_loss", 0.0)
        if not math.isfinite(loss):
            given = f"At step {state.global_step} the validation loss is {loss}: the training has diverged"
            low = f"A learning rate of {args.learning_rate:g} is too high here, or the batches are too small"
            raise BadInput(given, low, "Lower --learning-rate and start again with --overwrite")
