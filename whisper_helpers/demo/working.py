"""Long work beside the page: it tells how far it is, and it can be stopped."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .listener import Cancelled

DONE = object()


class Work:
    """Run a function in a thread of its own.

    Parameters
    ----------
    function
        Takes a progress callback, to be called with the seconds just done.
    stop
        Once set, the next call of the callback ends the work.

    Examples
    --------
    >>> work = Work(lambda progress: [progress(1.0), progress(2.0), "text"][-1], threading.Event())
    >>> list(work.seconds()), work.result()
    ([1.0, 3.0], 'text')
    """

    def __init__(self, function: Callable[[Callable[[float], None]], Any], stop: threading.Event) -> None:
        self._stop, self._steps = stop, queue.SimpleQueue()
        self._result: Any = None
        self._error: BaseException | None = None
        threading.Thread(target=self._run, args=(function,), daemon=True).start()

    def seconds(self) -> Iterator[float]:
        """How much is done, in seconds, each time that more is; ends with the work."""
        done = 0.0
        while (step := self._steps.get()) is not DONE:
            done += step
            yield done

    def result(self) -> Any:
        """What the function returned, or raise what it raised; after :meth:`seconds` has ended."""
        if self._error:
            raise self._error
        return self._result

    def _run(self, function: Callable[[Callable[[float], None]], Any]) -> None:
        try:
            self._result = function(self._step)
        except BaseException as error:
            self._error = error
        finally:
            self._steps.put(DONE)

    def _step(self, seconds: float) -> None:
        if self._stop.is_set():
            raise Cancelled
        self._steps.put(seconds)
