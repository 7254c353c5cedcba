"""Oracles: closed forms, a step's own count, and what the terminal takes and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.checkpoints.family import member
from whisper_helpers.cli import main, parser
from whisper_helpers.errors import BadInput
from whisper_helpers.plan import GPUS, Corpus, Machine, Tuning, forecast, model_shapes, plan, report, step_flops
from whisper_helpers.plan.forecast import HEADROOM, step_seconds
from whisper_helpers.plan.memory import step_memory
from whisper_helpers.plan.report import measured_machine
from whisper_helpers.tokens import MAX_LABELS


def test_an_epoch_takes_its_operations_over_the_rate() -> None:
    machine = Machine("cpu", 64e9, rate=1e11, share=0.5)
    way = forecast(member("base"), Corpus(2, clip_seconds=5.3), machine, full_window_every=0)["full"]
    clips = 2 * 3600 / 5.3
    assert way["window"] == 6
    assert way["epoch_seconds"] == pytest.approx(step_flops(member("base"), 6, 40) * clips / 0.5e11, rel=0.02)


def test_every_nth_step_at_30_s_counts() -> None:
    machine, corpus = Machine("cpu", 64e9, 1e11, 0.5), Corpus(2, clip_seconds=5.5)
    own, fifth, full = (
        forecast(member("base"), corpus, machine, full_window_every=every)["full"]["step_seconds"]
        for every in (0, 5, 1)
    )
    assert fifth == pytest.approx(0.8 * own + 0.2 * full)


def test_memory_holds_a_step_whose_clips_go_on_with_others() -> None:
    machine, corpus = Machine("cpu", 64e9, 1e11, 0.5), Corpus(2, clip_seconds=6.5, labels=50)
    way = forecast(member("base"), corpus, machine)["full"]
    assert way["memory"] == step_memory(member("base"), 30, 4 * 50, way["batch_size"])
    never = forecast(member("base"), corpus, machine, full_window_every=0)["full"]
    assert never["memory"] == step_memory(member("base"), never["window"], 50, never["batch_size"])
    assert Corpus(2, clip_seconds=25.0, labels=400).joined_labels == 400
    assert Corpus(2, clip_seconds=1.0, labels=40).joined_labels == MAX_LABELS


def test_the_page_on_scaling_tells_what_the_planner_says() -> None:
    page = (Path(__file__).parent.parent / "docs" / "scaling.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if "| openai/" in line]
    assert len(rows) == 5
    for model, hours, gpu, way, batch, memory, epoch, disk in rows:
        (told,) = [line for line in plan(model, float(hours), gpu).splitlines() if line.startswith(f"{way}: ")]
        for words in (f"batch of {batch}, {memory} (", f"{epoch} an epoch", f"disk {disk}"):
            assert words in told


@pytest.mark.parametrize("gpu", GPUS)
def test_what_is_said_to_fit_fits_and_the_next_batch_does_not(gpu: str) -> None:
    for way in forecast(member("large-v3"), Corpus(100), GPUS[gpu]).values():
        fits = sum(way["memory"].values()) <= HEADROOM * GPUS[gpu].memory
        assert fits == (way["batch_size"] > 0)


def test_the_forecast_ends_in_a_command_that_the_terminal_takes(capsys: pytest.CaptureFixture) -> None:
    assert main(["plan", "--model", "small", "--hours", "10", "--gpu", "T4", "--corpus", "bundled"]) == 0
    commands = [line.split()[1:] for line in capsys.readouterr().out.splitlines() if "whisper-helpers" in line]
    assert len(commands) == 3
    for words in commands:
        assert parser().parse_args(words).model == "openai/whisper-small"


def test_a_measured_machine_forecasts_the_steps_that_were_timed(
    tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    seconds = {(4.0, 1): 0.5, (4.0, 4): 1.1, (30.0, 2): 2.3}

    def timed(model: torch.nn.Module, optimizer: object, features: torch.Tensor, labels: torch.Tensor) -> float:
        return seconds[features.shape[-1] / 100, len(labels)]

    monkeypatch.setattr(report, "timed_step", timed)
    machine, shapes = measured_machine(model, 4.0, Corpus(1), steps=1), model_shapes(model.config)
    assert machine.measured
    for (window, clips), taken in seconds.items():
        assert step_seconds(shapes, window, 40, clips, machine, Tuning()) == pytest.approx(taken)


def test_times_of_a_busy_machine_give_a_forecast_all_the_same(
    tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    seconds = {1: 1.5, 4: 1.2, 2: 2.0}
    monkeypatch.setattr(report, "timed_step", lambda model, optimizer, features, labels: seconds[len(labels)])
    machine, shapes = measured_machine(model, 4.0, Corpus(1), steps=1), model_shapes(model.config)
    assert step_seconds(shapes, 4.0, 40, 4, machine, Tuning()) == pytest.approx(1.2)
    assert machine.fixed_seconds == pytest.approx(0.6)


def test_real_steps_are_timed(tiny_whisper: Path) -> None:
    model, _ = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    machine = measured_machine(model, 4.0, Corpus(1), steps=1)
    assert machine.share > 0
    assert machine.full_share > 0


def test_steps_at_30_s_are_forecast_from_a_step_at_30_s() -> None:
    machine = Machine("cpu", 64e9, 1e11, share=0.5, full_share=0.8)
    own, full = (step_seconds(member("base"), window, 40, 4, machine, Tuning()) for window in (6, 30))
    assert own == step_flops(member("base"), 6, 40, 4) / 0.5e11
    assert full == pytest.approx(step_flops(member("base"), 30, 40, 4) / 0.8e11)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": "whisper-huge"}, "Known are openai/whisper-tiny"),
        ({"hours": 0}, "above 0"),
        ({"hours": float("nan")}, "above 0"),
        ({"clip_seconds": 31}, "30 s"),
        ({"labels": 449}, "448"),
        ({"machine": "abacus"}, "Known are T4"),
        ({"machine": "T4", "measure": True}, "Leave --gpu out"),
    ],
)
def test_impossible_plans_are_refused(changes: dict, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        plan(**({"model": "small", "hours": 1.0} | changes))
