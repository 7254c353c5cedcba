"""Training clips that come from a stream: read block by block, in similar lengths, from a position that is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .. import processes
from ..audio import WINDOW_SECONDS
from ..corpus import stream_corpus
from ..corpus.choices import Choices
from ..corpus.clips import clips_of_rows
from ..corpus.splits import sentence_keys
from ..doctor import check_clip
from ..errors import BadInput
from ..sampling import POOL, SimilarLengths
from .stream_notes import FILE, Block, Notes

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict, IterableDataset
    from transformers import WhisperTokenizer

    from ..recipe import Recipe

FIRST = 32  # clips that stand for the training clips before there are any
MOST_SEARCHED = 10_000  # clips among which the first ones are looked for
LONGEST_NAME = 40  # characters of a sentence that stands for a clip without a name


def open_stream(
    recipe: Recipe, language: str | None, announce: Callable[[str], None]
) -> tuple[DatasetDict, IterableDataset]:
    """Open the corpus of a recipe as a stream.

    Parameters
    ----------
    recipe
        Choices of the run.
    language
        Language of all clips; None to read it from the corpus.
    announce
        Takes a line for the user.

    Returns
    -------
    datasets.DatasetDict, datasets.IterableDataset
        The first training clips, validation and test; and the stream of all training clips.

    Raises
    ------
    BadInput
        As for `whisper_helpers.corpus.stream_corpus`.
    """
    from datasets import DatasetDict

    kinds = ("audio", "sentence", "split", "speaker", "language")
    named = {kind: getattr(recipe, f"{kind}_column") for kind in kinds}
    choices = Choices(language, named, announce=announce)
    stream, held_out = stream_corpus(recipe.corpus, choices, recipe.limit_train, recipe.limit_test)
    known = said_elsewhere(held_out)
    fitting = (row for row in stream.take(MOST_SEARCHED) if not fault_of_text(row, known))
    first = clips_of_rows(list(islice(fitting, FIRST)))
    announce("Train is a stream: clips that cannot be used are passed over as they come, and listed at the end.")
    return DatasetDict({"train": first, **held_out}), stream


def said_elsewhere(held_out: Mapping[str, Dataset]) -> set[str]:
    """Sentences of validation and test, as `whisper_helpers.corpus.splits.sentence_keys` reduces them.

    Parameters
    ----------
    held_out
        Splits by name; train is not looked at.
    """
    splits = [clips for name, clips in held_out.items() if name != "train"]
    return {key for clips in splits for key in sentence_keys(clips["sentence"][:], clips["language"][:])}


def fault_of_text(row: dict[str, Any], known: set[str]) -> str:
    """Say why a clip's sentence cannot be trained on; empty if it can.

    Parameters
    ----------
    row
        A clip with ``sentence`` and ``language``.
    known
        From :func:`said_elsewhere`.
    """
    if not row["sentence"].strip():
        return "has no sentence"
    key = sentence_keys([row["sentence"]], [row["language"]])[0]
    return "says what a validation or test clip says" if key in known else ""


def streamed_clips(
    stream: IterableDataset, corpus: DatasetDict, recipe: Recipe, tokenizer: WhisperTokenizer, folder: Path
) -> StreamedClips:
    """Make the training clips of a recipe from a stream.

    Parameters
    ----------
    stream, corpus
        From :func:`open_stream`; no clip is taken that says what one of validation or test says.
    recipe
        Choices of the run; its steps set the number of clips.
    tokenizer
        Of the checkpoint.
    folder
        Where the notes are kept.
    """
    longest = recipe.window or WINDOW_SECONDS
    return StreamedClips(
        stream,
        clips_of_run(recipe),
        recipe.clips_per_step(processes.count()),
        tokenizer,
        recipe.seed,
        longest,
        folder / FILE,
        said_elsewhere(corpus),
        recipe.joined_every(),
    )


def clips_of_run(recipe: Recipe) -> int:
    """Training clips that a streamed run takes: steps times clips per step.

    Parameters
    ----------
    recipe
        Choices of the run.
    """
    return recipe.total_steps(0) * recipe.clips_per_step(processes.count())


class StreamedClips(torch.utils.data.Dataset):
    """The clips of a whole run, read from a stream as the trainer asks for them, one after the other.

    A block of a few steps is in memory at once, encoded, and ordered like a corpus on the disk. Where the stream ends
    it begins again. Clips that cannot be used are passed over and noted. The position at the beginning of each block is
    written down, so that a resumed run reads on from there and sees what an uninterrupted one sees.

    Parameters
    ----------
    stream
        From `whisper_helpers.corpus.stream_corpus`.
    clips
        How many the run takes: steps times clips per step.
    clips_per_step
        Clips that one optimiser step sees.
    tokenizer
        Counts the tokens of a sentence.
    seed
        Seed of the order.
    longest
        Seconds of the longest clip that is taken.
    notes
        File of the notes: the position at each block, its seconds, the clips passed over; None to keep none.
    known
        Sentences of validation and test, from :func:`said_elsewhere`.
    joined_every
        Every how many steps clips go on with others of their block; 0 for never.
    """

    def __init__(
        self,
        stream: IterableDataset,
        clips: int,
        clips_per_step: int,
        tokenizer: WhisperTokenizer,
        seed: int = 0,
        longest: float = WINDOW_SECONDS,
        notes: Path | None = None,
        known: Set[str] = frozenset(),
        joined_every: int = 0,
    ) -> None:
        self.stream, self.clips, self.clips_per_step, self.seed = stream, clips, clips_per_step, seed
        self.tokenizer, self.longest = tokenizer, longest
        self.size, self.known, self.joined_every = POOL * clips_per_step, known, joined_every
        self.start = self.position = stream.state_dict()
        self.notes = Notes(notes)
        self.number, self.block, self.rows, self.next = -1, None, None, 0
        self.left_out: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return self.clips

    def __getitem__(self, index: int) -> dict[str, Any]:
        number, place = divmod(index, self.size)
        if number != self.number:
            self._open(number)
        return self.block[place]

    def _open(self, number: int) -> None:
        if self.rows is None or number < self.next:
            self.next = max((known for known in self.notes.blocks if known <= number), default=0)
            begin = self.notes.blocks.get(self.next)
            self.position = begin.position if begin else self.start
            self.stream.load_state_dict(self.position)
            self.rows = self._usable()
        while self.next <= number:
            self._read(self.next)
            self.position = self.stream.state_dict()  # tells where it is only while it is read
            self.next += 1

    def _read(self, number: int) -> None:
        self.left_out = []
        rows = [next(self.rows) for _ in range(self.size)]
        clips = clips_of_rows(rows).add_column("seconds", [row["seconds"] for row in rows])
        self.block = SimilarLengths(clips, self.clips_per_step, self.seed, joined_every=self.joined_every)
        self.number = number
        self.block.set_epoch(number)
        taken = self.block.seconds[self.block.order[: max(0, self.clips - number * self.size)]]
        told = Block(self.position, float(taken.sum()), float(taken.max(initial=0)), self.left_out)
        self.notes.write(number, told)

    def _usable(self) -> Iterator[dict[str, Any]]:
        empty = 0  # passes: one that begins near the end may find none
        while empty < 2:
            empty += 1
            for row in self.stream:
                seconds, fault = self._check(row)
                if fault:
                    name = row["audio"]["path"] or f'"{row["sentence"][:LONGEST_NAME]}"'
                    self.left_out.append((name, fault))
                else:
                    empty = 0
                    yield {**row, "seconds": seconds}
            self.stream.load_state_dict(self.start)
        raise BadInput("The stream holds no clip that can be trained on", "One is needed", "Check the corpus")

    def _check(self, row: dict[str, Any]) -> tuple[float, str]:
        if fault := fault_of_text(row, self.known):
            return 0.0, fault
        seconds, fault = check_clip(row, self.tokenizer)
        long = f"lasts {seconds:.1f} s, longer than the window of {self.longest:g} s"
        return seconds, fault or (long if seconds > self.longest else "")
