"""The report as one HTML page that stands alone: players, colours for light and dark, readable on a phone."""

from __future__ import annotations

import base64
import io
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
from .markup import document
from .sections import summary

if TYPE_CHECKING:
    from datasets import Dataset

WORST = 20  # clips with a player
MARKS = {"equal": "", "substitute": "s", "delete": "d", "insert": "i"}


def page(results: dict[str, Any], clips: Dataset, worst: int = WORST) -> str:
    """Write the report.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate`.
    clips
        The test, for its players.
    worst
        How many clips are shown, those with most errors of the last model first.

    Returns
    -------
    str
        HTML without any reference to another file or server.
    """
    name = PureWindowsPath(results["models"]["after"]).name  # knows both slashes
    title = f"{name} for {language_name(results['language'])}"
    return document(title, summary(results) + _clips(results, clips, worst))


def marked(reference: str, hypothesis: str, *, characters: bool = False) -> str:
    """Colour the edits of a transcript, word by word.

    Parameters
    ----------
    reference, hypothesis
        Normalised texts.
    characters
        Colour characters instead of words.

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
    for kind, said, heard in edits(reference, hypothesis, characters=characters):
        if kind == "equal":
            words.append(escape(heard))
        else:
            note = f' title="said: {escape(said)}"' if kind == "substitute" else ""
            words.append(f"<span class={MARKS[kind]}{note}>{escape(heard or said)}</span>")
    return ("" if characters else " ").join(words)


def _clips(results: dict[str, Any], clips: Dataset, worst: int) -> str:
    language, characters, rows = results["language"], results["unit"] == "character", results["transcripts"]
    said, *texts = ([normalise(row[stage], language) for row in rows] for stage in ("said", *results["models"]))
    counts = error_counts(said, texts[-1], characters=characters)
    rates = counts[1:].sum(axis=0) / np.maximum(counts[:3].sum(axis=0), 1)
    order = [int(place) for place in np.argsort(-rates, kind="stable")[:worst]]
    shown = []
    for place in order:
        lines = [f"<div dir=auto lang={language}>{escape(said[place])}</div>"]
        lines += [f"<div dir=auto>{marked(said[place], text[place], characters=characters)}</div>" for text in texts]
        shown.append(_clip(clips[place], rows[place]["clip"], lines, 100 * rates[place]))
    legend = "<span class=s>another word</span> <span class=d>left out</span> <span class=i>put in</span>"
    what = f"The {len(order)} of {len(said)} clips with most errors in 100 words, normalised, worst first. {legend}"
    return f"<h2>Where is it wrong? Listen</h2><p>{what}</p>{''.join(shown)}"


def _clip(clip: dict[str, Any], name: str, lines: list[str], rate: float) -> str:
    labels = ("said", *("before", "after")[1 - len(lines) :])
    rows = "".join(f"<div class=line><b>{label}</b>{line}</div>" for label, line in zip(labels, lines, strict=True))
    facts = f"{escape(name.rpartition('/')[2])}, {escape(clip['speaker'] or 'speaker unknown')}, WER {rate:.0f} %"
    return f"<div class=clip><div class=dim>{facts}</div>{_player(clip, name)}{rows}</div>"


def _player(clip: dict[str, Any], name: str) -> str:
    file = io.BytesIO()
    soundfile.write(file, read_clip(clip["audio"]), SAMPLE_RATE, format="MP3")
    encoded = base64.b64encode(file.getvalue()).decode()
    label = escape(name.rpartition("/")[2], quote=True)
    return f"<audio controls preload=none aria-label='{label}' src='data:audio/mpeg;base64,{encoded}'></audio>"
