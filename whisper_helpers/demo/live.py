"""Streaming while somebody speaks: what was said so far is heard again and again, and settled every half minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..audio import resample

if TYPE_CHECKING:
    from .listener import Listener

SETTLED = 20.0  # seconds after which text is no longer changed
State = tuple[int, np.ndarray, str]


class Live:
    """Text of a growing recording.

    Parameters
    ----------
    listener
        The model.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    def listen(
        self, chunk: tuple[int, np.ndarray] | None, state: State | None, language: str | None, task: str
    ) -> tuple[str, State | None]:
        """Hear what is new together with what is not settled yet.

        Parameters
        ----------
        chunk
            Rate in Hz, and integer samples of shape (samples,) or (samples, channels); None: nothing new.
        state
            What the last call returned; None at the beginning.
        language, task
            As for :meth:`Listener.hear`.

        Returns
        -------
        text : str
            All that was said.
        state : State or None
            For the next call.
        """
        if chunk is None:
            return (state[2] if state else ""), state
        rate, samples = chunk[0], as_float(chunk[1])
        _, waiting, settled = (
            state if state and state[0] == rate else (rate, np.zeros(0, np.float32), state[2] if state else "")
        )
        waiting = np.concatenate([waiting, samples])
        heard = self.listener.hear(resample(waiting, rate), language, task)
        text = f"{settled} {heard.transcript.text}".strip()
        if len(waiting) > SETTLED * rate:
            return text, (rate, np.zeros(0, np.float32), text)
        return text, (rate, waiting, settled)


def as_float(samples: np.ndarray) -> np.ndarray:
    """Samples as Whisper takes them, their rate aside.

    Parameters
    ----------
    samples
        Integers or floats, shape (samples,) or (samples, channels).

    Returns
    -------
    numpy.ndarray
        Shape (samples,), float32, between -1 and 1.

    Examples
    --------
    >>> as_float(np.array([[16384, 0], [-32768, -32768]], dtype=np.int16)).tolist()
    [0.25, -1.0]
    """
    scale = -float(np.iinfo(samples.dtype).min) if np.issubdtype(samples.dtype, np.integer) else 1.0
    floats = samples.astype(np.float32) / scale
    return floats.mean(axis=1) if floats.ndim == 2 else floats
