"""What the page's buttons do: listen, cancel, keep a correction, and hand out files."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..audio import read_clip
from ..transcript import FORMATS, render
from .app import KEPT_SECONDS
from .keeping import keep_pair
from .listener import Cancelled, Heard, Listener
from .listening import check_recording
from .saying import chosen, refusal, status_line
from .showing import page_of
from .working import Work

if TYPE_CHECKING:
    import numpy as np


class Desk:
    """What the buttons do, for many visitors.

    Parameters
    ----------
    listeners
        Models; files to download are those of the first.
    longest_seconds
        Refuse longer recordings.
    keep
        Folder for corrected pairs, or None.
    """

    def __init__(self, listeners: list[Listener], longest_seconds: float, keep: str | Path | None) -> None:
        self.listeners, self.longest_seconds, self.keep_folder = listeners, longest_seconds, keep
        self.stops: dict[str, threading.Event] = {}
        self.downloads = tempfile.TemporaryDirectory(prefix="whisper-helpers-")  # gone when the server is

    def enter(self, request: Any) -> str:
        """Stand in the queue, from which the visitor may step out again; gives the status."""
        self.stops[request.session_hash] = threading.Event()
        return status_line("Waiting for the model …")

    def transcribe(self, recording: str | None, language: str, task: str, reference: str, request: Any) -> Iterator:
        """Hear a recording with each model; gives the page, its status and the files, again and again.

        Parameters
        ----------
        recording, language, task, reference
            What the visitor filled in.
        request
            Brings the visitor's ``session_hash``.

        Raises
        ------
        gradio.Error
            In words for the visitor.
        """
        stop = self.stops.setdefault(request.session_hash, threading.Event())
        try:
            if stop.is_set():
                raise Cancelled
            yield from self._answers(recording, language, task, reference, stop)
        except Cancelled:
            yield "", status_line("Cancelled."), *[None] * len(FORMATS)
        except Exception as error:
            told = refusal(error, recording)
            yield "", status_line(told.message), *[None] * len(FORMATS)  # what was heard before is not of this one
            raise told from None
        finally:
            stop.set()  # a visitor who left needs no answer
            if self.stops.get(request.session_hash) is stop:
                del self.stops[request.session_hash]

    def cancel(self, request: Any) -> Any:
        """Stop the visitor's work, which tells when it has stopped; gives the status."""
        import gradio as gr

        stop = self.stops.get(request.session_hash)
        if stop is None:
            return gr.skip()
        stop.set()
        return status_line("Stopping …")

    def keep(self, recording: str | None, sentence: str, language: str) -> str:
        """Keep a corrected pair for training; gives the status."""
        try:
            samples = _decoded(recording, self.longest_seconds)
            code = chosen(language) or self.listeners[0].guess(samples)
            clip = keep_pair(self.keep_folder, samples, sentence, code)
        except Exception as error:
            raise refusal(error, recording) from None
        return status_line(f"Kept as {clip.name}.")

    def _answers(
        self, recording: str | None, language: str, task: str, reference: str, stop: threading.Event
    ) -> Iterator:
        samples = _decoded(recording, self.longest_seconds)
        code, none = chosen(language), [None] * len(FORMATS)
        seconds, answers = len(samples) / 16_000, []
        for listener in self.listeners:
            yield page_of(answers), status_line(f"{listener.name} listens …", 0, seconds), *none
            work = Work(
                lambda step, each=listener: each.hear(samples, code, task, file=Path(recording).name, progress=step),
                stop,
            )
            for done in work.seconds():
                yield page_of(answers), status_line(f"{listener.name} listens …", done, seconds), *none
            answers.append(work.result())
        files, source = _files(answers[0], self.downloads.name), f"gradio_api/file={quote(Path(recording).as_posix())}"
        yield page_of(answers, source, reference), status_line("Looking for the words' times …"), *files
        timed = []
        for listener, heard in zip(self.listeners, answers, strict=True):
            if stop.is_set():
                break
            timed.append(_timed(listener, samples, heard))
        yield page_of([*timed, *answers[len(timed) :]], source, reference), status_line("Done."), *files


def _decoded(recording: str | None, longest_seconds: float) -> np.ndarray:
    check_recording(recording, longest_seconds)
    return read_clip(recording)


def _timed(listener: Listener, samples: np.ndarray, heard: Heard) -> Heard:
    """The answer with its words' times; without them if they cannot be found, for the text is there."""
    try:
        return listener.times(samples, heard)
    except Exception:
        traceback.print_exc()
        return heard


def _files(heard: Heard, place: str) -> list[str]:
    for old in Path(place).iterdir():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    folder, stem = Path(tempfile.mkdtemp(dir=place)), Path(heard.transcript.file).stem[:60] or "recording"
    paths = [folder / f"{stem}.{form}" for form in FORMATS]
    for path, form in zip(paths, FORMATS, strict=True):
        path.write_text(render(heard.transcript, form), encoding="utf-8", newline="\n")
    return [str(path) for path in paths]
