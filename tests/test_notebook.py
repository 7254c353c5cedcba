"""What all notebooks stand on."""

from __future__ import annotations

import base64
import io
import re
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile

from whisper_helpers.errors import BadInput
from whisper_helpers.notebook import about_machine, choose, interrupts_held, player, show
from whisper_helpers.plots import new_figure
from whisper_helpers.recipe import Recipe


def test_parameters_left_open_are_the_profiles(tiny_whisper) -> None:
    assert choose("quick", model=str(tiny_whisper), language="hi", steps=None) == Recipe(
        model=str(tiny_whisper), language="hi"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"profile": "fast"}, "quick, gpu, tutorial"),
        ({"profile": "quick", "language": "hindy"}, "hindi"),
        ({"profile": "quick", "language": "klingon"}, "It knows 100: af am ar "),
        ({"profile": "quick", "corpus": "nowhere"}, "nowhere"),
        ({"profile": "quick", "model": "openai/whisper-bose"}, "whisper-base"),
        ({"profile": "quick", "steps": -1}, "above 0"),
        ({"profile": "quick", "steps": "ten"}, "steps is 'ten'. It is written as int"),
        ({"profile": "quick", "steps": True}, "steps is True"),
        ({"profile": "quick", "corpus": 3}, "corpus is 3. It is written as str"),
        ({"profile": "quick", "task": "sing"}, "transcribe and translate"),
        ({"profile": "quick", "batchsize": 2}, "Did you mean batch_size"),
    ],
)
def test_what_cannot_be_used_stops_at_the_parameters(changes: dict, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        choose(**changes)


def test_an_english_only_checkpoint_stops_at_the_parameters(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "whisper", "vocab_size": 51864}', encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(BadInput, match="English-only Whisper, asked for Hindi"):
        choose("quick", model=str(tmp_path), language="hi")


def test_an_output_that_cannot_be_written_stops_at_the_parameters(tiny_whisper, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="is a file"):
        choose("quick", model=str(tiny_whisper), language="hi", output=str(tmp_path / "file" / "run"))


def test_a_whole_number_is_a_fraction_too(tiny_whisper) -> None:
    assert choose("quick", model=str(tiny_whisper), epochs=2).epochs == 2


def test_an_interrupt_waits_for_an_import() -> None:
    before, steps = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), interrupts_held():
        signal.raise_signal(signal.SIGINT)
        steps.append("imported")
    assert steps == ["imported"]
    assert signal.getsignal(signal.SIGINT) is before
    with interrupts_held():
        steps.append("no interrupt, no error")


def test_the_machine_is_named() -> None:
    assert "torch" in about_machine()


def test_a_figure_comes_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list = []
    monkeypatch.setattr("IPython.display.display", lambda *objects: seen.extend(objects))
    figure = new_figure()
    figure.subplots()
    show(figure, "A line that rises.")
    picture, caption = seen
    assert picture.data.startswith(b"\x89PNG")
    assert picture.alt == "A line that rises."
    assert "A line that rises." in caption.data


def test_a_sound_is_small_and_the_same() -> None:
    samples = (0.5 * np.sin(2 * np.pi * 440 * np.arange(32_000) / 16_000)).astype(np.float32)
    html = player(samples, "440 Hz <b>").data
    assert "440 Hz &lt;b&gt;" in html
    mp3 = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    assert len(mp3) < 20_000
    played, rate = soundfile.read(io.BytesIO(mp3))
    assert rate == 16_000
    assert np.argmax(np.abs(np.fft.rfft(played[:16_000]))) == pytest.approx(440, abs=2)
