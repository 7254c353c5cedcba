"""A cleaned table beside the original: audio stays where it is, and every decision is written down."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .scripts import scripts_by_language
from .symptoms import CLEAN, KEEP, LEAVE_OUT, REASONS
from .writing import cleaned, faults_of

if TYPE_CHECKING:
    from .examination import Examination
    from .rows import Row

TABLE, DECISIONS = "metadata.csv", "decisions.csv"
Decision = dict[str, str]


def write_fixed(examined: Examination, folder: Path) -> Path:
    """Write a cleaned copy of a corpus as a table, and a list of every decision.

    Clips that cannot be used are left out; tags and characters that nobody speaks are taken out of texts; digits,
    clipping and the rest is kept and listed, because only a person can mend it. The table names the original audio
    by its full path.

    Parameters
    ----------
    examined
        From :func:`whisper_helpers.doctor.examine`.
    folder
        Where ``metadata.csv`` and ``decisions.csv`` are written; made if missing.

    Returns
    -------
    pathlib.Path
        The table.

    Raises
    ------
    BadInput
        If the folder has such a file already, the corpus is not in files, or nothing would be left.
    """
    rows = examined.corpus.rows
    if any(not isinstance(row.audio, str) for row in rows):
        raise BadInput(f"{examined.name} is no table of files", "--fix writes a table", "Leave --fix out")
    there = [folder / name for name in (TABLE, DECISIONS) if (folder / name).exists()]
    if there:
        raise BadInput(f"{there[0]} is there already", "Nothing is overwritten", "Choose another folder")
    kept, decisions = _decide(examined)
    if not kept:
        raise BadInput(f"No clip of {examined.name} would be left", "", "Mend the corpus by hand")
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / DECISIONS, ["clip", "decision", "reason", "detail", "before", "after"], decisions)
    _write(folder / TABLE, list(dict.fromkeys(column for row in kept for column in row)), kept)
    return folder / TABLE


def _decide(examined: Examination) -> tuple[list[dict[str, str]], list[Decision]]:
    rows, corpus = examined.corpus.rows, examined.corpus
    reasons = defaultdict(dict)
    for each in examined.findings:
        reasons[each.row][each.reason] = each.detail
    scripts = scripts_by_language([row.sentence for row in rows], [row.language for row in rows])
    decisions = [_decision(None, KEEP, reason, detail) for reason, detail in reasons.pop(-1, {}).items()]
    told = corpus.split_column or len({row.split for row in rows}) < 2
    kept = []
    for place, row in enumerate(rows):
        found, text = reasons.get(place, {}), row.sentence
        if any(REASONS[reason].fix == CLEAN for reason in found):
            text = cleaned(row.sentence, row.language, scripts[row.language])
        left = set(faults_of(text, row.language, scripts[row.language])) if text != row.sentence else set()
        out = "empty_text" in left or any(REASONS[reason].fix == LEAVE_OUT for reason in found)
        for reason, detail in found.items():
            fix = REASONS[reason].fix
            done = LEAVE_OUT if out else KEEP if fix == CLEAN and text == row.sentence else fix
            decisions.append(_decision(row, done, reason, detail, "" if done != CLEAN else text))
        if not out:
            home = {} if told else {"split": row.split}
            kept.append(row.values | home | {corpus.audio_column: _full(row.audio), corpus.sentence_column: text})
    return kept, decisions


def _decision(row: Row | None, decision: str, reason: str, detail: str, after: str = "") -> Decision:
    told = {"clip": row.clip if row else "", "decision": decision, "reason": reason, "detail": detail}
    return told | {"before": row.sentence if row and after else "", "after": after}


def _full(audio: str) -> str:
    return Path(audio).absolute().as_posix()


def _write(path: Path, columns: list[str], lines: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
