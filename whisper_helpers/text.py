"""What counts as the same word in a script: normalised text for scores, with every combining mark kept."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

NORMALISER = "scores over lower-cased text without punctuation, combining marks kept"

SPACELESS = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km", "bo"})  # no spaces between words
FOLDS = {  # letters that one language counts as the same, or lower-cases in its own way
    "ru": (("Ё", "Е"), ("ё", "е")),  # Russian print leaves the dots out; Belarusian never does
    "tr": (("İ", "i"), ("I", "ı"), ("i\u0307", "i")),
    "az": (("İ", "i"), ("I", "ı"), ("i\u0307", "i")),
}

_VIRAMA_ZWJ = "\u0d4d\u200d"
_CHILLU = tuple((letter + _VIRAMA_ZWJ, chillu) for letter, chillu in zip("ണനരലളക", "ൺൻർൽൾൿ", strict=True))
_APOSTROPHES = frozenset("'`´‘’‛′＇ʻʼʽ՚׳\u1fbd\u1fbf\u1ffd\u1fef")
_TATWEEL_AND_SELECTORS = "\u0640\u034f\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSPOKEN = re.compile(f"[{_TATWEEL_AND_SELECTORS}]")
_CLAUSE_MARKS = frozenset(".,;:!?/\\&@։׃،؛؟۔।॥፡።፣፤፥፦፧፨།༎་၊။។៕៖、。")
_PARTING_CATEGORIES = ("Pd", "Pc", "Sm", "Sc", "So")  # dashes, underscores, symbols and emoji


def normalise(text: str, language: str | None = None) -> str:
    """Text as it is scored: two spellings of one word become equal, two words stay different.

    NFKC and lower case. Punctuation and symbols are dropped; those that part words (clause marks such as the
    danda, hyphens, dashes, slashes, symbols) leave a space; ``.`` and ``,`` between digits stay.
    Apostrophes of every kind become ``'`` inside a word and are dropped at its edges, where they are quotes.

    Combining marks are kept, among them vowel signs, the nukta, and Arabic and Hebrew points; only variation
    selectors, which choose a glyph or an emoji's colour, are dropped. So are format characters (ZWJ, ZWNJ,
    BOM, soft hyphen, direction marks) and the Arabic tatweel; a Malayalam consonant, virama and ZWJ are first
    made the chillu letter they stand for. Digits stay in their script. A run of white space is one space.

    In Russian ё is е; in Turkish and Azerbaijani I is ı and İ is i. In the languages of `SPACELESS`
    punctuation leaves no space; a "word" there is what stands between spaces, so WER means little and CER is
    read instead.

    Parameters
    ----------
    text
        Any text.
    language
        Whisper's code of its language, for the rules of `FOLDS` and `SPACELESS`.

    Returns
    -------
    str
        Normalised text, ``""`` if nothing is left. Normalising it again changes nothing.

    Examples
    --------
    >>> normalise("«नमस्ते, दुनिया।»"), normalise("DON’T re-read 1,000!")
    ('नमस्ते दुनिया', "don't re read 1,000")
    >>> normalise("Ёлка", "ru"), normalise("ISI", "tr"), normalise("你好，世界。", "zh")
    ('елка', 'ısı', '你好世界')
    """
    previous = None
    while text != previous:  # dropping a character can bring together what NFKC then composes
        previous, text = text, _normalise_once(text, language)
    return text


@dataclass(frozen=True)
class LanguageRule:
    """Spellings that readers of a language take for equal.

    Parameters
    ----------
    pairs
        What is written, and what it is read as.
    explanation
        The rule in a sentence.
    by_character
        Each letter with its marks is a word of its own.
    """

    pairs: tuple[tuple[str, str], ...]
    explanation: str
    by_character: bool = False


_NUKTA_PAIRS = tuple((f"{letter}\u093c", letter) for letter in "कखगजफ")
_ARABIC_POINTS = tuple((chr(point), "") for point in (*range(0x064B, 0x0653), 0x0670))
_BY_CHARACTER = LanguageRule((), "Each character is a word, for there are no spaces between words.", True)
LANGUAGE_RULES = {
    "hi": LanguageRule(
        (*_NUKTA_PAIRS, ("\u200d", "")),
        "क़ ख़ ग़ ज़ फ़ are क ख ग ज फ, as many write them; ड़ and ढ़ are letters of their own. ZWJ is left out.",
    ),
    "ru": LanguageRule((("ё", "е"),), "ё is е, as print has it: the second does that already."),
    "ar": LanguageRule(_ARABIC_POINTS, "Short vowels and other points (tashkeel) are left out."),
    **dict.fromkeys(("zh", "th"), _BY_CHARACTER),
}


def language_reading(text: str, language: str) -> str:
    """Text as readers of a language take it: `normalise`, and then the pairs of its rule and no others.

    Parameters
    ----------
    text
        Any text.
    language
        A key of `LANGUAGE_RULES`.

    Returns
    -------
    str
        Reading it again changes nothing.

    Examples
    --------
    >>> language_reading("बाज़ार में पेड़", "hi"), language_reading("مُحَمَّد", "ar"), language_reading("你好。", "zh")
    ('बाजार में पेड़', 'محمد', '你 好')
    """
    rule, previous = LANGUAGE_RULES[language], None
    while text != previous:
        previous, text = text, normalise(text, language)
        for written, read in rule.pairs:
            text = text.replace(written, read)
        if rule.by_character:
            text = " ".join(_apart(text).split())
    return text


def paper_reading(text: str) -> str:
    """Text as the basic normaliser of Whisper's paper has it: combining marks become spaces.

    For English the paper used another one, which rewrites numbers and spellings too.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        Applied until it changes nothing more.

    Examples
    --------
    >>> paper_reading("किताब कहाँ है?")
    'क त ब कह ह'
    """
    from transformers.models.whisper.english_normalizer import BasicTextNormalizer

    basic, previous = BasicTextNormalizer(), None
    while text != previous:
        previous, text = text, " ".join(basic(text).split())
    return text


def _apart(text: str) -> str:
    spaced, inside = [], False  # inside a letter without case and its marks
    for char in text:
        category = unicodedata.category(char)
        if category == "Lo" or (inside and category[0] != "M"):
            spaced.append(" ")
        inside = category == "Lo" or (inside and category[0] == "M")
        spaced.append(char)
    return "".join(spaced)


def _normalise_once(text: str, language: str | None) -> str:
    text = unicodedata.normalize("NFKC", "".join(map(_before_nfkc, text)))
    for spelling, letter in (*_CHILLU, *FOLDS.get(language or "", ())):
        text = text.replace(spelling, letter)
    text = "".join(map(_sorted_out, text.lower()))
    text = re.sub(r"(?<![^ '.,;])'|'(?![^ '.,;])", "", text)
    text = re.sub(r";|(?<!\d)[.,]|[.,](?!\d)", "" if language in SPACELESS else " ", text)
    return " ".join(text.split())


@cache
def _before_nfkc(char: str) -> str:
    """Keep NFKC from making an accent that stands alone, such as ´ or ¨, a space with a mark on it."""
    if char in _APOSTROPHES:
        return "'"
    alone = unicodedata.category(char)[0] in "PS" and unicodedata.normalize("NFKC", char)[0] == " "
    return "" if alone else char


@cache
def _sorted_out(char: str) -> str:
    """Return a word's character as it is, else an apostrophe, a space, a mark to part words, or nothing."""
    category = unicodedata.category(char)
    if char in _APOSTROPHES:
        return "'"
    if char.isspace():
        return " "
    if char in ".,":
        return char
    if char in _CLAUSE_MARKS or category in _PARTING_CATEGORIES:
        return ";"
    dropped = category[0] in "PS" or category in ("Cc", "Cf", "Cs") or _UNSPOKEN.match(char)
    return "" if dropped else char


def direction(text: str) -> str:
    """Which way a text is written: by its first letter that has a direction.

    Parameters
    ----------
    text
        In any script.

    Examples
    --------
    >>> direction("1. كتاب"), direction("book")
    ('rtl', 'ltr')
    """
    letters = (unicodedata.bidirectional(each) for each in text)
    return "rtl" if next((each for each in letters if each in {"L", "R", "AL"}), "L") != "L" else "ltr"
