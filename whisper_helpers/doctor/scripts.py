"""Which scripts a language is written in, and which script a letter is of."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

LATIN = frozenset({"LATIN"})
_WRITTEN = {
    "ARABIC": "ar fa ur ps",
    "ARABIC DEVANAGARI": "sd",
    "ARMENIAN": "hy",
    "BENGALI": "bn as",
    "CJK BOPOMOFO": "zh yue",
    "CJK HANGUL": "ko",
    "CJK HIRAGANA KATAKANA": "ja",
    "CYRILLIC": "ru uk be bg mk tg tt ba",
    "CYRILLIC LATIN": "sr bs az uz tk kk",
    "CYRILLIC MONGOLIAN": "mn",
    "DEVANAGARI": "hi mr ne sa",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI ARABIC": "pa",
    "HEBREW": "he yi",
    "KANNADA": "kn",
    "KHMER": "km",
    "LAO": "lo",
    "LATIN ARABIC": "ha",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
    "TIBETAN": "bo",
}
_SCRIPTS = {code: frozenset(names.split()) for names, codes in _WRITTEN.items() for code in codes.split()}
_SAME = {"FULLWIDTH": "LATIN", "HALFWIDTH": "KATAKANA"}  # first words of names that are no script
_NO_SCRIPT = frozenset({"MODIFIER", "FEMININE", "MASCULINE", "MICRO", "IDEOGRAPHIC", "COMBINING", "VARIATION", ""})


def scripts_of(language: str, sentences: Iterable[str]) -> frozenset[str]:
    """Scripts that a language is written in, by their names in Unicode.

    Parameters
    ----------
    language
        Whisper's code. Of a language that Whisper does not know, and of "", the sentences tell.
    sentences
        The corpus in that language.

    Examples
    --------
    >>> sorted(scripts_of("ja", [])), sorted(scripts_of("", ["Да.", "Нет.", "OK"]))
    (['CJK', 'HIRAGANA', 'KATAKANA'], ['CYRILLIC'])
    """
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    if language in _SCRIPTS:
        return _SCRIPTS[language]
    if language in LANGUAGES:
        return LATIN
    most = Counter(script for sentence in sentences for script in map(script_of, sentence) if script).most_common(1)
    return frozenset({most[0][0]}) if most else LATIN


def scripts_by_language(sentences: Sequence[str], languages: Sequence[str]) -> dict[str, frozenset[str]]:
    """Scripts of each language of a corpus.

    Parameters
    ----------
    sentences, languages
        One entry a clip.

    Examples
    --------
    >>> scripts_by_language(["Да.", "Yes."], ["ru", "en"])
    {'ru': frozenset({'CYRILLIC'}), 'en': frozenset({'LATIN'})}
    """
    grouped: dict[str, list[str]] = defaultdict(list)
    for sentence, language in zip(sentences, languages, strict=True):
        grouped[language].append(sentence)
    return {language: scripts_of(language, texts) for language, texts in grouped.items()}


@cache
def script_of(char: str) -> str:
    """Script of a letter or mark, by its name in Unicode; "" for anything else and for what is of no script.

    Parameters
    ----------
    char
        One character.

    Examples
    --------
    >>> script_of("न"), script_of("ж"), script_of("5")
    ('DEVANAGARI', 'CYRILLIC', '')
    """
    if unicodedata.category(char)[0] not in "LM":
        return ""
    first = unicodedata.name(char, "").split(" ")[0]
    return "" if first in _NO_SCRIPT else _SAME.get(first, first)
