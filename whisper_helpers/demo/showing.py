"""What the visitor sees: transcripts to click on, differences, errors against a reference; all of it escaped HTML."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from html import escape

from ..explore import Word
from ..metrics import score
from ..text import SPACELESS, direction
from ..tokens import language_name
from ..transcript import Segment, Transcript
from ..transcript.formats import timestamp
from .listener import Heard

NOTHING = "No speech was heard."
STYLE = """
.gradio-container { --color-accent: #1d4ed8; --button-primary-background-fill: #1d4ed8;
  --button-primary-background-fill-hover: #1e40af; --button-primary-text-color: #fff; }
body:not(.dark) .gradio-container { --neutral-400: #52525b; }
.dark .gradio-container { --color-accent: #93c5fd; }
.heard { line-height: 1.9; overflow-wrap: anywhere; }
.heard button { font: inherit; color: inherit; background: none; border: 0; padding: 1px 2px; margin: 0;
  border-radius: 4px; cursor: pointer; text-align: start; }
.heard button:hover, .heard button:focus-visible { outline: 2px solid #0072B2; }
.heard button.now { background: #FFE08A; color: #111; }
.heard .time { font-variant-numeric: tabular-nums; text-decoration: underline; margin-inline-end: .5em; }
.heard mark { background: #F5C6DE; color: #111; border-radius: 4px; }
.heard td, .heard th { padding: 2px 8px; border: 1px solid #888; text-align: start; }
.heard .sides { display: grid; gap: 0 2em; grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr)); }
.heard section { min-width: 0; }
.heard .scroll { overflow-x: auto; }
.heard audio { width: 100%; min-width: 0; }
.gradio-container textarea { unicode-bidi: plaintext; text-align: start; }
"""
PLAY = """
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-start]'), sound = element.querySelector('audio');
  if (!button || !sound) return;
  const end = Number(button.dataset.end);
  element.querySelectorAll('button.now').forEach(each => each.classList.remove('now'));
  button.classList.add('now');
  sound.currentTime = Number(button.dataset.start);
  sound.ontimeupdate = () => { if (sound.currentTime >= end) { sound.pause(); sound.ontimeupdate = null; } };
  sound.play().catch(() => {});
});
"""


def page_of(answers: Sequence[Heard], source: str | None = None, reference: str = "") -> str:
    """Show what each model heard, side by side.

    Parameters
    ----------
    answers
        One a model; differences are marked in each against the first.
    source
        Address of the recording, for playing.
    reference
        What was really said; empty if nobody knows.

    Returns
    -------
    str
        HTML.
    """
    label = 'controls preload="auto" aria-label="The recording"'
    player = f'<audio {label} src="{escape(source)}"></audio>' if source else ""
    texts = [_flat(answer) for answer in answers]
    others = [*texts[-1:], *texts[:1] * len(texts)] if len(texts) > 1 else [None]
    parts = [_answer(answer, other, reference) for answer, other in zip(answers, others, strict=False)]
    return f'<div class="heard">{player}<div class="sides">{"".join(parts)}</div></div>'


def differing(words: Sequence[str], others: Sequence[str]) -> list[bool]:
    """Which of some words another text does not have in their place.

    Parameters
    ----------
    words, others
        Two texts, word by word.

    Examples
    --------
    >>> differing("a b c".split(), "a c".split())
    [False, True, False]
    """
    differs = [True] * len(words)
    for block in difflib.SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks():
        differs[block.a : block.a + block.size] = [False] * block.size
    return differs


def errors(reference: str, text: str, language: str | None) -> str:
    """Error rates of a text, and how its words stand against the reference's.

    Parameters
    ----------
    reference, text
        What was said, what was heard.
    language
        Code, for the normaliser.

    Returns
    -------
    str
        HTML; words in place of figures if the reference has no word.
    """
    import jiwer

    from ..text import normalise

    said, heard = normalise(reference, language), normalise(text, language)
    if not said:
        return "<p>The reference has no word to compare with.</p>"
    rates = score([reference], [text], language)
    chunks = jiwer.process_words(said, heard).alignments[0] if heard else ()
    words, rows = (said.split(), heard.split()), ("", "")
    for each in chunks:
        parts = words[0][each.ref_start_idx : each.ref_end_idx], words[1][each.hyp_start_idx : each.hyp_end_idx]
        cells = [_marked(escape(" ".join(part)) or "–", each.type != "equal") for part in parts]
        rows = tuple(f"{row}<td>{cell}</td>" for row, cell in zip(rows, cells, strict=True))
    table = (
        f'<table dir="{direction(said)}"><tr><th>said</th>{rows[0]}</tr><tr><th>heard</th>{rows[1]}</tr></table>'
        if heard
        else ""
    )
    counts = f"{rates.substitutions} changed, {rates.deletions} missing, {rates.insertions} added"
    summary = f"WER {rates.wer:.1f} %, CER {rates.cer:.1f} % (normalised); {counts} of {rates.reference_words} words"
    return f'<p>{summary}</p><div class="scroll" tabindex="0" role="region" aria-label="Alignment">{table}</div>'


def _answer(answer: Heard, other: list[str] | None, reference: str) -> str:
    transcript = answer.transcript
    title = f"<h3>{escape(transcript.model)}</h3>"
    if not transcript.segments:
        return f"<section>{title}<p>{NOTHING}</p></section>"
    differs = iter(differing(_flat(answer), other) if other is not None else ())
    gap = "" if transcript.language in SPACELESS else " "
    lines = "".join(
        _segment(segment, pieces, differs, gap)
        for segment, pieces in zip(transcript.segments, _pieces(answer), strict=True)
    )
    compared = errors(reference, transcript.text, transcript.language) if reference.strip() else ""
    written = "en" if transcript.task == "translate" else escape(transcript.language or "en")
    return f'<section>{title}<p>{_spoken(answer)}</p><div lang="{written}" dir="auto">{lines}</div>{compared}</section>'


def _pieces(answer: Heard) -> list[list[tuple[str, Word | None]]]:
    segments = answer.transcript.segments
    plain = [[(text, None) for text in segment.text.split()] for segment in segments]
    timed = [[(word.text, word) for word in words] for words in answer.words] or plain
    return [some or other for some, other in zip(timed, plain, strict=True)]


def _flat(answer: Heard) -> list[str]:
    return [text for pieces in _pieces(answer) for text, _ in pieces]


def _spoken(answer: Heard) -> str:
    transcript: Transcript = answer.transcript
    name = language_name(transcript.language) if transcript.language else "unknown"
    sure = "chosen" if answer.probability is None else f"guessed, {100 * answer.probability:.0f} %"
    into = ", into English" if transcript.task == "translate" else ""
    return f"{name} ({sure}){into}"


def _segment(segment: Segment, pieces: list[tuple[str, Word | None]], differs: Iterator[bool], gap: str) -> str:
    label = f"Play from {segment.start:.1f} to {segment.end:.1f} seconds"
    begin = _button(timestamp(segment.start)[3:-1], segment.start, segment.end, label, "time")
    shown = []
    for text, word in pieces:
        marked = _marked(escape(text), next(differs, False))
        shown.append(_button(marked, word.start, word.end, "", "word") if word else marked)
    return f"<p>{begin}{gap.join(shown)}</p>"


def _button(content: str, start: float, end: float, label: str, kind: str) -> str:
    named = f' aria-label="{label}"' if label else ""
    return (
        f'<button type="button" class="{kind}" data-start="{start:.2f}" data-end="{end:.2f}"{named}>{content}</button>'
    )


def _marked(content: str, different: bool) -> str:
    return f"<mark>{content}</mark>" if different else content
