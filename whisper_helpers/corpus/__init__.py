"""Any corpus as train, validation and test, with the columns audio, sentence, language and speaker.

:func:`open_corpus` is the door. Clips stay encoded: a path or bytes, decoded only when a batch needs them.
"""

from .bundled import BUNDLED, is_synthetic
from .clips import COLUMNS, clip_names, some_of
from .opening import open_corpus
from .stream import stream_corpus

__all__ = ["BUNDLED", "COLUMNS", "clip_names", "is_synthetic", "open_corpus", "some_of", "stream_corpus"]
