"""How a transcript is written down: plain text, SubRip, WebVTT and JSON."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from ..errors import BadInput

FORMATS = ("txt", "srt", "vtt", "json")


@dataclass(frozen=True)
class Segment:
    """A stretch of speech, about a sentence.

    Parameters
    ----------
    start, end
        Seconds from the beginning of the recording.
    text
        What is said there.
    """

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Transcript:
    """All that one recording says.

    Parameters
    ----------
    file
        Name of the recording's file.
    language
        Code of the spoken language, given or heard; None if nothing was heard in which to find it.
    task
        ``"transcribe"`` or ``"translate"``.
    model
        The model that listened, as the user named it.
    duration
        Length of the recording in seconds.
    segments
        In order of time.
    """

    file: str
    language: str | None
    task: str
    model: str
    duration: float
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The segments' texts, a space between them."""
        return " ".join(segment.text for segment in self.segments)


def render(transcript: Transcript, form: str) -> str:
    r"""Write a transcript in one of `FORMATS`.

    Parameters
    ----------
    transcript
        What was heard.
    form
        ``"txt"``: a segment a line; ``"srt"`` and ``"vtt"``: subtitles; ``"json"``: everything.

    Returns
    -------
    str
        Content of the file; empty, a bare header or a list of none where nothing is said.

    Raises
    ------
    BadInput
        If there is no such format.

    Examples
    --------
    >>> heard = Transcript("a.wav", "hi", "transcribe", "base", 2.0, (Segment(0.5, 2.0, "नमस्ते"),))
    >>> print(render(heard, "srt"))
    1
    00:00:00,500 --> 00:00:02,000
    नमस्ते
    <BLANKLINE>
    """
    check_formats([form])
    return {"txt": _txt, "srt": _srt, "vtt": _vtt, "json": _json}[form](transcript)


def check_formats(formats: Sequence[str]) -> None:
    """Refuse formats that are not in `FORMATS`, and an empty list of them.

    Parameters
    ----------
    formats
        Names of formats.

    Raises
    ------
    BadInput
        If one is unknown, or none is given.

    Examples
    --------
    >>> check_formats(["txt", "srt"])
    """
    unknown = [form for form in formats if form not in FORMATS]
    if unknown or not formats:
        given = f"No such format: {', '.join(map(repr, unknown))}" if unknown else "No format was given"
        raise BadInput(given, f"There are {', '.join(FORMATS)}", "Choose some of them")


def timestamp(seconds: float, decimal: str = ".") -> str:
    """Write a time as subtitles do, to the nearest millisecond.

    Parameters
    ----------
    seconds
        From the beginning of the recording.
    decimal
        Before the milliseconds: ``"."`` in WebVTT, ``","`` in SubRip.

    Examples
    --------
    >>> timestamp(59.9996), timestamp(3723.5, ",")
    ('00:01:00.000', '01:02:03,500')
    """
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{decimal}{milliseconds:03}"


def _txt(transcript: Transcript) -> str:
    return "".join(f"{_one_line(segment.text)}\n" for segment in transcript.segments)


def _srt(transcript: Transcript) -> str:
    cues = (f"{number}\n{cue}" for number, cue in enumerate(_cues(transcript, ","), start=1))
    return "\n".join(cues)


def _vtt(transcript: Transcript) -> str:
    return "\n".join(["WEBVTT\n", *_cues(transcript, ".", escape=True)])


def _cues(transcript: Transcript, decimal: str, *, escape: bool = False) -> Iterator[str]:
    for segment in transcript.segments:
        text = _one_line(segment.text)
        times = f"{timestamp(segment.start, decimal)} --> {timestamp(segment.end, decimal)}"
        yield f"{times}\n{html.escape(text, quote=False) if escape else text}\n"


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _json(transcript: Transcript) -> str:
    content = asdict(transcript)
    segments = content.pop("segments")
    content |= {"text": transcript.text, "segments": segments}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
