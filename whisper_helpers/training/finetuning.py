"""The main job: measure, train, measure again, and write everything down."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.tensorboard import SummaryWriter
from transformers import ProgressCallback

from .. import processes
from ..audio import WINDOW_SECONDS
from ..checkpoints import open_checkpoint, save_checkpoint
from ..corpus import clip_names
from ..evaluation import transcribe
from ..metrics import score
from . import report
from .board import ScalarsOnly, ValidationClips
from .gathering import ordinary_model
from .guards import clear_failures, out_of_memory, smaller_batches
from .job import Announce, Job, prepare_job
from .keeping import blend
from .languages import languages_of, scores_by_language
from .parts import make_trainer, training_arguments
from .progress import Progress
from .reading import training_clips, workers_of
from .resume import SaveOnInterrupt, drop_broken, find_best_again, last_checkpoint, step_of, tell_how_to_go_on
from .run_folder import RunFolder
from .stream_notes import announce_stream, count_stream
from .streaming import clips_of_run
from .weights import merge_adapters

if TYPE_CHECKING:
    from transformers import Seq2SeqTrainer, TrainerState, WhisperForConditionalGeneration, WhisperProcessor

    from ..recipe import Recipe


def finetune(recipe: Recipe, *, resume: bool = False, overwrite: bool = False, announce: Announce = print) -> RunFolder:
    """Fine-tune Whisper by a recipe, and measure it on the test split before and after.

    The terminal's ``whisper-helpers finetune`` and notebook 05 call this.

    Parameters
    ----------
    recipe
        Choices of the run.
    resume
        Go on with the run in ``recipe.output``; a new one is started if there is none.
    overwrite
        Replace the run in ``recipe.output``.
    announce
        Takes each line for the user.

    Returns
    -------
    RunFolder
        Where everything was written; `read_results` gives the numbers.

    Raises
    ------
    BadInput
        If the input is at fault; then nothing has been written, unless memory or disk ran out on the way.
    KeyboardInterrupt
        On Ctrl-C, after a checkpoint was saved.
    """
    began = time.monotonic()
    job, skipped = prepare_job(recipe, resume, overwrite, announce)
    begun = job.folder.read_results() or report.describe(job.recipe, job.corpus, job.checkpoint, skipped)
    if job.stream is not None:
        announce_stream(begun, clips_of_run(recipe))
    results = processes.agree(begun)
    if "run_seconds" not in results:
        with clear_failures(job.folder.path), tell_how_to_go_on(job.folder.path):
            for stage in (_measure_before, _train, _measure_after):
                stage(job, results)
            results["run_seconds"] = round(time.monotonic() - began, 1)
            if processes.is_main():
                report.write(job.folder, results)
                job.folder.write_results(results)
    if processes.is_main():
        job.announce(report.summary(job.folder, results))
    processes.wait()
    return job.folder


def _measure_before(job: Job, results: dict[str, Any]) -> None:
    _measure(job, results, "before", WINDOW_SECONDS)


def _measure_after(job: Job, results: dict[str, Any]) -> None:
    _measure(job, results, "after", job.recipe.window)
    _measure(job, results, "after_30s", WINDOW_SECONDS)


def _measure(job: Job, results: dict[str, Any], name: str, window: float | None) -> None:
    if name in results:
        return
    test = job.corpus["test"]
    heard = transcribe(
        job.model,
        job.processor,
        test,
        window=window,
        batch_size=job.recipe.eval_batch_size,
        label=report.STAGES[name],
    )
    results[name] = score(test["sentence"], heard, results["language"], seed=job.recipe.seed).as_dict()
    if by_language := scores_by_language(test, heard, job.recipe.seed):
        results.setdefault("by_language", {})[name] = by_language
    if processes.is_main():
        columns = job.folder.read_predictions() or {"clip": clip_names(test), "reference": test["sentence"]}
        job.folder.write_predictions(columns | {name: heard})
        job.folder.write_results(results)


def _train(job: Job, results: dict[str, Any]) -> None:
    if "train_seconds" in results:
        job.model, job.processor = open_checkpoint(str(job.folder.model), results["language"], job.recipe.task)
        return
    state, resumed_step = _train_in_memory(job, results)
    merge_adapters(job.model)
    blend(job.model, job.checkpoint, job.recipe.blend)
    results |= report.training_results(state, resumed_step)
    if job.stream is not None:
        count_stream(results, job.recipe, job.folder.checkpoints, job.announce)
    if processes.is_main():
        save_checkpoint(job.model, job.processor, job.folder.model)
        job.folder.write_results(results)
    processes.wait()
    if processes.sharded():
        job.model, job.processor = open_checkpoint(str(job.folder.model), results["language"], job.recipe.task)


def _where_to_go_on(job: Job) -> Path | None:
    for name in drop_broken(job.folder.checkpoints):
        job.announce(f"{name} was not written to its end: removed.")
    resumed = last_checkpoint(job.folder.checkpoints)
    if resumed:
        find_best_again(resumed)
        job.announce(f"Going on from {resumed.name}.")
    return resumed


def _train_in_memory(job: Job, results: dict[str, Any]) -> tuple[TrainerState, int]:
    """Train; if the memory runs out, go on once from the last checkpoint with smaller batches."""
    tokenizer, folder = job.processor.tokenizer, job.folder.checkpoints
    train, results["mixed_in"] = training_clips(job.corpus, job.stream, job.recipe, tokenizer, folder, job.announce)
    try:
        return _run_trainer(job, train)
    except Exception as error:
        smaller = smaller_batches(job.recipe)
        if not (out_of_memory(error) and smaller and processes.count() == 1):
            raise
    job.announce(
        f"The memory is exhausted: batches of {smaller.batch_size} from here on, {smaller.gradient_accumulation} "
        "summed up to a step, which gives the same result."
    )
    gc.collect()
    torch.cuda.empty_cache()
    job.recipe = smaller
    job.model, job.processor = _base(job)
    results["smaller_batches"] = {name: getattr(smaller, name) for name in ("batch_size", "gradient_accumulation")}
    return _run_trainer(job, train)


def _run_trainer(job: Job, train: Any) -> tuple[TrainerState, int]:
    resumed = processes.agree(_where_to_go_on(job) if processes.is_main() else None)
    workers = workers_of(job.stream)
    arguments = training_arguments(job.recipe, job.folder.checkpoints, len(train), processes.count(), **workers)
    interrupt = SaveOnInterrupt()
    splits = {**job.corpus, "train": train}
    trainer = make_trainer(job.recipe, job.model, job.processor, splits, arguments, [interrupt])
    if processes.is_main():
        _show(trainer, job)
    try:
        trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    finally:
        interrupt.stop_listening()
    if interrupt.interrupted:
        raise KeyboardInterrupt
    job.model = ordinary_model(trainer, lambda: _base(job)[0], job.recipe)
    return trainer.state, step_of(resumed) if resumed else 0


def _base(job: Job) -> tuple[WhisperForConditionalGeneration, WhisperProcessor]:
    return open_checkpoint(job.checkpoint, languages_of(job.corpus["train"])[0], job.recipe.task)


def _show(trainer: Seq2SeqTrainer, job: Job) -> None:
    """Let the terminal and TensorBoard follow a training; a notebook keeps its own table."""
    clips = ValidationClips(SummaryWriter(str(job.folder.clips)), job.corpus["validation"], job.processor.tokenizer)
    trainer.compute_metrics = clips.watch(trainer.compute_metrics)
    for callback in (ScalarsOnly(SummaryWriter(str(job.folder.logs))), clips):
        trainer.add_callback(callback)
    if trainer.pop_callback(ProgressCallback):
        trainer.add_callback(Progress())
