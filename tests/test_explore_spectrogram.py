"""The spectrogram lab: its features are Whisper's, it computes only what changed, and it says what a choice costs."""

from __future__ import annotations

import base64
import io
import json
import re
import threading
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from transformers import WhisperFeatureExtractor

from whisper_helpers.audio import SAMPLE_RATE, log_mel, read_clip
from whisper_helpers.augment import add_noise, change_speed
from whisper_helpers.corpus import open_corpus
from whisper_helpers.errors import BadInput
from whisper_helpers.explore import spectrogram_lab
from whisper_helpers.explore.features import middles, power
from whisper_helpers.explore.material import load, sources_of, uploaded
from whisper_helpers.explore.microphone import LAUNCH_SETTINGS, build_microphone
from whisper_helpers.explore.pictures import map_view, palette, paletted, script
from whisper_helpers.explore.spectrogram import SpectrogramLab
from whisper_helpers.explore.stages import Choice, Stages

STAGES = ("original", "changed", "heard", "power", "logs", "difference")
PICTURES = ("main", "beside", "compared", "band", "before", "after")
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def clip(hindi_clips: list[Path]) -> Path:
    return hindi_clips[0]


@pytest.fixture
def lab(clip: Path) -> SpectrogramLab:
    return SpectrogramLab(sources_of(clip))


def noise(seconds: float, rate: int = SAMPLE_RATE) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.1, round(seconds * rate)).astype(np.float32)


def computed(lab: SpectrogramLab) -> dict[str, int]:
    """How often each stage and each picture was computed."""
    counts = {name: getattr(lab.stages, name).cache_info().misses for name in STAGES}
    return counts | {name: getattr(lab, name).cache_info().misses for name in PICTURES}


def sent(lab: SpectrogramLab, change) -> tuple[set[str], set[str]]:
    """What a change computed anew, and which widgets it changed."""
    before, shown = computed(lab), {name: view.value for name, view in lab.controls.views.items()}
    change()
    anew = {name for name, count in computed(lab).items() if count > before[name]}
    return anew, {name for name, view in lab.controls.views.items() if view.value != shown[name]}


def samples_of(player: str) -> tuple[np.ndarray, int]:
    """What a player plays."""
    encoded = re.search(r"base64,([^\"]+)", player)[1]
    return soundfile.read(io.BytesIO(base64.b64decode(encoded)), dtype="float32")


@pytest.mark.parametrize("mels", [80, 128])
@pytest.mark.parametrize("seconds", [0.01, 0.3, 4.2345, 29.99, 30, 31])
def test_whispers_choice_gives_whispers_features(mels: int, seconds: float) -> None:
    samples = noise(seconds)
    features = Stages(lambda name: (samples, SAMPLE_RATE)).features("a", Choice().sound, Choice(mels=mels))
    expected = log_mel(samples[: 30 * SAMPLE_RATE], WhisperFeatureExtractor(feature_size=mels))
    np.testing.assert_allclose(features.upto(features.frames), expected, atol=2e-4)


