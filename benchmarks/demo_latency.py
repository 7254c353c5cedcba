"""How long a visitor of the demo waits for the first text of a short clip, once the model is loaded.

    python benchmarks/demo_latency.py [--model NAME] [--rounds N] [--json FILE]

Takes the bundled clip nearest to 5 s, and hears it with its language guessed and with its language chosen, in turn;
prints medians of seconds and of processor seconds, how many cores were used, and how busy the machine was.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from keeping import keep

from whisper_helpers.audio import SAMPLE_RATE, read_clip
from whisper_helpers.corpus import open_corpus
from whisper_helpers.demo import Listener, open_listeners
from whisper_helpers.screen import quieten

SECONDS = 5.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="openai/whisper-base", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--json", type=Path, help="write the result there too")
    options = parser.parse_args()
    quieten()
    result = measure(options.model, options.rounds)
    print(json.dumps(result, indent=2))
    keep(result, options.json)


def measure(model: str, rounds: int) -> dict[str, object]:
    """Hear the clip in turn, language guessed and chosen; one round before that is not counted."""
    (listener,) = open_listeners([model], announce=lambda line: None)
    samples, language = clip()
    ways = {"guessed": None, "chosen": language}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, asked in ways.items():
            took = hear(listener, samples, asked)
            times[name] += [took] if number else []
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    conditions = {"cores": torch.get_num_threads(), "machine": platform.machine(), "load": load, "rounds": rounds}
    medians = {
        f"{name}_{kind}": round(statistics.median(each[place] for each in times[name]), 2)
        for name in ways
        for place, kind in enumerate(("seconds", "processor_seconds"))
    }
    return {"model": model, "clip_seconds": round(len(samples) / SAMPLE_RATE, 2), **medians, **conditions}


def clip() -> tuple[np.ndarray, str]:
    """The bundled test clip nearest to 5 s, and its language."""
    test = open_corpus("bundled", announce=lambda line: None)["test"]
    heard = [read_clip(audio) for audio in test["audio"]]
    best = min(range(len(heard)), key=lambda place: abs(len(heard[place]) / SAMPLE_RATE - SECONDS))
    return heard[best], test["language"][best]


def hear(listener: Listener, samples: np.ndarray, language: str | None) -> tuple[float, float]:
    """Seconds, and processor seconds, until the transcript is there."""
    began, busy = time.perf_counter(), time.process_time()
    listener.hear(samples, language)
    return time.perf_counter() - began, time.process_time() - busy


if __name__ == "__main__":
    main()
