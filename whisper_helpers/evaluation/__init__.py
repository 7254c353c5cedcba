"""How good a model is: what it hears in a split."""

from .hearing import generate, transcribe

__all__ = ["generate", "transcribe"]
