"""Decoding as HTML: tokens, the five likeliest in a place, attention over the spectrogram, words that play.

Pointing and playing are handlers in the elements themselves, which work in widgets and in saved pages alike; where
scripts do not run, sliders and the table of all steps say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..audio import POSITIONS_PER_SECOND
from ..tokens import TokenView, direction_of
from .steps import Decoding, Step
from .tokens import told_chip, visible
from .words import Word

STYLE = """<style>
.wh-steps { display: grid; gap: 1em 2em; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr));
  color: var(--jp-content-font-color1, inherit); font-size: 14px; line-height: 1.5; }
.wh-steps section { min-width: 0; }
.wh-steps h4 { margin: 0 0 .3em; overflow-wrap: anywhere; }
.wh-steps .place { position: relative; cursor: pointer; border: 1px solid #888; }
.wh-steps .place img { display: block; width: 100%; height: 110px; max-width: none; image-rendering: pixelated; }
.wh-steps .place svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.wh-steps .cursor { position: absolute; top: 0; bottom: 0; width: 2px; background: #fff; box-shadow: 0 0 2px 1px #000; }
.wh-steps .axis { display: flex; justify-content: space-between; font-size: 12px; }
.wh-steps button { font: inherit; color: inherit; background: none; border: 1px solid #888; border-radius: 4px;
  margin: 1px; padding: 0 .4em; cursor: pointer; }
.wh-steps button:hover, .wh-steps :focus-visible { outline: 3px solid #3d97d3; }
.wh-steps table { border-collapse: collapse; margin: .4em 0; }
.wh-steps th, .wh-steps td { text-align: start; padding: 1px .6em; border: 0; font-weight: inherit; }
.wh-steps .written { font-weight: bold; }
.wh-steps meter { width: 6em; }
</style>"""
CHOSEN = "outline:3px solid #D55E00;"
LATER = "background:#fff;outline:1px dashed #767676;outline-offset:-1px;"


def decoding_view(
    decodings: Sequence[Decoding], step: int, map_png: str, seconds: float, lab: str = "decoding", cursor: float = 0.0
) -> str:
    """Show a step of each model, side by side.

    Parameters
    ----------
    decodings
        One a model.
    step
        Number of the token, from 0; after a text's end its last one.
    map_png
        Address of the spectrogram's picture, from :func:`whisper_helpers.explore.pictures.paletted`.
    seconds
        Length of the clip.
    lab
        Name of the lab's sound in the page, from :func:`hooks`.
    cursor
        Where the play cursor stands, in seconds.

    Returns
    -------
    str
        HTML.
    """
    sections = "".join(_section(each, step, map_png, seconds, lab, cursor) for each in decodings)
    return f'{STYLE}<div class="wh-steps">{sections}</div>'


def hooks(lab: str, seconds: float) -> str:
    """Attributes of the sound that words play and that moves the cursors.

    Parameters
    ----------
    lab
        Name of the lab in the page.
    seconds
        Length of the clip.
    """
    stop = "if(this.dataset.end&&this.currentTime>=this.dataset.end){this.pause();delete this.dataset.end}"
    move = f"e.style.left=100*Math.min(1,this.currentTime/{seconds:.3f})+'%'"
    return f'id="{lab}" ontimeupdate="{stop}document.querySelectorAll(\'.{lab}\').forEach(e=>{{{move}}})"'


def peak(step: Step) -> float:
    """Where the decoder looked most, in seconds.

    Parameters
    ----------
    step
        Of a decoding.
    """
    return (float(step.attention.argmax()) + 0.5) / POSITIONS_PER_SECOND


def steps_table(decoding: Decoding) -> str:
    """All steps as a table that needs neither script nor kernel.

    Parameters
    ----------
    decoding
        Of a model.

    Returns
    -------
    str
        HTML.
    """
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("token", "probability", "instead", "looks at"))
    rows = "".join(
        f"<tr><th scope='row'><bdi>{_text(step.token)}</bdi></th><td>{step.probability:.1%}</td>"
        f"<td>{_others(step)}</td><td>{peak(step):.2f} s</td></tr>"
        for step in decoding.steps
    )
    name = escape(decoding.name)
    return f"<details><summary>{name}: every step</summary><table><tr>{head}</tr>{rows}</table></details>"


def _section(decoding: Decoding, step: int, map_png: str, seconds: float, lab: str, cursor: float) -> str:
    if not decoding.steps:
        return f"<section><h4>{escape(decoding.name)}</h4><p>Nothing was written.</p></section>"
    place = min(step, len(decoding.steps) - 1)
    shown = decoding.steps[place]
    parts = [f"<h4>{escape(decoding.name)}</h4>", _chips(decoding, place), _likeliest(shown)]
    parts += [_map(shown, decoding.words, map_png, seconds, lab, cursor), _words(decoding.words, lab)]
    return f"<section>{''.join(parts)}</section>"


def _chips(decoding: Decoding, place: int) -> str:
    given = [told_chip(token, 0, f"{_called(token)}; given") for token in decoding.prefix]
    written = [
        told_chip(
            each.token,
            number,
            f"{_called(each.token)}; token {number + 1}, {each.probability:.1%}; instead: {_plain_others(each)}",
            CHOSEN if number == place else LATER if number > place else "",
        )
        for number, each in enumerate(decoding.steps)
    ]
    way = direction_of(each.token for each in decoding.steps)
    return f'<div dir="{way}" style="line-height:2.1">{"".join(given + written)}</div>'


def _called(token: TokenView) -> str:
    return f"id {token.id}, {token.text!r}"


def _likeliest(step: Step) -> str:
    known = [*step.likeliest]
    if step.token.id not in [token.id for token, _ in known]:
        known.append((step.token, step.probability))
    rows = "".join(
        f'<tr{" class=written" if token.id == step.token.id else ""}><th scope="row"><bdi>{_text(token)}</bdi></th>'
        f'<td><meter max="1" value="{odds:.4f}" aria-label="probability of {_text(token)}"></meter></td>'
        f"<td>{odds:.1%}{' written' if token.id == step.token.id else ''}</td></tr>"
        for token, odds in known
    )
    return f"<table><caption>Likeliest in this place</caption>{rows}</table>"


def _map(step: Step, words: Sequence[Word], map_png: str, seconds: float, lab: str, cursor: float) -> str:
    length, strongest = len(step.attention), max(float(step.attention.max()), 1e-9)
    line = " ".join(f"L{place + 0.5} {1 - value / strongest:.3f}" for place, value in enumerate(step.attention))
    curve = f'<path d="M0 1 {line} L{length} 1Z" fill="#fff" fill-opacity=".35" stroke="#fff" {_THIN}/>'
    bars = "".join(
        f'<path d="M{word.start * POSITIONS_PER_SECOND:.1f} 0V1" stroke="#FFE08A" {_THIN}/>' for word in words
    )
    told = (
        f"Attention while choosing {_text(step.token)}: most at {peak(step):.2f} s, "
        f"{step.beyond:.0%} of it on the padding after the clip"
    )
    seek = f"let b=this.getBoundingClientRect(),a=document.getElementById('{lab}')"
    press = f"{seek};if(a){{a.currentTime={seconds:.3f}*(event.clientX-b.left)/b.width;a.play()}}"
    at = min(100.0, 100 * cursor / seconds)
    return (
        f'<div class="place" onclick="{press}" title="Click to play from here"><img src="{map_png}" alt="{told}">'
        f'<svg viewBox="0 0 {length} 1" preserveAspectRatio="none" aria-hidden="true">{bars}{curve}</svg>'
        f'<span class="cursor {lab}" style="left:{at:.2f}%"></span></div>'
        f'<div class="axis"><span>0 s</span><span>{seconds:.2f} s</span></div><p>{told}.</p>'
    )


_THIN = 'stroke-width="1.5" vector-effect="non-scaling-stroke"'


def _words(words: Sequence[Word], lab: str) -> str:
    return f'<p dir="auto">{" ".join(_word(word, lab) for word in words)}</p>' if words else ""


def _word(word: Word, lab: str) -> str:
    sound = f"let a=document.getElementById('{lab}')"
    press = f"{sound};if(a){{a.currentTime={word.start:.2f};a.dataset.end={word.end:.2f};a.play()}}"
    told = f"{escape(word.text)}, {word.start:.2f} to {word.end:.2f} seconds"
    return f'<button type="button" onclick="{press}" title="{told}" aria-label="{told}">{escape(word.text)}</button>'


def _text(token: TokenView) -> str:
    return escape(visible(token))


def _others(step: Step) -> str:
    others = [(token, odds) for token, odds in step.likeliest if token.id != step.token.id]
    return ", ".join(f"<bdi>{_text(token)}</bdi> {odds:.1%}" for token, odds in others)


def _plain_others(step: Step) -> str:
    return ", ".join(f"{token.text!r} {odds:.1%}" for token, odds in step.likeliest if token.id != step.token.id)
