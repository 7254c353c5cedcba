"""Tokens in colour, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .table import TokenView, direction_of

COLOURS = ("#FFE08A", "#A8DDF0", "#B9E4B4", "#F5C6DE")  # light, under dark text, on any page
OF_MARKS = "#D9D9D9"
BOX = (
    "color:#111;border-radius:4px;padding:1px 5px;margin:1px;display:inline-block;white-space:pre;"
    "unicode-bidi:plaintext"
)


def chip_style(token: TokenView, place: int) -> str:
    """CSS of a token's chip: colours take turns, marks are grey.

    Parameters
    ----------
    token
        From :func:`token_table`.
    place
        Where it stands among others.

    Examples
    --------
    >>> chip_style(TokenView(220, " ", b" ", special=False), 1)  # doctest: +ELLIPSIS
    'background:#A8DDF0;color:#111;...'
    """
    return f"background:{OF_MARKS if token.special else COLOURS[place % len(COLOURS)]};{BOX}"


def chips(tokens: Sequence[TokenView]) -> str:
    """Colour a sentence token by token.

    Parameters
    ----------
    tokens
        From :func:`token_table`.

    Returns
    -------
    str
        HTML: a coloured chip a token, special ones grey; spaces show as ␣, and pointing at a chip tells its id.

    Examples
    --------
    >>> print(chips([TokenView(220, " ", b" ", special=False)]))  # doctest: +ELLIPSIS
    <div dir="ltr" ...><span title="220" style="background:#FFE08A;...">␣</span></div>
    """
    pieces = []
    for place, token in enumerate(tokens):
        text = escape(token.text.replace(" ", "␣") if token.whole else token.text)
        pieces.append(f'<span title="{token.id}" style="{chip_style(token, place)}">{text}</span>')
    return f'<div dir="{direction_of(tokens)}" style="line-height:2">{"".join(pieces)}</div>'
