"""Oracles: jiwer on the read texts, an alignment written by hand, and a list of Hindi words."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from pathlib import Path

import jiwer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whisper_helpers.metrics import READINGS, error_counts, evaluate_metric, score_readings
from whisper_helpers.text import LANGUAGE_RULES, language_reading, normalise, paper_reading

WORDS = Path(__file__, "..", "words", "hindi.txt").resolve().read_text(encoding="utf-8").split()
NUKTA = "\u093c"
SCRIPTS = ["कखज़ड़िाी्ंँ\u200d", "abcÉß'-", "ёЁежЙ", "مُحَدًّ", "你好世界。", "สวัดีครับ์", "தமிழ்", " ", ",.।?!"]
LETTERS = st.lists(st.sampled_from("".join(SCRIPTS)), max_size=14).map("".join)
VOCABULARY = [
    "घर",
    "बाज़ार",
    "मेरी",
    "किताब",
    "кот",
    "ёлка",
    "مُحَمَّد",
    "सड़क",
    "don't",
    "Über",
    "你好",
    "สวัสดี",
    "1,000",
    "—",
    "।",
]
SENTENCES = st.lists(st.one_of(st.sampled_from(VOCABULARY), LETTERS), max_size=8).map(" ".join)
TEXTS = st.one_of(LETTERS, SENTENCES)


def by_hand(reference: list[str], hypothesis: list[str]) -> tuple[int, int, int, int]:
    """Hits, substitutions, deletions and insertions of a cheapest alignment, by the whole table."""
    rows, columns = len(reference) + 1, len(hypothesis) + 1
    cost = np.zeros((rows, columns), int)
    cost[:, 0], cost[0] = np.arange(rows), np.arange(columns)
    for i in range(1, rows):
        for j in range(1, columns):
            change = cost[i - 1, j - 1] + (reference[i - 1] != hypothesis[j - 1])
            cost[i, j] = min(change, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    i, j, kinds = rows - 1, columns - 1, [0, 0, 0, 0]
    while i or j:
        equal = i and j and reference[i - 1] == hypothesis[j - 1]
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (not equal):
            kinds[0 if equal else 1] += 1
            i, j = i - 1, j - 1
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            kinds[2] += 1
            i -= 1
        else:
            kinds[3] += 1
            j -= 1
    return tuple(kinds)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4), st.sampled_from([None, *LANGUAGE_RULES]))
def test_each_reading_has_jiwers_rates_of_its_texts(pairs: list[tuple[str, str]], language: str | None) -> None:
    references, hypotheses = map(list, zip(*pairs, strict=True))
    rows = {row["name"]: row for row in score_readings(references, hypotheses, language)}
    assert list(rows) == [reading.name for reading in READINGS if reading.reader(language)]
    for reading in READINGS:
        if reader := reading.reader(language):
            read = list(map(reader, references)), list(map(reader, hypotheses))
            words, row = jiwer.process_words(*read), rows[reading.name]
            kinds = words.substitutions, words.deletions, words.insertions
            assert (row["substitutions"], row["deletions"], row["insertions"]) == kinds
            if row["words"]:
                assert row["wer"] == pytest.approx(100 * words.wer)
                assert row["cer"] == pytest.approx(100 * jiwer.cer(*read))
            else:
                assert row["wer"] is None


def test_many_pairs_have_several_words_and_some_in_common() -> None:
    """What the oracles are asked about."""
    several: list[bool] = []

    @settings(deadline=None, max_examples=200, database=None)
    @given(TEXTS, TEXTS)
    def look(one: str, other: str) -> None:
        several.append(min(len(one.split()), len(other.split())) > 1 and bool({*one.split()} & {*other.split()}))

    look()
    assert sum(several) > 20


@settings(deadline=None, max_examples=200)
@given(st.tuples(TEXTS, TEXTS))
def test_errors_are_those_of_an_alignment_written_by_hand(pair: tuple[str, str]) -> None:
    for characters, units in ((False, str.split), (True, lambda text: list(text.strip()))):
        counts = error_counts([pair[0]], [pair[1]], characters=characters)[:, 0]
        expected = by_hand(units(pair[0]), units(pair[1]))
        assert counts[1:].sum() == sum(expected[1:])
        assert counts[2] - counts[3] == expected[2] - expected[3]


def test_raw_numbers_are_those_of_the_tutorials_metric() -> None:
    references, hypotheses = ["किताब कहाँ है?", "Hello, World!"], ["कुताब कहाँ है", "hello world"]
    raw = score_readings(references, hypotheses)[0]
    assert raw["wer"] == pytest.approx(100 * jiwer.wer(references, hypotheses))  # evaluate's "wer" is jiwer's
    normalised = score_readings(references, hypotheses)[1]["wer"]
    assert normalised == pytest.approx(evaluate_metric().compute(predictions=hypotheses, references=references)["wer"])


@settings(deadline=None, max_examples=300)
@given(st.one_of(TEXTS, st.text()), st.sampled_from([None, *LANGUAGE_RULES]))
def test_reading_twice_changes_nothing(text: str, language: str | None) -> None:
    for reading in READINGS:
        if reader := reading.reader(language):
            assert reader(reader(text)) == reader(text)


def test_the_default_merges_no_two_hindi_words_and_splits_none() -> None:
    composed = {unicodedata.normalize("NFC", word) for word in WORDS}
    assert len(composed) == len(WORDS) > 900
    assert len({normalise(word, "hi") for word in WORDS}) == len(WORDS)
    assert not [word for word in WORDS if len(normalise(word, "hi").split()) != 1]


def test_the_papers_normaliser_does_both() -> None:
    assert len({paper_reading(word) for word in WORDS}) < len(WORDS)
    assert len(paper_reading("किताब").split()) == 3


def test_hindi_rules_merge_only_the_pairs_that_they_list() -> None:
    listed = str.maketrans({NUKTA: None})
    by_reading = sorted(WORDS, key=lambda word: language_reading(word, "hi"))
    merged = [list(words) for _, words in groupby(by_reading, lambda word: language_reading(word, "hi"))]
    pairs = [words for words in merged if len(words) > 1]
    assert ["राज", "राज़"] in map(sorted, pairs)
    for words in pairs:
        decomposed = [unicodedata.normalize("NFD", word) for word in words]
        assert len({word.translate(listed) for word in decomposed}) == 1
        assert {word.count("ड" + NUKTA) + word.count("ढ" + NUKTA) for word in decomposed} == {
            decomposed[0].count("ड" + NUKTA) + decomposed[0].count("ढ" + NUKTA)
        }


LISTED = {"ru": {"ё": "е", "Ё": "Е"}, "ar": dict.fromkeys(map(chr, (*range(0x64B, 0x653), 0x670)), "")}
ALPHABETS = {"ru": "абеёжийЁЕИЙ\u0301", "ar": "".join(map(chr, (*range(0x622, 0x62B), *range(0x64B, 0x653), 0x670)))}


@pytest.mark.parametrize("language", LISTED)
@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_a_rule_merges_the_pairs_that_it_lists_and_no_others(language: str, data: st.DataObject) -> None:
    words = st.text(ALPHABETS[language], min_size=1, max_size=4)
    one = data.draw(words)
    other = data.draw(st.one_of(words, st.just(one.translate(str.maketrans(LISTED[language])))))
    bare = [unicodedata.normalize("NFKC", word).translate(str.maketrans(LISTED[language])) for word in (one, other)]
    same = normalise(bare[0]) == normalise(bare[1])
    assert (language_reading(one, language) == language_reading(other, language)) == same


@pytest.mark.parametrize(
    ("language", "one", "other", "same"),
    [
        ("hi", "ज़रा", "जरा", True),
        ("hi", "पड़ा", "पडा", False),
        ("hi", "पढ़ा", "पढा", False),
        ("hi", "क्\u200dष", "क्ष", True),
        ("hi", "किताब", "कुताब", False),
        ("hi", "हँस", "हंस", False),
        ("ru", "ещё", "еще", True),
        ("ru", "йод", "иод", False),
        ("ar", "مُحَمَّد", "محمد", True),
        ("ar", "أحمد", "احمد", False),
        ("ar", "مدرسة", "مدرسه", False),
        ("th", "ไม้", "ไม", False),
    ],
)
def test_a_languages_own_rule(language: str, one: str, other: str, same: bool) -> None:
    assert (language_reading(one, language) == language_reading(other, language)) == same


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [("zh", "你好，世界 ok", ["你", "好", "世", "界", "ok"]), ("th", "กินน้ำ", ["กิ", "น", "น้ํ", "า"])],
)
def test_by_character_each_letter_keeps_its_marks(language: str, text: str, words: list[str]) -> None:
    assert language_reading(text, language).split() == words


def test_changing_the_number_of_words_is_warned_of() -> None:
    rows = {row["name"]: row for row in score_readings(["किताब कहाँ है?", "हम"], ["किताब", "हम"], "hi")}
    assert "2 of 2" not in rows["paper"]["warning"]
    assert rows["paper"]["warning"].startswith(
        "The paper's normaliser changes the number of words in 1 of 2 references (4 words become 6)"
    )
    assert not [name for name, row in rows.items() if "warning" in row and name != "paper"]
    assert "warning" not in {row["name"]: row for row in score_readings(["one two"], ["one"], "en")}["paper"]


def test_references_without_any_word_have_no_rate() -> None:
    rows = score_readings(["?!", ""], ["you", ""], "en")
    assert [(row["wer"], row["insertions"]) for row in rows if row["name"] == "normalised"] == [(None, 1)]
