"""Cutting the splits that a corpus does not bring, so that no speaker or no sentence stands on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BadInput
from ..screen import counted
from ..text import normalise
from .clips import Announce

if TYPE_CHECKING:
    from datasets import Dataset

SPLITS = ("train", "validation", "test")
SHARE = 0.1  # of the training clips that a cut split takes
MOST = {"validation": 60, "test": 500}  # clips of a cut split
MIN_SPEAKERS = 5  # from here on whole speakers are held out


def complete(brought: dict[str, Dataset], seed: int, announce: Announce) -> dict[str, Dataset]:
    """Cut from train what a corpus does not bring: first test, then validation.

    Splits that it brings stay as they are: a corpus with validation but no test gets its test from train.

    Parameters
    ----------
    brought
        Splits of the corpus by name.
    seed
        Equal seeds cut the same clips.
    announce
        Takes a line for each cut.

    Returns
    -------
    dict
        ``train``, ``validation`` and ``test``.

    Raises
    ------
    BadInput
        If there is no train split, or too few clips to cut one.
    """
    if "train" not in brought:
        given = f"The corpus brings only {' and '.join(brought)}"
        raise BadInput(given, "A train split is needed", "Add training clips")
    splits = dict(brought)
    for name in ("test", "validation"):
        if name not in splits:
            splits["train"], splits[name] = _cut_split(splits["train"], name, seed, announce)
    return {name: splits[name] for name in SPLITS}


def _cut_split(train: Dataset, name: str, seed: int, announce: Announce) -> tuple[Dataset, Dataset]:
    kind, groups = grouping(train["sentence"][:], train["language"][:], train["speaker"][:])
    target = max(1, min(MOST[name], round(SHARE * len(train))))
    cut = cut_groups(groups, target, seed)
    if not len(cut):
        given = f"No {name} split possible: train has only one {kind}"
        raise BadInput(given, "At least two are needed", f"Add clips, or a {name} split in the column split")
    kept = np.setdiff1d(np.arange(len(train)), cut)
    used = sample(cut, MOST[name], seed)
    surplus = len(cut) - len(used)
    others = f"; {surplus:,} more of the same {kind}s are left out" if surplus else ""
    cut_clips = f"{counted(len(used), 'clip')} {'is' if len(used) == 1 else 'are'}"
    announce(f"The corpus brings no {name} split: {cut_clips} cut from train by {kind}{others}.")
    return train.select(kept), train.select(used)


def grouping(sentences: Sequence[str], languages: Sequence[str], speakers: Sequence[str]) -> tuple[str, list[str]]:
    """Decide what must not be torn apart: speakers if there are enough, else sentences.

    Parameters
    ----------
    sentences, languages, speakers
        One entry a clip; a speaker may be empty.

    Returns
    -------
    str, list of str
        ``"speaker"`` or ``"sentence"``, and for each clip its group; empty for a clip that must stay in
        train, because its speaker is unknown.

    Examples
    --------
    >>> grouping(["Yes!", "yes", "No"], ["en", "en", "en"], ["a", "b", "c"])
    ('sentence', ['yes', 'yes', 'no'])
    """
    if len(set(speakers) - {""}) >= MIN_SPEAKERS:
        return "speaker", list(speakers)
    return "sentence", sentence_keys(sentences, languages)


def sentence_keys(sentences: Sequence[str], languages: Sequence[str]) -> list[str]:
    """Reduce sentences so that those become equal that a score counts as the same.

    Parameters
    ----------
    sentences, languages
        One entry a clip, none of them empty.

    Returns
    -------
    list of str
        Normalised sentences; one that has no word is its own key.

    Examples
    --------
    >>> sentence_keys(["  Is it YOU? ", "?!"], ["en", "en"])
    ['is it you', '?!']
    """
    pairs = zip(sentences, languages, strict=True)
    return [normalise(sentence, language) or sentence for sentence, language in pairs]


def cut_groups(groups: Sequence[str], target: int, seed: int) -> np.ndarray:
    """Choose whole groups at random that together come closest to a number of clips.

    Parameters
    ----------
    groups
        Group of each clip; clips with an empty group are never chosen.
    target
        How many clips are wanted.
    seed
        Equal seeds choose the same.

    Returns
    -------
    numpy.ndarray
        Indices of the chosen clips, int64, in their order. Empty if nothing would be left.

    Examples
    --------
    >>> cut_groups(["a", "a", "a", "b"], 1, seed=0).tolist()
    [3]
    """
    sizes = Counter(group for group in groups if group)
    names = np.random.default_rng(seed).permutation(np.array(sorted(sizes), dtype=object))
    chosen = _closest([(name, sizes[name]) for name in names], target, len(groups) - 1)
    return np.array([index for index, group in enumerate(groups) if group in chosen], dtype=np.int64)


def _closest(sizes: list[tuple[str, int]], target: int, most: int) -> set[str]:
    """Dynamic programme over the totals below the target; each total is reached once, in random order."""
    reached: dict[int, tuple[str, ...]] = {0: ()}
    for name, size in sizes:
        below = [total for total in reached if total < target]
        new = {total + size: total for total in below if total + size <= most and total + size not in reached}
        reached |= {total: (*reached[shorter], name) for total, shorter in new.items()}
        if target in reached:
            break
    nearest = min((total for total in reached if total), key=lambda total: abs(total - target), default=0)
    return set(reached[nearest])


def sample(indices: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Take at most so many at random, their order kept.

    Parameters
    ----------
    indices
        What to choose from, shape (n,).
    most
        How many to take.
    seed
        Equal seeds take the same.

    Examples
    --------
    >>> sample(np.array([3, 5, 8]), 5, seed=0).tolist()
    [3, 5, 8]
    """
    if len(indices) <= most:
        return indices
    return indices[np.sort(np.random.default_rng(seed).permutation(len(indices))[:most])]
