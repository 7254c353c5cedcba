"""The demo app, asked over a real local launch, and its Space, pushed to a stand-in of the Hub."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml
from conftest import write_tone
from hub_standin import HubStandIn

from whisper_helpers.cli import main
from whisper_helpers.demo import LAUNCH_SETTINGS, ask, build_demo, hear, open_transcriber, push_space, write_space
from whisper_helpers.demo.serving import bundled_clips
from whisper_helpers.errors import BadInput

TOKEN = "hf_secretSecretSecret"
PUSH = """
import sys
from whisper_helpers.demo import push_space
push_space(sys.argv[1], sys.argv[2], overwrite=sys.argv[3:] == ["overwrite"])
"""


def length(samples: np.ndarray) -> str:
    """Hear how long a recording is, and check its kind."""
    assert (samples.dtype, samples.ndim) == (np.float32, 1)
    return f" {len(samples)} "


def loudest(samples: np.ndarray) -> str:
    """Hear how loud a recording is."""
    return f"{np.abs(samples).max():.1f}"


def failing(samples: np.ndarray) -> str:
    """Fail as a model does on a full machine."""
    raise MemoryError("no room")


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "स्वर tone.wav", 1.5, rate=48_000, channels=2)


def test_each_model_hears_the_recording_at_16_khz_in_mono(tone: Path) -> None:
    assert hear({"length": length, "loudest": loudest}, tone) == {"length": "24000", "loudest": "0.2"}


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_files_of_every_kind_are_read_without_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("PATH", "")
    samples = np.zeros(22_050, np.float32)
    soundfile.write(tmp_path / f"clip.{kind}", samples, 22_050)
    assert ask(build_demo({"length": length}), tmp_path / f"clip.{kind}") == ["16000"]


def test_the_app_answers_with_one_text_a_model(tone: Path) -> None:
    demo = build_demo({"a": length, "b": loudest, "c": length}, examples=[tone])
    assert ask(demo, tone) == ["24000", "0.2", "24000"]
    assert ask(demo, tone) == ["24000", "0.2", "24000"], "it can be asked again"


def test_without_a_recording_nobody_listens() -> None:
    with pytest.raises(BadInput, match=r"There is no recording yet\. Record something"):
        hear({"failing": failing}, None)


def test_the_visitor_reads_in_words_what_is_wrong(tmp_path: Path, tone: Path) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("this is no sound", encoding="utf-8")
    empty = tmp_path / "empty.wav"
    soundfile.write(empty, np.zeros(0), 16_000)
    demo = build_demo({"length": length}, longest_seconds=1)
    for recording, words in (
        (text, "cannot be read as audio. Readable are wav"),
        (empty, "holds no samples"),
        (tone, "The recording lasts 2 s. Here it may last 1 s. Cut it, or record less."),
        (tmp_path / "missing.wav", "is not there"),
    ):
        with pytest.raises(BadInput, match=re.escape(words)):
            ask(demo, recording)


def test_a_failing_model_is_told_in_words_too(tone: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match=r"The model could not finish \(MemoryError\)"):
        ask(build_demo({"failing": failing}), tone)


@pytest.mark.parametrize("ways", [[], ["--space", "out"]])
def test_an_example_that_is_missing_is_told_before_a_model_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ways: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("whisper_helpers.demo.serving.open_listeners", failing)
    assert main(["demo", "asha/whisper-hi", "--examples", "no.wav", *ways]) == 2
    assert "no.wav is not there" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_demo_needs_a_model() -> None:
    with pytest.raises(BadInput, match="The demo has no model"):
        build_demo({})


def test_nothing_is_public_kept_or_counted() -> None:
    demo = build_demo({"length": length}, title="शीर्षक")
    assert LAUNCH_SETTINGS["share"] is False
    assert LAUNCH_SETTINGS["show_error"] is True
    assert LAUNCH_SETTINGS["max_file_size"]
    assert not demo.analytics_enabled
    assert demo.delete_cache == (3600, 3600)
    endpoints = [each for each in demo.config["dependencies"] if each["api_name"]]
    assert [each["api_name"] for each in endpoints] == ["transcribe"]
    parts = demo.config["components"]
    (audio,) = [each["props"] for each in parts if each["type"] == "audio"]
    assert audio["sources"] == ["microphone", "upload"]
    assert audio["buttons"] == []  # among Gradio's own is one that uploads
    assert [each["props"]["label"] for each in parts if each["type"] == "textbox"] == ["length"]


def test_a_real_model_hears_as_the_command_does(tiny_whisper: Path, tone: Path) -> None:
    from whisper_helpers.transcript import transcribe_files

    (written,) = transcribe_files(str(tiny_whisper), [tone], language="hi", announce=lambda line: None)
    transcriber = open_transcriber(str(tiny_whisper), "hi", announce=lambda line: None)
    heard = hear({"tiny": transcriber}, tone)["tiny"]
    assert heard.split() == written.read_text(encoding="utf-8").split()
    assert transcriber(np.zeros(16_000, np.float32)) == "", "silence stays empty"


def test_base_hears_hindi_over_the_app(whisper_base: Path, hindi_clips: list[Path]) -> None:
    transcriber = open_transcriber(str(whisper_base), "hi", announce=lambda line: None)
    (text,) = ask(build_demo({"base": transcriber}), hindi_clips[0])
    assert len(text) > 10


def test_a_space_is_written_whole(tmp_path: Path) -> None:
    models = ["openai/whisper-base", "asha/whisper-base-hi"]
    folder = write_space(tmp_path / "space", models, "Hindi", title='मेरा "demo": one')
    _, front, _ = (folder / "README.md").read_text(encoding="utf-8").split("---\n")
    card = yaml.safe_load(front)
    assert card["title"] == 'मेरा "demo": one'
    assert (card["sdk"], card["app_file"], card["models"]) == ("gradio", "app.py", models)
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    assert (settings["models"], settings["language"]) == (models, "hi")
    ast.parse((folder / "app.py").read_text(encoding="utf-8"))
    assert "whisper-helpers @ git+https://" in (folder / "requirements.txt").read_text(encoding="utf-8")
    assert [path.read_bytes() for path in sorted((folder / "examples").iterdir())] == [
        Path(clip).read_bytes() for clip in sorted(bundled_clips("hi"))
    ]
    assert write_space(folder, models, "hi") == folder, "its own files may be written again"


@pytest.mark.parametrize(
    ("config", "language", "first"),
    [({"language": "<|es|>"}, "es", "es"), ({"is_multilingual": False}, "en", "en"), ({}, None, "en hi es")],
)
def test_a_space_speaks_the_models_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: dict, language: str | None, first: str
) -> None:
    (tmp_path / "generation_config.json").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda name, file: str(tmp_path / file))
    folder = write_space(tmp_path / "space", ["asha/whisper-own"])
    assert json.loads((folder / "settings.json").read_text(encoding="utf-8"))["language"] == language
    assert {path.name[:2] for path in (folder / "examples").iterdir()} == set(first.split())


def test_a_space_without_bundled_speech_says_so_and_takes_ones_own(tmp_path: Path, tone: Path) -> None:
    told: list[str] = []
    folder = write_space(tmp_path / "space", ["asha/whisper-ml"], "Malayalam", announce=told.append)
    assert list((folder / "examples").iterdir()) == []
    assert told == ["No speech in Malayalam is bundled: the Space has no recordings to try."]
    arguments = ["--language", "ml", "--examples", str(tone)]
    assert main(["demo", "asha/whisper-ml", "--space", str(folder), *arguments]) == 0
    assert [path.name for path in (folder / "examples").iterdir()] == [tone.name]


def test_a_space_of_a_model_that_nobody_knows_is_written_too(tmp_path: Path) -> None:
    folder = write_space(tmp_path / "space", ["asha/nowhere"])
    assert json.loads((folder / "settings.json").read_text(encoding="utf-8"))["language"] is None


def test_the_written_app_starts_and_answers(tmp_path: Path, tiny_whisper: Path, tone: Path) -> None:
    folder = write_space(tmp_path / "space", ["asha/tiny"], "hi")
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    settings["models"] = [str(tiny_whisper)]  # in place of the Hub
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    code = "import sys; from app import demo; from whisper_helpers.demo import ask; print(len(ask(demo, sys.argv[1])))"
    done = subprocess.run([sys.executable, "-c", code, tone], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[-1:]) == (0, ["1"]), done.stderr


@pytest.mark.parametrize("models", [[], ["whisper-base"], ["a/b/c"], ["runs/mine"], ["../x"], ["asha/ok", "no name"]])
def test_a_space_shows_only_models_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    with pytest.raises(BadInput, match="A Space shows models of the Hub"):
        write_space(tmp_path / "space", models, "hi")
    assert not (tmp_path / "space").exists()


def test_other_folders_are_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(BadInput, match="holds something else"):
        write_space(tmp_path, ["asha/whisper"], "hi")
    with pytest.raises(BadInput, match="is no Space: no README"):
        push_space(tmp_path, "asha/demo")


class SpaceHub(HubStandIn):
    """The stand-in with routes for Spaces."""

    def _routes(self) -> dict[str, Any]:
        name = r"([\w.-]+/[\w.-]+)"
        return super()._routes() | {
            f"GET /api/spaces/{name}": self._info,
            f"POST /api/spaces/{name}/preupload/main": self._preupload,
            f"POST /api/spaces/{name}/commit/main": self._commit,
            rf"POST /spaces/{name}\.git/info/lfs/objects/batch": self._batch,
        }


@pytest.fixture
def hub() -> Iterator[SpaceHub]:
    with SpaceHub(TOKEN) as hub:
        yield hub


def push(folder: Path, hub: SpaceHub, *words: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    """Push in a process of its own, where the stand-in is the Hub."""
    environment = {**os.environ, "HF_ENDPOINT": hub.address, "HF_TOKEN": token, "HF_HUB_OFFLINE": "0"}
    environment |= {"HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1", "HF_HOME": str(folder.parent / "home")}
    command = [sys.executable, "-c", PUSH, folder, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_pushed_space_is_private_and_holds_what_was_written(tmp_path: Path, hub: SpaceHub) -> None:
    folder = write_space(tmp_path / "space", ["asha/whisper"], "hi")
    (folder / "secret.txt").write_text("mine", encoding="utf-8")
    done = push(folder, hub, "asha/demo")
    assert done.returncode == 0, done.stderr
    names = ["README.md", "app.py", "requirements.txt", "settings.json"]
    names += [f"examples/{path.name}" for path in (folder / "examples").iterdir()]
    assert len(names) > 4
    assert hub.models["asha/demo"] == {name: (folder / name).read_bytes() for name in names}
    assert hub.private == {"asha/demo"}
    (created,) = [json.loads(each.body) for each in hub.requests if each.path.endswith("/repos/create")]
    assert (created["type"], created["sdk"]) == ("space", "gradio")


def test_only_the_examples_of_the_last_writing_are_pushed(tmp_path: Path, hub: SpaceHub, tone: Path) -> None:
    write_space(tmp_path / "space", ["asha/whisper"], "hi", examples=[tone])
    folder = write_space(tmp_path / "space", ["asha/whisper"], "hi", examples=[])
    assert push(folder, hub, "asha/demo").returncode == 0
    assert not [name for name in hub.models["asha/demo"] if name.startswith("examples/")]


def test_examples_of_the_same_name_are_told(tmp_path: Path, tone: Path) -> None:
    other = tmp_path / "other" / tone.name
    other.parent.mkdir()
    other.write_bytes(tone.read_bytes())
    with pytest.raises(BadInput, match="Two examples are called"):
        write_space(tmp_path / "space", ["asha/whisper"], "hi", examples=[tone, other])
    assert not (tmp_path / "space").exists()


def test_a_space_that_is_there_is_not_replaced_unasked(tmp_path: Path, hub: SpaceHub) -> None:
    folder = write_space(tmp_path / "space", ["asha/whisper"], "hi")
    hub.models["asha/demo"] = {"app.py": b"old"}
    done = push(folder, hub, "asha/demo")
    assert "asha/demo is there already. Nothing is replaced unasked" in done.stderr
    assert hub.models["asha/demo"] == {"app.py": b"old"}
    assert push(folder, hub, "asha/demo", "overwrite").returncode == 0
    assert hub.models["asha/demo"]["app.py"] == (folder / "app.py").read_bytes()


@pytest.mark.parametrize("refused", ["whoami", "repos/create", "commit/main"])
def test_a_refusal_is_told_without_the_token(tmp_path: Path, hub: SpaceHub, refused: str) -> None:
    folder = write_space(tmp_path / "space", ["asha/whisper"], "hi")
    hub.refusals[refused] = 403
    done = push(folder, hub, "asha/demo")
    assert done.returncode == 1
    assert "BadInput" in done.stderr
    assert TOKEN not in done.stderr + done.stdout
