"""Recipes beside a run: reading one, and telling how two differ."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from ..errors import BadInput
from .choices import Recipe


def load_recipe(path: Path) -> Recipe:
    """Read a recipe that :meth:`Recipe.save` wrote.

    Parameters
    ----------
    path
        A ``recipe.json``.

    Raises
    ------
    BadInput
        If the file is no recipe of this version.
    """
    try:
        return Recipe(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"{path} is not a recipe of this version ({error})", "", "Start the run again") from error


def changed_fields(old: Recipe, new: Recipe) -> list[str]:
    """Names of the fields in which two recipes differ.

    Parameters
    ----------
    old, new
        Recipes to compare.

    Examples
    --------
    >>> changed_fields(Recipe(), Recipe(seed=1))
    ['seed']
    """
    return [each.name for each in fields(Recipe) if getattr(old, each.name) != getattr(new, each.name)]
