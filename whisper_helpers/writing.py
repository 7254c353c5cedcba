"""Writing a text file whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    r"""Put a text file in place of what is there: a reader sees the old one or the new one, never a part.

    Parameters
    ----------
    path
        File in a folder that is there.
    content
        Written as UTF-8, its line ends as they are.

    Raises
    ------
    OSError
        If it cannot be written; then the old file is as it was, and nothing is left beside it.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "note.txt"
    >>> write_whole(path, "one\n")
    >>> write_whole(path, "two\n")
    >>> path.read_text(encoding="utf-8"), [each.name for each in path.parent.iterdir()]
    ('two\n', ['note.txt'])
    """
    partial = path.with_name(f".{uuid.uuid4().hex}.part")  # a name of its own, as long names of files have no room
    try:
        partial.write_text(content, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
