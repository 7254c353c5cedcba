"""How wrong transcripts are: WER and CER under four readings, kinds of errors, intervals, paired differences."""

from .bootstrap import (
    ENOUGH_CLIPS,
    ENOUGH_SPEAKERS,
    Difference,
    bootstrap_interval,
    paired_difference,
    quotable_interval,
)
from .counts import KINDS, error_counts, normalised_counts, rate
from .readings import READINGS, Reading, score_readings
from .scores import Score, score
from .trainer import evaluate_metric, make_compute_metrics, texts_of

__all__ = [
    "ENOUGH_CLIPS",
    "ENOUGH_SPEAKERS",
    "KINDS",
    "READINGS",
    "Difference",
    "Reading",
    "Score",
    "bootstrap_interval",
    "error_counts",
    "evaluate_metric",
    "make_compute_metrics",
    "normalised_counts",
    "paired_difference",
    "quotable_interval",
    "rate",
    "score",
    "score_readings",
    "texts_of",
]