@settings(max_examples=25, deadline=None)
@given(
    rate=st.sampled_from([4000, 8000, 16_000, 44_100]),
    window=st.integers(4, 100),
    hop=st.integers(5, 40),
    count=st.integers(1, 20_000),
)
def test_power_is_that_of_librosa(rate: int, window: int, hop: int, count: int) -> None:
    length, step = Choice(rate=rate, window_ms=window, hop_ms=hop).lengths
    samples = noise(count / rate, rate)
    found = power(samples, length, step)
    assert found.shape == (length // 2 + 1, max(1, len(samples) // step))
    if len(samples) > length:
        spectra = librosa.stft(samples, n_fft=length, hop_length=step, pad_mode="reflect")
        np.testing.assert_allclose(found, np.abs(spectra[:, : found.shape[1]]) ** 2, rtol=1e-3, atol=1e-3)


def test_the_sound_is_that_of_the_packages_effects(clip: Path) -> None:
    stages = Stages(lambda name: load(clip))
    expected = add_noise(change_speed(read_clip(clip), 1.1), 5, np.random.default_rng(0))
    np.testing.assert_array_equal(stages.changed("a", (SAMPLE_RATE, 1.1, 5.0)), expected)


@pytest.mark.parametrize(
    ("slider", "value", "stages", "views"),
    [
        ("window_ms", 40, {"power", "logs", "difference", "main", "compared", "band"}, {"main", "compared", "band"}),
        ("mels", 64, {"logs", "difference", "main", "compared", "band"}, {"main", "compared", "band"}),
        ("seconds", 12, {"band"}, {"band"}),
        (
            "snr",
            10.0,
            {"changed", "heard", "power", "logs", "difference", "main", "compared", "band", "after"},
            {"main", "compared", "band", "after"},
        ),
    ],
)
def test_nothing_is_computed_or_sent_that_did_not_change(
    lab: SpectrogramLab, slider: str, value: float, stages: set[str], views: set[str]
) -> None:
    anew, changed = sent(lab, lambda: setattr(lab.controls.sliders[slider], "value", value))
    assert anew == stages
    assert changed - {"reading"} == views
    anew, changed = sent(lab, lambda: lab.controls.set(**lab.controls.start) or lab.draw())
    assert anew <= {"power"}, "what was there before is remembered"
    assert changed - {"reading"} == views


def test_reading_computes_nothing(lab: SpectrogramLab) -> None:
    anew, changed = sent(lab, lambda: setattr(lab.controls.time, "value", 1.0))
    assert (anew, changed) == (set(), {"reading"})


def test_sliders_read_the_cell_that_stands_there(lab: SpectrogramLab) -> None:
    lab.controls.time.value, lab.controls.channel.value = 1.0, 40
    value = log_mel(read_clip(next(iter(lab.sources.values()))), WhisperFeatureExtractor())[40, 100]
    hertz = librosa.mel_frequencies(82, fmin=0, fmax=8000)[41]
    assert f"1.00 s · channel 40 · {hertz:,.0f} Hz · level {value:.2f}," in lab.controls.views["reading"].value


def test_the_script_can_read_every_level_from_the_picture() -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (80, 50))
    for colours in ("viridis", "PuOr"):
        page = map_view("a", values, hop=0.01, rate=SAMPLE_RATE, limits=(-1, 1), colours=colours)
        about = json.loads(unescape(re.search(r'data-about="([^"]+)"', page)[1]))
        shades = re.findall("......", about["palette"])
        assert len(set(shades)) > 250
        png = io.BytesIO(base64.b64decode(re.search(r"png;base64,([^\"]+)", page)[1]))
        pixels = np.array(Image.open(png).convert("RGB")).reshape(-1, 3)
        places = np.array([shades.index(bytes(pixel).hex()) for pixel in pixels]).reshape(80, 50)
        shared = 3 / 255  # a step and a half, where two neighbours share a colour
        np.testing.assert_allclose(-1 + 2 * places[::-1] / 255, values, atol=shared)
        assert about["hertz"] == middles(SAMPLE_RATE, 80).round().tolist()
        assert unescape(re.search(r'onload="([^"]+)"', page)[1]) == script()


def test_whispers_choice_differs_in_nothing_and_noise_does(lab: SpectrogramLab) -> None:
    choice, noisy = Choice(), Choice(snr=0.0)
    name = next(iter(lab.sources))
    assert not lab.stages.difference(name, choice.sound, choice, choice.sound, choice).any()
    assert lab.stages.difference(name, noisy.sound, noisy, choice.sound, choice).mean() > 0.1
    assert not lab.stages.difference(name, noisy.sound, noisy, noisy.sound, choice).any()


