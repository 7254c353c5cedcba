"""The examination as one page that stands alone: figures, findings, and a player for each clip."""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..audio import SAMPLE_RATE, WINDOW_SECONDS, read_clip
from ..errors import BadInput
from ..media import split_excerpt
from .symptoms import REASONS, Symptom

if TYPE_CHECKING:
    from .examination import Examination

BUDGET = 5_000_000  # bytes of audio in the page
BUDGET_OF_A_CELL = 100_000  # bytes of audio in a notebook's cell
LARGEST = 1_000_000  # bytes of one clip in it
SHOWN = 50  # findings of a reason; the JSON holds all
KINDS = {".wav": "wav", ".flac": "flac", ".mp3": "mpeg", ".ogg": "ogg", ".opus": "ogg", ".oga": "ogg"}
KINDS |= {".m4a": "mp4", ".mp4": "mp4", ".webm": "webm"}
BARS = 14  # of a figure
STYLE = """
.doctor{--ink:#1b1b1b;--soft:#5c5c5c;--line:#d8d8d8;--card:#f6f6f4;--bar:#0072b2;--bad:#b3261e;--good:#1d7a4c;
color:var(--ink);font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){.doctor{--ink:#ececec;--soft:#a8a8a8;--line:#444;--card:#242424;--bar:#56b4e9;
--bad:#ff8a80;--good:#7bd6a3}}
.doctor h1{font-size:1.5rem;margin:0 0 .5rem}.doctor h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
.doctor p{margin:.3rem 0}.doctor .soft{color:var(--soft);font-size:.9rem}
.doctor .verdict{border-left:5px solid var(--good);background:var(--card);padding:.7rem 1rem;border-radius:4px}
.doctor .verdict.bad{border-color:var(--bad)}
.doctor .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:0 2rem}
.doctor .row{display:grid;grid-template-columns:7rem 1fr 4.5rem;gap:.5rem;align-items:center;font-size:.85rem}
.doctor .row span:first-child{text-align:right;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.doctor .bar{background:var(--bar);height:.8rem;border-radius:2px;min-width:1px}
.doctor details{border-top:1px solid var(--line);padding:.5rem 0}.doctor summary{cursor:pointer}
.doctor b.bad{color:var(--bad)}.doctor .clip{background:var(--card);
border-radius:6px;padding:.6rem .8rem;margin:.5rem 0}
.doctor code{font-size:.85rem}.doctor audio{width:100%;max-width:26rem;height:2.2rem;display:block;margin-top:.3rem}
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>body{{margin:1rem;background:Canvas}}</style></head><body>{body}</body></html>
"""


