"""When words are spoken: tokens aligned with time along the path of most attention, and joined to words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..audio import POSITIONS_PER_SECOND
from ..text import SPACELESS

if TYPE_CHECKING:
    from transformers import WhisperTokenizer


@dataclass(frozen=True)
class Word:
    """A word and when it is spoken.

    Parameters
    ----------
    start, end
        Seconds.
    text
        The word, with the punctuation that touches it.
    """

    start: float
    end: float
    text: str


def place_words(
    weights: np.ndarray, tokens: Sequence[int], tokenizer: WhisperTokenizer, language: str | None, limit: float
) -> list[Word]:
    """Give words the times at which the decoder looks while it writes them.

    Parameters
    ----------
    weights
        Shape (tokens + 1, positions): attention while each token, and then the end, is chosen.
    tokens
        Ids of text.
    tokenizer
        Any Whisper tokenizer.
    language
        Code; it tells how words are parted.
    limit
        End of the sound, in seconds.

    Returns
    -------
    list of Word
        In order; none without characters.
    """
    starts = (np.append(token_starts(weights), weights.shape[1]) / POSITIONS_PER_SECOND).tolist()
    pieces = words_of(tokens, tokenizer, language)
    return [Word(min(starts[i], limit), min(starts[j], limit), words) for words, i, j in pieces if words]


def token_starts(weights: np.ndarray) -> np.ndarray:
    """Align tokens with time: the path of most attention that never goes back (dynamic time warping).

    Parameters
    ----------
    weights
        Shape (tokens, positions).

    Returns
    -------
    numpy.ndarray
        Shape (tokens,), int: the position where each token begins.

    Examples
    --------
    >>> token_starts(np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])).tolist()
    [0, 2, 3]
    """
    tokens, positions = weights.shape
    cost = np.full((tokens + 1, positions + 1), np.inf)
    step = np.zeros((tokens + 1, positions + 1), dtype=np.int8)
    cost[0, 0] = 0
    for place in range(1, positions + 1):
        for token in range(1, tokens + 1):
            ways = (cost[token - 1, place - 1], cost[token - 1, place], cost[token, place - 1])
            step[token, place] = way = min(range(3), key=ways.__getitem__)
            cost[token, place] = ways[way] - weights[token - 1, place - 1]
    token, place, starts = tokens, positions, np.zeros(tokens, dtype=int)
    while token > 0 and place > 0:
        starts[token - 1] = place - 1
        way = step[token, place]
        token, place = token - (way != 2), place - (way != 1)
    return starts


def words_of(
    tokens: Sequence[int], tokenizer: WhisperTokenizer, language: str | None = None
) -> list[tuple[str, int, int]]:
    """Join tokens to words; no character is cut.

    Parameters
    ----------
    tokens
        Ids of text.
    tokenizer
        Any Whisper tokenizer.
    language
        Code; in scripts without spaces each piece of whole characters is a word.

    Returns
    -------
    list of (str, int, int)
        Word, its first token, and the one after its last.
    """
    pieces: list[tuple[str, int, int]] = []
    first = 0
    for last in range(1, len(tokens) + 1):
        text = tokenizer.decode(tokens[first:last])
        if "\ufffd" in text and last < len(tokens):
            continue
        new = language in SPACELESS or text.startswith(" ") or not pieces
        if new:
            pieces.append((text.strip(), first, last))
        else:
            pieces[-1] = (pieces[-1][0] + text, pieces[-1][1], last)
        first = last
    return pieces
