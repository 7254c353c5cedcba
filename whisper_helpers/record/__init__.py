"""Record a corpus of one's own: sentences in, a folder with clips and ``metadata.csv`` out.

:class:`Studio` keeps every take, :func:`build_recorder` is the page around it.
"""

from .app import build_recorder
from .check import Verdict, judge
from .studio import Studio, read_sentences

__all__ = ["Studio", "Verdict", "build_recorder", "judge", "read_sentences"]
