"""The main job: measure, train, measure again, and write everything down."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.tensorboard import SummaryWriter

from .. import processes
from ..audio import WINDOW_SECONDS
from ..checkpoints import find_checkpoint, open_checkpoint, save_checkpoint
from ..corpus import clip_names
from ..doctor import usable_clips
from ..evaluation import transcribe
from ..metrics import score
from ..proxy import spoken_language
from ..tokens import language_name, task_name
from ..window import check_window, window_for
from . import report
from .guards import check_disk, check_processes, clear_failures, out_of_memory, smaller_batches
from .keeping import blend
from .languages import check_languages, languages_of, scores_by_language
from .parts import ScalarsOnly, make_trainer, precision_sentence, training_arguments
from .reading import open_clips, training_clips, workers_of
from .resume import SaveOnInterrupt, drop_broken, find_best_again, last_checkpoint, step_of, tell_how_to_go_on
from .run_folder import RunFolder, choose_folder, start
from .streaming import describe_stream
from .weights import check_adapters, merge_adapters

if TYPE_CHECKING:
    from datasets import DatasetDict, IterableDataset
    from transformers import TrainerState, WhisperForConditionalGeneration, WhisperProcessor

    from ..checkpoints import Checkpoint
    from ..doctor import Finding
    from ..recipe import Recipe

Announce = Callable[[str], None]


@dataclass
class Job:
    """What the stages of a run share.

    Parameters
    ----------
    recipe
        Choices of the run.
    folder
        Where it writes.
    corpus
        Usable clips, with a column ``seconds``.
    checkpoint
        Where the base model came from.
    model, processor
        The model as it is now, and its processor.
    announce
        Takes a line for the user.
    stream
        Of the training clips; None if the corpus is on the disk.
    """

    recipe: Recipe
    folder: RunFolder
    corpus: DatasetDict
    checkpoint: Checkpoint
    model: WhisperForConditionalGeneration
    processor: WhisperProcessor
    announce: Announce
    stream: IterableDataset | None = None


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
    announce = announce if processes.is_main() else _nothing
    job, skipped = _prepare(recipe, resume, overwrite, announce)
    begun = job.folder.read_results() or report.describe(job.recipe, job.corpus, job.checkpoint, skipped)
    describe_stream(begun, job.stream, recipe)
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
        announce(report.summary(job.folder, results))
    processes.wait()
    return job.folder


def _prepare(recipe: Recipe, resume: bool, overwrite: bool, announce: Announce) -> tuple[Job, list[Finding]]:
    job, skipped = processes.together(lambda: _look(recipe, resume, overwrite, announce))
    job.folder = processes.agree(job.folder)
    if processes.is_main():
        processes.together(lambda: start(job.folder, recipe, resume=resume, overwrite=overwrite))
    else:
        processes.together(_nothing)
    names = " and ".join(map(language_name, languages_of(job.corpus["train"])))
    announce(f"{job.checkpoint.name} for {names}, {precision_sentence()}.")
    return job, skipped


def _look(recipe: Recipe, resume: bool, overwrite: bool, announce: Announce) -> tuple[Job, list[Finding]]:
    check_window(recipe.window)
    task_name(recipe.task)
    check_adapters(recipe.lora)
    recipe.augmentation()
    spoken = spoken_language(recipe.language, recipe.proxy)
    corpus, stream = open_clips(recipe, spoken, announce)
    languages = languages_of(corpus["train"])
    checkpoint = find_checkpoint(recipe.model, announce=announce)
    folder = choose_folder(
        recipe, f"{Path(checkpoint.name).name}-{'-'.join(languages[:3])}", resume=resume, overwrite=overwrite
    )
    model, processor = open_checkpoint(checkpoint, languages[0], recipe.task, announce=announce)
    check_languages(languages, model)
    corpus, skipped = usable_clips(corpus, processor.tokenizer, progress=processes.is_main(), announce=announce)
    check_processes(len(corpus["train"]), processes.count())
    window_for(max(max(split["seconds"]) for split in corpus.values()), recipe.window)
    check_disk(folder.path, model)
    if recipe.proxy:
        announce(f"{recipe.language or 'It'} is trained as {language_name(languages[0])} (--language {languages[0]}).")
    if len(languages) > 1:
        name = language_name(languages[0])
        announce(f"Each clip is learned and heard in its own language; the saved model is set to {name}.")
    return Job(recipe, folder, corpus, checkpoint, model, processor, announce, stream), skipped


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
    if processes.is_main():
        save_checkpoint(job.model, job.processor, job.folder.model)
        job.folder.write_results(results)
    processes.wait()


def _where_to_go_on(job: Job) -> Path | None:
    for name in drop_broken(job.folder.checkpoints):
        job.announce(f"{name} was not written to its end: removed.")
    resumed = last_checkpoint(job.folder.checkpoints)
    if resumed:
        find_best_again(resumed)
        job.announce(f"Going on from {resumed.name}.")
    return resumed


def _nothing(*_: Any) -> None:
    """What a process that is not the main one says."""


def _train_in_memory(job: Job, results: dict[str, Any]) -> tuple[TrainerState, int]:
    """Train; if the memory runs out, go on once from the last checkpoint with smaller batches."""
    tokenizer, folder = job.processor.tokenizer, job.folder.checkpoints
    train = training_clips(job.corpus, job.stream, job.recipe, tokenizer, folder, job.announce)
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
    job.model, job.processor = open_checkpoint(job.checkpoint, results["language"], job.recipe.task)
    results["smaller_batches"] = {name: getattr(smaller, name) for name in ("batch_size", "gradient_accumulation")}
    return _run_trainer(job, train)


def _run_trainer(job: Job, train: Any) -> tuple[TrainerState, int]:
    resumed = processes.agree(_where_to_go_on(job) if processes.is_main() else None)
    workers = workers_of(job.stream)
    arguments = training_arguments(job.recipe, job.folder.checkpoints, len(train), processes.count(), **workers)
    interrupt = SaveOnInterrupt()
    logs = [ScalarsOnly(SummaryWriter(str(job.folder.logs)))] if processes.is_main() else []
    splits = {**job.corpus, "train": train}
    trainer = make_trainer(job.recipe, job.model, job.processor, splits, arguments, [interrupt, *logs])
    try:
        trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    finally:
        interrupt.stop_listening()
    if interrupt.interrupted:
        raise KeyboardInterrupt
    return trainer.state, step_of(resumed) if resumed else 0