def write_page(examined: Examination, path: Path) -> None:
    """Write the page into a file; it needs no other file and no network.

    Parameters
    ----------
    examined
        From :func:`whisper_helpers.doctor.examine`.
    path
        The file; its folder is made if missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    body = fragment(examined, BUDGET)
    path.write_text(PAGE.format(title=escape(f"Doctor: {examined.name}"), body=body), encoding="utf-8")


def fragment(examined: Examination, budget: int = BUDGET_OF_A_CELL) -> str:
    """Page without its frame, for a notebook's cell.

    Clips are embedded, at most 1 MB each, the first ones of each reason before further ones.

    Parameters
    ----------
    examined
        From :func:`whisper_helpers.doctor.examine`.
    budget
        Bytes of audio at most; a page has 5 MB.

    Returns
    -------
    str
        HTML with its own style, light and dark.
    """
    summary = examined.summary
    bad = " bad" if examined.ruins else ""
    head = f"<h1>Corpus doctor: {escape(examined.name)}</h1>"
    verdict = (
        f'<div class="verdict{bad}"><p><b>{escape(summary["words"])}</b></p><p>{escape(summary["first"])}</p></div>'
    )
    body = f"{head}{verdict}{_figures(examined)}{_findings(examined, budget)}"
    return f'<style>{STYLE}</style><div class="doctor">{body}</div>'


def _figures(examined: Examination) -> str:
    summary = examined.summary
    minutes = {f"{split} ({summary['clips'][split]:,})": hours * 60 for split, hours in summary["hours"].items()}
    parts = [
        _bars("Minutes by split (clips)", minutes, "{:,.1f}"),
        _bars("Clips by duration (seconds)", _histogram([each.seconds for each in examined.heard if each.seconds])),
        _bars("Clips by speaker", summary["speakers"]),
        _bars("Characters in the texts", summary["characters"]),
    ]
    return f'<h2>What is in it</h2><div class="figures">{"".join(parts)}</div>'


def _histogram(seconds: Sequence[float]) -> dict[str, int]:
    if not seconds:
        return {}
    heights, edges = np.histogram(np.minimum(seconds, 31), bins=12)
    return {f"{low:.1f}–{high:.1f}": int(n) for low, high, n in zip(edges, edges[1:], heights, strict=False)}


def _bars(title: str, values: Mapping[str, float], number: str = "{:,}") -> str:
    longest = max(values.values(), default=1) or 1
    rows = [
        f'<div class="row"><span title="{escape(name)}">{escape(name)}</span>'
        f'<div class="bar" style="width:{100 * value / longest:.1f}%"></div><span>{number.format(value)}</span></div>'
        for name, value in list(values.items())[:BARS]
    ]
    more = f'<p class="soft">and {len(values) - BARS:,} more</p>' if len(values) > BARS else ""
    return f"<section><h2>{title}</h2>{''.join(rows)}{more}</section>"


def _findings(examined: Examination, budget: int) -> str:
    groups = defaultdict(list)
    for each in examined.findings:
        groups[each.reason].append(each)
    players = _players(examined, groups, budget)
    parts = [_group(examined, reason, found, players) for reason, found in groups.items()]
    size = f"{budget / 1e6:g} MB"
    note = f"Players hold the clip itself: up to 1 MB each, {size} in all; of other clips the path is told."
    return f'<h2>What was found</h2>{"".join(parts)}<p class="soft">{note}</p>' if parts else ""


def _group(examined: Examination, reason: str, found: Sequence[Symptom], players: Mapping[int, str]) -> str:
    mark = ' class="bad"' if REASONS[reason].ruins else ""
    title = f"<summary><b{mark}>{reason}</b> · {len(found):,} {escape(REASONS[reason].means)}</summary>"
    more = f'<p class="soft">and {len(found) - SHOWN:,} more; --json lists all</p>' if len(found) > SHOWN else ""
    cards = "".join(_card(examined, each, players) for each in found[:SHOWN])
    return f"<details{' open' * bool(mark)}>{title}<p>{escape(REASONS[reason].do)}</p>{cards}{more}</details>"


def _card(examined: Examination, each: Symptom, players: Mapping[int, str]) -> str:
    if each.clip is None:
        return f'<div class="clip">{escape(each.detail)}</div>'
    text = escape(examined.corpus.rows[each.row].sentence[:300])
    said = f"<p><code>{escape(each.clip)}</code></p><p>{escape(each.detail)}</p>"
    return f'<div class="clip">{said}<p class="soft" dir="auto">{text}</p>{players.get(each.row, "")}</div>'


def _players(examined: Examination, groups: Mapping[str, Sequence[Symptom]], left: int) -> dict[int, str]:
    players: dict[int, str] = {}
    for rank in range(SHOWN):
        for found in groups.values():
            if rank >= len(found) or found[rank].row in players or found[rank].row < 0:
                continue
            content, kind = _content(examined, found[rank].row)
            if content and len(content) <= left:
                left -= len(content)
                source = f"data:audio/{kind};base64,{base64.b64encode(content).decode()}"
                players[found[rank].row] = f'<audio controls preload="none" src="{source}"></audio>'
    return players


def _content(examined: Examination, place: int) -> tuple[bytes, str]:
    sound = examined.corpus.rows[place].sound()
    path, content = (sound, None) if isinstance(sound, str) else (sound["path"] or "", sound["bytes"])
    recording, span = split_excerpt(path)
    kind = KINDS.get(Path(recording).suffix.lower(), "")
    if "unreadable" in examined.heard[place].faults or not kind:
        return b"", ""
    if span and content is None:
        return _cut(path, examined.heard[place].seconds), "flac"
    if content is None:
        file = Path(path)
        content = file.read_bytes() if file.is_file() and file.stat().st_size <= LARGEST else b""
    return (content, kind) if len(content) <= LARGEST else (b"", "")


def _cut(excerpt: str, seconds: float) -> bytes:
    """An excerpt as a clip of its own, if it is one that Whisper can hear."""
    import soundfile

    if not 0 < seconds <= WINDOW_SECONDS:
        return b""
    file = io.BytesIO()
    try:
        soundfile.write(file, read_clip(excerpt), SAMPLE_RATE, format="FLAC")
    except BadInput:  # of samples that are no numbers
        return b""
    return file.getvalue()
