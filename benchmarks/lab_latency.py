"""How soon the spectrogram lab answers: from a key on a slider to the new picture, in Chromium through JupyterLab.

python benchmarks/lab_latency.py [--seconds S] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
CELL = """import numpy as np
from whisper_helpers.corpus import open_corpus
from whisper_helpers.explore import spectrogram_lab
from whisper_helpers.explore.material import load, sources_of
corpus = open_corpus("bundled", announce=lambda line: None)
clips = list(sources_of(corpus["train"]).values())[:4]
samples = np.concatenate([load(clip)[0] for clip in clips])
rate = load(clips[0])[1]
spectrogram_lab((samples[: round({seconds} * rate)], rate))"""
SLIDERS = {  # how far each can go from where it begins
    "Window (ms)": 18,
    "Hop (ms)": 18,
    "Mel channels": 18,
    "Rate (Hz)": 3,
    "Speech/noise": 10,
    "Speed (times)": 18,
    "Padded to (s)": 18,
}
MEASURE = """slider => {
  const lab = document.querySelector('.wh-lab'), picture = () => lab.querySelector(
    slider === 'Padded to (s)' ? '.wh-strip img' : '.wh-map img');
  const before = picture().src;
  let begun = 0;
  document.addEventListener('keydown', () => { begun = performance.now(); }, {capture: true, once: true});
  window.answer = new Promise(resolve => {
    const look = async () => {
      if (!picture() || picture().src === before) return requestAnimationFrame(look);
      await picture().decode();
      requestAnimationFrame(() => resolve(performance.now() - begun));
    };
    look();
  });
}"""


def main() -> None:
    """Measure and print a line a slider."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="length of the clip")
    parser.add_argument("--json", type=Path, help="write all times there")
    options = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    times = measure(options.seconds)
    every = [each for some in times.values() for each in some]
    print(f"{os.cpu_count()} cores, load {load:.1f} before; a clip of {options.seconds:g} s")
    for name, some in {**times, "all": every}.items():
        print(f"{name:14} {len(some):4} changes: median {statistics.median(some):4.0f} ms, longest {max(some):4.0f} ms")
    if options.json:
        result = {"cores": os.cpu_count(), "load": load, "seconds": options.seconds, "milliseconds": times}
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def measure(seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each change, by slider."""
    sys.path.insert(0, str(HOUSE / "tests"))
    from browser.driving import chromium, told_address
    from browser.notebooks import front_end, page_of, run, write_notebook
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder) / "lab.ipynb", CELL.format(seconds=seconds))
        command, private = front_end("jupyterlab", Path(folder), Path(folder) / ".settings")
        environment = {**os.environ, **private, "PYTHONPATH": str(HOUSE), "PYTHONUNBUFFERED": "1"}
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
        server = subprocess.Popen([sys.executable, *command], env=environment, cwd=folder, **pipes)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1280, "height": 1500})
                page.goto(page_of("jupyterlab", told_address(server), "lab.ipynb"))
                run(page, 1)
                page.locator(".wh-map img").nth(2).wait_for()
                return {name: answers(page, name, steps) for name, steps in SLIDERS.items()}
        finally:
            server.terminate()
            server.wait(20)


def answers(page: Any, name: str, steps: int) -> list[float]:
    """Milliseconds from key to picture, a step at a time, so that each choice is new."""
    times: list[float] = []
    page.locator(".wh-lab").get_by_role("slider", name=name).focus()
    for _ in range(steps):
        page.evaluate(MEASURE, name)
        page.keyboard.press("ArrowLeft" if name in ("Padded to (s)", "Rate (Hz)") else "ArrowRight")
        times.append(page.evaluate("window.answer"))
        page.wait_for_timeout(150)
    page.locator(".wh-lab").get_by_role("button", name="As Whisper does it").click()
    page.wait_for_timeout(500)
    return times


if __name__ == "__main__":
    main()
