"""Clips one after the other: long recordings with known text, to learn from and to be measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .audio import POSITIONS_PER_SECOND, SAMPLE_RATE
from .tokens import encode_labels

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import WhisperTokenizer

PAUSE = 0.5  # seconds of silence between two clips
ALMOST_WINDOW = 28.0  # seconds of a recording that is heard in one window
MOST = 60  # clips that are drawn to go on after one
UNSPACED = ("ja", "yue", "zh")  # languages without a space between sentences


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


def joined_labels(
    joined: Joined, tokenizer: WhisperTokenizer, language: str | None = None, *, timestamps: bool = False
) -> list[int]:
    """Turn what is said one after the other into the ids that the decoder learns to predict.

    Parameters
    ----------
    joined
        One clip or several, 30 s at most.
    tokenizer
        Tokenizer whose prefix is set, without timestamps.
    language
        As for :func:`~whisper_helpers.tokens.encode_labels`; in some no space parts sentences.
    timestamps
        Put Whisper's own around each sentence, the first in place of ``<|notimestamps|>``.

    Returns
    -------
    list of int
        Label ids without the start token; timestamps count steps of 20 ms, whether or not the vocabulary spells them.
    """
    without, spaced = tokenizer.convert_tokens_to_ids("<|notimestamps|>"), any(" " in each for each in joined.sentences)
    stamps = [[without + 1 + round(second * POSITIONS_PER_SECOND) for second in bounds] for bounds in joined.bounds]
    gap = "" if language in UNSPACED and not spaced else " "
    labels = encode_labels(joined.sentences[0], tokenizer, language)
    for place, sentence in enumerate(joined.sentences[1:], start=1):
        pause = [stamps[place - 1][1], stamps[place][0]] if timestamps else []
        labels[-1:-1] = [*pause, *tokenizer(gap + sentence, add_special_tokens=False).input_ids]
    if not timestamps:
        return labels
    return [stamps[0][0] if label == without else label for label in labels[:-1]] + [stamps[-1][1], labels[-1]]


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

    def after(self, place: int, random: np.random.Generator) -> list[int]:
        """Places of other clips that go on after one, until almost 30 s are full; none after one without speech.

        Parameters
        ----------
        place
            Of the clip.
        random
            Draws them; what no longer fits is passed over.
        """
        if not self.spoken[place]:
            return []
        others = np.flatnonzero(self.spoken & (self.languages == self.languages[place]))
        others = others[others != place]
        room, after = ALMOST_WINDOW - self.seconds[place], []
        for other in random.choice(others, min(MOST, len(others)), replace=False).tolist():
            if PAUSE + self.seconds[other] <= room:
                room -= PAUSE + self.seconds[other]
                after.append(other)
        return after
