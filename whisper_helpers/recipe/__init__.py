"""Recipes: every choice of a run, in one place."""

from .choices import Recipe
from .presets import PRESETS, preset
from .saved import changed_fields, load_recipe

__all__ = ["PRESETS", "Recipe", "changed_fields", "load_recipe", "preset"]
