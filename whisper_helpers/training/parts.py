"""The parts that a `Seq2SeqTrainer` is built from; notebook 05 builds one in a cell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments, TrainerCallback

from ..collate import DataCollatorSpeechSeq2SeqWithPadding
from ..memory import keep_freed_memory
from ..precision import fast_dtype
from ..processes import on_cpus
from ..sampling import SimilarLengths
from ..tokens import IGNORED
from ..window import FullWindowSteps, follow_window
from .keeping import let_write_nothing
from .languages import follow_languages, languages_of, metrics_by_language
from .stopping import ResumableEarlyStopping, StopWhenDiverged
from .streaming import StreamedClips
from .weights import choose_weights

if TYPE_CHECKING:
    from datasets import DatasetDict
    from transformers import (
        TrainerControl,
        TrainerState,
        TrainingArguments,
        WhisperForConditionalGeneration,
        WhisperProcessor,
    )

    from ..recipe import Recipe

SHORTEST_SAVE_INTERVAL = 50  # steps


def token_mean_loss(
    outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor | int | None = None
) -> torch.Tensor:
    """Cross-entropy summed over a batch's tokens, divided by the tokens of the whole optimiser step.

    Whisper's own loss is the mean of a batch, so summing up batches would weigh short labels more. Handed to the
    trainer as `compute_loss_func`, this one makes 4 x 2 clips equal to 8 x 1.

    Parameters
    ----------
    outputs
        Model output with ``logits``, float (batch, length, vocabulary).
    labels
        Shape (batch, length), int64; -100 is left out.
    num_items_in_batch
        Tokens of the optimiser step, or None to take those of this batch.

    Returns
    -------
    torch.Tensor
        A scalar, in nats a token.
    """
    logits = outputs.logits.float()
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    return total / (num_items_in_batch if num_items_in_batch is not None else (labels != IGNORED).sum())


class OnceEach(Seq2SeqTrainer):
    """Transformers' own trainer, but several processes count each validation clip once, and freed memory is kept.

    `Seq2SeqTrainer` scores the clips that fill the last batch up, too.
    """

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """Train; a step takes the memory that the last one left."""
        with keep_freed_memory():
            return super().train(*args, **kwargs)

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> Any:
        """Leave the fillers out when the processes' predictions come together."""
        self.gather_function = self.accelerator.gather_for_metrics
        return super().evaluation_loop(*args, **kwargs)

    def prediction_step(self, *args: Any, **kwargs: Any) -> Any:
        """Write token by token together where weights are shared out: each process needs the others' for each token.

        Within one context for all tokens, weights are brought to 16 bits once, not once a token.
        """
        together = {"synced_gpus": True} if self.is_fsdp_enabled else {}
        with self.accelerator.autocast():
            return super().prediction_step(*args, **kwargs, **together)


class ValidateLastStep(TrainerCallback):
    """Validate after the last step too, so that the best checkpoint may be the last one."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Ask for a validation when the run is over."""
        if state.global_step >= state.max_steps:
            control.should_evaluate = True


def training_arguments(
    recipe: Recipe, output: Path, clips: int, processes: int = 1, **changes: Any
) -> Seq2SeqTrainingArguments:
    """Translate a recipe into the trainer's arguments.

    Parameters
    ----------
    recipe
        Choices of the run.
    output
        Folder of the checkpoints.
    clips
        Number of training clips.
    processes
        Processes that train together.
    **changes
        Further arguments of `Seq2SeqTrainingArguments`, which win.

    Returns
    -------
    transformers.Seq2SeqTrainingArguments
        Validation and saving go together, and the best WER on *validation* is loaded at the end.
    """
    steps = recipe.total_steps(clips, processes)
    interval = min(recipe.save_steps or max(steps // 10, SHORTEST_SAVE_INTERVAL), steps)
    arguments = {
        "output_dir": str(output),
        "max_steps": steps,
        "per_device_train_batch_size": recipe.batch_size,
        "per_device_eval_batch_size": recipe.eval_batch_size,
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "learning_rate": recipe.learning_rate,
        "warmup_steps": steps // 10 if recipe.warmup_steps is None else recipe.warmup_steps,
        "eval_strategy": "steps",
        "eval_steps": interval,
        "save_strategy": "steps",
        "save_steps": interval,
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": "wer",
        "greater_is_better": False,
        "predict_with_generate": True,
        "logging_steps": max(1, min(25, steps // 10)),
        "report_to": "none",
        "disable_tqdm": False,
        "remove_unused_columns": False,
        "label_names": ["labels"],
        "train_sampling_strategy": "sequential",
        "dataloader_num_workers": data_workers(),
        "dataloader_pin_memory": torch.cuda.is_available(),
        "use_cpu": on_cpus() or not torch.accelerator.is_available(),
        "ddp_find_unused_parameters": False,
        "seed": recipe.seed,
        "full_determinism": not torch.accelerator.is_available(),  # or threads race to sum gradients up
        **({"gradient_checkpointing": True} if recipe.gradient_checkpointing else {}),
        "bf16": recipe.mixed_precision and fast_dtype() is torch.bfloat16,
        "fp16": recipe.mixed_precision and fast_dtype() is torch.float16,
    }
    return Seq2SeqTrainingArguments(**(arguments | changes))


def data_workers() -> int:
    """Processes that prepare batches beside a GPU; none on a CPU, which has its hands full.

    Returns
    -------
    int
        At most 8.
    """
    return min(8, max(1, (os.cpu_count() or 2) - 1)) if torch.cuda.is_available() else 0


def make_trainer(
    recipe: Recipe,
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    corpus: DatasetDict,
    arguments: Seq2SeqTrainingArguments,
    callbacks: list[Any] | None = None,
) -> Seq2SeqTrainer:
    """Build the trainer of a recipe.

    Parameters
    ----------
    recipe
        Choices of the run.
    model, processor
        Checkpoint, opened for the language and task; the model's weights are frozen or adapted as the recipe says, and
        clips without speech among those of ``train`` let it write nothing.
    corpus
        ``train`` and ``validation``, with columns ``seconds``, ``sentence`` and ``language``; the test split is never
        looked at.
    arguments
        From :func:`training_arguments`.
    callbacks
        Further callbacks.
    """
    choose_weights(model, recipe)
    follow_window(model)
    if _has_silence(corpus["train"]):
        let_write_nothing(model)
    languages = languages_of(corpus["validation"])
    if len(languages) > 1:
        follow_languages(model)
    return OnceEach(
        model=model,
        args=arguments,
        train_dataset=_in_order(corpus["train"], recipe, arguments.world_size),
        eval_dataset=corpus["validation"],
        data_collator=DataCollatorSpeechSeq2SeqWithPadding(processor, recipe.window, recipe.augmentation() or None),
        compute_loss_func=token_mean_loss,
        compute_metrics=metrics_by_language(processor.tokenizer, languages),
        processing_class=processor,
        callbacks=[
            FullWindowSteps(recipe.full_window_every),
            ValidateLastStep(),
            ResumableEarlyStopping(recipe.patience),
            StopWhenDiverged(),
            *(callbacks or []),
        ],
    )


def _has_silence(train: Any) -> bool:
    return not isinstance(train, StreamedClips) and "" in train["sentence"][:]


def _in_order(train: Any, recipe: Recipe, processes: int) -> torch.utils.data.Dataset:
    """Clips in similar lengths; those of a stream come so."""
    if isinstance(train, StreamedClips):
        return train
    clips_per_step, fill = recipe.clips_per_step(processes), processes > 1
    return SimilarLengths(train, clips_per_step, recipe.seed, fill=fill, joined_every=recipe.joined_every())
