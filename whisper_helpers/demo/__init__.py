"""The demo: record or choose a file, see what each model hears, and publish that as a Space."""

from .app import LAUNCH_SETTINGS, ask, build_demo
from .keeping import keep_pair
from .listener import Heard, Listener, open_listeners
from .listening import Transcriber, hear, open_transcriber
from .page import PAGE_SETTINGS, build_page
from .serving import serve
from .space import push_space, write_space

__all__ = [
    "LAUNCH_SETTINGS",
    "PAGE_SETTINGS",
    "Heard",
    "Listener",
    "Transcriber",
    "ask",
    "build_demo",
    "build_page",
    "hear",
    "keep_pair",
    "open_listeners",
    "open_transcriber",
    "push_space",
    "serve",
    "write_space",
]
