"""A text taken apart, token by token, and how many of them a word takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import BadInput
from ..text import direction

if TYPE_CHECKING:
    from transformers import WhisperTokenizer


@dataclass(frozen=True)
class TokenView:
    """A token as a reader wants to see it.

    Parameters
    ----------
    id
        Its number in the vocabulary.
    text
        Its characters; bytes that are only part of a character as two hexadecimal digits each.
    bytes
        What it stands for in UTF-8; empty for a special token.
    special
        Whether it is a mark such as ``<|hi|>`` and no text.
    """

    id: int
    text: str
    bytes: bytes
    special: bool

    @property
    def whole(self) -> bool:
        """Whether its bytes are whole characters."""
        return _is_whole(self.bytes)


def token_table(text: str | Sequence[int], tokenizer: WhisperTokenizer) -> list[TokenView]:
    """Take a sentence apart, token by token.

    Parameters
    ----------
    text
        A sentence, which gets the tokenizer's prefix and end, or ids that are there already.
    tokenizer
        Any Whisper tokenizer.

    Returns
    -------
    list of TokenView
        In their order; the bytes of those that are not special join to the sentence in UTF-8.
    """
    ids = tokenizer(text).input_ids if isinstance(text, str) else [int(each) for each in text]
    names, letters = tokenizer.convert_ids_to_tokens(ids), _bytes_of_letters()
    views = []
    for number, name in zip(ids, names, strict=True):
        special = number >= tokenizer.eos_token_id
        content = b"" if special else bytes(letters[letter] for letter in name)
        views.append(TokenView(number, name if special else _readable(content), content, special))
    return views


def direction_of(tokens: Iterable[TokenView]) -> str:
    """Which way the text of tokens is written, by its first letter that has a direction.

    Parameters
    ----------
    tokens
        From :func:`token_table`; marks and parts of characters are passed over.

    Returns
    -------
    str
        ``"ltr"`` or ``"rtl"``.

    Examples
    --------
    >>> mark = TokenView(50272, "<|ar|>", b"", special=True)
    >>> direction_of([mark]), direction_of([mark, TokenView(2407, "كت", "كت".encode(), special=False)])
    ('ltr', 'rtl')
    """
    return direction("".join(token.text for token in tokens if token.whole and not token.special))


def tokens_per_word(sentences: dict[str, str], tokenizer: WhisperTokenizer) -> dict[str, float]:
    """Count how many tokens a word takes, the prefix and the end left out.

    Parameters
    ----------
    sentences
        A sentence by the name of its language; its words stand between spaces.
    tokenizer
        Any Whisper tokenizer.

    Returns
    -------
    dict
        Mean tokens a word by the same names.

    Raises
    ------
    BadInput
        If a sentence has no word.
    """
    for name, sentence in sentences.items():
        if not sentence.split():
            raise BadInput(f"The sentence of {name} has no word", "Needed is at least one", "Write a sentence")
    lengths = {name: tokenizer(text, add_special_tokens=False).input_ids for name, text in sentences.items()}
    return {name: len(lengths[name]) / len(text.split()) for name, text in sentences.items()}


def _bytes_of_letters() -> dict[str, int]:
    """Invert byte-level BPE's spelling: a visible Latin-1 character stands for itself, the rest from 256 on."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + place): byte for place, byte in enumerate(hidden)}


def _is_whole(content: bytes) -> bool:
    return content.decode("utf-8", "replace").encode() == content


def _readable(content: bytes) -> str:
    return content.decode() if _is_whole(content) else content.hex(" ").upper()
