"""The corpus that comes with Whisper Helpers."""

from __future__ import annotations

from pathlib import Path

from ..assets import assets_folder

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
        True for the bundled corpus only; of others nothing is known.

    Examples
    --------
    >>> is_synthetic("bundled"), is_synthetic("my_corpus")
    (True, False)
    """
    return name == BUNDLED
