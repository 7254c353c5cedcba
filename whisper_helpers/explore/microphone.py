"""Record in a notebook: a small Gradio page inside the output, which hands each take to the kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..record.app import KEPT_SECONDS
from ..record.app import LAUNCH_SETTINGS as RECORDER_SETTINGS
from ..record.refusal import microphone_notice

if TYPE_CHECKING:
    import gradio as gr

LAUNCH_SETTINGS: dict[str, Any] = {
    **RECORDER_SETTINGS,
    "quiet": True,
    "inline": True,
    "height": 330,
    "prevent_thread_lock": True,
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
        sound = gr.Audio(
            sources=["microphone"], type="filepath", format=None, label="Record a clip", editable=False, buttons=[]
        )
        microphone_notice()
        answer = gr.Markdown("At most 30 s are looked at.")
        sound.stop_recording(hand_over, sound, answer, api_visibility="private")
    return page
