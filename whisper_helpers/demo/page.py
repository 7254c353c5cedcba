"""The page that people try a model on: record or choose, listen, compare, correct, take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..record.refusal import microphone_notice
from ..tokens import language_name
from ..transcript import FORMATS
from .app import KEPT_SECONDS, LAUNCH_SETTINGS
from .desk import Desk
from .listener import Listener
from .saying import GUESS, status_line, tell_who_asks
from .showing import PLAY, STYLE
from .speaking import speaking_tab

if TYPE_CHECKING:
    import gradio as gr

LONGEST = 1200.0  # seconds of a recording
READY = "Record something or choose a file, then press Transcribe."
WAITING = 64  # visitors in the queue; the next one is asked to come back
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
    language: str | None = None,
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
    language
        Code that is chosen at first; None: the one that the first model was tuned for, or none, which is guessed.
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
    desk = Desk(list(listeners), longest_seconds, keep)
    with gr.Blocks(title=title, analytics_enabled=False, delete_cache=(KEPT_SECONDS, KEPT_SECONDS)) as page:
        gr.Markdown(f"# {title}")
        with gr.Row():
            own = language or listeners[0].language or GUESS
            language = gr.Dropdown(_languages(listeners), value=own, label="Spoken language", filterable=True)
            task = gr.Radio(
                [("as spoken", "transcribe"), ("into English", "translate")], value="transcribe", label="Write"
            )
        microphone_notice()
        with gr.Tab("A recording"):
            _recording_tab(desk, language, task, [str(each) for each in examples])
        with gr.Tab("While you speak"):
            speaking_tab(desk.listeners[0], language, task)
    page.queue(max_size=WAITING, default_concurrency_limit=1)
    return page


def _recording_tab(desk: Desk, language: Any, task: Any, examples: list[str]) -> None:
    import gradio as gr

    def transcribe(recording: str | None, language: str, task: str, reference: str, request: gr.Request) -> Iterator:
        yield from desk.transcribe(recording, language, task, reference, request)

    def enter(request: gr.Request) -> str:
        return desk.enter(request)

    def cancel(request: gr.Request) -> Any:
        return desk.cancel(request)

    tell_who_asks(enter, transcribe, cancel)
    private = {"api_visibility": "private"}
    label = f"Record, or choose a file of at most {desk.longest_seconds / 60:g} minutes"
    recording = gr.Audio(sources=["microphone", "upload"], type="filepath", label=label, editable=False, buttons=[])
    if examples:
        gr.Examples([[each] for each in examples], recording, cache_examples=False, label="Or take an example")
    reference = gr.Textbox(label="What is really said, if you know it (for error rates)", lines=2)
    with gr.Row():
        start = gr.Button("Transcribe", variant="primary", interactive=False)
        stop = gr.Button("Cancel")
    status = gr.HTML(status_line(READY))
    heard = gr.HTML(js_on_load=PLAY, elem_id="heard")
    with gr.Row():
        files = [gr.DownloadButton(f"Download {form}", size="sm", min_width=120) for form in FORMATS]
    asked = [recording, language, task, reference]
    results, before = [heard, status, *files], gr.State(None)
    recording.change(
        _another, [recording, before, reference], [start, before, reference, *results], queue=False, **private
    )
    start.click(enter, None, status, queue=False, **private).then(
        transcribe, asked, results, api_name="transcribe", concurrency_limit=1, show_progress="hidden"
    )
    stop.click(cancel, None, status, queue=False, **private)
    if desk.keep_folder is not None:
        button = gr.Button("Correct and keep: store this recording with the text above, for training")
        button.click(desk.keep, [recording, reference, language], status, **private)


def _another(recording: str | None, before: str | None, reference: str) -> tuple:
    """What the page shows of a new recording: nothing that was heard in the last one, nor what was said there."""
    import gradio as gr

    if recording == before:
        return tuple(gr.skip() for _ in range(5 + len(FORMATS)))
    said = "" if before else reference
    return gr.Button(interactive=bool(recording)), recording, said, "", status_line(READY), *[None] * len(FORMATS)


def _languages(listeners: Sequence[Listener]) -> list[tuple[str, str]]:
    known = set.union(*(set(_codes(each)) for each in listeners))
    return [(GUESS, GUESS), *sorted((language_name(code), code) for code in known)]


def _codes(listener: Listener) -> list[str]:
    generation = listener.model.generation_config
    if not getattr(generation, "is_multilingual", True):
        return ["en"]
    return [name.removeprefix("<|").removesuffix("|>") for name in generation.lang_to_id]
