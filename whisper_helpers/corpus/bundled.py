"""The corpus that comes with Whisper Helpers."""

from __future__ import annotations

from pathlib import Path

from ..assets import assets_folder
from .mixture import parse_mixture

BUNDLED = "bundled"


def bundled_folder() -> Path:
    """Folder of the bundled corpus, which holds ``metadata.csv`` and its clips.

    Raises
    ------
    BadInput
        If the bundled files are missing.
    """
    return assets_folder() / "speech" / "hindi"


def is_synthetic(name: str) -> bool:
    """Whether a corpus is known to be spoken by a machine, so that its scores flatter.

    Parameters
    ----------
    name
        Name of a corpus as :func:`open_corpus` takes it.

    Returns
    -------
    bool
        True if a part of it is bundled speech, the guard sets among it; of others nothing is known.

    Examples
    --------
    >>> is_synthetic("bundled"), is_synthetic("bundled=hi:1,my_corpus=hi:2"), is_synthetic("my_corpus")
    (True, True, False)
    """
    bundled = (assets_folder() / "speech").resolve()
    names = [part.name for part in parse_mixture(name)]
    return any(each == BUNDLED or Path(each).expanduser().resolve().is_relative_to(bundled) for each in names)
