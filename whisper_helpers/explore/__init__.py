"""Labs: what a model does with sound and text, to look into and to play with."""

from .attention import Word, attend, word_times
from .spectrogram import spectrogram_lab
from .tokens import token_lab, token_picture

__all__ = ["Word", "attend", "spectrogram_lab", "token_lab", "token_picture", "word_times"]
