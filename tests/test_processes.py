"""Oracle: one process with the batch of two; both train the tiny model on the small corpus through the terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

CHOICES = "--language hi --learning-rate 1e-3 --full-window-every 3 --save-steps 3 --limit-test 3"
TWO = (
    "-m accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --main_process_port 0 "
    "--mixed_precision no --dynamo_backend no"
)


def finetune(launcher: str, model: Path, corpus: Path, output: Path, choices: str) -> subprocess.CompletedProcess:
    """Run the command in processes of its own; a thread each, so that two fit on two cores."""
    words = f"{launcher} -m whisper_helpers.cli finetune {CHOICES} {choices}".split()
    paths = ["--model", model, "--corpus", corpus, "--output", output]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, *words, *map(str, paths)]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


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
    import shutil

    whole, begun = pair[1], tmp_path / "begun"
    shutil.copytree(whole, begun)
    shutil.rmtree(begun / "model")
    shutil.rmtree(begun / "checkpoints" / "checkpoint-6")
    kept = {name: value for name, value in results(whole).items() if name in ("before", "language", "versions")}
    recipe = json.loads((begun / "recipe.json").read_text(encoding="utf-8")) | {"output": str(begun)}
    (begun / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    described = {name: value for name, value in results(whole).items() if name not in ("train_seconds", "run_seconds")}
    for name in ("after", "after_30s"):
        described.pop(name)
    (begun / "results.json").write_text(json.dumps(described | kept), encoding="utf-8")
    done = finetune(TWO, tiny_whisper, small_corpus, begun, "--steps 6 --batch-size 3 --resume")
    assert done.returncode == 0, done.stderr
    assert "Going on from checkpoint-3." in done.stdout
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (whole, begun)]
    assert weights[0] == weights[1]


def test_more_processes_than_clips_are_refused(tiny_whisper: Path, small_corpus: Path, tmp_path: Path) -> None:
    done = finetune(TWO, tiny_whisper, small_corpus, tmp_path / "run", "--steps 1 --limit-train 1")
    assert done.returncode != 0
    assert done.stderr.count("2 processes are to train on 1 clips") == 1
    assert done.stderr.count("Traceback") == 1, "the launcher's own"
    assert not (tmp_path / "run").exists()
