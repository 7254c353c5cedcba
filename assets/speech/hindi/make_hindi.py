"""Make the bundled Hindi clips from sentences.tsv: synthetic voices, reproducible text, split and voices.

    python assets/speech/hindi/make_hindi.py [--threads 2] [--only hi_001 ...]

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
        "asha": Speaker({"jf_alpha": 1.0}, speed=1.0, level=0.8),
        "kamal": Speaker({"jm_kumo": 1.0}, speed=1.05, room=0.15, level=0.6),
        "meena": Speaker({"jf_nezumi": 0.7, "jf_alpha": 0.3}, speed=0.95, pitch=0.97, noise=0.003),
        "ravi": Speaker({"jm_kumo": 0.75, "jf_nezumi": 0.25}, speed=1.1, pitch=0.93, level=0.5),
        "sarita": Speaker({"jf_gongitsune": 0.8, "jf_nezumi": 0.2}, speed=1.0, room=0.25, level=0.7),
        "mohan": Speaker({"jm_kumo": 0.6, "jf_alpha": 0.4}, speed=1.0, pitch=0.9, noise=0.005),
        "usha": Speaker({"jf_alpha": 0.5, "jf_gongitsune": 0.5}, speed=1.15, pitch=1.05, level=0.4),
        "gopal": Speaker({"jm_kumo": 0.85, "jf_gongitsune": 0.15}, speed=0.92, pitch=1.03, room=0.35),
    },
    "validation": {
        "lata": Speaker({"jf_tebukuro": 0.5, "jf_alpha": 0.5}, speed=1.02, room=0.1, noise=0.002),
        "vijay": Speaker({"jm_kumo": 0.8, "jf_tebukuro": 0.2}, speed=1.08, pitch=0.96, level=0.6),
    },
    "test": {
        "neha": Speaker({"jf_tebukuro": 0.9, "jf_gongitsune": 0.1}, speed=1.0, pitch=1.02, level=0.65),
        "arun": Speaker({"jm_kumo": 0.65, "jf_tebukuro": 0.35}, speed=1.03, pitch=0.91, room=0.2, noise=0.003),
    },
}


if __name__ == "__main__":
    options = parse(__doc__)
    make(Corpus(HERE, "hi", "hi", SPEAKERS), options.threads, options.only)
