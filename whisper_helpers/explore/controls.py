"""The widgets of the spectrogram lab: what can be chosen, and the places where something is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from math import inf
from typing import Any

import ipywidgets as w

from ..audio import SAMPLE_RATE, WINDOW_SECONDS
from .pictures import STYLE
from .showing import Lab, Still
from .stages import Choice, Features

RATES = (4000, 8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000)  # Hz
NOISES = (("no noise", inf), *((f"{level} dB", float(level)) for level in range(40, -11, -5)))
AGAINST = ("the original", "the changed sound")
SOUND_FILES = "audio/*,.wav,.flac,.ogg,.opus,.mp3"
VIEWS = ("main", "beside", "compared", "band", "before", "after", "reading", "status")


class Controls:
    """Widgets, and what they say.

    Parameters
    ----------
    names
        Clips to choose from.
    mels
        Channels to begin with.
    changed, uploaded, recorded
        Called when a choice changes, when files were uploaded, and when the button to record is pressed.
    """

    def __init__(
        self, names: Sequence[str], mels: int, changed: Callable, uploaded: Callable, recorded: Callable
    ) -> None:
        wide = {"style": {"description_width": "8.5em"}, "layout": w.Layout(width="24em", max_width="100%")}
        start = Choice(mels=mels)
        self.clip = w.Dropdown(options=list(names), description="Clip", layout=w.Layout(width="auto"))
        self.sliders = {
            "window_ms": w.FloatSlider(start.window_ms, min=4, max=100, step=1, description="Window (ms)", **wide),
            "hop_ms": w.FloatSlider(start.hop_ms, min=5, max=40, step=1, description="Hop (ms)", **wide),
            "mels": w.IntSlider(mels, min=20, max=160, step=4, description="Mel channels", **wide),
            "rate": w.SelectionSlider(
                options=[(f"{rate:,}", rate) for rate in RATES], value=SAMPLE_RATE, description="Rate (Hz)", **wide
            ),
            "snr": w.SelectionSlider(options=NOISES, value=inf, description="Speech/noise", **wide),
            "speed": w.FloatSlider(start.speed, min=0.5, max=2, step=0.05, description="Speed (times)", **wide),
            "seconds": w.FloatSlider(WINDOW_SECONDS, min=1, max=30, step=0.5, description="Padded to (s)", **wide),
        }
        self.against = w.ToggleButtons(options=AGAINST, description="Whisper hears", layout=w.Layout(max_width="100%"))
        self.time = w.FloatSlider(0, min=0, max=WINDOW_SECONDS, step=0.01, description="Read at (s)", **wide)
        self.channel = w.IntSlider(0, min=0, max=mels - 1, description="Read channel", **wide)
        self.reset = w.Button(description="As Whisper does it", tooltip="All sliders back to Whisper's values")
        self.upload = w.FileUpload(accept=SOUND_FILES, multiple=False, description="Upload a clip")
        self.record = w.Button(description="Record a clip", icon="microphone")
        self.output = w.Output()
        self.views = {name: w.HTML() for name in VIEWS}
        self.start = {name: slider.value for name, slider in self.sliders.items()}
        self._busy = False
        self._watch(changed, uploaded, recorded)

    def _watch(self, changed: Callable, uploaded: Callable, recorded: Callable) -> None:
        def when_free(change: object) -> None:
            if not self._busy:
                changed()

        for widget in (self.clip, self.against, self.time, self.channel, *self.sliders.values()):
            widget.observe(when_free, "value")
        self.reset.on_click(lambda button: (self.set(**self.start), changed()))
        self.upload.observe(uploaded, "value")
        self.record.on_click(recorded)

    def chosen(self) -> dict[str, Any]:
        """Fields of :class:`Choice` by name."""
        return {name: slider.value for name, slider in self.sliders.items()}

    def set(self, **values: Any) -> None:
        """Set several sliders without telling of each.

        Parameters
        ----------
        **values
            By name.
        """
        with self.quiet():
            for name, value in values.items():
                self.sliders[name].value = value

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Change widgets without telling of it."""
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def fit(self, features: Features) -> None:
        """Let the sliders that read end where the features do.

        Parameters
        ----------
        features
            What is shown.
        """
        mels, frames = features.shown.shape
        with self.quiet():
            self.time.max, self.channel.max = round((frames - 1) * features.hop, 2), mels - 1

    def list(self, names: Sequence[str], chosen: str) -> None:
        """Show other clips to choose from.

        Parameters
        ----------
        names
            All of them.
        chosen
            The one to look at.
        """
        with self.quiet():
            self.clip.options = list(names)
        self.clip.value = chosen

    def tell(self, *sentences: str) -> None:
        """Say what a choice costs or what went wrong; without sentences nothing.

        Parameters
        ----------
        *sentences
            Plain text.
        """
        lines = "".join(f"<div>{escape(sentence)}</div>" for sentence in sentences)
        self.views["status"].value = f'<div role="status">{lines}</div>'

    def arranged(self, still: Still) -> Lab:
        """Arrange everything.

        Parameters
        ----------
        still
            As for :class:`Lab`.
        """
        rows = w.Layout(flex_flow="row wrap", width="100%")
        for name in ("main", "beside", "compared", "before", "after"):
            self.views[name].layout = w.Layout(flex="1 1 22em", min_width="0")
        shown = self.views
        return Lab(
            [
                w.HTML(STYLE),
                self.clip,
                w.Box([self.upload, self.record, self.reset], layout=rows),
                self.output,
                w.Box(list(self.sliders.values()), layout=rows),
                w.Box([shown["before"], shown["after"]], layout=rows),
                shown["status"],
                w.Box([shown["main"], shown["beside"]], layout=rows),
                self.against,
                w.Box([shown["compared"]], layout=rows),
                shown["band"],
                w.Box([self.time, self.channel], layout=rows),
                shown["reading"],
            ],
            still,
        )
