"""Where transcripts are wrong: edits word by word, confusions, loops, scripts."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

from ..text import SPACELESS, normalise

FEWEST_REPEATS = {1: 4}  # of one word; of longer phrases three
LONGEST_PHRASE = 12  # words of a phrase that is looked for again
Edit = tuple[str, str, str]


def spoken(text: str, language: str) -> str:
    """Normalise a text and part it at spaces into what is counted: words, or characters where no space parts words.

    Parameters
    ----------
    text
        Any text.
    language
        Whisper's code.

    Examples
    --------
    >>> spoken("Yes, please!", "en"), spoken("你好，世界。", "zh")
    ('yes please', '你 好 世 界')
    """
    normalised = normalise(text, language)
    return " ".join("".join(normalised.split())) if language in SPACELESS else normalised


def edits(reference: str, hypothesis: str, *, characters: bool = False) -> list[Edit]:
    """Align two texts, unit by unit.

    Parameters
    ----------
    reference, hypothesis
        Texts as they are to be compared.
    characters
        Align characters instead of words.

    Returns
    -------
    list of (str, str, str)
        ``"equal"``, ``"substitute"``, ``"delete"`` or ``"insert"``, and the unit of each text, ``""`` where
        one has none.

    Examples
    --------
    >>> edits("one two three", "one too")
    [('equal', 'one', 'one'), ('substitute', 'two', 'too'), ('delete', 'three', '')]
    """
    import jiwer

    process = jiwer.process_characters if characters else jiwer.process_words
    aligned = process(reference, hypothesis)
    said, heard = aligned.references[0], aligned.hypotheses[0]
    found: list[Edit] = []
    for chunk in aligned.alignments[0]:
        left, right = said[chunk.ref_start_idx : chunk.ref_end_idx], heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
        length = max(len(left), len(right))
        pairs = zip([*left, *[""] * (length - len(left))], [*right, *[""] * (length - len(right))], strict=True)
        found += [(chunk.type, one, other) for one, other in pairs]
    return found


def confusions(references: Sequence[str], hypotheses: Sequence[str], *, characters: bool = False) -> Counter:
    """Count what was heard in place of what.

    Parameters
    ----------
    references, hypotheses
        Texts as they are to be compared.
    characters
        Count characters instead of words.

    Returns
    -------
    collections.Counter
        Keys (said, heard), one of them ``""`` for what was left out or put in.

    Examples
    --------
    >>> confusions(["one two", "two"], ["one too", "too"]).most_common(1)
    [(('two', 'too'), 2)]
    """
    counts: Counter = Counter()
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        every = edits(reference, hypothesis, characters=characters)
        counts.update((said, heard) for kind, said, heard in every if kind != "equal")
    return counts


def loop_in(text: str) -> tuple[str, int] | None:
    """Find a phrase that is said over and over without a break.

    Three times in a row make a loop, of a single word four: people do say "very, very, very".

    Parameters
    ----------
    text
        A transcript.

    Returns
    -------
    (str, int) or None
        The phrase that fills most words, and how often it comes.

    Examples
    --------
    >>> loop_in("thank you thank you thank you so much"), loop_in("very very very good")
    (('thank you', 3), None)
    """
    words, best, most = text.split(), None, 0
    for size in range(1, min(LONGEST_PHRASE, len(words) // 3) + 1):
        start = 0
        while start + size <= len(words):
            times = _times(words, start, size)
            if times >= FEWEST_REPEATS.get(size, 3) and times * size > most:
                best, most = (" ".join(words[start : start + size]), times), times * size
            start += max(1, (times - 1) * size)
    return best


def script_of(text: str) -> str:
    """Script that most letters of a text belong to, by the first word of their Unicode names.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        Such as ``"DEVANAGARI"``; ``""`` without letters.

    Examples
    --------
    >>> script_of("नमस्ते ok"), script_of("привет"), script_of("123")
    ('DEVANAGARI', 'CYRILLIC', '')
    """
    letters = [char for char in text if unicodedata.category(char)[0] == "L"]
    counts = Counter(unicodedata.name(char, "UNKNOWN").split()[0] for char in letters)
    return counts.most_common(1)[0][0] if counts else ""


def _times(words: list[str], start: int, size: int) -> int:
    phrase, times = words[start : start + size], 1
    while words[start + times * size : start + (times + 1) * size] == phrase:
        times += 1
    return times
