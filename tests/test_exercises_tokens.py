"""Right answers pass, typical wrong ones are explained, and nonsense never raises."""

from __future__ import annotations

import pytest

from whisper_helpers.collate import shift_right
from whisper_helpers.exercises import tokens
from whisper_helpers.tokens import encode_labels

CHECKERS = (tokens.room, tokens.trim_start, tokens.shift_right, tokens.translation)
START, HINDI, *_, NO_TIMESTAMPS = tokens.TRANSLATION


@pytest.fixture(scope="module")
def tokenizer(tiny_whisper) -> object:
    from whisper_helpers.checkpoints import open_checkpoint

    return open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)[1].tokenizer


def test_the_ids_of_the_checkers_are_the_tokenizers(tokenizer: object) -> None:
    labels = encode_labels("", tokenizer)
    assert tuple(labels) == (*tokens.PREFIX, tokens.END)
    assert tokens.room(448 - len(labels))
    tokenizer.set_prefix_tokens(task="translate")
    assert tokens.translation(tokenizer.convert_ids_to_tokens(tokenizer.prefix_tokens))
    tokenizer.set_prefix_tokens(task="transcribe")


def test_the_right_shift_is_the_packages(tokenizer: object) -> None:
    import torch

    assert tokens.shift_right(lambda labels, start, end: shift_right(torch.tensor([labels]), tokenizer)[0].tolist())


def test_right_answers_are_right() -> None:
    assert tokens.room(444)
    assert tokens.trim_start(lambda ids, start: ids[1:] if ids[:1] == [start] else ids)
    assert tokens.shift_right(lambda row, start, end: [start, *(end if each == -100 else each for each in row[:-1])])
    assert tokens.translation(list(tokens.TRANSLATION))
    assert tokens.translation("".join(tokens.TRANSLATION))


@pytest.mark.parametrize(
    ("answer", "words"), [(448, "whole length"), (443, "start token"), (445, "one mark"), (400, "empty sentence")]
)
def test_a_wrong_room_is_explained(answer: int, words: str) -> None:
    verdict = tokens.room(answer)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda ids, start: ids[1:] if ids[0] == 50_257 else ids, "compared with 50257"),
        (lambda ids, start: ids[1:], "the language went"),
        (lambda ids, start: ids[2:], "Only the first id"),
        (lambda ids, start: ids[1:] if ids[:1] == [50_258] else ids, "is given"),
        (lambda ids, start: ids[1:] if ids[0] == start else ids, "IndexError"),
        (lambda ids, start: ids[1:] if ids[:1] == [start] else ids or [0], "no ids remain"),
    ],
)
def test_a_wrong_trim_is_explained(function: object, words: str) -> None:
    verdict = tokens.trim_start(function)
    assert not verdict
    assert words in verdict.words


def in_place(row: list[int], start: int, end: int) -> list[int]:
    row.insert(0, start)
    return row[:-1]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda row, start, end: [start, *row], "yours has 6"),
        (lambda row, start, end: row, "first input"),
        (lambda row, start, end: [start, *row[1:]], "one place later"),
        (lambda row, start, end: [start, *row[:-1]], "no embedding"),
        (lambda row, start, end: [start, *(7 if each == -100 else each for each in row[:-1])], "padded row"),
        (in_place, "changed the list"),
    ],
)
def test_a_wrong_shift_is_explained(function: object, words: str) -> None:
    verdict = tokens.shift_right(function)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([START, "<|en|>", "<|translate|>", NO_TIMESTAMPS], "that is heard"),
        ([START, HINDI, "<|transcribe|>", NO_TIMESTAMPS], "another task"),
        ([HINDI, "<|translate|>", NO_TIMESTAMPS], "the start is missing"),
        ([START, HINDI, "<|translate|>"], "the timestamps is missing"),
        ([START, "<|translate|>", HINDI, NO_TIMESTAMPS], "in the order"),
    ],
)
def test_a_wrong_prefix_is_explained(answer: list[str], words: str) -> None:
    verdict = tokens.translation(answer)
    assert not verdict
    assert words in verdict.words


@pytest.mark.parametrize("check", CHECKERS)
@pytest.mark.parametrize(
    "answer", [None, "", "x", 3.5, float("nan"), [], [[1]], object(), {}, lambda: 1, lambda *a: None]
)
def test_nonsense_never_raises(check: object, answer: object) -> None:
    assert not check(answer)
    assert "Replace" in check(...).words
