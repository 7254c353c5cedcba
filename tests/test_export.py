"""Oracle: a local Hub that stores what huggingface_hub sends it; the client runs in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hub_standin import LFS_FROM, HubStandIn

from whisper_helpers import export
from whisper_helpers.errors import BadInput

TOKEN = "hf_secretSecretSecret"
PUSH = "from whisper_helpers.cli import main; import sys; raise SystemExit(main(sys.argv[1:]))"
CHECK = """
import sys, traceback
from whisper_helpers.export import check_push_target
try:
    check_push_target(sys.argv[1])
except Exception:
    traceback.print_exc()
    raise SystemExit(2)
"""


@pytest.fixture
def hub() -> Iterator[HubStandIn]:
    with HubStandIn(TOKEN, organisations={"school": "write", "museum": "read"}) as hub:
        yield hub


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Folder of a finished run with small real files, one of them large enough for LFS."""
    from safetensors.numpy import save_file
    from tensorboard.summary import Writer

    from whisper_helpers.training import RunFolder

    folder = RunFolder(tmp_path / "मेरा run")
    folder.model.mkdir(parents=True)
    weights = np.random.default_rng(0).normal(size=LFS_FROM // 4 + 1).astype(np.float32)
    save_file({"weight": weights}, folder.model / "model.safetensors")
    (folder.model / "config.json").write_text('{"model_type": "whisper"}', encoding="utf-8")
    (folder.model / "README.md").write_text("---\nlicense: apache-2.0\n---\n# हिन्दी\n", encoding="utf-8")
    (folder.model / ".DS_Store").write_bytes(b"clutter")
    folder.checkpoints.mkdir()
    (folder.checkpoints / "optimizer.bin").write_bytes(b"state")
    writer = Writer(str(folder.logs))
    writer.add_scalar("loss", 1.0, 1)
    writer.close()
    folder.figure.write_bytes(b"\x89PNG\r\n\x1a\n\0picture")
    folder.write_predictions({"clip": ["a.wav"], "reference": ["गुप्त वाक्य"]})
    folder.write_results({"after_30s": {"wer": 50.0}, "corpus": "bundled", "language": "hi"})
    return folder.path


def client(code: str, *arguments: object, address: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run Python code against a Hub, in a process whose environment knows its address and the token."""
    hub = {"HF_ENDPOINT": address, "HF_TOKEN": TOKEN, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with tempfile.TemporaryDirectory() as home:  # no token of the machine is read
        environment = os.environ | hub | {"HF_HOME": home, "PYTHONIOENCODING": "utf-8"} | changes
        return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


def publish(run: Path, hub: HubStandIn, *flags: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Publish a run from the terminal as asha/whisper-hi."""
    words = ("export", run, "--push-to-hub", "asha/whisper-hi", *flags)
    return client(PUSH, *words, address=hub.address, **changes)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Take the message of a command that ended in bad input, without a traceback and without the token."""
    assert done.returncode == 2, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_finished_run_arrives_byte_for_byte_in_one_commit(run: Path, hub: HubStandIn) -> None:
    done = publish(run, hub)
    assert done.returncode == 0, done.stderr
    model, logs = run / "model", sorted((run / "logs").iterdir())
    expected = {path.name: path.read_bytes() for path in model.iterdir() if path.name != ".DS_Store"}
    expected |= {name: (run / name).read_bytes() for name in ("results.json", "training.png")}
    expected |= {f"logs/{path.name}": path.read_bytes() for path in logs}
    assert logs
    assert hub.models["asha/whisper-hi"] == expected
    assert (run / "model" / "model.safetensors").read_bytes() in hub.large.values()
    assert len(hub.commits) == 1
    first, last = done.stdout.splitlines()[0], done.stdout.splitlines()[-1]
    assert "predictions.csv stays here" in first
    assert last == f"{hub.address}/asha/whisper-hi"


def test_the_token_travels_only_in_the_authorization_header(run: Path, hub: HubStandIn) -> None:
    done = publish(run, hub)
    assert TOKEN not in done.stdout + done.stderr
    assert any(request.headers.get("authorization") == f"Bearer {TOKEN}" for request in hub.requests)
    for request in hub.requests:
        others = {name: value for name, value in request.headers.items() if name != "authorization"}
        assert TOKEN not in f"{request.path} {others}"
        assert TOKEN.encode() not in request.body


def test_sentences_of_the_corpus_and_paths_of_the_machine_stay_here(run: Path, hub: HubStandIn) -> None:
    paths = {"corpus": str(run.parent / "my_corpus"), "recipe": {"output": str(run)}, "model": "C:\\me\\base"}
    results = {"after_30s": {"wer": 50.0}, "skipped": [{"clip": "private.wav"}], **paths}
    (run / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert publish(run, hub).returncode == 0
    files = hub.models["asha/whisper-hi"]
    public = json.loads(files["results.json"])
    names = {"corpus": "my_corpus", "recipe": {"output": run.name}, "model": "base"}
    assert public == {"after_30s": {"wer": 50.0}, **names}
    for content in files.values():
        assert "गुप्त".encode() not in content
        assert str(run.parent).encode() not in content


def test_publishing_again_replaces_the_files(run: Path, hub: HubStandIn) -> None:
    publish(run, hub)
    (run / "model" / "config.json").write_text('{"model_type": "whisper", "new": 1}', encoding="utf-8")
    assert publish(run, hub).returncode == 0
    assert b"new" in hub.models["asha/whisper-hi"]["config.json"]


def test_a_private_model_is_made_private(run: Path, hub: HubStandIn) -> None:
    assert publish(run, hub, "--private").returncode == 0
    assert hub.private == {"asha/whisper-hi"}


def test_nothing_private_is_put_into_a_public_model(run: Path, hub: HubStandIn) -> None:
    hub.models["asha/whisper-hi"] = {}
    assert "there already, and public" in refused(publish(run, hub, "--private"))
    assert hub.models["asha/whisper-hi"] == {}


def test_a_wrong_token_is_refused_before_anything_is_made(run: Path, hub: HubStandIn) -> None:
    done = publish(run, hub, HF_TOKEN="hf_wrongWrongWrong")
    assert "hf auth login" in refused(done)
    assert "wrongWrong" not in done.stdout + done.stderr
    assert hub.models == {}


@pytest.mark.parametrize("token", ["", "  "])
def test_without_a_token_it_says_how_to_log_in(run: Path, hub: HubStandIn, token: str) -> None:
    message = refused(publish(run, hub, HF_TOKEN=token))
    assert "not logged in" in message
    assert "hf auth login" in message
    assert hub.requests == []


@pytest.mark.parametrize("token", ["hf_secret\x01Secret", "hf_secret Secret", "hf_secretSécret"])
def test_a_damaged_token_is_not_sent_and_not_shown(run: Path, hub: HubStandIn, token: str) -> None:
    done = publish(run, hub, HF_TOKEN=token)
    assert "no token has" in refused(done)
    assert "hf_secret" not in done.stdout + done.stderr
    assert hub.requests == []


@pytest.mark.parametrize("status", [400, 404, 409, 500])
def test_a_refusal_that_quotes_the_token_is_told_without_it(run: Path, hub: HubStandIn, status: int) -> None:
    hub.refusals["/api/whoami-v2"] = status
    message = refused(publish(run, hub))
    assert hub.address in message
    assert "refused to Bearer TOKEN" in message


@pytest.mark.parametrize("place", ["/repos/create", "/preupload/", "/commit/", "/objects/batch", "/verify"])
def test_a_token_that_may_not_write_is_told_wherever_it_shows(run: Path, hub: HubStandIn, place: str) -> None:
    hub.refusals[place] = 403
    assert "may not write to asha/whisper-hi" in refused(publish(run, hub))
    assert not hub.models.get("asha/whisper-hi")


def test_a_hub_out_of_reach_is_told(run: Path, hub: HubStandIn) -> None:
    hub.__exit__()
    message = refused(publish(run, hub))
    assert f"The Hub at {hub.address} cannot be used" in message
    assert "Check the network" in message


def test_offline_is_told(run: Path, hub: HubStandIn) -> None:
    assert "Unset HF_HUB_OFFLINE" in refused(publish(run, hub, HF_HUB_OFFLINE="1"))
    assert hub.requests == []


NECESSARY = ["results.json", "model/config.json", "model/README.md", "model/model.safetensors"]


@pytest.mark.parametrize("lost", NECESSARY)
def test_an_unfinished_run_is_not_published(run: Path, hub: HubStandIn, lost: str) -> None:
    (run / lost).unlink()
    assert Path(lost).name.removeprefix("model.") in refused(publish(run, hub))
    assert hub.requests == []


@pytest.mark.parametrize("content", ['{"before": {"wer": 120.0}}', "{half", "[]"])
def test_unfinished_results_are_not_published(run: Path, content: str) -> None:
    (run / "results.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=r"results\.json"):
        export.push_to_hub(run, "asha/whisper-hi")


NO_NAMES = ["whisper-hi", "asha/", "/hi", "asha/whisper/hi", "asha/whisper hi", "asha/a--b", "", "asha/हिन्दी"]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_no_model_can_have_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="USER/NAME"):
        export.check_push_target(name)


@pytest.mark.parametrize("repo", ["asha/whisper-hi", "Asha/whisper-hi", "school/whisper-hi"])
def test_a_target_that_the_user_may_write_to_passes(hub: HubStandIn, repo: str) -> None:
    done = client(CHECK, repo, address=hub.address)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert hub.models == {}


@pytest.mark.parametrize("repo", ["museum/whisper-hi", "stranger/whisper-hi"])
def test_a_target_of_others_is_refused_and_the_own_are_named(hub: HubStandIn, repo: str) -> None:
    done = client(CHECK, repo, address=hub.address)
    assert done.returncode == 2
    assert "may write to asha, school" in done.stderr


def test_a_token_that_only_reads_is_refused(hub: HubStandIn) -> None:
    hub.role = "read"
    done = client(CHECK, "asha/whisper-hi", address=hub.address)
    assert done.returncode == 2
    assert "role write" in done.stderr


def test_not_even_a_traceback_shows_the_token(hub: HubStandIn) -> None:
    hub.refusals["/api/whoami-v2"] = 500
    done = client(CHECK, "asha/whisper-hi", address=hub.address)
    assert done.returncode == 2
    assert "BadInput" in done.stderr
    assert TOKEN not in done.stderr
