"""What was heard already, kept on disk, so that an interrupted evaluation goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Dataset


class Memo:
    """Answers by key, one JSON line each; a line that a killed process left half-written is left out.

    Parameters
    ----------
    path
        File of the lines, made with its folder at the first answer; None keeps them in memory only.

    Examples
    --------
    >>> memo = Memo(None)
    >>> memo.get("sum", lambda: 1 + 1), memo.get("sum", lambda: 0 / 0)
    (2, 2)
    """

    def __init__(self, path: Path | None) -> None:
        self.path, self.known = path, dict[str, Any]()
        if path and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def get(self, key: str, work: Callable[[], Any]) -> Any:
        """Answer from memory, or do the work and remember.

        Parameters
        ----------
        key
            Everything that the answer depends on.
        work
            Makes the answer, which is written as JSON.
        """
        if key not in self.known:
            self.known[key] = work()
            self._write(key)
        return self.known[key]

    def _read(self, line: str) -> None:
        try:
            entry = json.loads(line)
            self.known[entry["key"]] = entry["answer"]
        except (ValueError, KeyError, TypeError):
            return

    def _write(self, key: str) -> None:
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            line = json.dumps({"key": key, "answer": self.known[key]}, ensure_ascii=False)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}" if self.path.stat().st_size else line)


def fingerprint(*parts: Any) -> str:
    """Short hash of anything that prints the same when it is the same.

    Examples
    --------
    >>> fingerprint("a", 1) == fingerprint("a", 1), fingerprint("a", 1) == fingerprint("a", 2)
    (True, False)
    """
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def print_of_model(folder: Path) -> str:
    """Short hash of a checkpoint's weights.

    Parameters
    ----------
    folder
        With ``*.safetensors``.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:20]


def prints_of_clips(clips: Dataset) -> list[str]:
    """Short hash of each clip: its sound, its sentence and its language.

    Parameters
    ----------
    clips
        A split of a corpus.
    """
    hashes = []
    for clip in clips:
        content = clip["audio"]["bytes"] or Path(clip["audio"]["path"]).read_bytes()
        sound = hashlib.sha256(content).hexdigest()
        hashes.append(fingerprint(sound, clip["sentence"], clip["language"]))
    return hashes
