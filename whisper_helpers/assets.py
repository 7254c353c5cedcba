"""Where the files that come with Whisper Helpers lie."""

from __future__ import annotations

from pathlib import Path

from .errors import BadInput


def assets_folder(package: Path | None = None) -> Path:
    """Folder of the bundled files: inside an installed package, or beside it in a source checkout.

    Parameters
    ----------
    package
        Folder of the package ``whisper_helpers``; by default the one that runs.

    Raises
    ------
    BadInput
        If neither place has it.

    Examples
    --------
    >>> assets_folder().name
    'assets'
    """
    package = package or Path(__file__).resolve().parent
    places = (package / "assets", package.parent / "assets")
    for place in places:
        if place.is_dir():
            return place
    looked = " and ".join(str(place) for place in places)
    raise BadInput("The bundled files are missing", f"They were looked for in {looked}", "Install it again")
