"""Oracle: a run that nobody interrupted. Whatever happens on the way, the weights at the end are the same."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.screen import command_line
from whisper_helpers.training import open_run
from whisper_helpers.training.resume import SaveOnInterrupt, drop_broken, last_checkpoint

KILLER = """
import os, signal, sys, transformers
from transformers import TrainerCallback
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background job would not have
where, arguments = sys.argv[1], sys.argv[2:]

def die(*args, **kwargs):
    if sys.platform == "win32":
        os._exit(137)
    os.kill(os.getpid(), signal.SIGKILL)

class At(TrainerCallback):
    def on_step_begin(self, args, state, control, **kwargs):
        if where == f"step {state.global_step + 1}":
            die()
    def on_step_end(self, args, state, control, **kwargs):
        if where == f"ctrl-c {state.global_step}":
            signal.raise_signal(signal.SIGINT)
    def on_save(self, args, state, control, **kwargs):
        if where == f"after saving {state.global_step}":
            die()

from whisper_helpers.training import finetuning, resume
if where.startswith("while saving"):
    step, original = int(where.split()[-1]), transformers.Trainer._save_rng_state
    def save_rng_state(self, folder):
        original(self, folder)
        if self.state.global_step == step:
            die()
    transformers.Trainer._save_rng_state = save_rng_state
if where == "before the model is saved":
    finetuning.save_checkpoint = die
if where == "while measuring after":
    finetuning._measure_after = die
if where == "ctrl-c while measuring":
    finetuning._measure_before = lambda *_: signal.raise_signal(signal.SIGINT)
make_trainer = finetuning.make_trainer
def with_killer(recipe, model, processor, corpus, arguments, callbacks):
    return make_trainer(recipe, model, processor, corpus, arguments, [At(), *callbacks])
finetuning.make_trainer = with_killer
from whisper_helpers.cli import main
sys.exit(main(arguments))
"""


@pytest.fixture(scope="module")
def command(tiny_whisper: Path, small_corpus: Path) -> list[str]:
    """Words of a run of eight steps that saves every other one."""
    words = {
        "--model": tiny_whisper,
        "--corpus": small_corpus,
        "--language": "hi",
        "--steps": 8,
        "--save-steps": 2,
        "--learning-rate": 1e-3,
        "--full-window-every": 3,
        "--patience": 99,
        "--limit-test": 2,
    }
    return ["finetune", *(str(word) for pair in words.items() for word in pair)]


def run(where: str, command: list[str], output: Path, *flags: str) -> subprocess.CompletedProcess:
    """Run the command in a process that dies at a place."""
    words = [sys.executable, "-c", KILLER, where, *command, "--output", str(output), *flags]
    return subprocess.run(words, capture_output=True, encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def uninterrupted(command: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """Weights of the run that nobody interrupts."""
    output = tmp_path_factory.mktemp("whole") / "run"
    done = run("nowhere", command, output)
    assert done.returncode == 0, done.stderr[-2000:]
    return load_file(output / "model" / "model.safetensors")


def assert_ends_alike(output: Path, command: list[str], weights: dict[str, torch.Tensor]) -> None:
    """Go on with a run and compare its weights."""
    done = run("nowhere", command, output, "--resume")
    assert done.returncode == 0, done.stderr[-2000:]
    resumed = load_file(output / "model" / "model.safetensors")
    assert resumed.keys() == weights.keys()
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


@pytest.mark.parametrize(
    "where",
    [
        "step 1",
        "step 6",
        "while saving 4",
        "after saving 6",
        "before the model is saved",
        "while measuring after",
    ],
)
def test_a_killed_run_ends_with_the_same_weights(
    where: str, command: list[str], uninterrupted: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    killed = run(where, command, tmp_path / "run")
    assert killed.returncode in (-9, 137), killed.stderr[-2000:]
    assert_ends_alike(tmp_path / "run", command, uninterrupted)


def test_ctrl_c_saves_and_says_how_to_go_on(
    command: list[str], uninterrupted: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    stopped = run("ctrl-c 5", command, tmp_path / "run")
    assert stopped.returncode == 130, stopped.stderr[-2000:]
    assert f"--resume --output {tmp_path / 'run'}" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert (tmp_path / "run" / "checkpoints" / "checkpoint-5").is_dir()
    assert_ends_alike(tmp_path / "run", command[:1], uninterrupted)


def test_ctrl_c_while_measuring_says_how_to_go_on_too(command: list[str], tmp_path: Path) -> None:
    stopped = run("ctrl-c while measuring", command, tmp_path / "my run")
    assert stopped.returncode == 130, stopped.stderr[-2000:]
    assert command_line("--resume", "--output", tmp_path / "my run") in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_a_moved_run_keeps_its_patience_and_its_best_checkpoint(command: list[str], tmp_path: Path) -> None:
    still = [*command, "--learning-rate", "1e-12", "--patience", "2"]  # no validation is better than the first
    assert run("after saving 4", still, tmp_path / "old").returncode in (-9, 137)
    moved = (tmp_path / "old").rename(tmp_path / "new")
    done = run("nowhere", still, moved, "--resume")
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads((moved / "results.json").read_text(encoding="utf-8"))
    assert (results["best_step"], results["steps"]) == (2, 6)
    best = load_file(moved / "checkpoints" / "checkpoint-2" / "model.safetensors")
    saved = load_file(moved / "model" / "model.safetensors")
    assert all(torch.equal(saved[name], weights) for name, weights in best.items())


def test_ctrl_c_is_given_back_when_training_fails() -> None:
    before, callback = signal.getsignal(signal.SIGINT), SaveOnInterrupt()
    callback.on_train_begin(None, None, None)
    assert signal.getsignal(signal.SIGINT) is not before
    callback.stop_listening()
    assert signal.getsignal(signal.SIGINT) is before


def write(folder: Path, name: str, state: str | None) -> None:
    """Write a checkpoint's folder with the file that the trainer writes last."""
    (folder / name).mkdir()
    (folder / name / "model.safetensors").write_bytes(b"weights")
    if state is not None:
        (folder / name / "trainer_state.json").write_text(state, encoding="utf-8")


