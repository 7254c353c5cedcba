"""The demo in a browser: a Gradio app around :func:`whisper_helpers.demo.hear`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..record.refusal import microphone_notice
from .listening import LONGEST_SECONDS, Transcriber, hear
from .saying import refusal

if TYPE_CHECKING:
    import gradio as gr

KEPT_SECONDS = 3600  # uploads are deleted once they are older; looked after as often
LAUNCH_SETTINGS: dict[str, Any] = {
    "share": False,  # no public address; on Colab gradio would make one unasked
    "show_error": True,  # errors in words instead of a bare "Error"
    "max_file_size": "50mb",  # two minutes of stereo at 48 kHz are 23
}
HINT = "Text appears here; it stays empty where nobody speaks."


def build_demo(
    models: dict[str, Transcriber],
    *,
    title: str = "Whisper",
    description: str = "",
    examples: Sequence[str | Path] = (),
    longest_seconds: float = LONGEST_SECONDS,
) -> gr.Blocks:
    """Build the app: record or choose a file, and read what each model hears, side by side.

    Parameters
    ----------
    models
        Transcriber by the name that stands over its text; one or more.
    title, description
        Words at the top, Markdown.
    examples
        Recordings to choose from with a click.
    longest_seconds
        Refuse longer recordings, in words.

    Returns
    -------
    gradio.Blocks
        Not launched yet; launch it with :data:`LAUNCH_SETTINGS`. Its only endpoint is ``transcribe``.

    Raises
    ------
    BadInput
        If there is no model.
    """
    import gradio as gr

    if not models:
        raise BadInput("The demo has no model", "It takes one or more", "Open one with open_transcriber")
    answer = _answering(models, longest_seconds)
    with gr.Blocks(title=title, analytics_enabled=False, delete_cache=(KEPT_SECONDS, KEPT_SECONDS)) as demo:
        gr.Markdown(f"# {title}\n\n{description}")
        label = f"Record, or choose a file of at most {longest_seconds:g} s"
        recording = gr.Audio(sources=["microphone", "upload"], type="filepath", label=label, buttons=[])
        microphone_notice()
        button = gr.Button("Transcribe", variant="primary")
        with gr.Row():
            texts = [gr.Textbox(label=name, lines=3, interactive=False, placeholder=HINT) for name in models]
        if examples:
            gr.Examples([[str(example)] for example in examples], recording, cache_examples=False)
        button.click(answer, recording, texts, api_name="transcribe", concurrency_limit=1)
    return demo


def ask(demo: gr.Blocks, recording: str | Path) -> list[str]:
    """Ask the app one question as a browser would: launch it on this machine, send a file, close it.

    Parameters
    ----------
    demo
        From :func:`build_demo`, not launched.
    recording
        File to send.

    Returns
    -------
    list of str
        One text a model, in their order.

    Raises
    ------
    BadInput
        If the app refuses the recording; the message is the one that a visitor would read.
    """
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError

    if not Path(recording).is_file():
        raise BadInput(f"{recording} is not there", "A recording is a file", "Check its name")
    _, address, _ = demo.launch(**LAUNCH_SETTINGS, prevent_thread_lock=True, inline=False, quiet=True)
    try:
        client = Client(address, verbose=False, analytics_enabled=False)
        texts = client.predict(handle_file(str(recording)), api_name="/transcribe")
    except AppError as error:
        raise BadInput(str(error)) from error
    finally:
        demo.close(verbose=False)
    return [texts] if isinstance(texts, str) else list(texts)


def _answering(models: dict[str, Transcriber], longest_seconds: float) -> Any:
    def transcribe(recording: str | None) -> list[str] | str:
        try:
            texts = list(hear(models, recording, longest_seconds).values())
        except Exception as error:
            raise refusal(error, recording) from error
        return texts if len(texts) > 1 else texts[0]

    return transcribe
