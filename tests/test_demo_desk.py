"""What the page's buttons do where something goes wrong or somebody leaves, and what is heard while somebody speaks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from conftest import write_tone

from whisper_helpers.demo import Heard
from whisper_helpers.demo.app import KEPT_SECONDS
from whisper_helpers.demo.desk import Desk
from whisper_helpers.demo.live import LONGEST_SPEECH, Live, Speech
from whisper_helpers.demo.page import build_page
from whisper_helpers.transcript import FORMATS, Segment, Transcript

VISITOR = SimpleNamespace(session_hash="visitor")
TEXT, STATUS, FILES = 0, 1, 2


class Model:
    """Hears one word a second."""

    name, language, untimed = "model", None, False

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.left = threading.Event()

    def hear(self, samples: np.ndarray, *args: object, progress: object = None, **kwargs: object) -> Heard:
        """Hear a second after the other."""
        self.heard.append(len(samples))
        words = []
        try:
            for number in range(len(samples) // 16_000):
                words.append(str(number))
                if progress:
                    progress(1.0)
                    time.sleep(0.02)
        finally:
            self.left.set()
        text = " ".join(words)
        transcript = Transcript("tone.wav", "hi", "transcribe", self.name, 1.0, (Segment(0.0, 1.0, text),))
        return Heard(transcript)

    def times(self, samples: np.ndarray, answer: Heard) -> Heard:
        """Know no times, or fail."""
        if self.untimed:
            raise IndexError("no place")
        return answer


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def desk(model: Model) -> Desk:
    return Desk([model], 100.0, None)


@pytest.fixture
def tone(tmp_path: Path) -> str:
    return str(write_tone(tmp_path / "tone.wav", 30))


def ask(desk: Desk, recording: str) -> Iterator[tuple]:
    """Press Transcribe."""
    return desk.transcribe(recording, "hi", "transcribe", "", VISITOR)


def test_who_leaves_stops_the_work(desk: Desk, model: Model, tone: str) -> None:
    answers = ask(desk, tone)
    next(answers)
    next(answers)
    answers.close()
    assert model.left.wait(5)
    assert desk.stops == {}


def test_cancel_stops_what_runs_and_leaves_what_is_done(desk: Desk, tone: str) -> None:
    answers = ask(desk, tone)
    next(answers)
    next(answers)
    assert "Stopping" in desk.cancel(VISITOR)
    *_, last = answers
    assert last[TEXT] == ""
    assert "Cancelled." in last[STATUS]
    assert desk.cancel(VISITOR) == gr.skip()


def test_who_waits_may_step_out_and_come_again(desk: Desk, model: Model, tone: str) -> None:
    assert "Waiting" in desk.enter(VISITOR)
    desk.cancel(VISITOR)
    assert ["Cancelled." in each[STATUS] for each in ask(desk, tone)] == [True]
    assert model.heard == []
    desk.enter(VISITOR)
    assert "Done." in list(ask(desk, tone))[-1][STATUS]


def test_a_text_whose_times_are_not_found_stays(
    desk: Desk, model: Model, tone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model.untimed = True
    *_, last = ask(desk, tone)
    assert "0 1 2" in last[TEXT]
    assert all(Path(file).is_file() for file in last[FILES:])
    assert "IndexError" in capsys.readouterr().err


def test_what_was_taken_away_is_forgotten(desk: Desk, tone: str) -> None:
    *_, first = ask(desk, tone)
    *_, second = ask(desk, tone)
    assert len(list(Path(desk.downloads.name).iterdir())) == 2
    long_ago = time.time() - KEPT_SECONDS - 60
    os.utime(Path(first[FILES]).parent, (long_ago, long_ago))
    *_, third = ask(desk, tone)
    assert not Path(first[FILES]).exists()
    assert all(Path(file).is_file() for file in (*second[FILES:], *third[FILES:]))


def test_a_visitor_reads_no_path_of_the_server(desk: Desk, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    answers = ask(desk, str(broken))
    shown = next(answers)
    with pytest.raises(gr.Error) as raised:
        next(answers)
    assert "broken.wav cannot be read" in shown[STATUS]
    assert shown[TEXT] == ""
    assert list(shown[FILES:]) == [None] * len(FORMATS)
    assert str(tmp_path) not in shown[STATUS] + raised.value.message


@pytest.mark.parametrize(("own", "chosen", "first"), [(None, None, "guess it"), ("ml", None, "ml"), ("ml", "hi", "hi")])
def test_the_models_language_is_chosen_at_first(own: str | None, chosen: str | None, first: str) -> None:
    generation = SimpleNamespace(is_multilingual=True, lang_to_id={"<|hi|>": 1, "<|ml|>": 2})
    listener = SimpleNamespace(name="m", language=own, model=SimpleNamespace(generation_config=generation))
    page = build_page([listener], language=chosen)
    (choice,) = [each["props"] for each in page.config["components"] if each["type"] == "dropdown"]
    assert choice["value"] == first


def test_all_that_is_said_is_heard_by_a_slow_model(model: Model) -> None:
    speech, second = Speech(quiet=5, late=0.1), np.zeros((48_000, 2), np.int16)

    def speak() -> None:
        for _ in range(12):
            speech.feed(48_000, second)
            time.sleep(0.02)
        speech.end()

    slow = SimpleNamespace(hear=lambda *args: (time.sleep(0.1), model.hear(*args))[1])
    speaker = threading.Thread(target=speak)
    speaker.start()
    *_, text = speech.texts(Live(slow), "hi", "transcribe")
    speaker.join()
    assert text == " ".join(map(str, range(12)))
    assert len(model.heard) < 12


def test_what_comes_in_last_is_heard_too(model: Model) -> None:
    speech = Speech(quiet=5, late=0.5)
    speech.feed(16_000, np.zeros(16_000, np.float32))
    speech.end()
    threading.Timer(0.2, speech.feed, (16_000, np.zeros(16_000, np.float32))).start()
    assert list(speech.texts(Live(model), "hi", "transcribe"))[-1] == "0 1"


def test_a_speech_ends_when_nobody_is_there_and_has_a_longest(model: Model) -> None:
    speech = Speech(quiet=0.1, late=0.1)
    for _ in range(round(LONGEST_SPEECH) + 5):
        speech.feed(16_000, np.zeros(16_000, np.float32))
    *_, text = speech.texts(Live(model), "hi", "transcribe")
    assert text.split()[-1] == str(round(LONGEST_SPEECH) - 1)
    assert speech.seconds > LONGEST_SPEECH
