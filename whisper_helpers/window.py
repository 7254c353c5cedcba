"""The window: how many seconds of audio the encoder sees.

Whisper pads every clip to 30 s. Here the window follows the clips, so a step costs what the speech costs. The weights
stay those of an ordinary 30 s Whisper: the encoder's positions are fixed sinusoids, and a shorter window uses
the first of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from transformers import TrainerCallback

from .audio import FRAMES_PER_POSITION, N_FRAMES, WINDOW_SECONDS, widen
from .errors import BadInput

if TYPE_CHECKING:
    from transformers import TrainerControl, TrainerState, TrainingArguments, WhisperForConditionalGeneration

WINDOW_SIZES = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, WINDOW_SECONDS)  # seconds; few, so that shapes stay few
TRAILING_SILENCE = 0.6  # seconds that an automatic window leaves after the longest clip; less makes endless sentences


def window_for(longest_seconds: float, window: float | None = None) -> float:
    """Choose the window of a batch.

    Parameters
    ----------
    longest_seconds
        Length of the batch's longest clip, in seconds.
    window
        A fixed window in seconds, or None for the smallest of `WINDOW_SIZES` that holds the clip.

    Returns
    -------
    float
        Seconds, at most 30.

    Raises
    ------
    BadInput
        If the clip is longer than the window.

    Examples
    --------
    >>> window_for(3.2), window_for(3.2, window=10), window_for(30)
    (4.0, 10.0, 30.0)
    """
    largest = WINDOW_SECONDS if window is None else float(window)
    if longest_seconds > largest:
        given, allowed = f"The longest clip lasts {longest_seconds:.2f} s", f"The window takes {largest:g} s"
        raise BadInput(given, allowed, "Choose a longer window (30 s at most) or leave the clip out")
    if window is not None:
        return largest
    return next((size for size in WINDOW_SIZES if size >= longest_seconds + TRAILING_SILENCE), WINDOW_SECONDS)


def check_window(window: float | None) -> float | None:
    """Return `window` if an encoder can have it: None (automatic), or 1 to 30 s in steps of 20 ms.

    Parameters
    ----------
    window
        Seconds, or None.

    Raises
    ------
    BadInput
        If the window is out of range or not a whole number of encoder positions.

    Examples
    --------
    >>> check_window(8)
    8
    """
    if window is None or (1 <= window <= WINDOW_SECONDS and abs(window * 50 - round(window * 50)) < 1e-6):
        return window
    raise BadInput(f"The window is {window:g} s", "Allowed are 1 to 30 s in steps of 0.02 s", "Or leave it to auto")


@contextmanager
def window_of(model: WhisperForConditionalGeneration, frames: int) -> Iterator[None]:
    """Let the model see exactly `frames` log-mel frames, and make it an ordinary 30 s Whisper again afterwards.

    Parameters
    ----------
    model
        Any Whisper. Nothing is rebuilt and no weight changes: its encoder uses the first ``frames / 2`` positions.
    frames
        Frames of the window, 100 a second, at most 3000.
    """
    encoder = model.get_encoder()
    before = encoder.config.max_source_positions
    _use_positions(encoder, min(frames // FRAMES_PER_POSITION, encoder.embed_positions.weight.shape[0]))
    try:
        yield
    finally:
        _use_positions(encoder, before)


def _use_positions(encoder: torch.nn.Module, positions: int) -> None:
    encoder.config.max_source_positions = encoder.embed_positions.num_embeddings = positions


def follow_window(model: WhisperForConditionalGeneration) -> None:
    """Make the encoder and `generate` take whatever window a batch brings, up to 30 s.

    Between calls the model is an ordinary 30 s Whisper, so saving needs no care; at 30 s nothing changes at all.

    Parameters
    ----------
    model
        Changed in place: its `generate` and its encoder's `forward` are wrapped in :func:`window_of`.
    """
    encoder = model.get_encoder()
    if "generate" not in vars(model):
        encoder.forward = _at_its_window(encoder.forward, model)
        model.generate = _at_its_window(model.generate, model)


def _at_its_window(function: Callable[..., Any], model: WhisperForConditionalGeneration) -> Callable[..., Any]:
    @functools.wraps(function)
    def windowed(input_features: torch.Tensor | None = None, *args: Any, **kwargs: Any) -> Any:
        frames = N_FRAMES if input_features is None else input_features.shape[-1]
        with window_of(model, frames):
            return function(input_features, *args, **kwargs)

    return windowed


class FullWindowSteps(TrainerCallback):
    """Show the encoder the full 30 s in every n-th training step, so that the tuned model stays good there.

    The batch is lengthened with silence on the device, which gives the same features as padding the clip would.
    All processes choose the same steps, and a resumed run chooses them again.

    Parameters
    ----------
    every
        Every how many steps; 0 for never.
    """

    def __init__(self, every: int) -> None:
        self.every, self.full, self.hook = every, False, None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Attach to the encoder."""
        encoder = kwargs["model"].get_encoder()
        self.hook = encoder.register_forward_pre_hook(self._widen, with_kwargs=True)

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Decide for this step."""
        self.full = self.every > 0 and state.global_step % self.every == self.every - 1

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Detach from the encoder."""
        self.hook.remove()

    def _widen(self, encoder: torch.nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if not (self.full and encoder.training):
            return args, kwargs
        return (widen(args[0], N_FRAMES), *args[1:]), kwargs
