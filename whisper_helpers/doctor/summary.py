"""Whether one should train on a corpus and what to do first, in plain words, and the numbers behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..corpus.splits import SPLITS
from .rows import Row
from .sound import Heard
from .symptoms import REASONS, Symptom

MANY = 0.05  # share of the clips; fewer can simply be left out
CHARACTERS = 60  # that are counted one by one


def summarise(name: str, rows: Sequence[Row], heard: Sequence[Heard], findings: Sequence[Symptom]) -> dict[str, Any]:
    """Sum an examination up.

    Parameters
    ----------
    name
        The corpus.
    rows, heard
        An entry a clip.
    findings
        In the order in which they should be dealt with.

    Returns
    -------
    dict
        ``train`` (bool: fit to train on as it is), ``words``, ``first``, ``counts`` by reason, ``clips``, ``hours``,
        ``durations`` (seconds) by split, ``speakers`` (clips of each) and ``characters`` (how often each is used).
    """
    counts = dict(Counter(each.reason for each in findings))
    ruining = {each.row for each in findings if REASONS[each.reason].ruins}
    used = Counter(char for row in rows for char in row.sentence if not char.isspace())
    return {
        "corpus": name,
        "train": not ruining,
        "words": _words(len(rows), len(ruining), counts),
        "first": _first(counts, len(ruining), len(rows)),
        "counts": counts,
        "clips": _by_split(rows, [1] * len(rows), sum),
        "hours": _by_split(rows, [each.seconds for each in heard], lambda values: round(sum(values) / 3600, 4)),
        "durations": _by_split(rows, [each.seconds for each in heard], _durations),
        "speakers": dict(Counter(row.speaker or "unknown" for row in rows).most_common()),
        "characters": dict(used.most_common(CHARACTERS)),
    }


def _by_split(rows: Sequence[Row], values: Sequence[float], of: Any) -> dict[str, Any]:
    grouped = defaultdict(list)
    for row, value in zip(rows, values, strict=True):
        grouped[row.split].append(value)
    return {split: of(grouped[split]) for split in SPLITS if split in grouped}


def _durations(seconds: Sequence[float]) -> dict[str, float]:
    low, middle, high = np.percentile(seconds, [0, 50, 100]).round(2).tolist()
    return {"shortest": low, "median": middle, "longest": high}


def _words(clips: int, ruining: int, counts: dict[str, int]) -> str:
    if not counts:
        return f"Train on it: nothing was found in {clips:,} clips."
    if not ruining:
        return f"Train on it: nothing in {clips:,} clips ruins a training, and some of it can be better."
    share = f"{ruining:,} of {clips:,} clips"
    if ruining <= MANY * clips:
        return f"Not yet: {share} would ruin the training or its score. They are few: leave them out or mend them."
    return f"Do not train on it as it is: {share} would ruin the training or its score."


def _first(counts: dict[str, int], ruining: int, clips: int) -> str:
    if not counts:
        return "Nothing needs to be done first."
    serious = [reason for reason in counts if REASONS[reason].ruins] or list(counts)
    most = max(serious, key=counts.__getitem__)
    few = " --fix OUT writes a table without the clips that cannot be used." if 0 < ruining <= MANY * clips else ""
    return f"First look at {most}: {counts[most]:,} {REASONS[most].means}. {REASONS[most].do}{few}"


def told(summary: dict[str, Any]) -> str:
    """Say a summary in lines for the terminal.

    Parameters
    ----------
    summary
        From :func:`summarise`.
    """
    splits = [f"{summary['clips'][name]:,} {name} ({hours * 60:,.1f} min)" for name, hours in summary["hours"].items()]
    speakers = len([name for name in summary["speakers"] if name != "unknown"])
    who = f"{speakers:,} speaker{'s' * (speakers != 1)}" if speakers else "speakers unknown"
    lines = [f"Clips: {', '.join(splits)}; {who}."]
    for reason, count in summary["counts"].items():
        mark = "!" if REASONS[reason].ruins else " "
        lines.append(f" {mark} {reason:26}{count:>7,}  {REASONS[reason].means}")
    return "\n".join([*lines, summary["words"], summary["first"]])
