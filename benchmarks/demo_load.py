"""How much memory the demo takes when many visitors ask at once, and how long they wait.

    python benchmarks/demo_load.py [--model NAME] [--visitors N] [--json FILE]

Opens the demo on this machine, as the command does, and asks it about a bundled clip: once, then by all visitors at
once. Memory is the resident memory of the demo's process, read ten times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from gradio_client import Client, handle_file
from keeping import keep

from whisper_helpers.corpus import open_corpus

MEBIBYTE = 2**20
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/?")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="openai/whisper-base", help="default: %(default)s")
    parser.add_argument("--visitors", type=int, default=50, help="default: %(default)s")
    parser.add_argument("--json", type=Path, help="write the result there too")
    options = parser.parse_args()
    result = measure(options.model, options.visitors)
    print(json.dumps(result, indent=2))
    keep(result, options.json)


def measure(model: str, visitors: int) -> dict[str, object]:
    """Ask once, then by all at once."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    test = open_corpus("bundled", announce=lambda line: None)["test"]
    with opened(model) as (server, address):
        loaded, result = server.memory_info().rss // MEBIBYTE, {}
        for name, number in (("one", 1), ("all", visitors)):
            began = time.perf_counter()
            answered, peak = ask(server, address, test[0]["audio"]["path"], number)
            seconds = round(time.perf_counter() - began, 1)
            result |= {f"{name}_answered": answered, f"{name}_seconds": seconds, f"{name}_peak_mib": peak}
    conditions = {"cores": os.cpu_count(), "machine": platform.machine(), "load": load}
    return {"model": model, "visitors": visitors, "loaded_mib": loaded, **result, **conditions}


@contextmanager
def opened(model: str) -> Iterator[tuple[psutil.Process, str]]:
    """Run the command until the page is open; its process and its address."""
    command = [sys.executable, "-m", "whisper_helpers.cli", "demo", model]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    program = subprocess.Popen(command, env={**os.environ, "PYTHONUNBUFFERED": "1"}, **pipes)
    try:
        address = next(found[0] for line in program.stdout if (found := ADDRESS.search(line)))
        yield psutil.Process(program.pid), address
    finally:
        program.terminate()
        program.wait()


def ask(server: psutil.Process, address: str, recording: str, number: int) -> tuple[int, int]:
    """How many of so many visitors got a transcript, and the server's peak meanwhile in MiB."""
    peaks, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            peaks.append(server.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    client = Client(address, verbose=False, analytics_enabled=False, max_workers=number, httpx_kwargs={"timeout": None})
    try:
        asked = (handle_file(recording), "hi", "transcribe", "")
        jobs = [client.submit(*asked, api_name="/transcribe") for _ in range(number)]
        return sum("<section>" in job.result()[0] for job in jobs), max(peaks) // MEBIBYTE
    finally:
        done.set()
        watcher.join()


if __name__ == "__main__":
    main()
