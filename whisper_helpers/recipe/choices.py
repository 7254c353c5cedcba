"""Every choice of a run, in one place."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..augment import Augmentation
from ..errors import BadInput

QUICK_STEPS = 130
LARGEST_SEED = 2**32 - 1  # NumPy takes none above


def choice(default: Any, unit: str, explanation: str) -> Any:
    """Declare a field of a recipe together with what a user needs to know about it.

    Parameters
    ----------
    default
        The value of the quick run.
    unit
        What the value is measured in.
    explanation
        What it does, in a few words.
    """
    return field(default=default, metadata={"unit": unit, "explanation": explanation})


@dataclass(frozen=True)
class Recipe:
    """Every choice of a fine-tuning run; the defaults are the quick one: bundled corpus, a CPU, a few minutes.

    The terminal's ``--help`` is made from these fields, so units and meanings stand here only.

    Examples
    --------
    >>> Recipe(steps=30).learning_rate == Recipe().learning_rate
    True
    """

    model: str = choice("openai/whisper-base", "name or folder", "checkpoint to start from")
    corpus: str = choice(
        "bundled",
        "name or folder",
        "bundled, a folder, table or archive, mdc:LOCALE, hub:OWNER/NAME[:CONFIG]; several: A=hi:2,B=ml:1",
    )
    stream: bool = choice(False, "yes or no", "read a hub: corpus while training; nothing is downloaded whole")
    language: str | None = choice(None, "code or name", "spoken language; by default the corpus tells it")
    proxy: str | None = choice(None, "code or name", "known language whose token stands for one that Whisper lacks")
    task: str = choice("transcribe", "transcribe or translate", "translate writes English from the spoken language")
    output: str | None = choice(None, "folder", "the run's own folder; by default runs/<model>-<language>-<number>")
    steps: int | None = choice(None, "steps", "length of the training in optimiser steps; 130 unless epochs are given")
    epochs: float | None = choice(None, "passes", "length of the training as passes over the training clips")
    save_steps: int | None = choice(
        None, "steps", "save and validate every so many; by default a tenth of the run, 50 at least"
    )
    batch_size: int = choice(4, "clips", "clips that go through the model at once on each device")
    gradient_accumulation: int = choice(1, "batches", "batches summed up to one optimiser step")
    learning_rate: float = choice(6e-5, "per step", "peak of the learning rate, reached after the warm-up")
    warmup_steps: int | None = choice(None, "steps", "steps of rising learning rate; by default a tenth")
    window: float | None = choice(None, "seconds or auto", "audio that the encoder sees; auto follows the clips")
    full_window_every: int = choice(8, "steps", "every how many the encoder sees 30 s; 0 for never")
    eval_batch_size: int = choice(32, "clips", "clips transcribed at once")
    patience: int = choice(3, "validations", "stop after so many validations without a better WER")
    mixed_precision: bool = choice(
        True, "yes or no", "16 bits where the machine is fast at them: NVIDIA GPUs, and CPUs with instructions for them"
    )
    gradient_checkpointing: bool = choice(False, "yes or no", "less memory for about a third more time")
    freeze_encoder: bool = choice(False, "yes or no", "train the decoder only: less time and memory")
    lora: int | None = choice(
        None, "rank", "train adapters of this rank instead of the weights; they want a higher learning rate"
    )
    base_in_8_bits: bool = choice(
        False, "yes or no", "with --lora, on an NVIDIA GPU: keep the weights that are not trained in 8 bits"
    )
    seed: int = choice(
        0, "number", "equal seeds give equal runs on one CPU with as many threads; GPUs and others round differently"
    )
    limit_train: int | None = choice(None, "clips", "use only so many training clips")
    limit_test: int | None = choice(None, "clips", "use only so many test clips, and validation clips")
    audio_column: str | None = choice(None, "column", "where the table names the audio, if not guessed")
    sentence_column: str | None = choice(None, "column", "where the table has the text, if not guessed")
    split_column: str | None = choice(None, "column", "where the table has the split, if not guessed")
    speaker_column: str | None = choice(None, "column", "where the table has the speaker, if not guessed")
    language_column: str | None = choice(None, "column", "where the table has the language, if not guessed")
    splits: str = choice("official", "official or validated", "of Common Voice; validated trains on every checked clip")
    min_up_votes: int | None = choice(None, "votes", "leave out clips of Common Voice with fewer votes for them")
    max_down_votes: int | None = choice(None, "votes", "leave out clips of Common Voice with more votes against them")
    replay: str | None = choice(
        None, "corpora", "mixed in to keep their languages: en and es are bundled and the default, none for none"
    )
    replay_share: float = choice(0.2, "share", "of replayed clips, for each training clip")
    silence_share: float | None = choice(
        None, "share", "of added clips without speech, for each training clip; 0.1 by default"
    )
    join_clips: bool = choice(
        True, "yes or no", "in every second step at 30 s clips go on with others, to keep long recordings readable"
    )
    timestamps_share: float | None = choice(
        None,
        "share",
        "of the labels that get timestamps, to keep that skill; 0.2 by default, and half of the joined ones",
    )
    blend: float = choice(0.0, "share", "of the base's weights in the tuned model; 0 keeps it as it was trained")
    augment_speed: float = choice(0.0, "share", "play training clips up to so much slower or faster; 0.1 is usual")
    augment_noise: str | None = choice(None, "dB:dB", "noise on half of the training clips at such a ratio; try 5:25")
    augment_noise_folder: str | None = choice(
        None, "folder", "recordings of noise to draw from; by default white noise"
    )
    augment_room: float = choice(0.0, "seconds", "put half of the training clips into rooms that echo up to so long")
    augment_spectrogram: bool = choice(False, "yes or no", "cover bands and stretches of the log-mel (SpecAugment)")
    push_to_hub: str | None = choice(None, "USER/NAME", "publish the result on the Hugging Face Hub at the end")

    def __post_init__(self) -> None:
        """Refuse what no run can mean."""
        for name in ("steps", "epochs", "save_steps", "lora", "limit_train", "limit_test", *_POSITIVE):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise BadInput(f"{_flag(name)} is {value}", "It must be above 0 and finite")
        for name in ("full_window_every", "warmup_steps"):
            if (getattr(self, name) or 0) < 0:
                raise BadInput(f"{_flag(name)} is {getattr(self, name)}", "It must be 0 or more")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise BadInput(f"--seed is {self.seed}", f"It must be 0 to {LARGEST_SEED:,}")
        for name in ("replay_share", "silence_share", "timestamps_share", "blend"):
            if not 0 <= (getattr(self, name) or 0) <= 1:
                raise BadInput(f"{_flag(name)} is {getattr(self, name):g}", "It must be from 0 to 1")
        if self.stream and (self.epochs or self.replayed() or self.silence_share or self.timestamps_share):
            raise BadInput("A stream has no epochs, and nothing is mixed into it", "", "Give --steps, or no --stream")
        if self.steps and self.epochs:
            given = f"Both {self.steps} steps and {self.epochs:g} epochs are given"
            raise BadInput(given, "One of them sets the length")

    def augmentation(self) -> Augmentation:
        """Effects on training clips, all of them off by default.

        Raises
        ------
        BadInput
            If one of them makes no sense.

        Examples
        --------
        >>> Recipe(augment_noise="5:25").augmentation().noise, bool(Recipe().augmentation())
        ((5.0, 25.0), False)
        """
        folder, masks = self.augment_noise_folder, self.augment_spectrogram
        return Augmentation(self.augment_speed, _ratios(self.augment_noise), folder, self.augment_room, masks)

    def replayed(self) -> list[str]:
        """Corpora that are named to be mixed in; none for ``"none"``.

        Examples
        --------
        >>> Recipe(replay="en, es").replayed(), Recipe(replay="none").replayed()
        (['en', 'es'], [])
        """
        return [name.strip() for name in (self.replay or "").split(",") if name.strip() not in ("", "none")]

    def total_steps(self, clips: int, processes: int = 1) -> int:
        """Optimiser steps of the whole run over `clips` training clips.

        Examples
        --------
        >>> Recipe(epochs=2, batch_size=4).total_steps(clips=10)
        6
        """
        if self.epochs is None:
            return self.steps or QUICK_STEPS
        batches = math.ceil(clips / (self.batch_size * processes))
        return math.ceil(self.epochs * math.ceil(batches / self.gradient_accumulation))

    def clips_per_step(self, processes: int = 1) -> int:
        """Clips that one optimiser step sees on all devices together."""
        return self.batch_size * self.gradient_accumulation * processes

    def joined_every(self) -> int:
        """Every how many optimiser steps clips go on with others; 0 for never, as with a window of its own."""
        return 2 * self.full_window_every if self.join_clips and self.window is None else 0

    def save(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


_POSITIVE = ("batch_size", "gradient_accumulation", "learning_rate", "eval_batch_size", "patience")


def _ratios(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = map(float, text.split(":"))
    except ValueError as error:
        do = "Give the lowest and the highest ratio in decibels, such as 5:25"
        raise BadInput(f"--augment-noise is {text}", "Two numbers with a colon are needed", do) from error
    return low, high


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
