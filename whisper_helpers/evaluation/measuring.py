"""One model on all the material: everything it hears, and how fast."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from ..checkpoints import Checkpoint, open_checkpoint
from ..errors import BadInput
from ..tokens import language_name
from .joined import WAYS, boundaries_heard, score_long, score_timestamps
from .listening import Heard, listen
from .material import Choices, Material
from .memo import Memo, fingerprint, print_of_model

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

Announce = Callable[[str], None]


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


def check_language(checkpoint: Checkpoint, language: str) -> None:
    """Refuse a model that was tuned for another language than the test's.

    Parameters
    ----------
    checkpoint
        Found already.
    language
        Of the test.

    Raises
    ------
    BadInput
        If the two differ.
    """
    own = own_language(checkpoint)
    if own and own != language:
        given = f"{checkpoint.name} was tuned for {language_name(own)}, the test is {language_name(language)}"
        raise BadInput(given, "Models of one language are compared", "Choose another --corpus or another model")


def measure(
    checkpoint: Checkpoint, material: Material, choices: Choices, memo: Memo, announce: Announce = print
) -> dict[str, Any]:
    """Let a model hear everything.

    Parameters
    ----------
    checkpoint
        The model.
    material
        What to hear.
    choices
        How much at once.
    memo
        What was heard before.
    announce
        Takes a line for the user.

    Returns
    -------
    dict
        ``test``, ``apart`` and ``silence``: lists of what :func:`listen` gives; ``guard``: such a list by
        language; ``timestamps`` by language; ``long`` by way of hearing; ``peak_memory`` in bytes
        or None, and ``machine``, both of the first time.
    """
    model, processor = open_checkpoint(checkpoint, material.language, "transcribe", announce=announce)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    hearing = _Hearing(model, processor, print_of_model(checkpoint.folder), choices, memo, checkpoint.name)
    found: dict[str, Any] = {"test": hearing.clips("test", material.test)}
    for name, clips in (("apart", material.apart), ("silence", material.silence)):
        found[name] = hearing.clips(name, clips) if clips is not None else []
    found["long"] = {way: hearing.long(way, material) for way in WAYS} if material.long else {}
    found["guard"], found["timestamps"] = {}, {}
    for language, guard in material.guard.items() if model.generation_config.is_multilingual else ():
        hearing.speak(language)
        found["guard"][language] = hearing.clips(language, guard.clips)
        found["timestamps"][language] = hearing.timestamps(language, material)
    conditions = {"peak_memory": peak_memory(), "machine": machine()}
    return found | memo.get(fingerprint("conditions", hearing.model_print), lambda: conditions)


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
        self.choices, self.memo, self.name = choices, memo, name

    def speak(self, language: str) -> None:
        """Set another language."""
        self.model.generation_config.language = language
        self.processor.tokenizer.set_prefix_tokens(language=language, task="transcribe", predict_timestamps=False)

    def clips(self, label: str, clips: Any) -> list[Heard]:
        """Hear clips."""
        options = {"batch_size": self.choices.batch_size, "memo": self.memo, "model_print": self.model_print}
        return listen(self.model, self.processor, clips, label=f"{os.path.basename(self.name)}: {label}", **options)

    def long(self, way: str, material: Material) -> dict[str, Any]:
        """Hear long recordings in one of two ways."""
        heard = []
        for recording in material.long:
            key = fingerprint("long", way, self.model_print, material.language, recording.samples.tobytes())
            heard.append(self.memo.get(key, lambda each=recording: WAYS[way](self.model, self.processor, each.samples)))
        return score_long(material.long, heard, material.language)

    def timestamps(self, language: str, material: Material) -> dict[str, Any]:
        """Hear joined clips with timestamps."""
        written = []
        for recording in material.windows[language]:
            key = fingerprint("timestamps", self.model_print, language, recording.samples.tobytes())
            hear = lambda each=recording: boundaries_heard(self.model, self.processor, each.samples)  # noqa: E731
            written.append(self.memo.get(key, hear))
        first = self.model.generation_config.no_timestamps_token_id + 1
        return score_timestamps(material.windows[language], written, first)


def peak_memory() -> int | None:
    """Most memory that this process has held so far, in bytes: the GPU's where there is one; None on Windows."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else 1024 * peak


def machine() -> str:
    """Where it ran, in words."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"{platform.system()} {platform.machine()}, a CPU with {torch.get_num_threads()} threads"
