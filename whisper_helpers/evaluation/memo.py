"""What was heard already, kept on disk, so that no model hears the same clip twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audio import read_clip
from ..checkpoints.wheels import cache
from ..writing import write_whole

if TYPE_CHECKING:
    from datasets import Dataset

Announce = Callable[[str], None]
WEIGHTS_AND_SETTINGS = ("*.safetensors", "*.json", "*.txt")  # files of a checkpoint that decide what it hears


class Memo:
    """Answers by key, a file each, which any number of processes may share; none that is there is replaced.

    Parameters
    ----------
    folder
        Where the files are, made at the first answer; None keeps answers in memory only. If it cannot be written, a
        line says so, and they are kept in memory.
    announce
        Takes a line when the first known answer is used, and one if answers cannot be kept.

    Examples
    --------
    >>> memo = Memo(None)
    >>> memo.get("sum", lambda: 1 + 1), memo.get("sum", lambda: 0 / 0)
    (2, 2)
    """

    def __init__(self, folder: Path | None, announce: Announce = lambda line: None) -> None:
        self.folder, self.announce = folder, announce
        self.known, self.told = dict[str, Any](), False

    def get(self, key: str, work: Callable[[], Any]) -> Any:
        """Find an answer, or do the work and keep it.

        Parameters
        ----------
        key
            Everything that the answer depends on.
        work
            Makes the answer, which is written as JSON and is not None.
        """
        answer = self.find(key)
        return self.keep(key, work()) if answer is None else answer

    def find(self, key: str) -> Any:
        """Answer that is kept; None if none is, or if its file is damaged, which is removed then.

        Parameters
        ----------
        key
            As for :meth:`get`.
        """
        if key not in self.known and self.folder:
            self._read(self.folder / f"{key}.json", key)
        return self.known.get(key)

    def keep(self, key: str, answer: Any) -> Any:
        """Keep an answer, and give it back.

        Parameters
        ----------
        key, answer
            As for :meth:`get`.
        """
        self.known[key] = answer
        if self.folder:
            try:
                self._write(self.folder / f"{key}.json", answer)
            except OSError as error:
                self.announce(f"What is heard is not kept: {self.folder} cannot be written ({error.strerror}).")
                self.folder = None
        return answer

    def _read(self, path: Path, key: str) -> None:
        try:
            self.known[key] = json.loads(path.read_text(encoding="utf-8"))["answer"]
        except OSError:
            return
        except (ValueError, KeyError, TypeError):
            self.announce(f"{path} is damaged: what it held is heard again.")
            path.unlink(missing_ok=True)
            return
        if not self.told:
            self.announce(f"Known from before, and not heard again: answers in {self.folder}.")
        self.told = True

    def _write(self, path: Path, answer: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_whole(path, json.dumps({"answer": answer}, ensure_ascii=False) + "\n")


def shared_folder() -> Path:
    """Folder of what models that are no runs have heard, in the user's cache (``HF_HOME`` moves it)."""
    return cache() / "heard"


def fingerprint(*parts: Any) -> str:
    """Short hash of anything that prints the same when it is the same.

    Examples
    --------
    >>> fingerprint("a", 1) == fingerprint("a", 1), fingerprint("a", 1) == fingerprint("a", 2)
    (True, False)
    """
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def print_of_model(folder: Path) -> str:
    """Short hash of a checkpoint: its weights, and how it is set to generate and to hear.

    Parameters
    ----------
    folder
        With ``*.safetensors``.
    """
    digest = hashlib.sha256()
    for path in sorted(path for pattern in WEIGHTS_AND_SETTINGS for path in folder.glob(pattern)):
        with path.open("rb") as file:
            digest.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
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
        sound = hashlib.sha256(read_clip(clip["audio"]).tobytes()).hexdigest()
        hashes.append(fingerprint(sound, clip["sentence"], clip["language"]))
    return hashes
