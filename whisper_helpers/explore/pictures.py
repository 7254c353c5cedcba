"""Sound and features as HTML that is quick to draw: pictures of a few kilobytes, axes of text, a script that reads."""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from html import escape
from pathlib import Path

import numpy as np

from .axes import channel_ticks, hertz_ticks, time_ticks
from .features import middles
from .stages import convert

COLUMNS = 600  # of a waveform
COLOURS = 256  # of a palette
LEAST_PLAYED = 8000  # Hz that every browser plays
HINT = "Point at a picture, or focus it and press arrow keys, to read a place."
STYLE = """<style>
.wh-lab figure { margin: 0; font-size: 13px; color: var(--jp-content-font-color1, inherit); }
.wh-lab figcaption { line-height: 1.4; }
.wh-plot { position: relative; margin: 1.5em 3.6em 3em 2.6em; cursor: crosshair; }
.wh-plot:focus-visible { outline: 3px solid #3d97d3; outline-offset: 2px; }
.wh-map { position: relative; }
.wh-map img { display: block; width: 100%; height: 10em; max-width: none; image-rendering: pixelated; }
.wh-wave { display: block; width: 100%; height: 3.5em; margin-bottom: 2px; }
.wh-tick { position: absolute; font-size: 11px; line-height: 1; white-space: nowrap; }
.wh-line { position: absolute; background: #fff; box-shadow: 0 0 1px 1px #000; pointer-events: none; }
.wh-line[hidden] { display: none; }
.wh-lab output { display: block; min-height: 2.8em; }
.wh-lab audio { width: 100%; height: 40px; }
.wh-strip { position: relative; }
.wh-strip img { display: block; width: 100%; height: 3em; max-width: none; image-rendering: pixelated; }
.wh-strip span { position: absolute; top: 0; bottom: 0; right: 0; border-left: 2px dashed #fff; }
.wh-scale { display: inline-block; width: 5em; height: .7em; margin: 0 .3em; }
</style>"""


def map_view(
    title: str,
    values: np.ndarray,
    *,
    hop: float,
    rate: int,
    limits: tuple[float, float],
    colours: str = "viridis",
    kind: str = "level",
    above: str = "",
    told: str = "",
    hint: str = "",
) -> str:
    """A heat map with axes, that tells time, channel, frequency and level of the place pointed at.

    Parameters
    ----------
    title
        What it is.
    values
        Shape (mels, frames).
    hop
        Seconds from frame to frame.
    rate
        Samples a second; channels end at half of it.
    limits
        Values of the first and the last colour.
    colours
        Name of a colour map of matplotlib.
    kind
        "level", or "difference".
    above
        What stands over it with the same axis of time.
    told
        A line under the title.
    hint
        What stands below while no place is read.

    Returns
    -------
    str
        HTML; without scripts all but the reading.
    """
    mels, frames = values.shape
    hertz = middles(rate, mels)
    about = {"hop": hop, "low": limits[0], "high": limits[1], "kind": kind, "hint": hint}
    about |= {"hertz": hertz.round().astype(int).tolist(), "palette": palette(colours)[1]}
    source = paletted(values, limits, colours)
    alt = f"{title}: {mels} channels by {frames} frames"
    lines = '<i class="wh-line" style="top:0;bottom:0;width:1px" hidden></i>'
    across = '<i class="wh-line" style="left:0;right:0;height:1px" hidden></i>'
    keys = f'tabindex="0" role="application" aria-label="{escape(alt)}. {HINT}" data-lm-suppress-shortcuts="true"'
    image = f'<img src="{source}" alt="{escape(alt)}" onload="{escape(script())}">'
    ticks = time_ticks(frames * hop) + channel_ticks(mels) + hertz_ticks(rate, mels)
    plot = f'{above}<div class="wh-map">{image}{across}{ticks}</div>{lines}'
    scale = _scale(colours, limits)
    return (
        f"<figure><figcaption><b>{escape(title)}</b>{scale}<br>{escape(told)}</figcaption>"
        f'<div class="wh-plot" {keys} data-about="{escape(json.dumps(about))}">{plot}</div>'
        f"<output>{escape(hint)}</output></figure>"
    )


