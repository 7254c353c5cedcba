"""What every notebook does alike: choose and check its parameters, show a figure, play a sound."""

from __future__ import annotations

import base64
import io
import platform
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from difflib import get_close_matches
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .audio import SAMPLE_RATE
from .checkpoints import check_language, find_checkpoint
from .corpus import open_corpus
from .errors import BadInput
from .recipe import Recipe, preset
from .tokens import language_code, task_name

if TYPE_CHECKING:
    import numpy as np
    from IPython.display import HTML
    from matplotlib.figure import Figure

COLOURS = 40  # of a saved figure, which is half as large then
_KINDS = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
LOADED = ("datasets", "matplotlib.figure", "torch._dynamo", "transformers.models.whisper.modeling_whisper")
LIBRARIES = ("torch", "transformers", "datasets", "whisper_helpers")


def choose(profile: str, **changes: Any) -> Recipe:
    """Turn a notebook's parameters into a recipe, and stop here if one of them cannot be used.

    Parameters
    ----------
    profile
        ``"quick"``, ``"gpu"`` or ``"tutorial"``.
    **changes
        Fields of :class:`whisper_helpers.recipe.Recipe`; None keeps the profile's.

    Returns
    -------
    Recipe
        Its corpus and checkpoint lie on this machine now.

    Raises
    ------
    BadInput
        If a profile, language, task, corpus, checkpoint, folder, number or name cannot be used; it says what can.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    _check_names(given)
    recipe = preset(profile, **given)
    if recipe.language:
        language_code(recipe.language)
    task_name(recipe.task)
    if recipe.output:
        from .training.run_folder import check_writable

        check_writable(Path(recipe.output).expanduser())
    corpus = open_corpus(recipe.corpus, recipe.language, announce=lambda line: None)
    check_language(find_checkpoint(recipe.model), recipe.language or corpus["train"][0]["language"], recipe.task)
    return recipe


def _check_names(given: dict[str, Any]) -> None:
    known = {field.name: field.type for field in fields(Recipe)}
    for name, value in given.items():
        if name not in known:
            close = get_close_matches(name, known, 1) or ["batch_size"]
            raise BadInput(
                f"There is no choice {name!r}", "Choices are the fields of Recipe", f"Did you mean {close[0]}?"
            )
        kinds = [kind for word in known[name].split(" | ") for kind in _KINDS.get(word, ())]
        if not isinstance(value, tuple(kinds)) or (isinstance(value, bool) and bool not in kinds):
            raise BadInput(f"{name} is {value!r}", f"It is written as {known[name]}")


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let an interrupt wait until the block has ended.

    Libraries with compiled parts need it: one whose import was cut off cannot be imported again in the same kernel.

    Raises
    ------
    KeyboardInterrupt
        At the end, if there was one.
    """
    if threading.current_thread() is not threading.main_thread():  # signals reach the main thread only
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def about_machine() -> str:
    """Device and versions, in two lines; the slow libraries are loaded on the way, which no interrupt cuts off.

    Returns
    -------
    str
        For a notebook to print.
    """
    from importlib import import_module

    with interrupts_held():
        import torch

        for name in LOADED:
            import_module(name)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    found = [f"{name} {import_module(name).__version__}" for name in LIBRARIES]
    return f"{device}\nPython {platform.python_version()}, {', '.join(found)}"


def show(figure: Figure, caption: str) -> None:
    """Show a figure with its caption, which screen readers read too.

    Parameters
    ----------
    figure
        From :func:`whisper_helpers.plots.new_figure`.
    caption
        What there is to see, in a sentence or two.
    """
    from IPython.display import Image, Markdown, display

    display(Image(picture(figure), alt=caption), Markdown(f"*{caption}*"))


def picture(figure: Figure, colours: int = COLOURS) -> bytes:
    """Draw a figure as a PNG that is small enough to be saved in a notebook.

    Parameters
    ----------
    figure
        From :func:`whisper_helpers.plots.new_figure`.
    colours
        How many to keep.
    """
    from PIL import Image

    drawn, png = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(colours).save(png, format="PNG", optimize=True)
    return png.getvalue()


def player(samples: np.ndarray, caption: str, rate: int = SAMPLE_RATE) -> HTML:
    """Play a sound in the notebook; as MP3 it is small enough to be saved with it.

    Parameters
    ----------
    samples
        Shape (samples,), float32, between -1 and 1.
    caption
        What there is to hear.
    rate
        Samples a second, in Hz.
    """
    import soundfile
    from IPython.display import HTML

    mp3 = io.BytesIO()
    soundfile.write(mp3, samples, rate, format="MP3", compression_level=0.8)
    source = f"data:audio/mpeg;base64,{base64.b64encode(mp3.getvalue()).decode()}"
    return HTML(f'<figure><figcaption>{escape(caption)}</figcaption><audio controls src="{source}"></audio></figure>')
