"""What the page and a visitor tell each other: who asks, in which language, how far it is, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput

if TYPE_CHECKING:
    import gradio as gr

GUESS = "guess it"  # in place of a language


def chosen(language: str) -> str | None:
    """Code of the language that a visitor chose; None if it is to be guessed.

    Parameters
    ----------
    language
        The field's value.

    Examples
    --------
    >>> chosen("hi"), chosen(GUESS)
    ('hi', None)
    """
    return None if language == GUESS else language


def tell_who_asks(*handlers: Callable[..., Any]) -> None:
    """Let Gradio hand handlers its request: it looks for the type itself, which a postponed annotation does not hold.

    Parameters
    ----------
    *handlers
        Each has a parameter ``request``.
    """
    import gradio as gr

    for handler in handlers:
        handler.__annotations__["request"] = gr.Request


def status_line(words: str, done: float | None = None, total: float = 0.0) -> str:
    """A line that screen readers read out.

    Parameters
    ----------
    words
        What happens.
    done, total
        Seconds of the recording; without them there is no bar.

    Examples
    --------
    >>> status_line("Done.")
    '<div role="status" aria-live="polite">Done.</div>'
    """
    from html import escape

    bar = "" if done is None else f'<progress aria-label="Progress" max="{total:.1f}" value="{done:.1f}"></progress> '
    far = "" if done is None else f" {done:.0f} of {total:.0f} s"
    return f'<div role="status" aria-live="polite">{bar}{escape(words)}{far}</div>'


def refusal(error: Exception, recording: str | None = None) -> gr.Error:
    """Words in place of an error: no stack trace reaches a visitor, and no path of the server.

    Parameters
    ----------
    error
        What happened.
    recording
        File that the visitor brought; only its name is told.
    """
    import gradio as gr

    words = str(error) if isinstance(error, BadInput) else f"The model could not finish ({type(error).__name__})."
    if recording:
        words = words.replace(str(recording), Path(recording).name)
    return gr.Error(words, print_exception=not isinstance(error, BadInput))