def wave(samples: np.ndarray, rate: int, seconds: float) -> str:
    """Highest and lowest sample of each moment, as SVG.

    Parameters
    ----------
    samples
        Shape (samples,), between -1 and 1.
    rate
        Samples a second.
    seconds
        What the whole width is.
    """
    edges = np.linspace(0, seconds * rate, COLUMNS + 1).astype(int)[:-1]
    edges = edges[edges < len(samples)]
    heights = np.array([np.maximum.reduceat(samples, edges), np.minimum.reduceat(samples, edges)])
    high, low = np.round(50 - 50 * np.clip(heights, -1, 1)).astype(int)
    path = "".join(f"M{place},{top}V{end + 1}" for place, (top, end) in enumerate(zip(high, low, strict=True)))
    box = f'viewBox="0 0 {COLUMNS} 101" preserveAspectRatio="none" role="img" aria-label="waveform"'
    return f'<svg class="wh-wave" {box}><path d="{path}" stroke="#3d97d3" stroke-width="1.2" fill="none"/></svg>'


def player(samples: np.ndarray, rate: int, title: str) -> str:
    """A sound to hear.

    Parameters
    ----------
    samples
        Shape (samples,); what is beyond -1 and 1 is cut, as a loudspeaker does.
    rate
        Samples a second.
    title
        What it is.
    """
    import soundfile

    played = max(rate, LEAST_PLAYED)
    wav = io.BytesIO()
    soundfile.write(wav, np.clip(convert(samples, rate, played), -1, 1), played, format="WAV", subtype="PCM_16")
    source = f"data:audio/wav;base64,{base64.b64encode(wav.getvalue()).decode()}"
    told = escape(f"{title}: {len(samples) / rate:.2f} s at {rate:,} Hz")
    return (
        f'<figure><figcaption>{told}</figcaption><audio controls src="{source}" aria-label="{told}"></audio></figure>'
    )


def strip(values: np.ndarray, limits: tuple[float, float], padding: float, told: str) -> str:
    """The whole window as a band, its padding marked.

    Parameters
    ----------
    values
        Shape (mels, frames), padding included.
    limits
        Values of the first and the last colour.
    padding
        Share of it, 0 to 1.
    told
        The same in words.
    """
    few = values[::2, :: max(1, values.shape[1] // COLUMNS)]
    image = f'<img src="{paletted(few, limits)}" alt="{escape(told)}">'
    return (
        f'<figure><figcaption>{escape(told)}</figcaption><div class="wh-strip">{image}'
        f'<span style="width:{100 * padding:.2f}%"></span></div></figure>'
    )


def paletted(values: np.ndarray, limits: tuple[float, float], colours: str = "viridis", shades: int = COLOURS) -> str:
    """A heat map as a PNG, first row at the bottom.

    Parameters
    ----------
    values
        Shape (rows, columns).
    limits
        Values of the first and the last colour.
    colours
        Name of a colour map of matplotlib.
    shades
        How many of its 256 colours are used; a picture of few is small.

    Returns
    -------
    str
        A `data:` address.
    """
    from PIL import Image

    low, high = limits
    steps = np.clip(np.round((shades - 1) * (values[::-1] - low) / ((high - low) or 1)), 0, shades - 1)
    image = Image.fromarray(np.round(steps * (COLOURS - 1) / (shades - 1)).astype(np.uint8))
    image.putpalette(palette(colours)[0])
    png = io.BytesIO()
    image.save(png, format="PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"


@cache
def palette(colours: str) -> tuple[bytes, str]:
    """All 256 colours of a map, red, green and blue a byte each: raw and in hexadecimal digits.

    Parameters
    ----------
    colours
        Name of a colour map of matplotlib.
    """
    from matplotlib import colormaps

    raw = bytes(colormaps[colours](np.arange(COLOURS), bytes=True)[:, :3])
    return raw, raw.hex()


@cache
def script() -> str:
    """What makes a plot read; it runs as the picture's `onload`."""
    return (Path(__file__).parent / "reader.js").read_text(encoding="utf-8")


def reading(values: np.ndarray, column: int, row: int, *, hop: float, hertz: float, highest: float) -> str:
    """Time, channel, frequency and level of a cell, in the words of the script.

    Parameters
    ----------
    values
        Shape (mels, frames).
    column, row
        The cell.
    hop
        Seconds from frame to frame.
    hertz
        Middle of its channel.
    highest
        Value of the loudest cell.
    """
    value = float(values[row, column])
    told = f"level {value:.2f}, {round(40 * (value - highest))} dB against the loudest"
    return f"{column * hop:.2f} s · channel {row} · {round(hertz):,} Hz · {told}"


def _scale(colours: str, limits: tuple[float, float]) -> str:
    raw = palette(colours)[1]
    stops = ", ".join(f"#{raw[6 * place : 6 * place + 6]}" for place in range(0, 256, 51))
    bar = f'<span class="wh-scale" style="background:linear-gradient(to right, {stops})"></span>'
    return f" &nbsp;{limits[0]:.1f}{bar}{limits[1]:.1f}"