def test_a_low_rate_holds_nothing_above_its_half(lab: SpectrogramLab) -> None:
    choice = Choice(rate=8000)
    name = next(iter(lab.sources))
    features = lab.stages.features(name, choice.sound, choice)
    apart = lab.stages.difference(name, choice.sound, choice, Choice().sound, Choice())
    whisper = lab.stages.features(name, Choice().sound, Choice())
    above = whisper.hertz > 4000
    np.testing.assert_allclose(apart[above], features.floor - whisper.upto(apart.shape[1])[above])


def test_both_sounds_can_be_heard(lab: SpectrogramLab, clip: Path) -> None:
    lab.controls.set(rate=8000, speed=2.0)
    lab.draw()
    before, rate = samples_of(lab.controls.views["before"].value)
    np.testing.assert_allclose(before, load(clip)[0], atol=1e-4)
    after, low = samples_of(lab.controls.views["after"].value)
    assert (rate, low) == (48_000, 8000)
    assert len(after) == pytest.approx(len(before) / 12, abs=2)


def test_it_says_what_is_cut_padded_and_empty() -> None:
    lab = SpectrogramLab({"a": noise(10)})
    views = lab.controls.views
    assert "10.00 s of sound, 67% of it is padding" in views["band"].value
    lab.controls.sliders["seconds"].value = 4
    assert "6.00 s at the end do not fit" in views["status"].value
    assert "4.00 s of sound, 0% of it is padding" in views["band"].value
    lab.controls.set(window_ms=4, rate=4000)
    lab.draw()
    assert "channels stay empty: a frame this short tells only 9 frequencies apart" in views["status"].value
    assert "Above 2,000 Hz" in views["status"].value


@pytest.mark.parametrize("samples", [np.zeros(16_000), np.ones(1), np.array([0.5, -2.0])])
def test_silence_and_single_samples_are_shown(samples: np.ndarray) -> None:
    lab = SpectrogramLab({"a": samples})
    for slider in lab.controls.sliders.values():
        for edge in (
            (slider.min, slider.max) if hasattr(slider, "min") else [each for _, each in slider.options[:: -1 + 3]]
        ):
            slider.value = edge
    assert "img" in lab.controls.views["main"].value
    assert "nan" not in lab.controls.views["main"].value.split("data-about")[1].split("onload")[0].lower()


def test_the_list_holds_a_corpus_a_split_and_a_row(clip: Path) -> None:
    corpus = open_corpus("bundled", announce=lambda line: None)
    assert len(sources_of(corpus)) == sum(map(len, corpus.values()))
    assert next(iter(sources_of(corpus["test"]))) == f"clip 0: {corpus['test'][0]['sentence']}"
    row = corpus["test"][0]
    for given_clip in (row, row["audio"], [row], clip, str(clip), clip.read_bytes(), read_clip(clip), load(clip)):
        ((_, source),) = sources_of(given_clip).items()
        assert len(load(source)[0]) > 1000


@pytest.mark.parametrize("wrong", [None, 5, [], {}, {"train": []}, [1, 2], [{"text": "a"}], iter("a")])
def test_what_holds_no_clip_is_refused(wrong: object) -> None:
    with pytest.raises(BadInput):
        spectrogram_lab(wrong)


@pytest.mark.parametrize("wrong", [b"no sound", np.zeros((2, 2)), np.array([]), np.array([np.nan]), "missing.wav"])
def test_what_cannot_be_decoded_is_refused(wrong: object) -> None:
    with pytest.raises(BadInput):
        spectrogram_lab(wrong)


def test_of_a_recording_of_hours_thirty_seconds_are_read(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="PCM_U8") as file:
        for _ in range(120):
            file.write(np.zeros(8000 * 60, np.float32))
    assert load(path)[0].shape == (240_000,)


