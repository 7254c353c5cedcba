"""Labels: sentences as the ids that the decoder learns to predict."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import WhisperTokenizer

MAX_LABELS = 448  # positions of Whisper's decoder
IGNORED = -100  # the label that cross-entropy leaves out


def encode_labels(sentence: str, tokenizer: WhisperTokenizer, language: str | None = None) -> list[int]:
    """Turn a sentence into the ids that the decoder learns to predict.

    The tokenizer puts the start token first; the model adds it again when it shifts the labels to the right,
    so it is cut off here. What remains is language, task, timestamps or none, text, end.

    Parameters
    ----------
    sentence
        What was said, or for ``task="translate"`` its English translation. Whisper's own marks in it, such as
        ``<|0.00|>``, become those tokens; the doctor reports them as `tags`.
    tokenizer
        Tokenizer whose prefix is set (`set_prefix_tokens`).
    language
        Spoken language of this sentence where it differs from the tokenizer's.

    Returns
    -------
    list of int
        Label ids without the start token; never cut, so compare with `MAX_LABELS`.
    """
    ids = tokenizer(sentence).input_ids
    labels = ids[1:] if ids[0] == start_token_id(tokenizer) else ids
    if language and tokenizer.language and labels:
        labels = [tokenizer.convert_tokens_to_ids(f"<|{language}|>"), *labels[1:]]
    return labels


def start_token_id(tokenizer: WhisperTokenizer) -> int:
    """Id of ``<|startoftranscript|>``, the decoder's start token; `bos_token_id` is another one.

    Parameters
    ----------
    tokenizer
        Any Whisper tokenizer.
    """
    return tokenizer.convert_tokens_to_ids("<|startoftranscript|>")
