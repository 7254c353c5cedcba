"""Oracles: Whisper's own tokenizer and language table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import WhisperTokenizer

from whisper_helpers import tokens
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.errors import BadInput

SENTENCES = {
    "hi": "किताब कहाँ है?",
    "ml": "മലയാളം എന്റെ ഭാഷ",
    "ta": "தமிழ் மொழி",
    "bn": "বাংলা ভাষা",
    "th": "ภาษาไทย",
    "ar": "اللغة العربية",
    "he": "שפה עברית",
    "ru": "Русский язык",
    "zh": "中文",
    "ja": "日本語です",
    "ko": "한국어",
    "es": "¿Dónde está?",
    "en": "It's 5 o'clock 🙂",
}


@pytest.fixture(scope="module")
def tokenizer(tiny_whisper) -> WhisperTokenizer:
    return open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)[1].tokenizer


@pytest.mark.parametrize("name", ["hi", "HI", "Hindi", "hindi", " <|hi|> "])
def test_a_language_has_many_names(name: str) -> None:
    assert tokens.language_code(name) == "hi"
    assert tokens.language_name(name) == "Hindi"


def test_an_unknown_language_suggests_the_nearest() -> None:
    with pytest.raises(BadInput, match="hindi"):
        tokens.language_code("hindy")


def test_an_unknown_task_names_the_known() -> None:
    with pytest.raises(BadInput, match="transcribe and translate"):
        tokens.task_name("summarise")


@pytest.mark.parametrize(("language", "sentence"), SENTENCES.items())
def test_labels_are_the_tokenizers_without_the_start(tokenizer: WhisperTokenizer, language: str, sentence: str) -> None:
    labels = tokens.encode_labels(sentence, tokenizer)
    assert [tokens.start_token_id(tokenizer), *labels] == tokenizer(sentence).input_ids
    assert tokenizer.decode(labels, skip_special_tokens=True) == sentence
    assert tokenizer.convert_ids_to_tokens(labels[:3]) == ["<|hi|>", "<|transcribe|>", "<|notimestamps|>"]
    assert labels[-1] == tokenizer.eos_token_id


def test_a_row_may_have_its_own_language(tokenizer: WhisperTokenizer) -> None:
    labels = tokens.encode_labels("Hola", tokenizer, "es")
    assert tokenizer.convert_ids_to_tokens(labels[:2]) == ["<|es|>", "<|transcribe|>"]
    assert labels[1:] == tokens.encode_labels("Hola", tokenizer)[1:]


WRITTEN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=60).filter(
    lambda text: "<|" not in text
)


@settings(max_examples=50, deadline=None)
@given(text=WRITTEN)
def test_any_text_makes_the_round_trip(tokenizer: WhisperTokenizer, text: str) -> None:
    labels = tokens.encode_labels(text, tokenizer)
    assert tokenizer.decode(labels, skip_special_tokens=True) == text


def test_whispers_marks_in_a_sentence_stay_marks(tokenizer: WhisperTokenizer) -> None:
    labels = tokens.encode_labels("<|0.00|>Hola<|1.20|>", tokenizer)
    written = tokenizer.convert_ids_to_tokens(labels)
    assert (written[3], written[-2]) == ("<|0.00|>", "<|1.20|>")
    assert tokenizer.decode(labels, skip_special_tokens=True) == "Hola"


def test_long_labels_are_not_cut(tokenizer: WhisperTokenizer) -> None:
    assert len(tokens.encode_labels("क" * 1000, tokenizer)) > tokens.MAX_LABELS


@pytest.mark.parametrize(("language", "sentence"), SENTENCES.items())
def test_a_table_takes_the_sentence_apart_without_losing_a_byte(
    tokenizer: WhisperTokenizer, language: str, sentence: str
) -> None:
    table = tokens.token_table(sentence, tokenizer)
    assert [view.id for view in table] == tokenizer(sentence).input_ids
    assert b"".join(view.bytes for view in table).decode() == sentence
    assert [view.text for view in table if view.special] == [*PREFIX, "<|endoftext|>"]


PREFIX = ["<|startoftranscript|>", "<|hi|>", "<|transcribe|>", "<|notimestamps|>"]


@settings(max_examples=50, deadline=None)
@given(text=WRITTEN)
def test_any_text_is_taken_apart_without_losing_a_byte(tokenizer: WhisperTokenizer, text: str) -> None:
    assert b"".join(view.bytes for view in tokens.token_table(text, tokenizer)) == text.encode()


def test_every_token_of_the_vocabulary_has_its_bytes(tokenizer: WhisperTokenizer) -> None:
    table = tokens.token_table(range(len(tokenizer)), tokenizer)
    assert [view.special for view in table] == [number >= tokenizer.eos_token_id for number in range(len(tokenizer))]
    assert {view.bytes for view in table if len(view.bytes) == 1} == {bytes([byte]) for byte in range(256)}
    for view in table[: tokenizer.eos_token_id : 50]:
        assert view.bytes.decode("utf-8", "replace") == tokenizer.decode([view.id])


def test_part_of_a_character_shows_as_its_bytes(tokenizer: WhisperTokenizer) -> None:
    views = [view for view in tokens.token_table("घ", tokenizer) if not view.special]
    assert len(views) > 1
    assert " ".join(view.text for view in views) == "E0 A4 98"


def test_chips_are_one_a_token_and_show_marks_and_spaces_as_text(tokenizer: WhisperTokenizer) -> None:
    page = tokens.chips(tokens.token_table("It <b> is", tokenizer))
    assert page.count("<span") == len(tokenizer("It <b> is").input_ids)
    assert "&lt;|hi|&gt;" in page
    assert "<b>" not in page
    assert "␣is<" in page
    assert page.count("background:#D9D9D9") == 5
    assert page.startswith('<div dir="ltr"')
    assert tokens.chips(tokens.token_table("كتاب", tokenizer)).startswith('<div dir="rtl"')


def test_tokens_a_word_leave_the_prefix_out(tokenizer: WhisperTokenizer) -> None:
    counts = tokens.tokens_per_word({"one": "the", "three": "the the the", "Hindi": SENTENCES["hi"]}, tokenizer)
    assert counts["one"] == counts["three"] == 1
    assert counts["Hindi"] == (len(tokenizer(SENTENCES["hi"]).input_ids) - 5) / 3


@pytest.mark.parametrize("sentence", ["", " \n"])
def test_a_sentence_without_words_is_refused_by_name(tokenizer: WhisperTokenizer, sentence: str) -> None:
    with pytest.raises(BadInput, match="sentence of Hindi has no word"):
        tokens.tokens_per_word({"Hindi": sentence}, tokenizer)
