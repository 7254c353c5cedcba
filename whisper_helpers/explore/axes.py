"""Marks along a picture of features: seconds, channels, and their frequencies, as text that any page can scale."""

from __future__ import annotations

import numpy as np

TICKS_HERTZ = (200, 500, 1000, 2000, 4000, 7000, 12_000, 20_000)
STEPS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)  # seconds between marks


def time_ticks(seconds: float) -> str:
    """Seconds, at most nine of them.

    Parameters
    ----------
    seconds
        What the whole width is.
    """
    step = next((step for step in STEPS if seconds / step <= 8), STEPS[-1])
    marks = np.arange(0, seconds + 1e-9, step)
    style = "top:calc(100% + 4px);transform:translateX(-50%)"
    ticks = [
        f'<span class="wh-tick" style="left:{100 * mark / seconds:.2f}%;{style}">{mark:.3g}</span>' for mark in marks
    ]
    return "".join(ticks) + f'<span class="wh-tick" style="left:50%;{style};margin-top:1.4em">time (s)</span>'


def channel_ticks(mels: int) -> str:
    """Numbers of channels, on the left.

    Parameters
    ----------
    mels
        How many there are.
    """
    step = max(10, round(mels / 40) * 10)
    style = "right:calc(100% + 5px);transform:translateY(50%)"
    ticks = [
        f'<span class="wh-tick" style="bottom:{100 * (place + 0.5) / mels:.2f}%;{style}">{place}</span>'
        for place in range(0, mels, step)
    ]
    return "".join(ticks) + _corner("right:calc(100% - 3em)", "mel channel")


def hertz_ticks(rate: int, mels: int) -> str:
    """Round frequencies at the place of their channel, on the right.

    Parameters
    ----------
    rate
        Samples a second; channels end at half of it.
    mels
        How many there are.
    """
    from librosa import hz_to_mel

    style = "left:calc(100% + 5px);transform:translateY(50%)"
    inside = [hertz for hertz in TICKS_HERTZ if hertz < 0.93 * rate / 2]
    shares = [(float(hz_to_mel(hertz) / hz_to_mel(rate / 2)) * (mels + 1) / mels, hertz) for hertz in inside]
    ticks = [
        f'<span class="wh-tick" style="bottom:{100 * share:.2f}%;{style}">{hertz:,}</span>' for share, hertz in shares
    ]
    return "".join(ticks) + _corner("left:calc(100% - 0.5em)", "Hz")


def _corner(place: str, text: str) -> str:
    return f'<span class="wh-tick" style="top:calc(100% + 4px + 1.4em);{place}">{text}</span>'
