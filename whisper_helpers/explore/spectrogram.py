"""The spectrogram lab: choose how sound becomes a picture, see it at once beside what Whisper sees, and hear it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from ..audio import DYNAMIC_RANGE, N_MELS, SAMPLE_RATE, WINDOW_SECONDS
from ..errors import BadInput
from .features import Features
from .material import load, sources_of, uploaded
from .pictures import HINT, map_view, player, reading, strip, wave
from .stages import Choice, Sound, Stages

if TYPE_CHECKING:
    import gradio as gr
    import ipywidgets

    from .showing import Lab

DIFFERENCE = (-1.0, 1.0)  # values of its first and last colour: 40 dB
RECORDED = "recorded"
APART = "What you chose minus what Whisper sees, cell by cell; 0.25 is 10 dB."


def spectrogram_lab(clip_or_corpus: Any, *, mels: int = N_MELS) -> Lab:
    """Change how sound becomes a log-mel spectrogram, and see and hear at once what that does.

    Notebook 03 shows it.

    Parameters
    ----------
    clip_or_corpus
        What :func:`whisper_helpers.corpus.open_corpus` gives, a split or a row of it, a path, the bytes of an audio
        file, samples at 16 kHz, or samples with their rate. Further clips can be uploaded or recorded in the lab.
    mels
        Channels of the Whisper to compare with: 80, or 128 from large-v3 on.

    Returns
    -------
    Lab
        Shown by Jupyter as it is; core widgets only, and a picture where no kernel runs.

    Raises
    ------
    BadInput
        If it is none of these, holds no clip, or the first clip cannot be decoded.
    """
    return SpectrogramLab(sources_of(clip_or_corpus), mels).shown


class SpectrogramLab:
    """What stands behind the widgets.

    Parameters
    ----------
    sources
        From :func:`whisper_helpers.explore.material.sources_of`.
    mels
        Channels of the Whisper to compare with.
    """

    def __init__(self, sources: dict[str, Any], mels: int = N_MELS) -> None:
        from .controls import Controls

        self.sources, self.whisper, self.lock = sources, Choice(mels=mels), RLock()
        self.stages = Stages(lambda name: load(self.sources[name]))
        self.stages.original(next(iter(sources)))  # what cannot be decoded is refused here
        for name in ("main", "beside", "compared", "band", "before", "after"):
            setattr(self, name, lru_cache(4)(getattr(self, f"_{name}")))
        self.controls = Controls(list(sources), mels, self.draw, self.upload, self.record)
        self.recorder: gr.Blocks | None = None
        self.shown = self.controls.arranged(self.still)
        self.draw()

    @property
    def choice(self) -> Choice:
        """What the sliders say."""
        return Choice(**self.controls.chosen())

    def draw(self, change: object = None) -> None:
        """Bring what is shown up to date; what its choice left as it was is neither computed nor sent."""
        with self.lock:
            try:
                self._draw()
            except BadInput as error:
                self.controls.tell(str(error))

    def _draw(self) -> None:
        clip, choice, views = self.controls.clip.value, self.choice, self.controls.views
        against = choice.sound if self.controls.against.index else self.whisper.sound
        seconds = len(self.stages.changed(clip, choice.sound)) / choice.rate
        view = replace(choice, seconds=WINDOW_SECONDS) if seconds <= choice.seconds else choice
        features = self.stages.features(clip, choice.sound, view)
        views["main"].value = self.main(clip, choice.sound, view)
        views["beside"].value = self.beside(clip, against)
        views["compared"].value = self.compared(clip, choice.sound, view, against)
        views["band"].value = self.band(clip, choice.sound, choice)
        views["before"].value = self.before(clip)
        views["after"].value = self.after(clip, choice.sound)
        self.controls.fit(features)
        self._read(features)
        self.controls.tell(*warnings(features, choice, seconds))

    def _read(self, features: Features) -> None:
        shown = features.shown
        column = min(shown.shape[1] - 1, round(self.controls.time.value / features.hop))
        row = min(len(shown) - 1, self.controls.channel.value)
        told = reading(shown, column, row, hop=features.hop, hertz=features.hertz[row], highest=features.highest)
        self.controls.views["reading"].value = f"<output>{told}</output>"

    def _main(self, clip: str, sound: Sound, choice: Choice) -> str:
        features = self.stages.features(clip, sound, choice)
        seconds = features.shown.shape[1] * features.hop
        above = wave(self.stages.changed(clip, sound)[: choice.longest], choice.rate, seconds)
        return _map("What you chose", features, choice, above, HINT)

    def _beside(self, clip: str, sound: Sound) -> str:
        features = self.stages.features(clip, sound, self.whisper)
        heard = self.stages.heard(clip, sound, SAMPLE_RATE)[: self.whisper.longest]
        above = wave(heard, SAMPLE_RATE, features.shown.shape[1] * features.hop)
        return _map("What Whisper sees", features, self.whisper, above)

    def _compared(self, clip: str, sound: Sound, choice: Choice, against: Sound) -> str:
        apart = self.stages.difference(clip, sound, choice, against, self.whisper)
        grid = {"hop": self.whisper.hop_ms / 1000, "rate": SAMPLE_RATE}
        title = "The difference"
        return map_view(title, apart, **grid, limits=DIFFERENCE, colours="PuOr", kind="difference", told=APART)

    def _band(self, clip: str, sound: Sound, choice: Choice) -> str:
        features = self.stages.features(clip, sound, choice)
        padding = 1 - features.seconds / choice.seconds
        told = f"The window of {choice.seconds:g} s: {features.seconds:.2f} s of sound, {padding:.0%} of it is padding"
        return strip(features.upto(features.frames), _limits(features), padding, told)

    def _before(self, clip: str) -> str:
        return player(*self.stages.original(clip), "Original")

    def _after(self, clip: str, sound: Sound) -> str:
        return player(self.stages.changed(clip, sound), sound[0], "Changed")

    def add(self, name: str, source: Any) -> None:
        """Put a clip into the list and look at it.

        Parameters
        ----------
        name
            How the list calls it.
        source
            As :func:`whisper_helpers.explore.material.load` takes it.

        Raises
        ------
        BadInput
            If it cannot be decoded; then the list stays as it was.
        """
        samples = load(source)
        with self.lock:
            number = sum(each.startswith(name) for each in self.sources)
            name = f"{name} ({number + 1})" if number else name
            self.sources[name] = samples
            self.controls.list(list(self.sources), name)

    def upload(self, change: dict[str, Any]) -> None:
        """Take the files that were uploaded."""
        for name, content in uploaded(change["new"]).items():
            try:
                self.add(name, content)
            except BadInput as error:
                self.controls.tell(f"{name}: {error}")

    def record(self, button: ipywidgets.Button) -> None:
        """Open the recorder below the button, or close it again."""
        from .microphone import LAUNCH_SETTINGS, build_microphone

        if self.recorder:
            self.recorder.close(verbose=False)
            self.recorder = None
            self.controls.output.clear_output()
            return
        page = build_microphone(self.take)
        with self.controls.output:
            page.launch(**LAUNCH_SETTINGS)
        self.recorder = page

    def take(self, recording: Path) -> str:
        """Look at a recording; its file may go afterwards.

        Parameters
        ----------
        recording
            A file.
        """
        self.add(RECORDED, recording)
        return f"{self.controls.clip.value}: look at it in the lab."

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """What stands in the lab's place without a kernel: waveform over log-mel, as PNG with words."""
        from .still import spectrogram_still

        clip, sound = self.controls.clip.value, self.choice.sound
        features = self.stages.features(clip, sound, self.whisper)
        return spectrogram_still(self.stages.heard(clip, sound, SAMPLE_RATE), features.shown)


def warnings(features: Features, choice: Choice, seconds: float) -> list[str]:
    """What a choice costs, in words.

    Parameters
    ----------
    features
        What came of it.
    choice
        The choice.
    seconds
        How long the changed sound is.
    """
    told = []
    if seconds > features.seconds + 1e-3:
        lost = seconds - features.seconds
        told.append(
            f"{lost:.2f} s at the end do not fit into the window and are cut; Whisper cuts them without a word."
        )
    if features.empty:
        every = choice.lengths[0] // 2 + 1
        told.append(f"{features.empty} channels stay empty: a frame this short tells only {every} frequencies apart.")
    if choice.rate < SAMPLE_RATE:
        told.append(f"Above {choice.rate / 2:,.0f} Hz this rate holds nothing.")
    return told


def _limits(features: Features) -> tuple[float, float]:
    return features.highest - DYNAMIC_RANGE, features.highest


def _map(title: str, features: Features, choice: Choice, above: str, hint: str = "") -> str:
    length, hop = choice.lengths
    told = f"Frames of {length} samples, one every {hop}; {choice.mels} channels"
    grid = {"hop": features.hop, "rate": features.rate, "limits": _limits(features)}
    return map_view(title, features.shown, **grid, above=above, told=told, hint=hint)