@pytest.mark.parametrize("version", [7, 8])
def test_an_upload_is_looked_at_and_a_broken_one_told(lab: SpectrogramLab, clip: Path, version: int) -> None:
    def value(name: str, content: bytes) -> object:
        return {name: {"content": content}} if version == 7 else ({"name": name, "content": memoryview(content)},)

    assert uploaded(value("a.ogg", b"x")) == {"a.ogg": b"x"}
    lab.upload({"new": value("a.ogg", clip.read_bytes())})
    lab.upload({"new": value("a.ogg", clip.read_bytes())})
    assert lab.controls.clip.value == "a.ogg (2)"
    lab.upload({"new": value("b<i>.txt", b"no sound")})
    assert "b&lt;i&gt;.txt: " in lab.controls.views["status"].value
    assert lab.controls.clip.value == "a.ogg (2)"


def test_a_take_from_the_recorders_thread_is_looked_at(lab: SpectrogramLab, clip: Path, tmp_path: Path) -> None:
    taken = tmp_path / "take.ogg"
    taken.write_bytes(clip.read_bytes())
    thread = threading.Thread(target=lab.take, args=[taken])
    thread.start()
    thread.join()
    taken.unlink()
    lab.controls.sliders["mels"].value = 60
    assert lab.controls.clip.value == "recorded"
    assert "60 channels" in lab.controls.views["main"].value


def test_the_button_opens_the_recorder_and_closes_it(lab: SpectrogramLab, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[object] = []
    monkeypatch.setattr("gradio.Blocks.launch", lambda page, **settings: happened.append(settings))
    monkeypatch.setattr("gradio.Blocks.close", lambda page, **settings: happened.append("closed"))
    for _ in range(3):
        lab.controls.record.click()
    assert happened == [LAUNCH_SETTINGS, "closed", LAUNCH_SETTINGS]


def test_the_recorder_stays_on_this_machine_and_tells_what_is_wrong(tmp_path: Path) -> None:
    assert LAUNCH_SETTINGS["share"] is False
    assert LAUNCH_SETTINGS["server_name"] == "127.0.0.1"

    def take(path: Path) -> str:
        raise BadInput("No sound", "Needed", "Again")

    page = build_microphone(take)
    (sound,) = [each["props"] for each in page.config["components"] if each["type"] == "audio"]
    assert sound["buttons"] == []  # among Gradio's own is one that uploads
    (listener,) = [each for each in page.fns.values() if each.inputs]
    assert listener.fn(str(tmp_path)) == str(BadInput("No sound", "Needed", "Again"))
    assert "Nothing" in listener.fn(None)


def test_a_callback_that_was_interrupted_leaves_a_lab_that_works(
    lab: SpectrogramLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("whisper_helpers.explore.stages.power", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lab.controls.sliders["window_ms"].value = 50
    lab.controls.sliders["hop_ms"].value = 20
    assert "Frames of 800 samples, one every 320" in lab.controls.views["main"].value


def test_two_labs_do_not_touch_each_other(clip: Path) -> None:
    one, other = SpectrogramLab(sources_of(clip)), SpectrogramLab(sources_of(clip))
    shown = {name: view.value for name, view in other.controls.views.items()}
    one.controls.set(mels=40, snr=0.0)
    one.draw()
    one.add("mine", noise(1))
    assert shown == {name: view.value for name, view in other.controls.views.items()}
    assert list(other.sources) != list(one.sources)


def test_without_a_kernel_a_picture_with_words_stands_there(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = SimpleNamespace()
    monkeypatch.setattr("IPython.display.display", lambda data, metadata, raw: vars(shown).update(d=data, m=metadata))
    lab = spectrogram_lab(clip)
    lab._ipython_display_()
    assert shown.d[WIDGET]["model_id"] == lab.model_id
    assert Image.open(io.BytesIO(base64.b64decode(shown.d["image/png"]))).width > 400
    assert len(shown.m["image/png"]["alt"]) > 20


def test_a_picture_is_small() -> None:
    assert len(paletted(np.zeros((80, 3000)), (0, 1))) < 10_000
    assert len(palette("viridis")[0]) == 768
