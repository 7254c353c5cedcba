"""Subtitles in SubRip (``.srt``) and WebVTT (``.vtt``): what is said from when to when."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput

SUBTITLES = (".srt", ".vtt")
LARGEST = 50_000_000  # bytes
_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>|<(?:\d+:)?\d\d:\d\d\.\d{3}>|\{\\[^{}]*\}")
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?\s+([^<>]+)>")


@dataclass(frozen=True)
class Cue:
    """One subtitle.

    Parameters
    ----------
    start, end
        Seconds from the beginning of the recording.
    text
        In one line, without markup.
    speaker
        As WebVTT's voice tag names one; empty where it does not.
    """

    start: float
    end: float
    text: str
    speaker: str = ""

    @property
    def usable(self) -> bool:
        """Whether it has words and a length."""
        return bool(self.text) and self.end > self.start


def read_subtitles(path: Path) -> list[Cue]:
    """Read subtitles.

    Parameters
    ----------
    path
        A file in UTF-8 that ends in ``.srt`` or ``.vtt``.

    Raises
    ------
    BadInput
        If it is not UTF-8, very large, or holds no subtitle.
    """
    if path.stat().st_size > LARGEST:
        raise BadInput(f"{path} is too large for subtitles", f"At most {LARGEST // 1_000_000} MB", "Check the file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8", "Subtitles must be UTF-8", "Save it again as UTF-8") from error
    cues = list(parse_subtitles(text))
    if not cues:
        told = "Each begins with a line such as 00:00:01,000 --> 00:00:02,500"
        raise BadInput(f"{path} holds no subtitles", told, "Export it again")
    return cues


def parse_subtitles(text: str) -> Iterator[Cue]:
    r"""Take subtitles apart; numbers, comments and styles are passed over, markup is removed.

    Parameters
    ----------
    text
        Content of a ``.srt`` or ``.vtt`` file.

    Examples
    --------
    >>> next(parse_subtitles("1\n00:00:01,000 --> 00:00:02,500\n<i>Yes,</i>\nplease\n"))
    Cue(start=1.0, end=2.5, text='Yes, please', speaker='')
    """
    times: tuple[float, float] | None = None
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        found = _TIMES.fullmatch(line)
        if times and (found or not line.strip()):
            if found and lines and lines[-1].strip().isdecimal():
                lines.pop()  # the number of the next one, without a blank line before it
            yield _cue(*times, lines)
        if found:
            clock = [int(part or 0) if index % 4 < 3 else _fraction(part) for index, part in enumerate(found.groups())]
            times, lines = (_seconds(*clock[:4]), _seconds(*clock[4:])), []
        elif not line.strip():
            times = None
        elif times:
            lines.append(line)


def _fraction(digits: str) -> float:
    return int(digits) / 10 ** len(digits)


def _seconds(hours: float, minutes: float, seconds: float, fraction: float) -> float:
    return 3600 * hours + 60 * minutes + seconds + fraction


def _cue(start: float, end: float, lines: list[str]) -> Cue:
    voice = _VOICE.search(" ".join(lines))
    words = html.unescape(_TAGS.sub("", " ".join(lines)))
    return Cue(start, end, " ".join(words.split()), html.unescape(voice[1]).strip() if voice else "")
