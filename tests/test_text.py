"""Oracles: words of many scripts normalised by hand, and Unicode's own tables."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whisper_helpers.text import FOLDS, NORMALISER, SPACELESS, normalise

ZWJ, ZWNJ, NUKTA = "\u200d", "\u200c", "\u093c"
LANGUAGES = st.sampled_from([None, "hi", *FOLDS, *sorted(SPACELESS)])

BY_HAND = [
    ("hi", "क्या, किताब कहाँ है?", "क्या किताब कहाँ है"),
    ("hi", "«वह हिन्दी पढ़ता है।»", "वह हिन्दी पढ\u093cता है"),
    ("hi", "आज १५ अगस्त॥ है", "आज १५ अगस्त है"),
    ("ml", "മലയാളം, എന്റെ ഭാഷ!", "മലയാളം എന്റെ ഭാഷ"),
    ("ta", "“தமிழ் மொழி”.", "தமிழ் மொழி"),
    ("bn", "আমি বাংলায় কথা বলি।", "আমি বাংলা\u09af\u09bc কথা বলি"),
    ("th", "“สวัสดีครับ” (ผู้ชาย)", "สวัสดีครับ ผู้ชาย"),
    ("th", "\u0e17\u0e33", "\u0e17\u0e4d\u0e32"),  # sara am is two characters for NFKC
    ("ar", "السَّلامُ عليكم، يا صديقي؟", "السَّلامُ عليكم يا صديقي"),
    ("ar", "كتـــاب", "كتاب"),
    ("ur", "یہ کتاب ہے۔میں", "یہ کتاب ہے میں"),
    ("he", "שָׁלוֹם, צה״ל בית־ספר ג׳ירפה!", "שָׁלוֹם צהל בית ספר ג'ירפה"),
    ("dv", "ދިވެހި، ބަސް!", "ދިވެހި ބަސް"),
    ("ru", "Ещё ёлка — и Всё-таки «ЁЖ»…", "еще елка и все таки еж"),
    ("be", "Ёсць і Её", "ёсць і её"),
    ("uk", "М’ЯЧ ім'я", "м'яч ім'я"),
    ("zh", "你好，世界。ＡＢＣ１２３", "你好世界abc123"),
    ("ja", "「こんにちは、世界！」", "こんにちは世界"),
    ("ja", "\uff76\uff9e", "ガ"),  # half-width ka and its voicing mark
    ("tr", "IŞIK İstanbul’da", "ışık istanbul'da"),
    ("tr", "i\u0307stanbul", "istanbul"),  # what lower-casing without a language makes of İ
    ("az", "Bakı, QIZIL", "bakı qızıl"),
    ("hy", "Ի՞նչ է։", "ինչ է"),
    ("ca", "la col·lecció", "la collecció"),
    ("am", "ሰላም፡ዓለም።", "ሰላም ዓለም"),
    ("es", "¿Dónde está?", "dónde está"),
    ("en", "Don't re-read ‘Tom’s’ ROCK 'n' roll!", "don't re read tom's rock n roll"),
    ("en", "and/or 1,000.50; end.Next", "and or 1,000.50 end next"),
    ("en", "I ❤\ufe0f you 👩🏽\u200d🚀 word🙂word", "i you word word"),
    (None, "\ufeff a\u00a0\t b\r\n\u2009c\u00ad\u200ed ", "a b cd"),
    (None, "it´s a``b ¨x", "it's ab x"),
]


@pytest.mark.parametrize(("language", "text", "expected"), BY_HAND)
def test_scripts_normalised_by_hand(language: str | None, text: str, expected: str) -> None:
    assert normalise(text, language) == expected


@pytest.mark.parametrize("empty", ["", " \n", "।॥", "?!…", "🙂❤\ufe0f", ZWJ, "'", "- - -", "\0", "\ud800"])
@pytest.mark.parametrize("language", [None, "hi", "zh"])
def test_text_without_a_letter_is_empty(empty: str, language: str | None) -> None:
    assert normalise(empty, language) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("किताब", "कुताब"),
        ("बाज" + NUKTA, "बाज"),
        ("കലം", "കാലം"),
        ("มา", "ม้า"),
        ("كَتَبَ", "كُتِبَ"),
        ("ދެ", "ދޮ"),
        ("படி", "பாடி"),
        ("দিন", "দান"),
        ("ящик", "ещик"),
        ("we'll", "well"),
    ],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_nukta_is_the_same_in_one_character_or_two_and_is_kept() -> None:
    assert normalise("\u095d") == normalise("\u0922" + NUKTA) == "\u0922\u093c"


@pytest.mark.parametrize(
    ("consonant", "chillu"),
    [
        ("\u0d23", "\u0d7a"),
        ("\u0d28", "\u0d7b"),
        ("\u0d30", "\u0d7c"),
        ("\u0d32", "\u0d7d"),
        ("\u0d33", "\u0d7e"),
        ("\u0d15", "\u0d7f"),
    ],
)
def test_a_malayalam_chillu_is_the_same_in_one_character_or_three(consonant: str, chillu: str) -> None:
    assert normalise(f"അവ{consonant}\u0d4d{ZWJ}") == f"അവ{chillu}"
    assert unicodedata.name(chillu).startswith("MALAYALAM LETTER CHILLU")
    assert normalise(f"അവ{consonant}\u0d4d") != f"അവ{chillu}"


def test_joiners_do_not_part_words() -> None:
    assert normalise(f"क्{ZWJ}ष") == normalise(f"क्{ZWNJ}ष") == "क्ष"
    assert normalise(f"می{ZWNJ}روم", "fa") == "میروم"


@pytest.mark.parametrize("apostrophe", "'’‘ʼʻ´`＇׳′")
def test_apostrophes_are_one_kind_inside_a_word_and_none_at_its_edge(apostrophe: str) -> None:
    assert normalise(f"{apostrophe}o{apostrophe}clock{apostrophe} a{apostrophe}{apostrophe}b") == "o'clock ab"


@pytest.mark.parametrize("hyphen", "-‐‑–—־")
def test_hyphens_and_dashes_part_words(hyphen: str) -> None:
    assert normalise(f"a{hyphen}b 10{hyphen}15 {hyphen}c") == "a b 10 15 c"


def test_without_a_language_no_letters_are_folded() -> None:
    assert normalise("Ёлка I") == "ёлка i"


def test_decimal_digits_stay_in_their_script() -> None:
    assert normalise("१२ ٣٤ ๕๖ 78 ９") == "१२ ٣٤ ๕๖ 78 9"


def test_every_mark_survives_except_the_selectors_of_glyphs() -> None:
    marks = [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char)[0] == "M"]
    lost = [mark for mark in marks if normalise(f"क{mark}") == "क"]
    unexpected = [name for name in map(unicodedata.name, lost) if "VARIATION SELECTOR" not in name]
    assert unexpected == ["COMBINING GRAPHEME JOINER"]
    assert len(marks) > 2000


def test_no_punctuation_or_symbol_survives_but_the_apostrophe() -> None:
    for code in range(sys.maxunicode + 1):
        left = set(normalise(f"a{chr(code)}b")) - {" ", "'"}
        assert not [char for char in left if unicodedata.category(char)[0] in "PSZ"], hex(code)


@settings(deadline=None, max_examples=500)
@given(text=st.text(st.characters()), language=LANGUAGES)
@example(text='е"\u0308', language="ru")
@example(text="ё\u0323\u0308", language="ru")
@example(text='i"\u0307\u0307', language="tr")
@example(text="İ\u0307", language="tr")
@example(text="ന\u0d4d\u00ad\u200d", language="ml")
@example(text="\ud800\udc00", language=None)
def test_normalising_again_changes_nothing(text: str, language: str | None) -> None:
    once = normalise(text, language)
    assert normalise(once, language) == once


ODD = st.sampled_from(
    [*"ёЁеiIİıσΣ'’´.,;-।\u0307\u0308\u0323\u0345 1२ക്नाक", ZWJ, ZWNJ, "\u00ad", "\ufe0f", '"', "ŉ", "½"]
)


@settings(deadline=None, max_examples=500)
@given(text=st.text(ODD, max_size=12), language=LANGUAGES)
def test_normalising_again_changes_nothing_where_rules_meet(text: str, language: str | None) -> None:
    once = normalise(text, language)
    assert normalise(once, language) == once
    assert once == once.strip()
    assert "  " not in once


@settings(deadline=None, max_examples=200)
@given(text=st.text(), language=LANGUAGES)
def test_canonically_equal_texts_are_equal(text: str, language: str | None) -> None:
    composed, decomposed = (normalise(unicodedata.normalize(form, text), language) for form in ("NFC", "NFD"))
    assert composed == decomposed


def test_the_normaliser_is_named_in_one_line() -> None:
    assert "marks kept" in NORMALISER
    assert len(NORMALISER.splitlines()) == 1
