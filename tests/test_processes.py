"""Oracle: one process with the batch of two; both train the tiny model on the small corpus through the terminal."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.training.gathering import check_sharding

CHOICES = "--language hi --learning-rate 1e-3 --full-window-every 3 --save-steps 3 --limit-test 3 --no-mixed-precision"
TWO = (
    "-m accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --main_process_port 0 "
    "--mixed_precision no --dynamo_backend no"
)
SHARDED = "-m accelerate.commands.launch --main_process_port 0 --config_file"
PAGE = Path(__file__).parent.parent / "docs" / "scaling.md"
ON_CPUS = Path(__file__).parent / "sharded_on_cpus.py"


def finetune(
    launcher: str, model: Path, corpus: Path, output: Path, choices: str, program: str = "-m whisper_helpers.cli"
) -> subprocess.CompletedProcess:
    """Run the command in processes of its own; a thread each, so that two fit on two cores."""
    words = f"{launcher} {program} finetune {CHOICES} {choices}".split()
    paths = ["--model", model, "--corpus", corpus, "--output", output]
    return python(*words, *map(str, paths), HF_HUB_OFFLINE="1")


def python(*words: str, **environment: str) -> subprocess.CompletedProcess:
    """Run Python, a thread a process and without progress bars."""
    settings = os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"} | environment
    return subprocess.run([sys.executable, *words], env=settings, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def pair(tiny_whisper: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """Folders of the same run by one process and by two, and what the two said. 16 clips, 6 a step: 2 are left over."""
    folder = tmp_path_factory.mktemp("pair")
    one = finetune("", tiny_whisper, small_corpus, folder / "one", "--steps 6 --batch-size 6")
    two = finetune(TWO, tiny_whisper, small_corpus, folder / "two", "--steps 6 --batch-size 3")
    assert one.returncode == 0, one.stderr
    assert two.returncode == 0, two.stderr
    return folder / "one", folder / "two", two.stdout


def results(folder: Path) -> dict:
    """Numbers of a run."""
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def interrupted(whole: Path, begun: Path) -> Path:
    """Copy a run as it was after its first checkpoint."""
    shutil.copytree(whole, begun)
    shutil.rmtree(begun / "model")
    shutil.rmtree(begun / "checkpoints" / "checkpoint-6")
    recipe = json.loads((begun / "recipe.json").read_text(encoding="utf-8")) | {"output": str(begun)}
    (begun / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    later = ("train_seconds", "run_seconds", "after", "after_30s")
    kept = {name: value for name, value in results(whole).items() if name not in later}
    (begun / "results.json").write_text(json.dumps(kept), encoding="utf-8")
    return begun


def test_two_processes_learn_what_one_learns_from_double_batches(pair: tuple[Path, Path, str]) -> None:
    one, two = (results(folder)["training_log"] for folder in pair[:2])
    assert [row["step"] for row in one] == [row["step"] for row in two]
    for ours, theirs in zip(one, two, strict=True):
        assert ours.keys() == theirs.keys()
        assert ours.get("loss") == pytest.approx(theirs.get("loss"), abs=1e-4)
        assert ours.get("eval_wer") == theirs.get("eval_wer")
    assert len([row for row in one if "loss" in row]) == 6


def test_every_test_clip_is_heard_once_and_in_its_place(pair: tuple[Path, Path, str]) -> None:
    one, two = ((folder / "predictions.csv").read_text(encoding="utf-8").splitlines() for folder in pair[:2])
    assert [line.split(",")[:3] for line in one] == [line.split(",")[:3] for line in two]
    assert results(pair[0])["before"] == results(pair[1])["before"]


def test_only_one_process_speaks_and_writes(pair: tuple[Path, Path, str]) -> None:
    one, two, said = pair
    assert said.count("test split") == 1
    assert said.count("float32 on a CPU") == 1
    files = [sorted(path.relative_to(each).as_posix() for path in each.rglob("*.*")) for each in (one, two)]
    logs = [[name.split("/")[0] for name in names if "tfevents" in name] for names in files]
    assert logs == [["clips", "logs"]] * 2
    states = [name for name in files[1] if name.startswith("checkpoints/checkpoint-6/rng_state_")]
    assert len(states) == 2, "two processes save the state of their random numbers"
    only_two = {name for name in set(files[1]) - set(files[0]) if "tfevents" not in name}
    assert {Path(name).name.split("_")[0] for name in only_two} <= {"rng"}


def test_tensorboard_shows_the_same_clips_and_transcripts(pair: tuple[Path, Path, str]) -> None:
    one, two = (EventAccumulator(str(folder / "clips")).Reload() for folder in pair[:2])
    names = one.Tags()["tensors"]
    assert (two.Tags()["tensors"], len(names)) == (names, 6)
    for name in names:
        said = [[(each.step, each.tensor_proto.string_val) for each in board.Tensors(name)] for board in (one, two)]
        assert said[0] == said[1], name


def test_two_processes_go_on_where_two_stopped(
    pair: tuple[Path, Path, str], tiny_whisper: Path, small_corpus: Path, tmp_path: Path
) -> None:
    whole, begun = pair[1], interrupted(pair[1], tmp_path / "begun")
    done = finetune(TWO, tiny_whisper, small_corpus, begun, "--steps 6 --batch-size 3 --resume")
    assert done.returncode == 0, done.stderr
    assert "Going on from checkpoint-3." in done.stdout
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (whole, begun)]
    assert weights[0] == weights[1]


@pytest.fixture(scope="module")
def sharing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What starts two processes that share the weights out, as the page on scaling says."""
    config = tmp_path_factory.mktemp("config") / "fsdp.yaml"
    config.write_text(PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    return f"{SHARDED} {config}"


@pytest.fixture(scope="module")
def sharded(sharing: str, tiny_whisper: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the same run by two such processes."""
    folder = tmp_path_factory.mktemp("sharded") / "run"
    choices = "--steps 6 --batch-size 3"
    done = finetune(sharing, tiny_whisper, small_corpus, folder, choices, str(ON_CPUS))
    assert done.returncode == 0, done.stderr
    return folder


def test_weights_that_are_shared_out_learn_what_one_process_learns(pair: tuple[Path, Path, str], sharded: Path) -> None:
    ours, theirs = (
        [row["loss"] for row in results(each)["training_log"] if "loss" in row] for each in (sharded, pair[0])
    )
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert results(sharded)["before"] == results(pair[0])["before"]
    last = Path("checkpoints") / "checkpoint-6" / "model.safetensors"
    ours, theirs = load_file(sharded / last), load_file(pair[0] / last)
    assert max((ours[name] - weights).abs().max().item() for name, weights in theirs.items()) < 1e-3


def test_a_model_that_was_shared_out_is_saved_whole(pair: tuple[Path, Path, str], sharded: Path) -> None:
    best = sharded / "checkpoints" / f"checkpoint-{results(sharded)['best_step']}" / "model.safetensors"
    usual, saved = (load_file(folder / "model" / "model.safetensors") for folder in (pair[0], sharded))
    assert saved.keys() == usual.keys()
    trained = load_file(best)
    assert all(torch.equal(trained[name], weights) for name, weights in saved.items())


def test_a_run_whose_weights_are_shared_out_goes_on(
    sharing: str, sharded: Path, tiny_whisper: Path, small_corpus: Path, tmp_path: Path
) -> None:
    begun = interrupted(sharded, tmp_path / "begun")
    choices = "--steps 6 --batch-size 3 --resume"
    done = finetune(sharing, tiny_whisper, small_corpus, begun, choices, str(ON_CPUS))
    assert done.returncode == 0, done.stderr
    assert "Going on from checkpoint-3." in done.stdout
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (sharded, begun)]
    assert weights[0] == weights[1]


@pytest.mark.parametrize(
    ("version", "recipe", "told"),
    [("1", Recipe(), "--fsdp_version 2"), ("2", Recipe(lora=4, base_in_8_bits=True), "--base-in-8-bits")],
)
def test_what_does_not_go_with_shared_weights_is_refused(
    version: str, recipe: Recipe, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_sharding(recipe)
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    monkeypatch.setenv("FSDP_VERSION", version)
    with pytest.raises(BadInput, match=told):
        check_sharding(recipe)


def test_more_processes_than_clips_are_refused(tiny_whisper: Path, small_corpus: Path, tmp_path: Path) -> None:
    done = finetune(TWO, tiny_whisper, small_corpus, tmp_path / "run", "--steps 1 --limit-train 1")
    assert done.returncode != 0
    assert done.stderr.count("2 processes are to train on 1 clips") == 1
    assert done.stderr.count("Traceback") == 1, "the launcher's own"
    assert not (tmp_path / "run").exists()


FROM_A_NOTEBOOK = """
import json, sys
from accelerate import notebook_launcher
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import finetune

if __name__ == "__main__":
    notebook_launcher(finetune, (Recipe(**json.loads(sys.argv[1])),), num_processes=2, use_port=sys.argv[2])
"""


def test_two_processes_started_from_a_notebook_learn_what_the_command_learns(
    pair: tuple[Path, Path, str], tiny_whisper: Path, small_corpus: Path, tmp_path: Path
) -> None:
    recipe = json.loads((pair[1] / "recipe.json").read_text(encoding="utf-8")) | {"output": str(tmp_path / "run")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    done = python("-c", FROM_A_NOTEBOOK, json.dumps(recipe), port, HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr[-2000:]
    losses = [[row.get("loss") for row in results(each)["training_log"]] for each in (pair[1], tmp_path / "run")]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
