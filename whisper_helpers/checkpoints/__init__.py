"""Checkpoints: find one, open it for a language and a task, save it so that every other tool can open it."""

from .finding import Checkpoint, find_checkpoint
from .opening import check_language, open_checkpoint
from .saving import save_checkpoint

__all__ = ["Checkpoint", "check_language", "find_checkpoint", "open_checkpoint", "save_checkpoint"]
