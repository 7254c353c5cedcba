"""The planner as a terminal and a notebook call it."""

from __future__ import annotations

from ..audio import WINDOW_SECONDS
from ..checkpoints import open_checkpoint
from ..errors import BadInput
from ..tokens import MAX_LABELS
from ..window import window_for
from .forecast import GPUS, Corpus, family_member, forecast
from .report import measured_machine, plan_text, this_machine


def plan(
    model: str,
    hours: float,
    machine: str = "cpu",
    *,
    clip_seconds: float = 5.0,
    labels: int = 40,
    corpus: str = "FOLDER",
    measure: bool = False,
) -> str:
    """Forecast what a training costs, and say which command fits.

    Parameters
    ----------
    model
        Name of a checkpoint of the family.
    hours
        Of training clips.
    machine
        ``T4``, ``L4``, ``A100``, ``H100``, ``H200``, or ``cpu`` for this machine.
    clip_seconds
        Usual length of a clip.
    labels
        Usual tokens of a sentence.
    corpus
        What the resulting command names.
    measure
        Time a few real steps on this machine.

    Returns
    -------
    str
        Text for the screen.

    Raises
    ------
    BadInput
        If a number makes no sense, or the checkpoint or machine is unknown.
    """
    shapes = family_member(model)
    if not hours > 0:
        raise BadInput(f"{hours:g} hours are given", "It must be above 0")
    if not 0 < clip_seconds <= WINDOW_SECONDS:
        raise BadInput(f"A clip of {clip_seconds:g} s", "Whisper takes up to 30 s")
    if not 0 < labels <= MAX_LABELS:
        raise BadInput(f"{labels} tokens a clip", f"Whisper takes 1 to {MAX_LABELS}")
    if machine not in (*GPUS, "cpu"):
        raise BadInput(f"There is no machine {machine!r}", f"Known are {', '.join(GPUS)} and cpu")
    if measure and machine != "cpu":
        raise BadInput(f"--measure times this machine, not a {machine}", "", "Leave --gpu out, on the machine itself")
    shape = Corpus(hours, clip_seconds, labels)
    if measure:
        whisper, _ = open_checkpoint(model, announce=lambda line: None)
        chosen = measured_machine(whisper, window_for(clip_seconds), shape)
    else:
        chosen = GPUS.get(machine) or this_machine()
    return plan_text(shapes, shape, chosen, forecast(shapes, shape, chosen), corpus)
