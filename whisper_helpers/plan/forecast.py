"""The forecast: what a training costs on a machine, and the command that fits it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ..audio import WINDOW_SECONDS
from ..checkpoints.family import FAMILY, Member, member
from ..errors import BadInput
from ..joining import ALMOST_WINDOW, PAUSE
from ..tokens import MAX_LABELS
from ..window import window_for
from .flops import step_flops
from .memory import Tuning, largest_batch, step_memory

HEADROOM = 0.85  # of the memory; the rest is for the libraries
CHECKPOINTS_AT_ONCE = 3
RANK = 16  # of the adapters that are looked at
SAMPLES_A_STEP = 16  # clips that a step should see


@dataclass(frozen=True)
class Machine:
    """A machine that trains.

    Parameters
    ----------
    name
        As ``--gpu`` names it.
    memory
        Bytes.
    rate
        Operations a second in a product of matrices: measured here, or for a GPU as its maker publishes them (dense,
        16 bits).
    share
        Of the rate that a training step reaches: measured, or assumed.
    mixed
        Whether it trains in 16 bits.
    measured
        Whether `rate` and `share` were measured on the machine.
    fixed_seconds
        Of a step, whatever its clips.
    full_share
        What a step at 30 s reaches, if that was measured, too; its larger products reach more.
    """

    name: str
    memory: float
    rate: float
    share: float
    mixed: bool = False
    measured: bool = False
    full_share: float | None = None
    fixed_seconds: float = 0.0

    def reached(self, window: float) -> float:
        """Operations a second of a step that sees `window` seconds.

        Examples
        --------
        >>> Machine("cpu", 8e9, rate=100, share=0.5, full_share=0.75).reached(6)
        50.0
        """
        return self.rate * (self.full_share or self.share if window == WINDOW_SECONDS else self.share)


ASSUMED_SHARE = 0.3  # of the published rate, until it is measured
GPUS = {
    name: Machine(name, gigabytes * 1e9, rate * 1e12, ASSUMED_SHARE, mixed=True)
    for name, gigabytes, rate in (
        ("T4", 16, 65),
        ("L4", 24, 121),
        ("A100", 40, 312),
        ("H100", 80, 989),
        ("H200", 141, 989),
    )
}


@dataclass(frozen=True)
class Corpus:
    """What of a corpus a forecast depends on.

    Parameters
    ----------
    hours
        Of training clips.
    clip_seconds
        Usual length of a clip; its window follows from it.
    labels
        Tokens a clip.
    """

    hours: float
    clip_seconds: float = 5.0
    labels: int = 40

    @property
    def clips(self) -> int:
        """Number of clips."""
        return max(1, round(self.hours * 3600 / self.clip_seconds))

    @property
    def joined_labels(self) -> int:
        """Tokens of a clip that goes on with others to almost 30 s.

        Examples
        --------
        >>> Corpus(hours=1, clip_seconds=5.0, labels=40).joined_labels
        200
        """
        clips = (ALMOST_WINDOW + PAUSE) // (self.clip_seconds + PAUSE)
        return min(MAX_LABELS, self.labels * max(1, int(clips)))


def family_member(name: str) -> Member:
    """Find a checkpoint's shapes by its name.

    Parameters
    ----------
    name
        Such as ``openai/whisper-small`` or ``small``.

    Raises
    ------
    BadInput
        If it is none of the family.
    """
    try:
        return member(name)
    except KeyError:
        known = ", ".join(each.name for each in FAMILY)
        raise BadInput(f"{name} is none of the known checkpoints", f"Known are {known}") from None


def step_seconds(model: Member, window: float, labels: int, clips: int, machine: Machine, tuning: Tuning) -> float:
    """Seconds of a step, from its operations and what the machine reaches.

    Examples
    --------
    >>> laptop = Machine("cpu", 8e9, rate=1e11, share=0.5)
    >>> round(step_seconds(member("base"), 6, 40, 4, laptop, Tuning()), 1)
    4.5
    """
    options = {"frozen_encoder": tuning.frozen_encoder, "adapters_only": tuning.lora is not None}
    return machine.fixed_seconds + step_flops(model, window, labels, clips, **options) / machine.reached(window)


def forecast(model: Member, corpus: Corpus, machine: Machine, *, full_window_every: int = 8) -> dict[str, dict]:
    """Forecast full tuning, a frozen encoder and adapters on a machine.

    Parameters
    ----------
    model
        Shapes of the checkpoint.
    corpus
        Hours, clips and labels.
    machine
        Where it is to run.
    full_window_every
        As in a recipe: every how many steps see 30 s, in half of which clips go on with others. Memory must hold those.

    Returns
    -------
    dict
        By way of tuning: ``batch_size`` (0 if nothing fits), ``gradient_accumulation``, ``window`` in seconds,
        ``memory`` in bytes by part, ``step_seconds``, ``epoch_seconds``, ``disk`` in bytes and ``flags``.
    """
    full = Tuning(mixed=machine.mixed, on_gpu=machine.name != "cpu")
    gentle = " --learning-rate 1e-5" if model.width > member("base").width else ""  # the default is for base
    ways = {
        "full": (full, gentle),
        "frozen encoder": (replace(full, frozen_encoder=True), f" --freeze-encoder{gentle}"),
        "LoRA": (replace(full, lora=RANK), f" --lora {RANK} --learning-rate 1e-3"),
    }
    return {
        name: _way(model, corpus, machine, tuning, full_window_every) | {"flags": flags}
        for name, (tuning, flags) in ways.items()
    }


def _way(model: Member, corpus: Corpus, machine: Machine, tuning: Tuning, every: int) -> dict:
    window = window_for(min(corpus.clip_seconds, WINDOW_SECONDS))
    widest, most = (WINDOW_SECONDS, corpus.joined_labels) if every else (window, corpus.labels)
    batch = min(largest_batch(model, widest, most, HEADROOM * machine.memory, tuning), SAMPLES_A_STEP)
    parts = step_memory(model, widest, most, max(1, batch), tuning)
    own, full, joined = (
        step_seconds(model, seconds, labels, max(1, batch), machine, tuning)
        for seconds, labels in ((window, corpus.labels), (widest, corpus.labels), (widest, most))
    )
    mean = own + ((full + joined) / 2 - own) / every if every else own
    moments = parts["optimizer"] + 4 * model.parameters
    return {
        "batch_size": batch,
        "gradient_accumulation": max(1, SAMPLES_A_STEP // batch) if batch else 1,
        "window": window,
        "memory": parts,
        "step_seconds": mean,
        "epoch_seconds": mean * math.ceil(corpus.clips / max(1, batch)),
        "disk": CHECKPOINTS_AT_ONCE * moments + 4 * model.parameters,
    }
