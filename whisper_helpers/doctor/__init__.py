"""What is wrong with a corpus, clip by clip.

:func:`usable_clips` is the fast check that every training begins with, :func:`examine` the whole examination.
"""

from .examination import Examination, examine
from .fast import Finding, check_clip, tell_findings, usable_clips
from .fixing import write_fixed
from .page import write_page
from .symptoms import REASONS, Symptom

__all__ = [
    "REASONS",
    "Examination",
    "Finding",
    "Symptom",
    "check_clip",
    "examine",
    "tell_findings",
    "usable_clips",
    "write_fixed",
    "write_page",
]
