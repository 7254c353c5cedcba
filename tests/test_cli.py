"""What the terminal promises: help with units and defaults, exit codes, one recipe for flags and notebooks."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from whisper_helpers import cli
from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep help texts from being broken at hyphens."""
    monkeypatch.setenv("COLUMNS", "1000")


def help_of(command: str, capsys: pytest.CaptureFixture) -> str:
    """What ``--help`` prints, on one line."""
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    return " ".join(capsys.readouterr().out.split())


def test_every_choice_of_a_recipe_is_a_flag_with_its_unit_and_default(capsys: pytest.CaptureFixture) -> None:
    text = help_of("finetune", capsys)
    for each in fields(Recipe):
        assert f"--{each.name.replace('_', '-')}" in text
        assert " ".join(each.metadata["explanation"].split()) in text
        if each.default not in (None, False):
            told = "yes" if each.default is True else each.default
            assert f"(default: {told}" in text, each.name
    assert "(default: auto)" in text
    assert "--resume" in text
    assert "--overwrite" in text


def test_transcribe_tells_its_formats(capsys: pytest.CaptureFixture) -> None:
    text = help_of("transcribe", capsys)
    for name in ("txt", "srt", "vtt", "json"):
        assert name in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], Recipe()),
        (["--language", "ml", "--steps", "60"], Recipe(language="ml", steps=60)),
        (["--epochs", "2"], Recipe(epochs=2)),
        (["--window", "auto"], Recipe()),
        (["--window", "8"], Recipe(window=8.0)),
        (["--gradient-checkpointing"], Recipe(gradient_checkpointing=True)),
        (
            ["--task", "translate", "--push-to-hub", "me/mine"],
            Recipe(task="translate", push_to_hub="me/mine"),
        ),
    ],
)
def test_flags_become_the_recipe(words: list[str], expected: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def finetune(recipe: Recipe, **kwargs: object) -> None:
        seen.append(recipe)
        raise BadInput("enough seen")

    monkeypatch.setattr("whisper_helpers.training.finetune", finetune)
    monkeypatch.setattr("whisper_helpers.export.check_push_target", lambda repo: None)
    assert cli.main(["finetune", *words]) == 2
    assert seen == [expected]


@pytest.mark.parametrize("words", [["--steps", "many"], ["--window", "wide"], ["--colour", "red"], ["--steps"]])
def test_what_is_no_flag_ends_with_2(words: list[str], capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["finetune", *words])
    assert stop.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_resuming_takes_the_recipe_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = Recipe(output=str(tmp_path), steps=12, language="ml")
    begun.save(tmp_path / "recipe.json")
    seen = []
    monkeypatch.setattr("whisper_helpers.training.finetune", lambda recipe, **kwargs: seen.append(recipe))
    assert cli.main(["finetune", "--resume", "--output", str(tmp_path)]) == 0
    assert seen == [begun]


def test_a_console_without_utf8_does_not_stop_it(tmp_path: Path) -> None:
    code = "from whisper_helpers.cli import main; raise SystemExit(main(['transcribe', 'x', 'किताब.wav']))"
    environment = {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=tmp_path, env=os.environ | environment)
    assert done.returncode == 2
    assert "किताब.wav" in done.stderr.decode("utf-8")
