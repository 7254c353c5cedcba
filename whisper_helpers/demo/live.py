"""Streaming while somebody speaks: what was said so far is heard again and again, and settled every 20 seconds."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..audio import resample

if TYPE_CHECKING:
    from .listener import Listener

SETTLED = 20.0  # seconds after which text is no longer changed
LONGEST_SPEECH = 300.0  # seconds
QUIET = 15.0  # seconds without anything new, after which nobody is there any more
LATE = 1.5  # seconds in which the last of a speech still comes in
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


class Speech:
    """What one visitor says: it is taken in as it comes, and heard as fast as the model can.

    Parameters
    ----------
    quiet, late
        Seconds without anything new after which it ends: while somebody speaks, and after they stopped.

    Attributes
    ----------
    ended
        Whether they stopped.
    """

    def __init__(self, quiet: float = QUIET, late: float = LATE) -> None:
        self.quiet, self.late, self.ended, self.seconds = quiet, late, False, 0.0
        self._chunks: queue.SimpleQueue[tuple[int, np.ndarray]] = queue.SimpleQueue()

    def feed(self, rate: int, samples: np.ndarray) -> None:
        """Take in what was just said; what is beyond 5 minutes is left out.

        Parameters
        ----------
        rate
            In Hz.
        samples
            Integers or floats, shape (samples,) or (samples, channels).
        """
        self.seconds += len(samples) / rate
        if self.seconds <= LONGEST_SPEECH:
            self._chunks.put((rate, as_float(samples)))

    def texts(self, live: Live, language: str | None, task: str) -> Iterator[str]:
        """All that was said so far, each time that more was heard; ends with the speech.

        Parameters
        ----------
        live
            Hears it.
        language, task
            As for :meth:`Listener.hear`.
        """
        state = None
        while chunk := self._waiting():
            text, state = live.listen(chunk, state, language, task)
            yield text

    def end(self) -> None:
        """Hear what is left, and no more."""
        self.ended = True
        self._chunks.put((1, np.zeros(0, np.float32)))  # wakes who waits

    def _waiting(self) -> tuple[int, np.ndarray] | None:
        """Everything that came in and was not heard; None if no more will come."""
        while True:
            try:
                pieces = [self._chunks.get(timeout=self.late if self.ended else self.quiet)]
            except queue.Empty:
                return None
            while not self._chunks.empty():
                pieces.append(self._chunks.get())
            if said := [piece for piece in pieces if len(piece[1])]:
                return said[0][0], np.concatenate([samples for _, samples in said])


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
