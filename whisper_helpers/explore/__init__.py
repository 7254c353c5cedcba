"""Labs: what a model does with sound and text, to look into and to play with."""

from .attention import Word, attend, word_times
from .tokens import token_lab, token_picture

__all__ = ["Word", "attend", "token_lab", "token_picture", "word_times"]
