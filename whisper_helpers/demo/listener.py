"""A model that listens for the page: it hears or guesses the language, writes down what is said, and when."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import SAMPLE_RATE, WINDOW_SECONDS
from ..checkpoints import open_checkpoint
from ..explore import Word, word_times
from ..tokens import language_code, task_name
from ..transcript import Segment, Transcript

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor


class Cancelled(Exception):
    """Somebody pressed cancel."""


@dataclass(frozen=True)
class Heard:
    """What a model made of a recording.

    Parameters
    ----------
    transcript
        Segments with their times; none where nobody speaks.
    probability
        Of the language, between 0 and 1; None if it was chosen, not guessed.
    words
        Those of each segment with their times; empty until they are looked for, and for translations.
    """

    transcript: Transcript
    probability: float | None = None
    words: tuple[tuple[Word, ...], ...] = ()


@dataclass
class Listener:
    """A model, opened once, that answers one question at a time.

    Parameters
    ----------
    name
        As the visitor reads it.
    model, processor
        A Whisper and its processor.
    """

    name: str
    model: WhisperForConditionalGeneration
    processor: WhisperProcessor
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def language(self) -> str | None:
        """Code of the language that the model knows alone or was tuned for; None if it takes any."""
        return own_language(vars(self.model.generation_config))

    def hear(
        self,
        samples: np.ndarray,
        language: str | None = None,
        task: str = "transcribe",
        *,
        file: str = "recording",
        progress: Callable[[float], object] = lambda seconds: None,
    ) -> Heard:
        """Write down what is said.

        Parameters
        ----------
        samples
            Shape (samples,), float32, 16 kHz, of any length.
        language
            Code or name; None guesses it from the first 30 s.
        task
            ``"transcribe"`` or ``"translate"``.
        file
            Name for the transcript.
        progress
            Takes the seconds just heard; what it raises ends the work.

        Raises
        ------
        BadInput
            If Whisper has no such language or task.
        """
        from ..transcript.recording import transcribe_recording

        task_name(task)
        code, odds = language and language_code(language), []
        with self.lock, self._asked(code, task):
            reports = {"progress": progress, "guessed": lambda _, probability: odds.append(probability)}
            segments, spoken = transcribe_recording(self.model, self.processor, samples, **reports)
        seconds = len(samples) / SAMPLE_RATE
        certain = 1.0 if spoken and not code else None  # a model that knows one language only
        return Heard(Transcript(file, spoken, task, self.name, seconds, tuple(segments)), odds[0] if odds else certain)

    def guess(self, samples: np.ndarray) -> str:
        """Guess the language of the first 30 s with sound.

        Parameters
        ----------
        samples
            Shape (samples,), float32, 16 kHz.

        Returns
        -------
        str
            Its code.
        """
        import torch

        from ..audio import log_mel
        from ..transcript.hearing import Window
        from ..transcript.recording import SILENCE

        if not getattr(self.model.generation_config, "is_multilingual", True):
            return "en"
        begin = int(np.argmax(np.abs(samples) >= SILENCE))
        sound = samples[begin : begin + round(WINDOW_SECONDS * SAMPLE_RATE)]
        with torch.inference_mode():
            window = Window(self.model, torch.from_numpy(log_mel(sound, self.processor.feature_extractor))[None])
        return window.language(self.processor.tokenizer)[0]

    def times(self, samples: np.ndarray, heard: Heard) -> Heard:
        """Add the times of words to a transcript; a translation has none.

        Parameters
        ----------
        samples
            What was heard.
        heard
            From :meth:`hear`.
        """
        transcript = heard.transcript
        if transcript.task != "transcribe":
            return heard
        with self.lock:
            words = [tuple(self._words(samples, each, transcript.language)) for each in transcript.segments]
        return Heard(transcript, heard.probability, tuple(words))

    def _words(self, samples: np.ndarray, segment: Segment, language: str | None) -> Iterator[Word]:
        sound = samples[round(segment.start * SAMPLE_RATE) : round(segment.end * SAMPLE_RATE)]
        for word in word_times(self.model, self.processor, sound, segment.text, language):
            yield Word(round(segment.start + word.start, 2), round(segment.start + word.end, 2), word.text)

    @contextmanager
    def _asked(self, language: str | None, task: str) -> Iterator[None]:
        before = self.model.generation_config
        asked = copy.deepcopy(before)
        if getattr(before, "is_multilingual", True):
            asked.language, asked.task = language, task
        self.model.generation_config = asked
        try:
            yield
        finally:
            self.model.generation_config = before


def own_language(generation: Mapping[str, Any]) -> str | None:
    """Code of the language that a model knows alone or was tuned for; None if it takes any.

    Parameters
    ----------
    generation
        What its generation config holds.

    Examples
    --------
    >>> own_language({"language": "<|ml|>"}), own_language({"is_multilingual": False}), own_language({})
    ('ml', 'en', None)
    """
    own = generation.get("language") if generation.get("is_multilingual", True) else "en"
    return own and language_code(own)


def open_listeners(names: Sequence[str], *, announce: Callable[[str], None] = print) -> list[Listener]:
    """Open models for the page.

    Parameters
    ----------
    names
        Names or folders of checkpoints, or folders of runs.
    announce
        Takes a line for each step that the user may have to wait for.

    Raises
    ------
    BadInput
        If one cannot be opened.
    """
    import torch

    listeners = []
    for name in dict.fromkeys(names):
        model, processor = open_checkpoint(name, announce=announce)
        if torch.cuda.is_available():
            model.to("cuda", torch.float16)
        shown = Path(name).resolve().name if Path(name).is_dir() else str(name)  # visitors see no path
        listeners.append(Listener(shown, model.eval(), processor))
    return listeners
