"""The planner: what a recipe costs on a machine, before it is run."""

from .flops import model_shapes, step_flops
from .machine import PeakMemory, matmul_rate

__all__ = ["PeakMemory", "matmul_rate", "model_shapes", "step_flops"]
