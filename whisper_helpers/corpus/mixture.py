"""Several corpora as one, each with its language and its weight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BadInput
from ..tokens import language_code
from .clips import Announce

if TYPE_CHECKING:
    from datasets import Dataset

MOST_WEIGHT = 1_000
_PART = re.compile(r"(?P<name>.+?)(?:=(?P<language>[^=:]*)(?::(?P<weight>[^=:]*))?)?", re.DOTALL)
_WRITTEN = "It is written CORPUS=LANGUAGE:WEIGHT,CORPUS=LANGUAGE:WEIGHT, such as hindi=hi:2,hub:google/fleurs:ml_in=ml"


@dataclass(frozen=True)
class Part:
    """One corpus of a mixture.

    Parameters
    ----------
    name
        As `open_corpus` takes it.
    language
        Whisper's code for its clips; None where the corpus tells it.
    weight
        How often each of its training clips is seen for one time of a clip with weight 1.
    """

    name: str
    language: str | None = None
    weight: float = 1.0


def parse_mixture(name: str) -> list[Part]:
    """Take the name of a mixture apart.

    Parameters
    ----------
    name
        ``CORPUS[=LANGUAGE[:WEIGHT]]``, several of them with commas between. A file or folder that has such a name is
        itself meant.

    Returns
    -------
    list of Part
        A single one, without language and weight, for the name of one corpus.

    Raises
    ------
    BadInput
        If a part has no name, no language that Whisper knows, or no weight above 0.

    Examples
    --------
    >>> [(part.name, part.language, part.weight) for part in parse_mixture("a=hi:2,hub:google/fleurs:ml_in=ml")]
    [('a', 'hi', 2.0), ('hub:google/fleurs:ml_in', 'ml', 1.0)]
    >>> parse_mixture("hub:google/fleurs:hi_in")
    [Part(name='hub:google/fleurs:hi_in', language=None, weight=1.0)]
    """
    if "," not in name or Path(name).expanduser().exists():
        return [Part(name)]
    return [_part(text.strip()) for text in name.split(",")]


def _part(text: str) -> Part:
    match = _PART.fullmatch(text)
    if not match:
        raise BadInput("A corpus of the mixture has no name", _WRITTEN)
    language, weight = match["language"], match["weight"]
    return Part(
        match["name"], language_code(language) if language else None, 1.0 if weight is None else _weight(weight)
    )


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight <= MOST_WEIGHT:
        raise BadInput(
            f"The weight {text[:20]!r} is none", f"It must be above 0, and {MOST_WEIGHT:,} at most", _WRITTEN
        )
    return weight


def weighted(clips: int, weight: float, seed: int) -> np.ndarray:
    """Choose training clips by weight: all of them so many times, and a part once more.

    Parameters
    ----------
    clips
        How many there are.
    weight
        How often each is wanted on average.
    seed
        Equal seeds choose the same.

    Returns
    -------
    numpy.ndarray
        Shape (round(clips * weight),), int64, at least one: indices in order, no two counts more than one apart.

    Examples
    --------
    >>> weighted(3, 2, seed=0).tolist(), len(weighted(10, 0.5, seed=0))
    ([0, 0, 1, 1, 2, 2], 5)
    """
    wanted = max(1, round(clips * weight))
    times, once_more = divmod(wanted, clips)
    counts = np.full(clips, times)
    counts[np.random.default_rng(seed).permutation(clips)[:once_more]] += 1
    return np.repeat(np.arange(clips), counts)


def mix(parts: list[Part], opened: list[dict[str, Dataset]], seed: int, announce: Announce) -> dict[str, Dataset]:
    """Put corpora together: training clips by weight, validation and test as they are.

    Parameters
    ----------
    parts
        The corpora.
    opened
        Splits of each.
    seed
        Chooses what a weight takes once more.
    announce
        Takes a line for each corpus.

    Returns
    -------
    dict
        Splits by name.
    """
    from datasets import concatenate_datasets

    for part, splits in zip(parts, opened, strict=True):
        train = splits["train"]
        splits["train"] = train.select(weighted(len(train), part.weight, seed))
        languages = " and ".join(dict.fromkeys(train["language"][:]))
        announce(f"{part.name}: {languages}, {len(train):,} training clips, seen {part.weight:g} times each pass.")
    return {name: concatenate_datasets([splits[name] for splits in opened]) for name in opened[0]}
