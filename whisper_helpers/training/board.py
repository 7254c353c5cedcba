"""What TensorBoard shows of a training: numbers, and what is heard in a few validation clips."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from transformers import TrainerCallback
from transformers.integrations import TensorBoardCallback

from ..audio import SAMPLE_RATE, read_clip
from ..metrics import texts_of

if TYPE_CHECKING:
    from datasets import Dataset
    from torch.utils.tensorboard import SummaryWriter
    from transformers import EvalPrediction, TrainerControl, TrainerState, TrainingArguments, WhisperTokenizer

CLIPS = 4  # that are shown


class ScalarsOnly(TensorBoardCallback):
    """Log numbers for TensorBoard, but not the arguments, which name folders of this machine."""

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Write nothing."""


class ValidationClips(TrainerCallback):
    """Log sound and reference of a few fixed validation clips, and at each validation what the model hears in them.

    The transcripts are the validation's own, so its window is theirs, and nothing is generated twice.

    Parameters
    ----------
    writer
        Takes the log. People's voices are in it: keep it apart from what is published.
    clips
        The validation split, in the trainer's order.
    tokenizer
        Of the checkpoint.
    number
        How many clips, spread over the split.
    """

    def __init__(self, writer: SummaryWriter, clips: Dataset, tokenizer: WhisperTokenizer, number: int = CLIPS) -> None:
        self.places = np.linspace(0, len(clips) - 1, min(number, len(clips)), dtype=int)
        self.writer, self.clips, self.tokenizer = writer, clips.select(self.places), tokenizer
        self.heard: list[str] = []
        self.sounding = True

    def watch(self, compute_metrics: Callable[[EvalPrediction], dict[str, float]]) -> Callable[..., dict[str, float]]:
        """Note the transcripts that the trainer's `compute_metrics` is given.

        Parameters
        ----------
        compute_metrics
            The trainer's.

        Returns
        -------
        callable
            To put in its place; it gives the same.
        """

        @functools.wraps(compute_metrics)
        def watched(prediction: EvalPrediction) -> dict[str, float]:
            self.heard = texts_of(prediction.predictions[self.places], self.tokenizer)
            return compute_metrics(prediction)

        return watched

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Write the transcripts; sound and reference, which stay the same, the first time only."""
        for number, (clip, heard) in enumerate(zip(self.clips, self.heard, strict=True), 1):
            name = f"validation_{number}"
            if self.sounding:
                sound = read_clip(clip["audio"])[np.newaxis]
                self.writer.add_audio(f"{name}/audio", sound, state.global_step, SAMPLE_RATE)
                self.writer.add_text(f"{name}/reference", clip["sentence"], state.global_step)
            self.writer.add_text(f"{name}/transcript", heard, state.global_step)
        self.sounding = False
        self.writer.flush()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Close the log."""
        self.writer.close()
