"""An empty figure that can be read: on light and dark pages, by colour-blind readers, in Devanagari."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ..assets import assets_folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"  # Okabe and Ito's, for every kind of eye
GREY = "#767676"
FONTS = ["DejaVu Sans", "Noto Sans Devanagari"]


def new_figure(width: float = 7.0, height: float = 3.0) -> Figure:
    """Make an empty figure on white, which a dark page leaves white, with a font for Devanagari.

    Parameters
    ----------
    width, height
        Size in inches.

    Examples
    --------
    >>> new_figure(5, 2).subplots().set_title("किताब").get_text()
    'किताब'
    """
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    _know_fonts()
    rcParams["font.family"] = FONTS
    return Figure(figsize=(width, height), layout="constrained", facecolor="white", dpi=100)


@cache
def _know_fonts() -> None:
    from matplotlib import font_manager

    for font in sorted((assets_folder() / "fonts").glob("*.ttf")):
        font_manager.fontManager.addfont(font)
