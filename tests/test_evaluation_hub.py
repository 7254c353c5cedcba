"""Guard languages through the Hub: the real client and the real command against a small Hub on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub_data_standin import FILES, serving, shard

Evaluated = Callable[..., tuple[int, str, dict]]
NAME = "someone/guards"
SAID = {"de_de": ["guten tag", "danke schön", "bis morgen"], "fr_fr": ["bonjour", "merci bien", "à demain"]}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Address of a Hub with two languages: three training clips and three test clips of each."""
    for config, sentences in SAID.items():
        for split, start in (("train", 0), ("test", 3)):
            said = sentences if split == "test" else [f"{sentence} also" for sentence in sentences]
            clips = shard(range(start, start + 3), said, [1.0, 1.5, 2.0], {})
            FILES.setdefault(NAME, {})[f"{config}/{split}/0000.parquet"] = clips
    with serving() as address:
        yield address
    del FILES[NAME]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty cache of the client."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def evaluated(endpoint: str, home: Path, tiny_whisper: Path, small_corpus: Path) -> Evaluated:
    """Run the command with arguments added: exit code, screen, JSON."""

    def run(*arguments: str) -> tuple[int, str, dict]:
        known = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        known |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0", "PYTHONIOENCODING": "utf-8"}
        known |= {"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(Path(__file__).parents[1])}
        words = ["evaluate", str(tiny_whisper), "--corpus", str(small_corpus), "--language", "hi"]
        words += ["--limit-test", "1", "--silence", "0", "--long-minutes", "0", "--json", "found.json", "--overwrite"]
        command = [sys.executable, "-m", "whisper_helpers.cli", *words, *arguments]
        done = subprocess.run(command, env=known, cwd=home, capture_output=True, encoding="utf-8", check=False)
        file = home / "found.json"
        found = json.loads(file.read_text(encoding="utf-8")) if done.returncode == 0 else {}
        return done.returncode, done.stdout + done.stderr, found

    return run


def test_guards_of_the_hub_are_heard_language_by_language_and_once(evaluated: Evaluated) -> None:
    guards = ["--guard", f"hub:{NAME}:de_de", "--guard", f"hub:{NAME}:fr_fr", "--limit-guard", "2"]
    code, screen, found = evaluated(*guards)
    assert code == 0, screen
    assert {language: each["after"]["clips"] for language, each in found["guard"].items()} == {"de": 2, "fr": 2}
    for language, name in (("de", "German"), ("fr", "French")):
        assert found["guard_sets"][language]["corpora"] == [f"hub:{NAME}:{language}_{language}"]
        assert f"{name}: WER" in screen
    assert {"de", "fr"} <= set(found["languages_known"])
    code, screen, again = evaluated(*guards)
    assert code == 0
    assert "Known from before" in screen
    assert again == found


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"hub:{NAME}:ru_ru", "has no config ru_ru"),
        ("hub:someone/fleurs:hi_in", "is in Hindi, as the test is"),
    ],
)
def test_a_guard_that_cannot_be_one_is_refused(evaluated: Evaluated, name: str, reason: str) -> None:
    code, screen, _ = evaluated("--guard", name)
    assert code == 2, screen
    assert reason in screen
    assert "Traceback" not in screen
