"""Oracle: a clock that the tests set."""

from __future__ import annotations

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from whisper_helpers.training import progress


class Clock:
    """Seconds since the start."""

    now = 0.0

    def monotonic(self) -> float:
        """Tell them."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the progress reads."""
    clock = Clock()
    monkeypatch.setattr(progress.time, "monotonic", clock.monotonic)
    return clock


def play(clock: Clock, first: int, last: int) -> None:
    """Take steps of 2 s, a log every 10, and a validation of 30 s and a checkpoint of 5 s every 20."""
    state = TrainerState(max_steps=60, eval_steps=20, global_step=first)
    args, control, shown = TrainingArguments("unused", report_to="none"), TrainerControl(), progress.Progress()
    shown.on_train_begin(args, state, control)
    for state.global_step in range(first + 1, last + 1):
        clock.now += 2.0
        shown.on_step_end(args, state, control)
        if state.global_step % 10 == 0:
            shown.on_log(args, state, control, {"loss": 1.23456, "learning_rate": 1e-5})
        if state.global_step % 20 == 0:
            clock.now += 30.0
            shown.on_log(args, state, control, {"eval_loss": 1.5, "eval_wer": 41.26, "eval_runtime": 30.0})
            shown.on_evaluate(args, state, control)
            clock.now += 5.0
            shown.on_save(args, state, control)
    shown.on_log(args, state, control, {"train_runtime": 1.0, "train_loss": 2.0})
    shown.on_train_end(args, state, control)


def test_each_log_is_a_line_with_the_pace_and_the_time_left(clock: Clock, capsys: pytest.CaptureFixture) -> None:
    play(clock, 0, 60)
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[0] == "step 10 of 60: loss 1.235, 2.00 s a step, 1.7 minutes left"
    assert lines[2] == "step 20 of 60: validation loss 1.500, WER 41.3 %, 2.00 s a step, 2.3 minutes left"
    assert lines[3] == "step 30 of 60: loss 1.235, 2.00 s a step, 2.0 minutes left"
    assert lines[-1] == "step 60 of 60: validation loss 1.500, WER 41.3 %, 2.00 s a step, 0 s left"
    assert len(lines) == 9
    assert "loss 1.235, validation loss 1.500, WER 41.3 %" in told.err


def test_a_resumed_run_counts_its_own_steps_only(clock: Clock, capsys: pytest.CaptureFixture) -> None:
    play(clock, 40, 60)
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "step 50 of 60: loss 1.235, 2.00 s a step, 20 s left"
    assert " 40/60 " in told.err
