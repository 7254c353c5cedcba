"""The model card of a run: what a stranger needs to know, with metadata that the Hugging Face Hub reads."""

from .naming import BUNDLED_NAME, spoken_languages, without_paths
from .writing import STAGES, model_card

__all__ = ["BUNDLED_NAME", "STAGES", "model_card", "spoken_languages", "without_paths"]