def test_only_whole_checkpoints_count(tmp_path: Path) -> None:
    write(tmp_path, "checkpoint-9", '{"global_step": 9}')
    write(tmp_path, "checkpoint-10", '{"global_step": 10}')
    write(tmp_path, "checkpoint-20", None)
    write(tmp_path, "checkpoint-30", '{"global_st')
    write(tmp_path, "checkpoint-40", "")
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert drop_broken(tmp_path) == ["checkpoint-20", "checkpoint-30", "checkpoint-40"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-9"]


def test_no_folder_no_checkpoint(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path / "gone") is None


def test_a_notebook_goes_on_with_its_own_run_only(tmp_path: Path) -> None:
    folder = open_run(Recipe(output=str(tmp_path / "run"), language="hi"))
    (folder.checkpoints / "checkpoint-2").mkdir(parents=True)
    (folder.checkpoints / "checkpoint-2" / "trainer_state.json").write_text('{"global_step": 2}', encoding="utf-8")
    (folder.checkpoints / "checkpoint-4").mkdir()
    again = open_run(Recipe(output=str(tmp_path / "run"), language="hi"))
    assert [path.name for path in again.checkpoints.iterdir()] == ["checkpoint-2"]
    with pytest.raises(BadInput, match=r"other settings: language.*OUTPUT"):
        open_run(Recipe(output=str(tmp_path / "run"), language="ur"))
    assert (again.checkpoints / "checkpoint-2").is_dir()


def test_a_notebook_leaves_a_folder_alone_that_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(BadInput, match="is not a run"):
        open_run(Recipe(output=str(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_killed_run_with_augmentation_ends_with_the_same_weights(
    command: list[str], uninterrupted: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    augmented = [*command, "--augment-speed", "0.1", "--augment-noise", "5:20", "--augment-room", "0.3"]
    augmented += ["--augment-spectrogram"]
    assert run("nowhere", augmented, tmp_path / "whole").returncode == 0
    weights = load_file(tmp_path / "whole" / "model" / "model.safetensors")
    assert any(not torch.equal(weights[name], uninterrupted[name]) for name in weights)
    assert run("step 6", augmented, tmp_path / "run").returncode in (-9, 137)
    assert_ends_alike(tmp_path / "run", augmented, weights)
