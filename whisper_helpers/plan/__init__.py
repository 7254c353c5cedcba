"""The planner: what a recipe costs on a machine, before it is run."""

from .flops import model_shapes, step_flops
from .forecast import GPUS, Corpus, Machine, forecast
from .machine import matmul_rate
from .memory import Tuning, step_memory
from .planning import plan

__all__ = [
    "GPUS",
    "Corpus",
    "Machine",
    "Tuning",
    "forecast",
    "matmul_rate",
    "model_shapes",
    "plan",
    "step_flops",
    "step_memory",
]
