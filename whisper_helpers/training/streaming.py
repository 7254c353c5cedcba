"""Training clips that come from a stream: read block by block, in similar lengths, from a position that is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from .. import processes
from ..audio import WINDOW_SECONDS, clip_seconds
from ..corpus import stream_corpus
from ..corpus.choices import Choices
from ..corpus.clips import clips_of_rows
from ..errors import BadInput
from ..sampling import POOL, SimilarLengths
from ..tokens import MAX_LABELS, encode_labels

if TYPE_CHECKING:
    from datasets import DatasetDict, IterableDataset
    from transformers import WhisperTokenizer

    from ..recipe import Recipe

FIRST = 32  # clips that stand for the training clips before there are any
POSITIONS = "stream.json"


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
    first = clips_of_rows(list(stream.take(FIRST)))
    announce("Train is a stream: clips that cannot be used are passed over as they come.")
    return DatasetDict({"train": first, **held_out}), stream


def streamed_clips(stream: IterableDataset, recipe: Recipe, tokenizer: WhisperTokenizer, folder: Path) -> StreamedClips:
    """Make the training clips of a recipe from a stream.

    Parameters
    ----------
    stream
        From :func:`open_stream`.
    recipe
        Choices of the run; its steps set the number of clips.
    tokenizer
        Of the checkpoint.
    folder
        Where the positions are kept.
    """
    per_step = recipe.clips_per_step(processes.count())
    clips = recipe.total_steps(0) * per_step
    longest = recipe.window or WINDOW_SECONDS
    return StreamedClips(stream, clips, per_step, tokenizer, recipe.seed, longest, folder / POSITIONS)


def describe_stream(results: dict[str, Any], stream: IterableDataset | None, recipe: Recipe) -> None:
    """Tell of a streamed run how many clips it takes, and its hours as the first clips suggest them.

    Parameters
    ----------
    results
        Of the run; changed in place, once, if there is a stream.
    stream
        Of the training clips, or None.
    recipe
        Choices of the run.
    """
    if stream is None or "streamed" in results:
        return
    clips = recipe.total_steps(0) * recipe.clips_per_step(processes.count())
    results["streamed"] = {"hours_estimated_from_clips": results["clips"]["train"]}
    results["hours"]["train"] = round(results["hours"]["train"] * clips / max(1, results["clips"]["train"]), 4)
    results["clips"]["train"] = clips


class StreamedClips(torch.utils.data.Dataset):
    """The clips of a whole run, read from a stream as the trainer asks for them, one after the other.

    A block of a few steps is in memory at once, encoded, and ordered like a corpus on the disk. Where the stream ends
    it begins again. Clips that cannot be used are passed over. The position at the beginning of each block is written
    down, so that a resumed run reads on from there and sees what an uninterrupted one sees.

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
    positions
        File of the positions; None to keep none.
    """

    def __init__(
        self,
        stream: IterableDataset,
        clips: int,
        clips_per_step: int,
        tokenizer: WhisperTokenizer,
        seed: int = 0,
        longest: float = WINDOW_SECONDS,
        positions: Path | None = None,
    ) -> None:
        self.stream, self.clips, self.clips_per_step, self.seed = stream, clips, clips_per_step, seed
        self.tokenizer, self.longest, self.path = tokenizer, longest, positions
        self.size = POOL * clips_per_step
        self.start = stream.state_dict()
        self.positions = {0: self.start} | self._written()
        self.number, self.block, self.rows, self.next = -1, None, None, 0

    def __len__(self) -> int:
        return self.clips

    def __getitem__(self, index: int) -> dict[str, Any]:
        number, place = divmod(index, self.size)
        if number != self.number:
            self._open(number)
        return self.block[place]

    def _open(self, number: int) -> None:
        if self.rows is None or number < self.next:
            self.next = max(known for known in self.positions if known <= number)
            self.stream.load_state_dict(self.positions[self.next])
            self.rows = self._usable()
        while self.next <= number:
            self._write(self.next)
            block = [next(self.rows) for _ in range(self.size)]
            self.next += 1
        clips = clips_of_rows(block).add_column("seconds", [row["seconds"] for row in block])
        self.block, self.number = SimilarLengths(clips, self.clips_per_step, self.seed), number
        self.block.set_epoch(number)

    def _usable(self) -> Iterator[dict[str, Any]]:
        empty = 0  # passes: one that begins near the end may find none
        while empty < 2:
            empty += 1
            for row in self.stream:
                if (seconds := self._seconds(row)) > 0:
                    empty = 0
                    yield {**row, "seconds": seconds}
            self.stream.load_state_dict(self.start)
        raise BadInput("The stream holds no clip that can be trained on", "One is needed", "Check the corpus")

    def _seconds(self, row: dict[str, Any]) -> float:
        """Length of a clip that can be used, else 0."""
        try:
            seconds = clip_seconds(row["audio"])
        except BadInput:
            return 0.0
        fits = seconds <= self.longest and row["sentence"].strip()
        labels = len(encode_labels(row["sentence"], self.tokenizer, row["language"])) if fits else MAX_LABELS + 1
        return seconds if labels <= MAX_LABELS else 0.0

    def _written(self) -> dict[int, Any]:
        if self.path is None or not self.path.is_file():
            return {}
        try:
            return {int(number): state for number, state in json.loads(self.path.read_text(encoding="utf-8")).items()}
        except ValueError:
            return {}

    def _write(self, number: int) -> None:
        self.positions.setdefault(number, self.stream.state_dict())
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial = self.path.with_name(f"{self.path.name}.{os.getpid()}")
            partial.write_text(json.dumps(self.positions), encoding="utf-8")
            os.replace(partial, self.path)
