"""Where the clips of a run come from: a corpus on the disk, or a stream."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus import open_corpus
from .keeping import additions, mixed_in, with_additions
from .parts import data_workers
from .streaming import open_stream, streamed_clips

if TYPE_CHECKING:
    from datasets import DatasetDict, IterableDataset
    from transformers import WhisperTokenizer

    from ..recipe import Recipe

Announce = Callable[[str], None]
CORPUS_CHOICES = ("splits", "min_up_votes", "max_down_votes", "seed", "limit_train", "limit_test")


def open_clips(recipe: Recipe, language: str | None, announce: Announce) -> tuple[DatasetDict, IterableDataset | None]:
    """Open the corpus of a recipe.

    Parameters
    ----------
    recipe
        Choices of the run.
    language
        Language of all clips; None to read it from the corpus.
    announce
        Takes each line for the user.

    Returns
    -------
    datasets.DatasetDict, datasets.IterableDataset or None
        The splits, and the stream of the training clips if there is one; train then holds only the first of them.

    Raises
    ------
    BadInput
        If the corpus cannot be opened.
    """
    if recipe.stream:
        return open_stream(recipe, language, announce)
    names = [f"{kind}_column" for kind in ("audio", "sentence", "split", "speaker", "language")]
    choices = {name: getattr(recipe, name) for name in (*names, *CORPUS_CHOICES)}
    return open_corpus(recipe.corpus, language, announce=announce, **choices), None


def training_clips(
    corpus: DatasetDict,
    stream: IterableDataset | None,
    recipe: Recipe,
    tokenizer: WhisperTokenizer,
    folder: Path,
    announce: Announce,
) -> tuple[Any, dict[str, Any]]:
    """Clips that the trainer reads: those of the corpus with what is mixed in, or the stream's; and what is mixed in.

    Parameters
    ----------
    corpus, stream
        From :func:`open_clips`.
    recipe
        Choices of the run.
    tokenizer
        Of the checkpoint.
    folder
        Where the positions in a stream are kept.
    announce
        Takes each line for the user.
    """
    if stream is not None:
        return streamed_clips(stream, corpus, recipe, tokenizer, folder), mixed_in([])
    added = additions(corpus["train"], recipe, tokenizer, announce)
    return with_additions(corpus["train"], added, recipe, announce), mixed_in(added)


def workers_of(stream: IterableDataset | None) -> dict[str, int]:
    """Arguments for the trainer: one process at most reads a stream beside a GPU, for each would read all of it.

    Parameters
    ----------
    stream
        From :func:`open_clips`.
    """
    return {} if stream is None else {"dataloader_num_workers": min(1, data_workers())}
