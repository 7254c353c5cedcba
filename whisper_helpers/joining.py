"""Clips one after the other: long recordings with known text, to learn from and to be measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .audio import SAMPLE_RATE, WINDOW_SECONDS
from .text import SPACELESS

if TYPE_CHECKING:
    from datasets import Dataset

PAUSE = 0.5  # seconds of silence between two clips
ALMOST_WINDOW = 28.0  # seconds of a recording that is heard in one window
MOST = 60  # clips in a recording that is heard in one window
STAMP = 0.02  # seconds between Whisper's timestamps


@dataclass(frozen=True)
class Joined:
    """Clips one after the other.

    Parameters
    ----------
    samples
        Shape (samples,), float32, 16 kHz.
    sentences
        What is said.
    bounds
        Start and end of each sentence in seconds, the clips' own silence included.
    """

    samples: np.ndarray
    sentences: list[str]
    bounds: list[tuple[float, float]]

    def text(self, language: str | None = None, *, timestamps: bool = False) -> str:
        """All that is said.

        Parameters
        ----------
        language
            Whisper's code; in some no space parts sentences.
        timestamps
            Put Whisper's own between sentences; those before the first and after the last are the collator's.

        Examples
        --------
        >>> two = Joined(np.zeros(0), ["one", "two"], [(0.0, 1.234), (1.734, 3.0)])
        >>> two.text("en"), two.text("en", timestamps=True)
        ('one two', 'one<|1.24|><|1.74|> two')
        """
        gap, text = "" if language in SPACELESS else " ", self.sentences[0]
        pauses = [(end, start) for (_, end), (start, _) in zip(self.bounds, self.bounds[1:], strict=False)]
        for sentence, (end, start) in zip(self.sentences[1:], pauses, strict=True):
            text += f"{_stamp(end)}{_stamp(start)}" * timestamps + gap + sentence
        return text


def join_pieces(pieces: Sequence[tuple[np.ndarray, str]]) -> Joined:
    """Put clips one after the other, half a second of silence between them.

    Parameters
    ----------
    pieces
        Samples, float32 at 16 kHz, and sentence of each; one or more.

    Examples
    --------
    >>> second = np.zeros(16_000, np.float32)
    >>> join_pieces([(second, "one"), (second, "two")]).bounds
    [(0.0, 1.0), (1.5, 2.5)]
    """
    parts, bounds, time, rest = [], [], 0.0, np.zeros(int(PAUSE * SAMPLE_RATE), np.float32)
    for place, (samples, _) in enumerate(pieces):
        if place:
            parts.append(rest)
            time += PAUSE
        parts.append(samples)
        bounds.append((time, time + len(samples) / SAMPLE_RATE))
        time = bounds[-1][1]
    return Joined(np.concatenate(parts), [sentence for _, sentence in pieces], bounds)


def _stamp(seconds: float) -> str:
    return f"<|{min(round(seconds / STAMP) * STAMP, WINDOW_SECONDS):.2f}|>"


class Followers:
    """Which clips go on after one, drawn from those of its language in which somebody speaks.

    Parameters
    ----------
    clips
        With columns ``seconds``, ``sentence`` and ``language``.
    """

    def __init__(self, clips: Dataset) -> None:
        self.seconds, self.languages = np.array(clips["seconds"][:]), np.array(clips["language"][:])
        self.spoken = np.array([bool(sentence) for sentence in clips["sentence"][:]])

    def after(self, place: int, seed: Sequence[int]) -> list[int]:
        """Places of the clips that go on after one, until almost 30 s are full; none after one without speech.

        Parameters
        ----------
        place
            Of the clip.
        seed
            Equal seeds draw equally.
        """
        if not self.spoken[place]:
            return []
        others = np.flatnonzero(self.spoken & (self.languages == self.languages[place]))
        drawn = np.random.default_rng(seed).choice(others, MOST)
        return drawn[np.cumsum(PAUSE + self.seconds[drawn]) <= ALMOST_WINDOW - self.seconds[place]].tolist()
