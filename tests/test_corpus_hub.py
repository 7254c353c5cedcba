"""The real client against a small Hub on this machine: what it downloads must be what was put there."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_data_standin import SENT, serving, wav

from whisper_helpers.corpus.hub import choose_config, parse_name
from whisper_helpers.errors import BadInput

SCRIPT = """
import hashlib, json, sys
from whisper_helpers.corpus import clip_names, open_corpus
from whisper_helpers.errors import BadInput

lines = []
try:
    corpus = open_corpus(*json.loads(sys.argv[1]), announce=lines.append, **json.loads(sys.argv[2]))
except BadInput as error:
    print(json.dumps({"error": str(error)}))
else:
    digest = lambda audio: hashlib.sha256(audio["bytes"]).hexdigest()
    rows = {
        name: [row | {"audio": digest(row["audio"])} for row in split] for name, split in corpus.items()
    }
    names = {name: clip_names(split) for name, split in corpus.items()}
    print(json.dumps({"rows": rows, "names": names, "lines": lines}))
"""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Address of the small Hub."""
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty cache of the client."""
    return tmp_path_factory.mktemp("home")


def opened(
    endpoint: str,
    home: Path,
    name: str,
    language: str | None = None,
    environment: dict[str, str] | None = None,
    **choices: Any,
) -> dict[str, Any]:
    """Open a corpus in a process of its own, since the client reads its address when it is imported."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    variables |= {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "0",
        "PYTHONIOENCODING": "utf-8",
    }
    variables |= {"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(Path(__file__).parents[1])} | (environment or {})
    arguments = [json.dumps([name, language]), json.dumps(choices)]
    command = [sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"screen": done.stdout + done.stderr}


def test_fleurs_opens_with_every_clip_as_it_was_uploaded(endpoint: str, home: Path) -> None:
    corpus = opened(endpoint, home, "hub:someone/fleurs:hi_in")
    numbers = {"train": range(9), "validation": range(20, 22), "test": range(30, 33)}
    assert corpus["rows"] == {
        split: [
            {
                "audio": hashlib.sha256(wav(number)).hexdigest(),
                "sentence": f"वाक्य {number}",
                "language": "hi",
                "speaker": "",
            }
            for number in those
        ]
        for split, those in numbers.items()
    }
    assert corpus["names"]["test"] == ["30.wav", "31.wav", "32.wav"]
    assert corpus["lines"] == ["Clips: 9 train, 2 validation, 3 test."]


def test_columns_of_text_and_language_can_be_chosen(endpoint: str, home: Path) -> None:
    corpus = opened(endpoint, home, "hub:someone/fleurs:hi_in", "ur", sentence_column="raw_transcription")
    assert corpus["rows"]["test"][0]["sentence"] == "Raw 30!"
    assert corpus["rows"]["test"][0]["language"] == "ur"


def test_the_config_tells_the_language_and_what_is_partial_or_unused_is_told(endpoint: str, home: Path) -> None:
    corpus = opened(endpoint, home, "hub:someone/fleurs:pa_in")
    rows = [row for split in corpus["rows"].values() for row in split]
    assert {row["language"] for row in rows} == {"pa"}
    assert {row["sentence"] for row in rows} == {f"ਵਾਕ {number}" for number in range(40)}
    speakers = [{row["speaker"] for row in split} for split in corpus["rows"].values()]
    assert sum(map(len, speakers)) == 7
    lines = "\n".join(corpus["lines"])
    assert "only the beginning of train" in lines
    assert "left out: invalidated" in lines
    assert "brings no test split" in lines


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("hub:someone/fleurs", "has 2 configs. It has hi_in, pa_in. Write hub:someone/fleurs:hi_in"),
        ("hub:someone/fleurs:hi", "has no config hi. It has hi_in, pa_in. Write hub:someone/fleurs:hi_in"),
        ("hub:someone/nothing", "shows no data set someone/nothing"),
        (
            "hub:someone/gated",
            "Accept its terms on the page of someone/gated, then log in with: hf auth login",
        ),
        ("hub:someone/odd", "someone/odd could not be downloaded (BadRequestError). Check the network"),
        ("hub:someone/bare", "has no parquet files"),
        ("hub:someone/broken", "A file of someone/broken is no parquet"),
        ("hub:someone/plain", "Neither someone/plain nor its config default tells a language"),
        ("hub:someone/textual", "has no known column of the sentence"),
    ],
)
def test_what_cannot_be_opened_says_what_to_do(endpoint: str, home: Path, name: str, reason: str) -> None:
    assert reason in opened(endpoint, home, name)["error"]


