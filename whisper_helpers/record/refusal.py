"""What a page says when the browser gives it no microphone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

WATCH = """
const words = {
  NotAllowedError: "This page may not use the microphone. Allow it beside the page's address, then press record again.",
  NotFoundError: 'No microphone was found. Connect one, then press record again.',
};
const place = element.querySelector('[role=alert]'), devices = navigator.mediaDevices;
const tell = text => { place.textContent = text; };
if (!devices) {
  tell('This address is not safe enough for the browser to record: open the page at https, or on this machine.');
} else {
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async wanted => {
    tell('');
    try {
      return await ask(wanted);
    } catch (error) {
      tell(words[error.name] || 'The microphone cannot be used: ' + error.message);
      throw error;
    }
  };
}
"""


def microphone_notice() -> gr.HTML:
    """Place in a page where words appear if the microphone is missing or refused.

    Returns
    -------
    gradio.HTML
        Empty until then.
    """
    import gradio as gr

    return gr.HTML('<div role="alert"></div>', js_on_load=WATCH)
