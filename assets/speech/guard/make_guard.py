"""Make the bundled guard clips, English and Spanish, from their sentences.tsv by synthetic voices.

    python assets/speech/guard/make_guard.py [--threads 2] [--only en_001 ...]

The first lines of speaking.py beside this folder say what it needs.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from speaking import Corpus, Speaker, make, parse  # noqa: E402

SPEAKERS = {
    "train": {
        "one": Speaker({"jf_alpha": 0.8, "jf_tebukuro": 0.2}, speed=1.0, level=0.7),
        "two": Speaker({"jm_kumo": 0.9, "jf_nezumi": 0.1}, speed=1.04, pitch=0.97, room=0.1),
    },
    "test": {
        "three": Speaker({"jf_alpha": 0.6, "jf_nezumi": 0.4}, speed=1.0, level=0.75),
        "four": Speaker({"jm_kumo": 1.0}, speed=1.05, room=0.15, level=0.6),
        "five": Speaker({"jf_tebukuro": 0.7, "jf_alpha": 0.3}, speed=0.97, pitch=1.02, noise=0.002),
        "six": Speaker({"jm_kumo": 0.7, "jf_gongitsune": 0.3}, speed=1.02, pitch=0.93, level=0.5),
    },
}
ACCENTS = {"english": ("en", "en-us"), "spanish": ("es", "es")}  # Whisper's code, espeak-ng's voice


if __name__ == "__main__":
    options = parse(__doc__)
    for name, (language, accent) in ACCENTS.items():
        make(Corpus(HERE / name, language, accent, SPEAKERS), options.threads, options.only)
