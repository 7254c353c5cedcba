"""What a run needs, looked at before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import processes
from ..checkpoints import find_checkpoint, open_checkpoint
from ..doctor import usable_clips
from ..precision import precision_sentence
from ..proxy import spoken_language
from ..tokens import language_name, task_name
from ..window import check_window, window_for
from .gathering import check_sharding
from .guards import check_disk, check_processes
from .languages import check_languages, languages_of
from .reading import open_clips
from .run_folder import RunFolder, choose_folder, start
from .weights import check_adapters

if TYPE_CHECKING:
    from datasets import DatasetDict, IterableDataset
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

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


def prepare_job(recipe: Recipe, resume: bool, overwrite: bool, announce: Announce) -> tuple[Job, list[Finding]]:
    """Look at everything that a run needs, and claim its folder only when nothing is wrong.

    Parameters
    ----------
    recipe
        Choices of the run.
    resume, overwrite
        Go on with the run that is there, or replace it.
    announce
        Takes a line for the user; of several processes only the main one speaks.

    Returns
    -------
    Job, list of Finding
        What the stages share, and the clips that are left out.

    Raises
    ------
    BadInput
        If the input is at fault; nothing has been written then.
    """
    announce = announce if processes.is_main() else _nothing
    job, skipped = processes.together(lambda: _look(recipe, resume, overwrite, announce))
    job.folder = processes.agree(job.folder)
    if processes.is_main():
        processes.together(lambda: start(job.folder, recipe, resume=resume, overwrite=overwrite))
    else:
        processes.together(_nothing)
    names = " and ".join(map(language_name, languages_of(job.corpus["train"])))
    announce(f"{job.checkpoint.name} for {names}, {precision_sentence(mixed=job.recipe.mixed_precision)}.")
    return job, skipped


def _look(recipe: Recipe, resume: bool, overwrite: bool, announce: Announce) -> tuple[Job, list[Finding]]:
    check_window(recipe.window)
    task_name(recipe.task)
    check_adapters(recipe)
    check_sharding(recipe)
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
    _tell_languages(recipe, languages, announce)
    return Job(recipe, folder, corpus, checkpoint, model, processor, announce, stream), skipped


def _tell_languages(recipe: Recipe, languages: list[str], announce: Announce) -> None:
    name = language_name(languages[0])
    if recipe.proxy:
        announce(f"{recipe.language or 'It'} is trained as {name} (--language {languages[0]}).")
    if len(languages) > 1:
        announce(f"Each clip is learned and heard in its own language; the saved model is set to {name}.")


def _nothing(*_: Any) -> None:
    """What a process that is not the main one says."""
