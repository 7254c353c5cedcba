"""One model on all the material: everything it hears, and how fast."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from .. import __version__
from ..audio import SAMPLE_RATE
from ..checkpoints import Checkpoint, open_checkpoint
from ..errors import BadInput
from ..joining import Joined
from ..memory import PeakMemory
from ..tokens import language_name
from ..transcript.hearing import HIGHEST_COMPRESSION
from .joined import WAYS, score_long
from .listening import Heard, listen
from .material import Choices, Material
from .memo import Memo, fingerprint, print_of_model
from .subjects import Subject
from .timestamps import boundaries_heard, score_timestamps

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

Announce = Callable[[str], None]
SECONDS = "{l_bar}{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
FORM = 4  # of the answers that are kept: counts up when one of them changes


def own_language(checkpoint: Checkpoint) -> str | None:
    """Language that a checkpoint was tuned for, as its generation config tells; None if it tells none.

    Parameters
    ----------
    checkpoint
        Found already.
    """
    path = checkpoint.folder / "generation_config.json"
    told = json.loads(path.read_text(encoding="utf-8")).get("language") if path.is_file() else None
    return told and told.removeprefix("<|").removesuffix("|>")


def check_language(subject: Subject, checkpoint: Checkpoint, language: str) -> None:
    """Refuse a model that was tuned for another language than the test's.

    Parameters
    ----------
    subject, checkpoint
        The model; a run may be tuned for several languages.
    language
        Of the test.

    Raises
    ------
    BadInput
        If the two differ.
    """
    own = own_language(checkpoint)
    tuned = subject.languages or ([own] if own else [])
    if tuned and language not in tuned:
        names = " and ".join(map(language_name, tuned))
        given = f"{checkpoint.name} was tuned for {names}, the test is {language_name(language)}"
        raise BadInput(given, "Models of one language are compared", "Choose another --corpus or another model")


def open_to_hear(
    checkpoint: Checkpoint, language: str, announce: Announce = print
) -> tuple[WhisperForConditionalGeneration, WhisperProcessor]:
    """Open a model on the machine's GPU if it has one.

    Parameters
    ----------
    checkpoint
        The model.
    language
        Whisper's code of what it hears.
    announce
        Takes a line for the user.
    """
    model, processor = open_checkpoint(checkpoint, language, "transcribe", announce=announce)
    return model.to("cuda" if torch.cuda.is_available() else "cpu"), processor


def memo_of(subject: Subject, checkpoint: Checkpoint, announce: Announce = print) -> tuple[Memo, str]:
    """What a model heard before, with these libraries on a machine like this.

    Parameters
    ----------
    subject, checkpoint
        The model.
    announce
        Takes a line for the user.

    Returns
    -------
    Memo, str
        The answers, and the hash under which they are kept.
    """
    import transformers

    versions = (FORM, __version__, torch.__version__, transformers.__version__)
    own = fingerprint(print_of_model(checkpoint.folder), versions, machine())
    return Memo(subject.heard / own, announce), own


def measure(
    subject: Subject, checkpoint: Checkpoint, material: Material, choices: Choices, announce: Announce = print
) -> dict[str, Any]:
    """Let a model hear everything that it has not heard before.

    Parameters
    ----------
    subject, checkpoint
        The model.
    material
        What to hear.
    choices
        How much at once.
    announce
        Takes a line for the user.

    Returns
    -------
    dict
        ``test``, ``apart`` and ``silence``: lists of what :func:`listen` gives; ``guard``: such a list by
        language; ``timestamps`` by language; ``long`` by way of hearing; ``peak_memory`` in bytes,
        and ``machine``, both of the first time.
    """
    with PeakMemory() as peak:
        found, memo, own = _hear(subject, checkpoint, material, choices, announce)
    conditions = {"peak_memory": peak.bytes, "machine": machine()}
    return found | memo.get(fingerprint("peak and machine", own, choices), lambda: conditions)


def _hear(
    subject: Subject, checkpoint: Checkpoint, material: Material, choices: Choices, announce: Announce
) -> tuple[dict[str, Any], Memo, str]:
    model, processor = open_to_hear(checkpoint, material.language, announce)
    memo, own = memo_of(subject, checkpoint, announce)
    hearing = _Hearing(model, processor, own, choices, memo, checkpoint.name)
    found: dict[str, Any] = {"test": hearing.clips("test", material.test, sureness=True)}
    for name, clips in (("apart", material.apart), ("silence", material.silence)):
        found[name] = hearing.clips(name, clips) if clips is not None else []
    found["long"] = {way: hearing.long(way, material) for way in WAYS} if material.long else {}
    found["guard"], found["timestamps"] = {}, {}
    for language, guard in material.guard.items() if model.generation_config.is_multilingual else ():
        hearing.speak(language)
        found["guard"][language] = hearing.clips(language, guard.clips)
        found["timestamps"][language] = hearing.timestamps(language, material.windows[language])
    return found, memo, own


class _Hearing:
    def __init__(
        self,
        model: WhisperForConditionalGeneration,
        processor: WhisperProcessor,
        model_print: str,
        choices: Choices,
        memo: Memo,
        name: str,
    ) -> None:
        self.model, self.processor, self.model_print = model, processor, model_print
        self.choices, self.memo, self.name = choices, memo, os.path.basename(name)

    def speak(self, language: str) -> None:
        """Set another language."""
        self.model.generation_config.language = language
        self.processor.tokenizer.set_prefix_tokens(language=language, task="transcribe", predict_timestamps=False)

    def clips(self, label: str, clips: Any, *, sureness: bool = False) -> list[Heard]:
        """Hear clips."""
        options = {"batch_size": self.choices.batch_size, "memo": self.memo, "model_print": self.model_print}
        options |= {"label": f"{self.name}: {label}", "sureness": sureness}
        return listen(self.model, self.processor, clips, **options)

    def long(self, way: str, material: Material) -> dict[str, Any]:
        """Hear long recordings in one of two ways."""
        from tqdm.auto import tqdm

        heard, seconds = [], [len(each.samples) / SAMPLE_RATE for each in material.long]
        label = f"{self.name}: long, {way}"
        with tqdm(total=sum(seconds), desc=label, bar_format=SECONDS) as progress:
            for number, recording in enumerate(material.long, start=1):
                rule = (way, HIGHEST_COMPRESSION)
                key = fingerprint("long", rule, self.model_print, material.language, recording.samples.tobytes())
                work = partial(WAYS[way], self.model, self.processor, recording.samples, progress.update)
                heard.append(self.memo.get(key, work))
                progress.update(sum(seconds[:number]) - progress.n)
        return score_long(material.long, heard, material.language)

    def timestamps(self, language: str, windows: list[Joined]) -> dict[str, Any]:
        """Hear joined clips with timestamps, all at once."""
        keys = [fingerprint("timestamps", self.model_print, language, each.samples.tobytes()) for each in windows]
        unheard = [place for place, key in enumerate(keys) if self.memo.find(key) is None]
        sounds = [windows[place].samples for place in unheard]
        for place, tokens in zip(unheard, boundaries_heard(self.model, self.processor, sounds), strict=True):
            self.memo.keep(keys[place], tokens)
        first = self.model.generation_config.no_timestamps_token_id + 1
        return score_timestamps(windows, [self.memo.find(key) for key in keys], first)


def machine() -> str:
    """Where it ran, in words."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"{platform.system()} {platform.machine()}, a CPU with {torch.get_num_threads()} threads"
