"""What the demo does with a recording: check it, decode it, and let each model hear it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..audio import clip_seconds, open_sound, read_clip
from ..checkpoints import open_checkpoint
from ..errors import BadInput

if TYPE_CHECKING:
    import numpy as np

Transcriber = Callable[["np.ndarray"], str]  # float32 samples at 16 kHz in, text out

MOST_VALUES = 2 * 48_000  # samples a second that a recording may bring, over all channels
LONGEST_SECONDS = 120.0  # of a recording, so that nobody blocks a small machine


def open_transcriber(
    checkpoint: str, language: str | None = None, task: str | None = None, *, announce: Callable[[str], None] = print
) -> Transcriber:
    """Open a checkpoint as a function from sound to text, for recordings of any length.

    Parameters
    ----------
    checkpoint
        Folder of a checkpoint or of a run, or a name on the Hub.
    language
        Spoken language, code or name; None keeps the checkpoint's.
    task
        ``"transcribe"`` or ``"translate"``; None keeps the checkpoint's.
    announce
        Takes a line for each step that the user may have to wait for.

    Returns
    -------
    Transcriber
        Takes float32 samples at 16 kHz, mono; returns text, empty where nobody speaks.

    Raises
    ------
    BadInput
        If there is no such checkpoint, or it cannot do the language or task.
    """
    import torch

    model, processor = open_checkpoint(checkpoint, language, task, announce=announce)
    if torch.cuda.is_available():
        model.to("cuda")

    def transcriber(samples: np.ndarray) -> str:
        from ..transcript.recording import transcribe_recording

        segments, _ = transcribe_recording(model, processor, samples)
        return " ".join(segment.text for segment in segments)

    return transcriber


def hear(
    models: dict[str, Transcriber], recording: str | Path | None, longest_seconds: float = LONGEST_SECONDS
) -> dict[str, str]:
    """Let each model hear a recording.

    Parameters
    ----------
    models
        Transcriber by name.
    recording
        File of any rate and number of channels that libsndfile reads; None if nothing was recorded.
    longest_seconds
        Refuse what is longer.

    Returns
    -------
    dict of str to str
        Text by name, in the order of `models`.

    Raises
    ------
    BadInput
        If there is no recording, or it cannot be read, holds nothing or is too long.
    """
    check_recording(recording, longest_seconds)
    samples = read_clip(recording)
    return {name: transcriber(samples).strip() for name, transcriber in models.items()}


def check_recording(recording: str | Path | None, longest_seconds: float) -> None:
    """Refuse, from the header alone, what would be too much to decode.

    Parameters
    ----------
    recording
        File; None if nothing was recorded.
    longest_seconds
        Refuse what is longer, or holds as many samples as so much stereo at 48 kHz.

    Raises
    ------
    BadInput
        If there is no recording, or it cannot be read or is too long.
    """
    if not recording:
        raise BadInput("There is no recording yet", "", "Record something or choose a file, then ask again")
    seconds = clip_seconds(recording)
    if seconds > longest_seconds:
        given = f"The recording lasts {seconds:.0f} s"
        raise BadInput(given, f"Here it may last {longest_seconds:g} s", "Cut it, or record less")
    with open_sound(recording) as sound:
        values = sound.frames * sound.channels
    if values > longest_seconds * MOST_VALUES:
        given = f"The recording holds {values:,} samples"
        raise BadInput(given, f"Here it may hold {longest_seconds * MOST_VALUES:,.0f}", "Save it with fewer channels")
