"""A corpus of the Hub read as it is needed: nothing is downloaded whole, and a position can be kept."""

from __future__ import annotations

import atexit
import gc
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .choices import Choices
from .clips import COLUMNS, clips_of_rows, some_of
from .columns import locale_language
from .hub import HUB, PARQUET_BRANCH, hub_errors, parquet_of
from .parquet import choose_parquet_columns
from .splits import MOST

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset

HELD_OUT = ("validation", "test")


def stream_corpus(
    name: str, choices: Choices | None = None, limit_train: int | None = None, limit_test: int | None = None
) -> tuple[IterableDataset, dict[str, Dataset]]:
    """Open a corpus of the Hub without downloading it: train as a stream, validation and test as they are read.

    Of a validation or test split the first clips are taken, 60 and 500 unless limited. Where the corpus brings none
    they are the first clips of train. Clips of train are as they come, some without a sentence or with one of a
    validation or test clip: what trains on them passes those over.

    Parameters
    ----------
    name
        ``hub:OWNER/NAME[:CONFIG]``.
    choices
        What the user asked for.
    limit_train
        Use at most so many training clips.
    limit_test
        Use at most so many test clips, and as many validation clips.

    Returns
    -------
    datasets.IterableDataset, dict
        Training clips with the columns of `COLUMNS`, whose ``state_dict()`` is the position and whose
        ``load_state_dict()`` goes back to it; and ``validation`` and ``test`` in memory.

    Raises
    ------
    BadInput
        If it is no corpus of the Hub, cannot be reached, or holds no sound or sentences.
    """
    choices = choices or Choices()
    if not name.startswith(HUB):
        raise BadInput(f"{name} cannot be streamed", "Only data sets of the Hub can", "Leave --stream out")
    repo, config, files = parquet_of(name, choices)
    if "train" not in files:
        raise BadInput(f"{repo} brings only {some_of(list(files))}", "A train split is needed", "Take another one")
    atexit.register(gc.collect)  # Arrow aborts the process if a reader that was left halfway outlives it
    with hub_errors(repo):
        streams = {split: _stream(repo, config, names, choices) for split, names in files.items()}
        train, held_out = streams["train"], {}
        for split in HELD_OUT:
            most = min(limit_test or MOST[split], MOST[split])
            if split in streams:
                held_out[split] = _taken(streams[split], most)
            else:
                held_out[split], train = _taken(train, most), train.skip(most)
                choices.announce(f"{repo} brings no {split} split: the first {most:,} clips of train are it.")
    return train if limit_train is None else train.take(limit_train), held_out


def _stream(repo: str, config: str, names: list[str], choices: Choices) -> IterableDataset:
    from datasets import Audio, load_dataset

    places = [f"hf://datasets/{repo}@{PARQUET_BRANCH.replace('/', '%2F')}/{name}" for name in names]
    chosen = _columns(places[0], choices, repo)
    wanted = sorted({column for column in chosen.values() if column})
    rows = load_dataset("parquet", data_files={"train": places}, split="train", streaming=True, columns=wanted)
    sound, kinds = str(chosen["audio"]), rows.features or {}
    rows = rows.cast_column(sound, Audio(decode=False))
    values = {kind: chosen[kind] for kind in COLUMNS[1:]}

    def clip(row: dict[str, Any]) -> dict[str, Any]:
        texts = {kind: _text(row, column, kinds) for kind, column in values.items()}
        return {"audio": row[sound], **texts, "language": _language(texts["language"], config, choices, repo)}

    unused = [column for column in wanted if column not in COLUMNS]
    return rows.map(clip, remove_columns=unused)


def _columns(place: str, choices: Choices, repo: str) -> dict[str, str | None]:
    from huggingface_hub import HfFileSystem
    from pyarrow.parquet import read_schema

    with HfFileSystem().open(place.removeprefix("hf://"), "rb") as file:
        return choose_parquet_columns(read_schema(file), choices.named, repo)


def _text(row: dict[str, Any], column: str | None, kinds: Any) -> str:
    value = row[column] if column else None
    name_of = getattr(kinds.get(column), "int2str", str)
    return "" if value is None else name_of(value).strip()


def _language(value: str, config: str, choices: Choices, repo: str) -> str:
    if not (choices.language or value):
        try:
            return locale_language(config)
        except BadInput as error:
            told = f"Neither {repo} nor its config {config} tells a language that Whisper knows"
            raise BadInput(told, "Each clip needs one", "Give --language hi") from error
    return locale_language(choices.language or value)


def _taken(stream: IterableDataset, most: int) -> Dataset:
    return clips_of_rows([row for row in stream.take(most) if row["sentence"].strip()])
