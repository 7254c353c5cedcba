"""What every notebook does alike: choose and check its parameters, show a figure, play a sound."""

from __future__ import annotations

import base64
import io
import platform
from html import escape
from typing import TYPE_CHECKING, Any

from .audio import SAMPLE_RATE
from .checkpoints import find_checkpoint
from .corpus import open_corpus
from .recipe import Recipe, preset
from .tokens import language_code

if TYPE_CHECKING:
    import numpy as np
    from IPython.display import HTML
    from matplotlib.figure import Figure

COLOURS = 64  # of a saved figure, which is half as large then
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
        If profile, language, corpus, checkpoint or a number cannot be used; the message says what can.
    """
    recipe = preset(profile, **{name: value for name, value in changes.items() if value is not None})
    if recipe.language:
        language_code(recipe.language)
    open_corpus(recipe.corpus, recipe.language, announce=lambda line: None)
    find_checkpoint(recipe.model)
    return recipe


def about_machine() -> str:
    """Device and versions, in two lines.

    Returns
    -------
    str
        For a notebook to print.
    """
    from importlib import import_module

    import torch

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
    from PIL import Image as Picture

    drawn, png = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    Picture.open(drawn).convert("RGB").quantize(COLOURS).save(png, format="PNG", optimize=True)
    display(Image(png.getvalue(), alt=caption), Markdown(f"*{caption}*"))


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
