"""Fine-tune Whisper for your own language, and see what happens on the way.

Each module is one concept; ``import whisper_helpers`` loads none of them, so it is quick.
Start with :func:`whisper_helpers.training.finetune` or with the notebooks.
"""

__version__ = "0.1.0"
