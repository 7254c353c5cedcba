"""Does the doctor find what is wrong, and only that? Recall and precision of each finding on planted defects.

    python benchmarks/doctor.py [--clips 500] [--corpora 5] [--json FILE]

Each corpus is bundled Hindi speech with six clips of every defect; defects of the whole corpus are in every second
one. Printed for each finding: how many were planted, recall, and precision.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from keeping import keep
from planted import make_corpus

from whisper_helpers.doctor import REASONS, examine

GOALS = {"text_audio_mismatch": 0.8, "low_rate": 0.8}
GOAL = 0.95


def measure(corpora: int, clips: int) -> tuple[dict[str, dict[str, float]], float]:
    """Counts of each finding over all corpora, and seconds of sound examined in a second."""
    planted, found, right, seconds, spent = Counter(), Counter(), Counter(), 0.0, 0.0
    for seed in range(corpora):
        with tempfile.TemporaryDirectory() as folder:
            truth = make_corpus(Path(folder) / "corpus", clips, seed=seed, whole=seed % 2 == 0)
            began = time.perf_counter()
            examined = examine(str(truth.folder))
            spent += time.perf_counter() - began
        seconds += sum(each.seconds for each in examined.heard)
        seen = {(each.clip, each.reason) for each in examined.findings}
        for counter, pairs in ((planted, truth.findings), (found, seen), (right, seen & truth.findings)):
            counter.update(reason for _, reason in pairs)
        for clip, reason in sorted(seen ^ truth.findings, key=str):
            print(f"corpus {seed}: {'missed' if (clip, reason) in truth.findings else 'false'} {reason} {clip}")
    rates = {
        reason: {
            "planted": planted[reason],
            "found": found[reason],
            "recall": right[reason] / planted[reason] if planted[reason] else 1.0,
            "precision": right[reason] / found[reason] if found[reason] else 1.0,
        }
        for reason in REASONS
    }
    return rates, seconds / spent


def main() -> int:
    """Print the table; the exit code is 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=500, help="clips of each corpus (default: %(default)s)")
    parser.add_argument("--corpora", type=int, default=5, help="how many (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write the numbers there")
    options = parser.parse_args()
    rates, speed = measure(options.corpora, options.clips)
    print(f"{'finding':28}{'planted':>8}{'recall':>8}{'precision':>11}{'goal':>6}")
    for reason, rate in rates.items():
        goal = GOALS.get(reason, GOAL)
        print(f"{reason:28}{rate['planted']:8}{rate['recall']:8.2f}{rate['precision']:11.2f}{goal:6.2f}")
    print(f"{speed:,.0f} times real time, all cores together, reading texts included")
    keep({"findings": rates, "times_real_time": speed}, options.json)
    return int(any(min(rate["recall"], rate["precision"]) < GOALS.get(name, GOAL) for name, rate in rates.items()))


if __name__ == "__main__":
    sys.exit(main())
