"""HTML that the report and the leaderboard share: a page that stands alone, tables, boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark;--ink:#1b1b1b;--page:#fff;--soft:#f1f3f5;--line:#ccd1d6;--dim:#5a6068;
--good:#d8f2d8;--bad:#ffd9d6;--warn:#fff0c2;--s:#ffe49a;--d:#ffc9c4;--i:#c8e1ff;--bar:#3b78b5}
@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--page:#15181b;--soft:#22272c;--line:#3b434b;--dim:#a3abb3;
--good:#1d4324;--bad:#5a2723;--warn:#4d4012;--s:#6a5413;--d:#6b2b27;--i:#1d4268;--bar:#6aa5dd}}
*{box-sizing:border-box}body{margin:0 auto;padding:1rem;max-width:60rem;font:16px/1.55 system-ui,sans-serif;
color:var(--ink);background:var(--page);overflow-wrap:break-word}h1{font-size:1.5rem;line-height:1.25}
h2{margin-top:2.2rem;font-size:1.2rem}h3{margin:1.2rem 0 .2rem;font-size:1rem}summary{cursor:pointer}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:.6rem 0;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td.n,th.n{text-align:right}figure{display:inline-block;margin:.5rem 1rem .5rem 0}
.box{padding:.7rem 1rem;border-radius:.5rem;background:var(--soft);margin:.7rem 0}.better{background:var(--good)}
.worse{background:var(--bad)}.warning{background:var(--warn)}.dim{color:var(--dim);font-size:.9rem}
.clip{border-top:1px solid var(--line);padding:.7rem 0}audio{width:100%;max-width:24rem;height:2.2rem;display:block}
.line{display:grid;grid-template-columns:4rem 1fr;gap:.5rem}.line [dir]{min-width:0}
.s{background:var(--s);border-bottom:2px dotted}.d{background:var(--d);text-decoration:line-through}
.i{background:var(--i);border-bottom:2px solid}
.s,.d,.i{border-radius:.25rem;padding:0 .2rem}svg{max-width:100%;height:auto}svg text{fill:var(--ink)}
"""
NUMBER = re.compile(r"[+-]?[\d.,]+")


def document(title: str, body: str) -> str:
    """Page that needs no other file and no server.

    Parameters
    ----------
    title
        Text of the heading.
    body
        HTML under it.
    """
    view = "<meta name=viewport content='width=device-width,initial-scale=1'>"
    head = f"<meta charset=utf-8>{view}<title>{escape(title)}</title><style>{STYLE}</style>"
    main = f"<main><h1>{escape(title)}</h1>{body}</main>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{main}</body></html>\n"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Make a table that scrolls sideways on a phone; numbers and their headings stand right.

    Examples
    --------
    >>> print(table(["a"], [[1.25]]))
    <div class=scroll tabindex=0><table><tr><th scope=col class=n>a</th></tr><tr><td class=n>1.2</td></tr></table></div>
    """
    right = [any(map(_is_number, column)) for column in zip(*rows, strict=True)]
    right += [False] * (len(header) - len(right))
    head = "".join(_heading(cell, numeric) for cell, numeric in zip(header, right, strict=True))
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<div class=scroll tabindex=0><table><tr>{head}</tr>{body}</table></div>"


def box(text: str, kind: str = "") -> str:
    """Make a box in the colour of its kind: ``better``, ``worse``, ``warning``."""
    return f"<div class='box {kind}'>{escape(text)}</div>"


def _heading(text: str, numeric: bool) -> str:
    if not text:
        return "<td></td>"
    return f"<th scope=col{' class=n' if numeric else ''}>{escape(text)}</th>"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"<td class=n>{value:.1f}</td>"
    if isinstance(value, int):
        return f"<td class=n>{value:,}</td>"
    kind = " class=n" if _is_number(value) else " dir=auto"
    return f"<td{kind}>{escape('–' if value is None else str(value))}</td>"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or bool(isinstance(value, str) and NUMBER.fullmatch(value))
