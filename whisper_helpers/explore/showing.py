"""A lab in a notebook: widgets where a kernel runs, and a picture of them everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as w

Still = Callable[[], tuple[dict[str, str], dict[str, Any]]]  # contents by MIME type, and their metadata
WIDGET = "application/vnd.jupyter.widget-view+json"


class Lab(w.VBox):
    """Widgets below one another; the same output holds what stands in their place without a kernel.

    Parameters
    ----------
    children
        Core widgets.
    still
        Gives the picture when the lab is shown.
    """

    def __init__(self, children: Sequence[w.Widget], still: Still) -> None:
        super().__init__([*children, w.HTML(keyboard())])
        self.still = still
        self.add_class("wh-lab")

    def _ipython_display_(self, **kwargs: Any) -> None:
        from IPython.display import display

        data, metadata = self.still()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        display({"text/plain": "A lab", **data, WIDGET: view}, metadata=metadata, raw=True)


def keyboard() -> str:
    """What lets a lab be used by keys, as HTML to stand in it; without scripts it is nothing."""
    script = (Path(__file__).parent / "keyboard.js").read_text(encoding="utf-8")
    return f'<style onload="{escape(script)}"></style>'
