"""Training: a recipe becomes a tuned model, measured before and after."""

from .finetuning import finetune
from .keeping import additions, let_write_nothing, mixed_in, with_additions
from .parts import ValidateLastStep, make_trainer, token_mean_loss, training_arguments
from .report import describe, table, training_results
from .resume import SaveOnInterrupt, last_checkpoint
from .run_folder import RunFolder, open_run
from .stopping import ResumableEarlyStopping

__all__ = [
    "ResumableEarlyStopping",
    "RunFolder",
    "SaveOnInterrupt",
    "ValidateLastStep",
    "additions",
    "describe",
    "finetune",
    "last_checkpoint",
    "let_write_nothing",
    "make_trainer",
    "mixed_in",
    "open_run",
    "table",
    "token_mean_loss",
    "training_arguments",
    "training_results",
    "with_additions",
]
