"""What is written down about a stream while a run reads it: positions, lengths, and the clips that are passed over."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..doctor import Finding, tell_findings
from ..window import window_for
from ..writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..recipe import Recipe

FILE = "stream.json"


@dataclass
class Block:
    """A block of clips that are trained on together.

    Parameters
    ----------
    position
        State of the stream where the block begins.
    seconds
        Of sound in those of its clips that the run takes.
    longest
        Seconds of its longest clip.
    left_out
        Name and fault of each clip that was passed over while the block was read.
    """

    position: Any
    seconds: float = 0.0
    longest: float = 0.0
    left_out: list[tuple[str, str]] = field(default_factory=list)


class Notes:
    """Notes about each block, kept in a file, so that they outlive the process that reads the stream.

    Parameters
    ----------
    path
        The file; None to keep none.
    """

    def __init__(self, path: Path | None) -> None:
        self.path, self.blocks = path, self._read(path)

    @staticmethod
    def _read(path: Path | None) -> dict[int, Block]:
        if path is None or not path.is_file():
            return {}
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            return {int(number): Block(**block) for number, block in written.items()}
        except (ValueError, TypeError, AttributeError):
            return {}

    def write(self, number: int, block: Block) -> None:
        """Write a block down; a file is whole at every moment.

        Parameters
        ----------
        number
            Of the block, from 0.
        block
            What is known of it.
        """
        self.blocks[number] = block
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, json.dumps({place: asdict(each) for place, each in self.blocks.items()}))


def announce_stream(results: dict[str, Any], clips: int) -> None:
    """Tell of a streamed run, before it begins, how many clips it takes; its hours are not known yet.

    Parameters
    ----------
    results
        Of the run; changed in place, once.
    clips
        Training clips that it takes.
    """
    if "streamed" in results:
        return
    first = results["clips"]["train"]
    results["streamed"] = {"hours_estimated_from_clips": first}
    results["hours"]["train"] = round(results["hours"]["train"] * clips / max(1, first), 4)
    results["clips"]["train"] = clips
    results["skipped"] = [each for each in results["skipped"] if each["split"] != "train"]  # they come again


def count_stream(results: dict[str, Any], recipe: Recipe, folder: Path, announce: Callable[[str], None]) -> None:
    """Tell of a streamed run, when it is trained, what it took and which clips it passed over.

    Parameters
    ----------
    results
        Of the run; ``hours`` and ``window_seconds`` become those of the clips that were read, ``skipped`` lists the
        clips that were passed over, each once, and ``streamed`` counts them.
    recipe
        Choices of the run.
    folder
        Where the notes are.
    announce
        Takes each line for the user.
    """
    blocks = Notes(folder / FILE).blocks.values()
    left_out = dict.fromkeys(tuple(each) for block in blocks for each in block.left_out)
    findings = [Finding("train", clip, fault) for clip, fault in left_out]
    results["hours"]["train"] = round(sum(block.seconds for block in blocks) / 3600, 4)
    results["window_seconds"] = window_for(max((block.longest for block in blocks), default=0.0), recipe.window)
    results["skipped"] += [asdict(finding) for finding in findings]
    results["streamed"] = {"left_out": len(findings)}
    tell_findings(findings, announce)
