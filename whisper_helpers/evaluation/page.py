"""The report as one HTML page that stands alone: players, colours for light and dark, readable on a phone."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from ..audio import SAMPLE_RATE, read_clip
from ..metrics import error_counts
from ..text import normalise
from ..tokens import language_name
from .edits import edits
from .sections import summary

if TYPE_CHECKING:
    from datasets import Dataset

WORST = 20  # clips with a player
MARKS = {"equal": "", "substitute": "s", "delete": "d", "insert": "i"}
STYLE = """
:root{color-scheme:light dark;--ink:#1b1b1b;--page:#fff;--soft:#f1f3f5;--line:#ccd1d6;--dim:#5a6068;
--good:#d8f2d8;--bad:#ffd9d6;--warn:#fff0c2;--s:#ffe49a;--d:#ffc9c4;--i:#c8e1ff;--bar:#3b78b5}
@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--page:#15181b;--soft:#22272c;--line:#3b434b;--dim:#a3abb3;
--good:#1d4324;--bad:#5a2723;--warn:#4d4012;--s:#6a5413;--d:#6b2b27;--i:#1d4268;--bar:#6aa5dd}}
*{box-sizing:border-box}body{margin:0 auto;padding:1rem;max-width:60rem;font:16px/1.55 system-ui,sans-serif;
color:var(--ink);background:var(--page)}h1{font-size:1.5rem;line-height:1.25}h2{margin-top:2.2rem;font-size:1.2rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:.6rem 0;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td.n,th.n{text-align:right}
.box{padding:.7rem 1rem;border-radius:.5rem;background:var(--soft);margin:.7rem 0}.better{background:var(--good)}
.worse{background:var(--bad)}.warning{background:var(--warn)}.dim{color:var(--dim);font-size:.9rem}
.clip{border-top:1px solid var(--line);padding:.7rem 0}audio{width:100%;max-width:24rem;height:2.2rem;display:block}
.s{background:var(--s)}.d{background:var(--d);text-decoration:line-through}.i{background:var(--i)}
.s,.d,.i{border-radius:.25rem;padding:0 .2rem}svg{max-width:100%;height:auto}svg text{fill:var(--ink)}
"""


def page(
    results: dict[str, Any], clips: Dataset, names: Sequence[str], heard: Sequence[Sequence[str]], worst: int = WORST
) -> str:
    """Write the report.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate`.
    clips
        The test.
    names
        Of its clips.
    heard
        Transcripts of one model, or of two: before, after.
    worst
        How many clips are shown, those with most errors of the last model first.

    Returns
    -------
    str
        HTML without any reference to another file or server.
    """
    name = PureWindowsPath(results["models"]["after"]).name  # knows both slashes
    title = f"{name} for {language_name(results['language'])}"
    body = f"<h1>{escape(title)}</h1>{summary(results)}{_clips(results['language'], clips, names, heard, worst)}"
    head = (
        f"<meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'><title>{escape(title)}"
    )
    return f"<!doctype html><html lang=en><head>{head}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"


def marked(reference: str, hypothesis: str) -> str:
    """Colour the edits of a transcript, word by word.

    Parameters
    ----------
    reference, hypothesis
        Normalised texts.

    Returns
    -------
    str
        HTML: what was left out is struck through, what was put in or put in place is coloured; ``title`` tells
        what was said.

    Examples
    --------
    >>> marked("one two", "one too")
    'one <span class=s title="said: two">too</span>'
    """
    words = []
    for kind, said, heard in edits(reference, hypothesis):
        if kind == "equal":
            words.append(escape(heard))
        else:
            note = f' title="said: {escape(said)}"' if kind == "substitute" else ""
            words.append(f"<span class={MARKS[kind]}{note}>{escape(heard or said)}</span>")
    return " ".join(words)


def _clips(language: str, clips: Dataset, names: Sequence[str], heard: Sequence[Sequence[str]], worst: int) -> str:
    said = [normalise(sentence, language) for sentence in clips["sentence"]]
    texts = [[normalise(text, language) for text in stage] for stage in heard]
    counts = error_counts(said, texts[-1])
    rates = counts[1:].sum(axis=0) / np.maximum(counts[:3].sum(axis=0), 1)
    order = np.argsort(-rates, kind="stable")[:worst]
    shown = "".join(
        _clip(clips[int(place)], names[place], said[place], [text[place] for text in texts], 100 * rates[place])
        for place in order
    )
    legend = "<span class=s>another word</span> <span class=d>left out</span> <span class=i>put in</span>"
    what = f"The {len(order)} of {len(said)} clips with most errors in 100 words, normalised, worst first. {legend}"
    return f"<h2>Where is it wrong? Listen</h2><p>{what}</p>{shown}"


def _clip(clip: dict[str, Any], name: str, said: str, heard: list[str], rate: float) -> str:
    labels = ("before", "after")[-len(heard) :]
    lines = "".join(
        f"<div><b>{label}</b> {marked(said, text)}</div>" for label, text in zip(labels, heard, strict=True)
    )
    facts = f"{escape(name.rpartition('/')[2])}, {escape(clip['speaker'] or 'speaker unknown')}, WER {rate:.0f} %"
    return (
        f"<div class=clip><div class=dim>{facts}</div>{_player(clip)}<div><b>said</b> {escape(said)}</div>{lines}</div>"
    )


def _player(clip: dict[str, Any]) -> str:
    file = io.BytesIO()
    soundfile.write(file, read_clip(clip["audio"]), SAMPLE_RATE, format="MP3")
    encoded = base64.b64encode(file.getvalue()).decode()
    return f"<audio controls preload=none src='data:audio/mpeg;base64,{encoded}'></audio>"
