"""The order in which training sees its clips: similar lengths together, otherwise random, the same for a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .audio import WINDOW_SECONDS
from .joining import Followers

if TYPE_CHECKING:
    from datasets import Dataset

POOL = 16  # steps whose clips are sorted by length together
FOLLOWED = (0, 1)  # end of the seed that draws which clips go on; no draw of a clip ends so
TIMED = 0.5  # of what goes on, where labels have timestamps


def length_grouped_order(seconds: np.ndarray, clips_per_step: int, seed: int, epoch: int) -> np.ndarray:
    """Order the clips so that each step's clips are of similar length, and the steps come in random order.

    Clips are shuffled, sorted by length within pools of a few steps, cut into steps, and the steps are shuffled. What
    does not fill a step comes last.

    Parameters
    ----------
    seconds
        Shape (clips,), length of each clip.
    clips_per_step
        Clips that one optimiser step sees: batch size times accumulation times processes.
    seed, epoch
        Equal numbers give an equal order.

    Returns
    -------
    numpy.ndarray
        Shape (clips,), int64: a permutation of the clips' indices.

    Examples
    --------
    >>> length_grouped_order(np.array([1.0, 9.0, 1.1, 9.1]), clips_per_step=2, seed=0, epoch=0).tolist()
    [2, 0, 3, 1]
    """
    random = np.random.default_rng([seed, epoch])
    shuffled = random.permutation(len(seconds))
    full = len(shuffled) - len(shuffled) % clips_per_step
    pool = POOL * clips_per_step
    by_length = [
        part[np.argsort(-seconds[part], kind="stable")]
        for part in (shuffled[start : min(start + pool, full)] for start in range(0, full, pool))
    ]
    steps = np.concatenate([*by_length, shuffled[:0]]).reshape(-1, clips_per_step)
    return np.concatenate([random.permutation(steps).reshape(-1), shuffled[full:]])


class SimilarLengths(torch.utils.data.Dataset):
    """The clips of a split, in a new length-grouped order each epoch.

    A plain trainer reads it sequentially (``train_sampling_strategy="sequential"``); accelerate calls `set_epoch`
    before each epoch. The order depends on seed and epoch alone, so a resumed run sees the same clips.

    Each clip also tells the length of the longest that shares its step, as ``step_seconds``, so that the step has one
    window however it is cut into batches and over processes.

    And it tells its ``draw``: numbers that seed what is random about it, other ones in each epoch.

    In every n-th step a clip goes on with others of its language, drawn for it, as far as they fit into 30 s: they are
    in ``then``. Where clips have a column ``timed``, half of those that go on are drawn for it as well. Each clip is
    still there in its own place.

    Several processes need a full last step; it is filled up with clips without a sentence, which teach nothing, so
    that every clip is learned from once an epoch.

    Parameters
    ----------
    clips
        Split with a column `seconds`.
    clips_per_step
        Clips that one optimiser step sees.
    seed
        Seed of the order.
    fill
        Fill the last step up.
    joined_every
        Every how many steps clips go on; 0 for never. Needs the columns `sentence` and `language`.
    """

    def __init__(
        self, clips: Dataset, clips_per_step: int, seed: int = 0, *, fill: bool = False, joined_every: int = 0
    ) -> None:
        self.clips, self.clips_per_step, self.seed, self.joined_every = clips, clips_per_step, seed, joined_every
        self.seconds = np.asarray(clips["seconds"], dtype=np.float64)
        self.missing = -len(self.seconds) % clips_per_step if fill else 0
        self.followers = Followers(clips) if joined_every else None
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Reorder the clips for `epoch`."""
        self.epoch = epoch
        self.order = length_grouped_order(self.seconds, self.clips_per_step, self.seed, epoch)
        steps = np.arange(0, len(self.order), self.clips_per_step)
        self.step_seconds = np.maximum.reduceat(self.seconds[self.order], steps)

    def __len__(self) -> int:
        return len(self.order) + self.missing

    def __getitem__(self, index: int) -> dict[str, Any]:
        clip = self.clips[int(self.order[min(index, len(self.order) - 1)])]
        filler = {"sentence": None} if index >= len(self.order) else {}
        draw = (self.seed, self.epoch, index)
        step = {"draw": draw, "step_seconds": float(self.step_seconds[index // self.clips_per_step])}
        return clip | filler | step | (self._going_on(index, draw) if self._joined(index) else {})

    def _joined(self, index: int) -> bool:
        steps_before = self.epoch * len(self.step_seconds) + index // self.clips_per_step
        return self.joined_every > 0 and (steps_before + 1) % self.joined_every == 0

    def _going_on(self, index: int, draw: tuple[int, int, int]) -> dict[str, Any]:
        """What is other about a clip in a step whose clips go on."""
        if index >= len(self.order):
            return {"step_seconds": WINDOW_SECONDS}
        random = np.random.default_rng((*draw, *FOLLOWED))
        after = self.followers.after(int(self.order[index]), random)
        then = [self.clips[place] | {"draw": (*draw, number)} for number, place in enumerate(after, start=1)]
        timed = {"timed": True} if then and "timed" in self.clips.column_names and random.random() < TIMED else {}
        return {"step_seconds": WINDOW_SECONDS, "then": then, **timed}
