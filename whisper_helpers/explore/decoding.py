"""The listening lab: watch a model write, token by token, and see what temperature, beams, a prompt or a ban change."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import FRAMES_PER_POSITION, SAMPLE_RATE, AudioSource, clip_seconds, log_mel, read_clip
from ..errors import BadInput
from ..screen import quieten
from .pictures import paletted
from .steps import Choice, Decoding, Ear, check_length
from .views import decoding_view, hooks, peak, steps_table

if TYPE_CHECKING:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    from .showing import Lab

Opened = tuple["WhisperForConditionalGeneration", "WhisperProcessor"]
LABS = count(1)
SHADES = 32  # of the spectrogram, which is saved with every page
STOPPED = "Stopped; below stands an earlier choice. Change something to listen again"
STILL = "The listening lab, standing still. Run the cell, and sliders step through it."


def decoding_lab(
    model: str | Path | Opened,
    clip: AudioSource | np.ndarray,
    against: str | Path | Opened | None = None,
    *,
    language: str | None = None,
    task: str = "transcribe",
) -> Lab:
    """Step through what a model writes about a clip, beside another model.

    Notebook 06 shows it. Notes of the libraries are off from then on: each touch would bring them again.

    Parameters
    ----------
    model
        Name or folder of a checkpoint, folder of a run, or a model with its processor.
    clip
        What :func:`whisper_helpers.audio.read_clip` takes, or samples at 16 kHz; at most 30 s.
    against
        Another model, shown beside it.
    language
        Spoken language, code or name; None: the model's own, or what it guesses.
    task
        ``"transcribe"`` or ``"translate"``.

    Returns
    -------
    Lab
        Shown by Jupyter as it is; core widgets only, and a page to read where no kernel runs.

    Raises
    ------
    BadInput
        If a model or the clip cannot be opened, the clip is too long, or Whisper has no such language or task.
    """
    quieten()
    samples = clip if isinstance(clip, np.ndarray) else _short(clip)
    given = [model, *([] if against is None else [against])]
    opened = [_opened(each, number) for number, each in enumerate(given)]
    ears = [Ear(name, *pair, samples, language, task) for name, pair in opened]
    return DecodingLab(ears, log_mel(samples, opened[0][1][1].feature_extractor)).shown


class DecodingLab:
    """What stands behind the widgets.

    Parameters
    ----------
    ears
        Models that have the same clip in their encoders.
    features
        Shape (mels, frames): the clip's log-mel.
    """

    def __init__(self, ears: list[Ear], features: np.ndarray) -> None:
        import ipywidgets as w

        from .showing import Lab

        self.ears, self.lab = ears, f"wh-sound-{next(LABS)}"
        self.seconds = len(ears[0].samples) / SAMPLE_RATE
        shown = features[:, : ears[0].positions * FRAMES_PER_POSITION]
        self.map = paletted(shown, (shown.min(), shown.max()), shades=SHADES)
        self.decode = [lru_cache(maxsize=16)(ear.decode) for ear in ears]
        self.decodings: list[Decoding] = []
        wide, fits = {"layout": w.Layout(width="auto")}, {"layout": w.Layout(width="300px", max_width="100%")}
        late, written = {"continuous_update": False, **fits}, {"continuous_update": False, **wide}
        self.step = w.IntSlider(0, 0, 1, description="Token", **fits)
        self.time = w.FloatSlider(value=0, min=0, max=self.seconds, step=0.02, description="Time (s)", **fits)
        self.temperature = w.FloatSlider(value=0, min=0, max=1, step=0.2, description="Temperature", **late)
        self.draw_number = w.IntSlider(0, 0, 9, description="Draw", disabled=True, **late)
        self.beams = w.IntSlider(1, 1, 5, description="Beams", **late)
        self.prompt = w.Text("", description="Prompt", **written)
        self.forbidden = w.Text("", description="Forbidden", placeholder="ids of tokens", **written)
        self.forbid = w.Button(description="Forbid this token", tooltip="Add the token shown to the forbidden ones")
        self.told, self.view = w.HTML(), w.HTML(**wide)
        rows = [w.HBox([self.temperature, self.draw_number, self.beams], layout=w.Layout(flex_flow="row wrap"))]
        rows += [self.prompt, w.HBox([self.forbidden, self.forbid]), self.told, w.HTML(self.sound())]
        rows += [w.HBox([self.step, self.time], layout=w.Layout(flex_flow="row wrap")), self.view]
        self.shown = Lab(rows, self.still)
        for widget in (self.temperature, self.draw_number, self.beams, self.prompt, self.forbidden):
            widget.observe(self.write, "value")
        self.step.observe(self.look, "value")
        self.time.observe(self.draw, "value")
        self.forbid.on_click(self.ban)
        self.write()

    @property
    def choice(self) -> Choice:
        """What the controls say."""
        words = self.forbidden.value.replace(",", " ").split()
        if wrong := [word for word in words if not word.isdecimal()]:
            raise BadInput(f"{wrong[0]!r} is no id", "Forbidden are ids of tokens", "Point at a token to read its id")
        plain = Choice(prompt=self.prompt.value, forbidden=tuple(map(int, words)), beams=self.beams.value)
        if not self.temperature.value:
            return plain
        return replace(plain, temperature=self.temperature.value, draw=self.draw_number.value, beams=1)

    def write(self, change: object = None) -> None:
        """Decode with the choice that the controls show; what cannot be done is told, and the picture stays."""
        self.beams.disabled = self.temperature.value > 0
        self.draw_number.disabled = not self.beams.disabled
        self.told.value = '<div role="status">listening …</div>'
        try:
            choice = self.choice
            self.decodings = [decode(choice) for decode in self.decode]
        except BadInput as error:
            self.alert(str(error))
            return
        except BaseException as error:
            self.alert(f"{STOPPED} ({type(error).__name__}).")
            raise
        self.told.value = ""
        self.step.max = max(1, *(len(each.steps) - 1 for each in self.decodings))
        self.look()

    def alert(self, words: str) -> None:
        """Say what went wrong.

        Parameters
        ----------
        words
            Plain text.
        """
        self.told.value = f'<div role="alert">{escape(words)}</div>'

    def look(self, change: object = None) -> None:
        """Go where the first model looks in this step."""
        steps = self.decodings[0].steps
        at = round(min(self.seconds, peak(steps[min(self.step.value, len(steps) - 1)])), 2) if steps else 0.0
        if self.time.value == at:
            self.draw()
        self.time.value = at

    def draw(self, change: object = None) -> None:
        """Show the step and the cursor."""
        self.view.value = decoding_view(
            self.decodings, self.step.value, self.map, self.seconds, self.lab, self.time.value
        )

    def ban(self, button: object) -> None:
        """Forbid the token that the first model wrote in this step."""
        steps = self.decodings[0].steps
        if steps:
            token = steps[min(self.step.value, len(steps) - 1)].token
            self.forbidden.value = f"{self.forbidden.value} {token.id}".strip()

    def sound(self) -> str:
        """The clip as a player that words and pictures start."""
        from ..notebook import player

        page = player(self.ears[0].samples, "The clip; the line in the pictures follows it").data
        return page.replace("<audio ", f"<audio {hooks(self.lab, self.seconds)} ", 1)

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """What stands in the lab's place without a kernel: the step shown, the sound, and every step in a table."""
        tables = "".join(map(steps_table, self.decodings))
        page = f'<p>{STILL}</p>{self.sound()}{self.view.value}<div class="wh-steps">{tables}</div>'
        return {"text/html": page}, {}


def _short(clip: AudioSource) -> np.ndarray:
    check_length(clip_seconds(clip))  # before hours are decoded
    return read_clip(clip)


def _opened(given: str | Path | Opened, number: int) -> tuple[str, Opened]:
    from ..checkpoints import open_checkpoint

    if isinstance(given, tuple):
        return f"model {number + 1}", given
    name = Path(given).resolve().name if Path(given).is_dir() else str(given)
    return name, open_checkpoint(str(given), announce=lambda line: None)
