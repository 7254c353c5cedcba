"""Labs: what a model does with sound and text, to look into and to play with."""

from .attention import attend, word_times
from .decoding import decoding_lab
from .spectrogram import spectrogram_lab
from .tokens import token_lab, token_picture
from .words import Word

__all__ = ["Word", "attend", "decoding_lab", "spectrogram_lab", "token_lab", "token_picture", "word_times"]