def test_columns_without_sound_and_split_columns_are_refused(endpoint: str, home: Path) -> None:
    wrong = opened(endpoint, home, "hub:someone/fleurs:hi_in", audio_column="id")
    assert "column id of someone/fleurs holds no sound. Columns with sound: audio" in wrong["error"]
    assert "each split is a folder" in opened(endpoint, home, "hub:a/b", split_column="split")["error"]


def test_without_network_it_says_so(home: Path, endpoint: str) -> None:
    offline = opened(endpoint, home, "hub:someone/fleurs:hi_in", environment={"HF_HUB_OFFLINE": "1"})
    assert "HF_HUB_OFFLINE is set" in offline["error"]


@pytest.mark.parametrize("token", ["hf_secretsecret", "hf_secret\nsecret", "hf_secret\u00e9"])
def test_a_token_is_never_shown(endpoint: str, home: Path, token: str) -> None:
    for name in ("hub:someone/gated", "hub:someone/nothing"):
        shown = opened(endpoint, home, name, environment={"HF_TOKEN": token})
        assert shown["error"]
        assert "secret" not in shown["screen"]


@pytest.mark.parametrize("name", ["hub:", "hub:fleurs", "hub:a/b/c", "hub:a/b:", "hub:a/b:c:d", "hub:a b/c"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"hub:OWNER/NAME\[:CONFIG\]"):
        parse_name(name)


def test_a_data_set_without_parquet_is_refused() -> None:
    with pytest.raises(BadInput, match="no parquet files"):
        choose_config("a/b", None, [])


STREAM = """
import hashlib, json, sys
from whisper_helpers.corpus import stream_corpus
from whisper_helpers.corpus.choices import Choices
from whisper_helpers.errors import BadInput

name, named, limits = json.loads(sys.argv[1])
lines = []
def told(row):
    return row | {"audio": hashlib.sha256(row["audio"]["bytes"]).hexdigest()}
try:
    train, held_out = stream_corpus(name, Choices(named=named, announce=lines.append), **limits)
except BadInput as error:
    print(json.dumps({"error": str(error)}))
    raise SystemExit
rows, position = [], None
for row in train:
    rows.append(told(row))
    if len(rows) == 5:
        position = json.loads(json.dumps(train.state_dict()))
if position:
    train.load_state_dict(position)
again = [told(row) for row in train] if position else []
held_out = {split: [told(row) for row in clips] for split, clips in held_out.items()}
print(json.dumps({"rows": rows, "again": again, "held_out": held_out, "lines": lines}))
"""


def streamed(
    endpoint: str, home: Path, name: str, named: dict[str, str] | None = None, **limits: int
) -> dict[str, Any]:
    """Stream a corpus in a process of its own, once, and once more from its fifth clip on."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    variables |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0", "PYTHONIOENCODING": "utf-8"}
    variables |= {"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", STREAM, json.dumps([name, named or {}, limits])]
    done = subprocess.run(command, env=variables, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_stream_has_the_rows_of_the_download_and_goes_back_to_a_position(endpoint: str, home: Path) -> None:
    stream = streamed(endpoint, home, "hub:someone/fleurs:hi_in")
    corpus = opened(endpoint, home, "hub:someone/fleurs:hi_in")["rows"]
    assert stream["rows"] == corpus["train"]
    assert stream["held_out"] == {split: corpus[split] for split in ("validation", "test")}
    assert stream["again"] == stream["rows"][5:]


def test_a_stream_downloads_only_what_it_reads(endpoint: str, tmp_path: Path) -> None:
    SENT.clear()
    stream = streamed(endpoint, tmp_path, "hub:someone/long", limit_train=20, limit_test=3)
    assert [row["sentence"] for row in stream["rows"]] == [f"वाक्य {number}" for number in range(6, 26)]
    assert [row["sentence"] for row in stream["held_out"]["test"]] == ["वाक्य 3", "वाक्य 4", "वाक्य 5"]
    assert "brings no test split: the first 3 clips of train are it" in "\n".join(stream["lines"])
    clips = sum(size for path, size in SENT if "0001.parquet" in path or "0002.parquet" in path)
    assert clips == 0
    assert not list(tmp_path.rglob("*.parquet"))


def test_columns_of_a_stream_can_be_named(endpoint: str, home: Path) -> None:
    stream = streamed(endpoint, home, "hub:someone/fleurs:hi_in", {"sentence": "raw_transcription"})
    assert stream["rows"][0]["sentence"] == "Raw 0!"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bundled", "bundled cannot be streamed. Only data sets of the Hub can"),
        ("hub:someone/nothing", "shows no data set someone/nothing"),
        ("hub:someone/textual", "has no known column of the sentence"),
    ],
)
def test_what_cannot_be_streamed_says_so(endpoint: str, home: Path, name: str, reason: str) -> None:
    assert reason in streamed(endpoint, home, name)["error"]
