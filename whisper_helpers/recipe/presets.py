"""Recipes of a known name: the quick one, one GPU, and the tutorial of 2022."""

from __future__ import annotations

from typing import Any

from ..errors import BadInput
from .choices import Recipe

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {},
    "gpu": {
        "model": "openai/whisper-small",
        "steps": 4000,
        "save_steps": 500,
        "warmup_steps": 500,
        "batch_size": 16,
        "learning_rate": 1e-5,
    },
    "tutorial": {
        "model": "openai/whisper-small",
        "steps": 4000,
        "save_steps": 1000,
        "warmup_steps": 500,
        "batch_size": 16,
        "learning_rate": 1e-5,
        "eval_batch_size": 8,
        "window": 30.0,
        "full_window_every": 0,
        "gradient_checkpointing": True,
        "replay": "none",
        "silence_share": 0.0,
        "join_clips": False,
        "timestamps_share": 0.0,
    },
}


def preset(name: str, **changes: Any) -> Recipe:
    """Recipe of a known name, with changes.

    Parameters
    ----------
    name
        ``"quick"`` (bundled corpus, a CPU), ``"gpu"`` (your corpus, `whisper-small`, one GPU) or ``"tutorial"`` (the
        settings of the tutorial of 2022: 4,000 steps of 16 clips at 30 s, 1e-5 after 500 steps of warm-up).
    **changes
        Fields of :class:`Recipe`.

    Raises
    ------
    BadInput
        If there is no such preset, or a change makes no sense.

    Examples
    --------
    >>> preset("tutorial", steps=100).batch_size
    16
    """
    if name not in PRESETS:
        raise BadInput(f"There is no profile {name!r}", f"Profiles are {', '.join(PRESETS)}")
    if "epochs" in changes:
        changes.setdefault("steps", None)
    return Recipe(**(PRESETS[name] | changes))
