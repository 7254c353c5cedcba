"""The demo: record or choose a file, see what each model hears, and publish that as a Space."""

from .app import LAUNCH_SETTINGS, ask, build_demo
from .listening import Transcriber, hear, open_transcriber
from .space import push_space, write_space

__all__ = [
    "LAUNCH_SETTINGS",
    "Transcriber",
    "ask",
    "build_demo",
    "hear",
    "open_transcriber",
    "push_space",
    "write_space",
]
