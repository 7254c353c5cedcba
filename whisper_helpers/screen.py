"""What the libraries under us may write on the screen: errors always, their own bars and notes when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


def quieten() -> None:
    """Keep the libraries' own bars and notes off the screen from now on; errors still show."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


@contextmanager
def without_bars() -> Iterator[None]:
    """Keep the progress bars of datasets off the screen for work that takes no time."""
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            enable_progress_bars()
