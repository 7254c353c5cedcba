"""What a recipe accepts, and that it survives being written down."""

from __future__ import annotations

import json

import pytest

from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import PRESETS, Recipe, changed_fields, load_recipe, preset


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_a_file(tmp_path, name: str) -> None:
    recipe = preset(name, language="ml", window=8.0)
    recipe.save(tmp_path / "recipe.json")
    assert load_recipe(tmp_path / "recipe.json") == recipe


def test_the_tutorials_settings() -> None:
    recipe = preset("tutorial")
    assert (recipe.steps, recipe.batch_size, recipe.learning_rate, recipe.warmup_steps) == (
        4000,
        16,
        1e-5,
        500,
    )
    assert recipe.window == 30
    assert recipe.full_window_every == 0
    assert not recipe.join_clips


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"steps": 0}, "--steps"),
        ({"steps": -5}, "--steps"),
        ({"epochs": -1.0}, "--epochs"),
        ({"batch_size": 0}, "--batch-size"),
        ({"learning_rate": 0.0}, "--learning-rate"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
        ({"learning_rate": float("inf")}, "--learning-rate"),
        ({"epochs": float("inf")}, "--epochs"),
        ({"seed": -1}, "--seed"),
        ({"seed": 2**32}, "--seed"),
        ({"limit_train": 0}, "--limit-train"),
        ({"warmup_steps": -1}, "--warmup-steps"),
        ({"full_window_every": -1}, "--full-window-every"),
    ],
)
def test_what_no_run_can_mean_is_refused(changes: dict, flag: str) -> None:
    with pytest.raises(BadInput, match=flag):
        Recipe(**changes)


@pytest.mark.parametrize(
    ("recipe", "every"),
    [
        (Recipe(), 16),
        (Recipe(full_window_every=3), 6),
        (Recipe(full_window_every=0), 0),
        (Recipe(window=8.0), 0),
        (Recipe(join_clips=False), 0),
    ],
)
def test_clips_go_on_in_every_second_step_at_30_s(recipe: Recipe, every: int) -> None:
    assert recipe.joined_every() == every


def test_steps_and_epochs_exclude_each_other() -> None:
    with pytest.raises(BadInput, match="Both"):
        Recipe(steps=10, epochs=2)
    assert preset("gpu", epochs=2).steps is None


@pytest.mark.parametrize(
    ("recipe", "clips", "processes", "steps"),
    [
        (Recipe(steps=7), 100, 1, 7),
        (Recipe(epochs=1, batch_size=4), 10, 1, 3),
        (Recipe(epochs=3, batch_size=4, gradient_accumulation=2), 20, 1, 9),
        (Recipe(epochs=1, batch_size=4), 16, 2, 2),
        (Recipe(epochs=0.5, batch_size=1), 10, 1, 5),
        (Recipe(epochs=0.5, batch_size=4), 10, 1, 2),  # half of three steps
    ],
)
def test_steps_of_a_run(recipe: Recipe, clips: int, processes: int, steps: int) -> None:
    assert recipe.total_steps(clips, processes) == steps


def test_a_stream_into_which_nothing_is_mixed_may_say_so() -> None:
    assert preset("tutorial", stream=True).stream
    with pytest.raises(BadInput, match="nothing is mixed into it"):
        Recipe(stream=True, replay="en")


def test_an_unknown_profile_names_the_known() -> None:
    with pytest.raises(BadInput, match="quick, gpu, tutorial"):
        preset("fast")


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"stepz": 1})])
def test_a_broken_recipe_is_told(tmp_path, content: str) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match="not a recipe"):
        load_recipe(path)


def test_differences_are_named() -> None:
    assert changed_fields(Recipe(), Recipe(seed=3, window=8.0)) == ["window", "seed"]
