"""The tab that writes while somebody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .live import LONGEST_SPEECH, Live, Speech
from .saying import chosen, refusal, tell_who_asks

if TYPE_CHECKING:
    import gradio as gr

    from .listener import Listener

SPEAKERS = 8  # whose words are written down at once, each as fast as the others leave room for


def speaking_tab(listener: Listener, language: Any, task: Any) -> None:
    """Build what is in the tab.

    Parameters
    ----------
    listener
        The model.
    language, task
        The page's fields.
    """
    import gradio as gr

    live, speeches = Live(listener), {}

    async def take_in(chunk: Any, request: gr.Request) -> None:
        if chunk is not None:
            speeches.setdefault(request.session_hash, Speech()).feed(*chunk)

    def listen(language: str, task: str, request: gr.Request) -> Iterator[str]:
        mine = request.session_hash
        if mine not in speeches or speeches[mine].ended:
            speeches[mine] = Speech()
        speech = speeches[mine]
        try:
            yield ""
            yield from speech.texts(live, chosen(language), task)
        except Exception as error:
            raise refusal(error) from None
        finally:
            if speeches.get(mine) is speech:
                del speeches[mine]
        if speech.seconds > LONGEST_SPEECH:
            gr.Warning(f"What was said after {LONGEST_SPEECH / 60:g} minutes is left out.")

    def end(request: gr.Request) -> None:
        if speech := speeches.get(request.session_hash):
            speech.end()

    tell_who_asks(take_in, listen, end)
    label = f"Speak; text follows every few seconds, for at most {LONGEST_SPEECH / 60:g} minutes"
    sound = gr.Audio(sources=["microphone"], streaming=True, type="numpy", label=label, buttons=[])
    text = gr.Textbox(label=listener.name, lines=4, interactive=False)
    quietly = {"api_visibility": "private", "show_progress": "hidden"}
    sound.start_recording(listen, [language, task], text, concurrency_limit=SPEAKERS, **quietly)
    sound.stream(take_in, sound, None, stream_every=1.0, time_limit=None, concurrency_limit=None, **quietly)
    sound.stop_recording(end, None, None, queue=False, **quietly)
