"""Whisper's languages, its labels, and sentences token by token."""

from .chips import chip_style, chips
from .labels import IGNORED, MAX_LABELS, encode_labels, start_token_id
from .languages import TASKS, language_code, language_name, task_name
from .table import TokenView, direction_of, token_table, tokens_per_word

__all__ = [
    "IGNORED",
    "MAX_LABELS",
    "TASKS",
    "TokenView",
    "chip_style",
    "chips",
    "direction_of",
    "encode_labels",
    "language_code",
    "language_name",
    "start_token_id",
    "task_name",
    "token_table",
    "tokens_per_word",
]
