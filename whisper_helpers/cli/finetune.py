"""``whisper-helpers finetune``: measure, train, measure again."""

from __future__ import annotations

import argparse
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from ..processes import is_main, together
from ..recipe import PRESETS, Recipe, load_recipe, preset
from ..screen import quieten

PROFILE = (
    "settings to start from: quick for a CPU and minutes, gpu for whisper-small and 4,000 steps of 16 clips, tutorial "
    "for the recipe of 2022; the defaults below are those of quick (default: quick)"
)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("finetune", help="measure, train, measure again", argument_default=argparse.SUPPRESS)
    command.add_argument("--profile", choices=PRESETS, help=PROFILE)
    hints = get_type_hints(Recipe)
    for each in fields(Recipe):
        _add_choice(command, each, hints[each.name])
    command.add_argument("--resume", action="store_true", help="go on with the run in --output, if there is one")
    command.add_argument("--overwrite", action="store_true", help="replace the run in --output")
    command.set_defaults(run=run)


def _add_choice(command: argparse.ArgumentParser, each: Field, hint: Any) -> None:
    flag, unit = "--" + each.name.replace("_", "-"), each.metadata["unit"]
    explanation = f"{each.metadata['explanation']}{_default(each)}"
    if hint is bool:
        command.add_argument(flag, action=argparse.BooleanOptionalAction, help=explanation)
    else:
        command.add_argument(
            flag, type=_reader(each.name, hint), metavar=unit.upper().replace(" ", "-"), help=explanation
        )


def _default(each: Field) -> str:
    if each.default in (None, MISSING):
        return "" if each.name != "window" else " (default: auto)"
    told = {True: "yes", False: "no"}[each.default] if isinstance(each.default, bool) else each.default
    return f" (default: {told})"


def _reader(name: str, hint: Any) -> Any:
    if name == "window":
        return _window
    return next(kind for kind in (int, float, str) if kind in getattr(hint, "__args__", (hint,)))


def _window(text: str) -> float | None:
    return None if text == "auto" else float(text)


_window.__name__ = "number of seconds, or auto,"


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    given = {
        name: value for name, value in vars(options).items() if name not in ("run", "resume", "overwrite", "profile")
    }
    resume, overwrite = getattr(options, "resume", False), getattr(options, "overwrite", False)
    recipe = together(lambda: _recipe(given, getattr(options, "profile", "quick"), resume))
    quieten()
    from ..export import check_push_target, push_to_hub
    from ..training import finetune

    if recipe.push_to_hub:
        together(lambda: check_push_target(recipe.push_to_hub))
    folder = finetune(recipe, resume=resume, overwrite=overwrite)
    if recipe.push_to_hub and is_main():
        push_to_hub(folder.path, recipe.push_to_hub)


def _recipe(given: dict[str, Any], profile: str, resume: bool) -> Recipe:
    begun = Path(given.get("output", ".")).expanduser() / "recipe.json"
    if resume and begun.is_file():
        return replace(load_recipe(begun), **given)
    return preset(profile, **given)
