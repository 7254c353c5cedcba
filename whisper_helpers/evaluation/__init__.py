"""How good a model is: what it hears in a split, whether it is better than another, and what it broke."""

from .evaluating import evaluate
from .files import check_targets
from .hearing import generate, transcribe
from .leaderboard import leaderboard
from .material import Choices
from .subjects import Subject, subject_of
from .telling import told

__all__ = [
    "Choices",
    "Subject",
    "check_targets",
    "evaluate",
    "generate",
    "leaderboard",
    "subject_of",
    "told",
    "transcribe",
]
