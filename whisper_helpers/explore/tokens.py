"""The token lab: any text taken apart as Whisper's decoder sees it, with the switches of its prefix."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from ..tokens import MAX_LABELS, TokenView, chip_style, direction_of, language_name, token_table

if TYPE_CHECKING:
    from transformers import WhisperTokenizer

    from .showing import Lab

TOLD = """<style>
.token-lab [role=note]:focus-visible { outline: 3px solid #3d97d3; position: relative; }
.token-lab [role=note]:focus-visible::after { content: attr(title); position: absolute; z-index: 9; left: 0; top: 1.7em;
  background: #fff; color: #111; border: 1px solid #111; padding: 2px 6px; font-size: 13px; direction: ltr; }
</style>"""
NUKTA = "\u093c"


def token_lab(
    text: str,
    tokenizer: WhisperTokenizer | None = None,
    *,
    sentences: Mapping[str, str] | None = None,
    model: str = "openai/whisper-base",
) -> Lab:
    """Type a text and see its tokens, live where a kernel runs.

    Parameters
    ----------
    text
        To begin with, in any script.
    tokenizer
        Whisper's; None opens that of `model`.
    sentences
        The same sentence by the name of its language, shown below one another for comparison.
    model
        Name or folder of the checkpoint that brings the tokenizer.

    Returns
    -------
    Lab
        Shown by Jupyter as it is; core widgets only, and :func:`token_picture` where no kernel runs.
    """
    import ipywidgets as w

    from .showing import Lab

    tokenizer = tokenizer or _tokenizer(model)
    typed = w.Textarea(text, description="Text", rows=2, layout=w.Layout(width="auto"))
    fits = {"layout": w.Layout(max_width="100%")}
    language = w.Dropdown(options=_languages(tokenizer), value="hi", description="Language", **fits)
    task = w.ToggleButtons(options=["transcribe", "translate"], description="Task", **fits)
    times = w.Checkbox(False, description="timestamps", **fits)
    shown = w.HTML()

    def draw(change: object = None) -> None:
        choice = {"language": language.value, "task": task.value, "timestamps": times.value}
        shown.value = token_picture(typed.value, tokenizer, sentences=sentences, **choice)

    for widget in (typed, language, task, times):
        widget.observe(draw, "value")
    draw()
    switches = w.HBox([language, task, times], layout=w.Layout(flex_flow="row wrap"))
    return Lab([typed, switches, shown], lambda: ({"text/html": shown.value}, {}))


def token_picture(
    text: str,
    tokenizer: WhisperTokenizer,
    *,
    language: str = "hi",
    task: str = "transcribe",
    timestamps: bool = False,
    sentences: Mapping[str, str] | None = None,
) -> str:
    """What the lab shows, as it stands without a kernel.

    Parameters
    ----------
    text
        In any script.
    tokenizer
        Whisper's; its own prefix stays as it is.
    language, task, timestamps
        Of the prefix.
    sentences
        Others to compare with, by name.

    Returns
    -------
    str
        HTML: prefix, tokens, count against 448, round trip, what small changes do, and the comparison.
    """
    names = ["<|startoftranscript|>", f"<|{language}|>", f"<|{task}|>", *([] if timestamps else ["<|notimestamps|>"])]
    prefix = token_table(tokenizer.convert_tokens_to_ids(names), tokenizer)
    tokens, end = views(text, tokenizer), token_table([tokenizer.eos_token_id], tokenizer)
    count, same = len(prefix) + len(tokens) + 1, b"".join(each.bytes for each in tokens).decode() == text
    room = f"{count} of {MAX_LABELS} places" + ("" if count <= MAX_LABELS else ": <b>too long for the decoder</b>")
    back = "comes back as it was" if same else "<b>does not come back as it was</b>"
    parts = [_row(prefix), _row(tokens), _row(end), f"<p>{room}; the text {back}.</p>", _changes(text, tokenizer)]
    parts += [_table("The same sentence in other languages", "language", sentences, tokenizer)] if sentences else []
    return f'<div class="token-lab">{TOLD}{"".join(parts)}</div>'


def views(text: str, tokenizer: WhisperTokenizer) -> list[TokenView]:
    """Tokens of a text without prefix and end; half a character, which UTF-8 cannot hold, becomes U+FFFD.

    Parameters
    ----------
    text
        In any script.
    tokenizer
        Whisper's.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return token_table(tokenizer(whole, add_special_tokens=False).input_ids, tokenizer)


def variants(text: str) -> dict[str, str]:
    """The text with one small thing changed; changes that would change nothing are left out.

    Parameters
    ----------
    text
        In any script.

    Examples
    --------
    >>> variants("a")
    {'a space in front': ' a', 'the first letter large': 'A'}
    """
    changed = {
        "a space in front": f" {text}",
        "no space in front": text.lstrip(" "),
        "the first letter large": text[:1].upper() + text[1:],
        "all small": text.lower(),
        "without nukta": unicodedata.normalize("NFD", text).replace(NUKTA, ""),
        "composed (NFC)": unicodedata.normalize("NFC", text),
        "decomposed (NFD)": unicodedata.normalize("NFD", text),
    }
    if NUKTA not in unicodedata.normalize("NFD", text):
        del changed["without nukta"]
    return {name: other for name, other in changed.items() if other != text}


def merge_rank(token: TokenView) -> int | None:
    """How early the token was learnt: 0 for the first join of two bytes, None for single bytes and marks.

    Parameters
    ----------
    token
        From :func:`~whisper_helpers.tokens.token_table`.

    Examples
    --------
    >>> merge_rank(TokenView(256, " t", b" t", special=False))
    0
    """
    return None if token.special or token.id < 256 else token.id - 256


def _row(tokens: list[TokenView]) -> str:
    row = "".join(told_chip(token, place, _about(token)) for place, token in enumerate(tokens))
    return f'<div style="line-height:2.1" dir="{direction_of(tokens)}">{row}</div>'


def _about(token: TokenView) -> str:
    rank = merge_rank(token)
    learnt = "a mark" if token.special else "a single byte" if rank is None else f"join number {rank}"
    octets = f"; bytes {token.bytes.hex(' ').upper()}" if token.bytes else ""
    return f"id {token.id}{octets}; text {token.text!r}; {learnt}"


def told_chip(token: TokenView, place: int, about: str, style: str = "") -> str:
    """Chip of a token that tells about itself when it is pointed at, reached by keyboard, or read aloud.

    Parameters
    ----------
    token
        From :func:`~whisper_helpers.tokens.token_table`.
    place
        Where it stands among others, which chooses its colour.
    about
        What it tells.
    style
        CSS beside that of other chips.
    """
    told = escape(about)
    named = f'tabindex="0" role="note" title="{told}" aria-label="{told}"'
    return f'<span {named} style="{chip_style(token, place)};font-size:1.05em;{style}">{escape(visible(token))}</span>'


def visible(token: TokenView) -> str:
    """Text of a token with its spaces to be seen, and a circle under a lone combining mark.

    Parameters
    ----------
    token
        From :func:`~whisper_helpers.tokens.token_table`.

    Examples
    --------
    >>> visible(TokenView(256, " t", b" t", special=False))
    '␣t'
    """
    if token.special or not token.whole:
        return token.text
    text = token.text.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")
    return f"◌{text}" if text and unicodedata.category(text[0]).startswith("M") else text


def _changes(text: str, tokenizer: WhisperTokenizer) -> str:
    changed = variants(text)
    return _table("What a small change does", "change", changed, tokenizer) if changed else ""


def _table(title: str, first: str, texts: Mapping[str, str], tokenizer: WhisperTokenizer) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{len(tokens)}</td><td>{_row(tokens)}</td></tr>"
        for name, text in texts.items()
        for tokens in [views(text, tokenizer)]
    )
    head = f"<tr><th>{first}</th><th>tokens</th><th>text</th></tr>"
    return f"<table style='text-align:start'><caption>{title}</caption>{head}{rows}</table>"


def _languages(tokenizer: WhisperTokenizer) -> list[tuple[str, str]]:
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    known = [code for code in LANGUAGES if tokenizer.convert_tokens_to_ids(f"<|{code}|>") != tokenizer.unk_token_id]
    return sorted((language_name(code), code) for code in known)


def _tokenizer(model: str) -> WhisperTokenizer:
    from transformers import WhisperTokenizer

    from ..checkpoints import find_checkpoint

    return WhisperTokenizer.from_pretrained(find_checkpoint(model).folder)
