"""Record in a notebook: a small Gradio page inside the output, which hands each take to the kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput

if TYPE_CHECKING:
    import gradio as gr

KEPT_SECONDS = 3600  # takes are deleted once they are older
LAUNCH_SETTINGS: dict[str, Any] = {
    "share": False,  # no public address; on Colab gradio would make one unasked
    "server_name": "127.0.0.1",  # nobody else on the network
    "max_file_size": "50mb",
    "quiet": True,
    "inline": True,
    "height": 260,
    "prevent_thread_lock": True,
    "show_error": True,
}


def build_microphone(take: Callable[[Path], str]) -> gr.Blocks:
    """Build the page: press record, press stop, and the take is handed over.

    Parameters
    ----------
    take
        Is given the file of a recording and answers in a sentence; may raise BadInput.

    Returns
    -------
    gradio.Blocks
        Not launched yet; launch it with :data:`LAUNCH_SETTINGS`.
    """
    import gradio as gr

    def hand_over(recording: str | None) -> str:
        try:
            return take(Path(recording)) if recording else "Nothing was recorded."
        except BadInput as error:
            return str(error)

    with gr.Blocks(title="Record a clip", analytics_enabled=False, delete_cache=(KEPT_SECONDS, KEPT_SECONDS)) as page:
        sound = gr.Audio(sources=["microphone"], type="filepath", format=None, label="Record a clip", editable=False)
        answer = gr.Markdown("At most 30 s are looked at.")
        sound.stop_recording(hand_over, sound, answer, api_visibility="private")
    return page
