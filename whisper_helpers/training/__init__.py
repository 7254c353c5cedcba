"""Training: a recipe becomes a tuned model, measured before and after."""

from .finetuning import finetune
from .parts import make_trainer, precision, token_mean_loss, training_arguments
from .resume import SaveOnInterrupt, last_checkpoint
from .run_folder import RunFolder

__all__ = [
    "RunFolder",
    "SaveOnInterrupt",
    "finetune",
    "last_checkpoint",
    "make_trainer",
    "precision",
    "token_mean_loss",
    "training_arguments",
]
