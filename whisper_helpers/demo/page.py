"""The page that people try a model on: record or choose, listen, compare, correct, take away."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..audio import read_clip
from ..errors import BadInput
from ..record.refusal import microphone_notice
from ..tokens import language_name
from ..transcript import FORMATS, render
from .app import KEPT_SECONDS, LAUNCH_SETTINGS
from .keeping import keep_pair
from .listener import Cancelled, Heard, Listener
from .listening import check_recording
from .live import Live
from .showing import PLAY, STYLE, page_of
from .working import Work

if TYPE_CHECKING:
    import gradio as gr
    import numpy as np

LONGEST = 1200.0  # seconds of a recording
WAITING = 64  # visitors in the queue; the next one is asked to come back
GUESS = "guess it"
PAGE_SETTINGS: dict[str, Any] = {
    **LAUNCH_SETTINGS,
    "server_name": "127.0.0.1",  # this machine only
    "max_file_size": "100mb",
    "ssr_mode": False,
    "enable_monitoring": False,
    "footer_links": [],
    "css": STYLE,
}


def build_page(
    listeners: Sequence[Listener],
    *,
    title: str = "Whisper",
    examples: Sequence[str | Path] = (),
    keep: str | Path | None = None,
    longest_seconds: float = LONGEST,
) -> gr.Blocks:
    """Build the page.

    Parameters
    ----------
    listeners
        Models, side by side; files to download are those of the first.
    title
        At the top, plain words.
    examples
        Recordings to choose from with a click.
    keep
        Folder for corrected pairs; None: nothing of a visitor is kept, and there is no button for it.
    longest_seconds
        Refuse longer recordings, in words.

    Returns
    -------
    gradio.Blocks
        Not launched yet; launch it with :data:`PAGE_SETTINGS`.

    Raises
    ------
    BadInput
        If there is no model.
    """
    import gradio as gr

    if not listeners:
        raise BadInput("The demo has no model", "It takes one or more", "Open one with open_listeners")
    desk = _Desk(list(listeners), longest_seconds, keep)
    with gr.Blocks(title=title, analytics_enabled=False, delete_cache=(KEPT_SECONDS, KEPT_SECONDS)) as page:
        gr.Markdown(f"# {title}")
        with gr.Row():
            language = gr.Dropdown(_languages(listeners), value=GUESS, label="Spoken language", filterable=True)
            task = gr.Radio(
                [("as spoken", "transcribe"), ("into English", "translate")], value="transcribe", label="Write"
            )
        microphone_notice()
        with gr.Tab("A recording"):
            _recording_tab(desk, language, task, [str(each) for each in examples])
        with gr.Tab("While you speak"):
            _live_tab(desk, language, task)
    page.queue(max_size=WAITING, default_concurrency_limit=1)
    return page


class _Desk:
    """What the buttons do."""

    def __init__(self, listeners: list[Listener], longest_seconds: float, keep: str | Path | None) -> None:
        self.listeners, self.longest_seconds, self.keep_folder = listeners, longest_seconds, keep
        self.stops: dict[str, threading.Event] = {}
        self.downloads = tempfile.TemporaryDirectory(prefix="whisper-helpers-")  # gone when the server is

    def transcribe(self, recording: str | None, language: str, task: str, reference: str, request: Any) -> Iterator:
        stop = self.stops[request.session_hash] = threading.Event()
        try:
            yield from self._answers(recording, language, task, reference, stop)
        except Cancelled:
            yield "", _status("Cancelled."), *[None] * len(FORMATS)
        except Exception as error:
            refusal = _refusal(error)
            yield "", _status(refusal.message), *[None] * len(FORMATS)  # what was heard before is not of this one
            raise refusal from None
        finally:
            self.stops.pop(request.session_hash, None)

    def cancel(self, request: Any) -> None:
        if stop := self.stops.get(request.session_hash):
            stop.set()

    def keep(self, recording: str | None, sentence: str, language: str) -> str:
        try:
            samples = _decoded(recording, self.longest_seconds)
            code = self.listeners[0].guess(samples) if language == GUESS else language
            clip = keep_pair(self.keep_folder, samples, sentence, code)
        except Exception as error:
            raise _refusal(error) from None
        return _status(f"Kept as {clip.name}.")

    def _answers(
        self, recording: str | None, language: str, task: str, reference: str, stop: threading.Event
    ) -> Iterator:
        samples = _decoded(recording, self.longest_seconds)
        code, none = None if language == GUESS else language, [None] * len(FORMATS)
        seconds, answers = len(samples) / 16_000, []
        for listener in self.listeners:
            yield page_of(answers), _status(f"{listener.name} listens …", 0, seconds), *none
            work = Work(
                lambda step, each=listener: each.hear(samples, code, task, file=Path(recording).name, progress=step),
                stop,
            )
            for done in work.seconds():
                yield page_of(answers), _status(f"{listener.name} listens …", done, seconds), *none
            answers.append(work.result())
        files, source = _files(answers[0], self.downloads.name), f"gradio_api/file={quote(Path(recording).as_posix())}"
        yield page_of(answers, source, reference), _status("Looking for the words' times …"), *files
        timed = []
        for listener, heard in zip(self.listeners, answers, strict=True):
            if stop.is_set():
                break
            timed.append(listener.times(samples, heard))
        yield page_of([*timed, *answers[len(timed) :]], source, reference), _status("Done."), *files


def _recording_tab(desk: _Desk, language: Any, task: Any, examples: list[str]) -> None:
    import gradio as gr

    def transcribe(recording: str | None, language: str, task: str, reference: str, request: gr.Request) -> Iterator:
        yield from desk.transcribe(recording, language, task, reference, request)

    def cancel(request: gr.Request) -> None:
        desk.cancel(request)

    for function in (transcribe, cancel):
        function.__annotations__["request"] = gr.Request  # gradio looks for this type itself, not for its name

    label = f"Record, or choose a file of at most {desk.longest_seconds / 60:g} minutes"
    recording = gr.Audio(sources=["microphone", "upload"], type="filepath", label=label, editable=False, buttons=[])
    if examples:
        gr.Examples([[each] for each in examples], recording, cache_examples=False, label="Or take an example")
    reference = gr.Textbox(label="What is really said, if you know it (for error rates)", lines=2)
    with gr.Row():
        start = gr.Button("Transcribe", variant="primary", interactive=False)
        stop = gr.Button("Cancel")
    status = gr.HTML(_status("Record something or choose a file, then press Transcribe."))
    heard = gr.HTML(js_on_load=PLAY, elem_id="heard")
    with gr.Row():
        files = [gr.DownloadButton(f"Download {form}", size="sm", min_width=120) for form in FORMATS]
    asked = [recording, language, task, reference]
    recording.change(
        lambda given: gr.Button(interactive=bool(given)), recording, start, queue=False, api_visibility="private"
    )
    start.click(
        transcribe, asked, [heard, status, *files], api_name="transcribe", concurrency_limit=1, show_progress="hidden"
    )
    stop.click(cancel, None, None, queue=False, api_visibility="private")
    if desk.keep_folder is not None:
        button = gr.Button("Correct and keep: store this recording with the text above, for training")
        button.click(desk.keep, [recording, reference, language], status, api_visibility="private")


def _live_tab(desk: _Desk, language: Any, task: Any) -> None:
    import gradio as gr

    live = Live(desk.listeners[0])

    def listen(chunk: Any, state: Any, language: str, task: str) -> tuple[str, Any]:
        try:
            return live.listen(chunk, state, None if language == GUESS else language, task)
        except Exception as error:
            raise _refusal(error) from None

    sound = gr.Audio(
        sources=["microphone"], streaming=True, type="numpy", label="Speak; text follows every few seconds", buttons=[]
    )
    text = gr.Textbox(label=desk.listeners[0].name, lines=4, interactive=False)
    state = gr.State(None)
    sound.start_recording(lambda: (None, ""), None, [state, text], queue=False, api_visibility="private")
    sound.stream(
        listen,
        [sound, state, language, task],
        [text, state],
        stream_every=2.0,
        time_limit=300,
        concurrency_limit=1,
        api_visibility="private",
        show_progress="hidden",
    )


def _languages(listeners: Sequence[Listener]) -> list[tuple[str, str]]:
    known = set.union(*(set(_codes(each)) for each in listeners))
    return [(GUESS, GUESS), *sorted((language_name(code), code) for code in known)]


def _codes(listener: Listener) -> list[str]:
    generation = listener.model.generation_config
    if not getattr(generation, "is_multilingual", True):
        return ["en"]
    return [name.removeprefix("<|").removesuffix("|>") for name in generation.lang_to_id]


def _decoded(recording: str | None, longest_seconds: float) -> np.ndarray:
    check_recording(recording, longest_seconds)
    return read_clip(recording)


def _files(heard: Heard, place: str) -> list[str]:
    folder, stem = Path(tempfile.mkdtemp(dir=place)), Path(heard.transcript.file).stem[:60] or "recording"
    paths = [folder / f"{stem}.{form}" for form in FORMATS]
    for path, form in zip(paths, FORMATS, strict=True):
        path.write_text(render(heard.transcript, form), encoding="utf-8", newline="\n")
    return [str(path) for path in paths]


def _status(words: str, done: float | None = None, total: float = 0.0) -> str:
    from html import escape

    bar = "" if done is None else f'<progress aria-label="Progress" max="{total:.1f}" value="{done:.1f}"></progress> '
    far = "" if done is None else f" {done:.0f} of {total:.0f} s"
    return f'<div role="status" aria-live="polite">{bar}{escape(words)}{far}</div>'


def _refusal(error: Exception) -> gr.Error:
    import gradio as gr

    words = str(error) if isinstance(error, BadInput) else f"The model could not finish ({type(error).__name__})."
    return gr.Error(words, print_exception=not isinstance(error, BadInput))
