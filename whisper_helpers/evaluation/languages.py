"""Which language a transcript is in, told by its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..corpus import open_corpus
from .edits import spoken
from .guards import BUNDLED_GUARDS, place_of_guard, sentences_of

Vocabularies = Mapping[str, frozenset[str]]


def vocabularies(sentences: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Words of each language, those of the bundled guard sets among them.

    Parameters
    ----------
    sentences
        Known ones by Whisper's code.

    Examples
    --------
    >>> known = vocabularies({"hi": ["मेरा नाम", "नाम क्या है"]})
    >>> sorted(known), "नाम" in known["hi"], "the" in known["en"]
    (['en', 'es', 'hi'], True, True)
    """
    said = {code: list(texts) for code, texts in sentences.items()}
    for code in BUNDLED_GUARDS:
        if code not in said:
            opened = open_corpus(place_of_guard(code), announce=lambda line: None)
            said[code] = sentences_of(opened)[code]
    return {code: frozenset(" ".join(spoken(text, code) for text in texts).split()) for code, texts in said.items()}


def foreign_language(text: str, language: str, known: Vocabularies) -> str | None:
    """Language that more words of a text are known from than from its own.

    Parameters
    ----------
    text
        A transcript.
    language
        Whisper's code of what is spoken.
    known
        From :func:`vocabularies`. Words in none of them count for nobody, so a name is no evidence.

    Returns
    -------
    str or None
        Code of the other language; None where no other knows more words.

    Examples
    --------
    >>> known = {"hi": frozenset({"मेरा", "नाम"}), "en": frozenset({"my", "name", "is"})}
    >>> foreign_language("My name is Ram", "hi", known), foreign_language("Ram Raam", "hi", known)
    ('en', None)
    """
    counts = {code: sum(word in words for word in spoken(text, code).split()) for code, words in known.items()}
    own = counts.pop(language, 0)
    best = max(counts, key=counts.__getitem__, default=None)
    return best if best and counts[best] > own else None
