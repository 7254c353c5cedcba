"""Fine-tune Whisper for your own language, and see what happens on the way.

Each module is one concept; ``import whisper_helpers`` loads none of them, so it is quick.
Start with :func:`whisper_helpers.training.finetune` or with the notebooks.
"""

import os

# Threads that wait in a loop slow each other down tenfold where cores are shared; read when torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"
