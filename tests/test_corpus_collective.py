"""The real client `datacollective` against a stand-in of its service on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import common_voice
import pytest
from mdc_standin import CollectiveStandIn

from whisper_helpers.corpus import open_corpus
from whisper_helpers.corpus.collective import newest_release
from whisper_helpers.errors import BadInput

KEY = "a-very-secret-key"
PAGE = "https://mozilladatacollective.com/datasets/newhi"


def entry(key: str, name: str, locale: str) -> dict[str, str]:
    """A data set of the catalogue."""
    return {"id": key, "name": name, "locale": locale, "filename": f"{key}.tar.gz", "createdAt": "2026-01-01"}


CATALOGUE = [
    entry("oldhi", "Common Voice Scripted Speech 9.0 - Hindi", "hi"),
    entry("newhi", "Common Voice Scripted Speech 27.0 - Hindi", "hi"),
    entry("midhi", "Common Voice Scripted Speech 26.1 - Hindi", "hi"),
    entry("curated", "Common Voice Scripted Speech 99.0, women only", "hi"),
    entry("spoken", "Common Voice Spontaneous Speech 98.0 - Hindi", "hi"),
    entry("punjabi", "Common Voice Scripted Speech 27.0 - Punjabi", "pa-IN"),
    *(entry(f"other{n}", f"Common Voice Scripted Speech 1.{n} - Hindi", "hi") for n in range(150)),
]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CollectiveStandIn]:
    """The stand-in, and a machine whose client speaks to it."""
    monkeypatch.chdir(tmp_path)
    archive = common_voice.tar_gz(common_voice.files())
    with CollectiveStandIn(KEY, {"newhi": archive}, CATALOGUE) as standin:
        variables = {"API_URL": f"{standin.address}/api", "DOWNLOAD_PATH": str(tmp_path / "mdc"), "API_KEY": KEY}
        for name, value in variables.items():
            monkeypatch.setenv(f"MDC_{name}", value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "home"))
        yield standin


def refused(capsys: pytest.CaptureFixture, name: str = "mdc:hi") -> str:
    """Open a corpus, which must be refused; the key must not have been shown."""
    with pytest.raises(BadInput) as error:
        open_corpus(name)
    shown = str(error.value) + "".join(capsys.readouterr())
    assert "secret" not in shown
    assert error.value.__cause__ is None
    return str(error.value)


def downloads(service: CollectiveStandIn) -> list[tuple[str, dict[str, str]]]:
    """Requests for the content of a data set."""
    return [request for request in service.requests if request[0].startswith("GET /files/")]


def test_the_newest_release_is_found_downloaded_and_opened(
    service: CollectiveStandIn, capsys: pytest.CaptureFixture
) -> None:
    corpus = open_corpus("mdc:hi", min_up_votes=2)
    assert {name: len(split) for name, split in corpus.items()} == {"train": 12, "validation": 4, "test": 4}
    assert Path("mdc/newhi.tar.gz").read_bytes() == service.archives["newhi"]
    told = capsys.readouterr()
    assert f"Common Voice Scripted Speech 27.0 - Hindi: 0.00 GB, from {PAGE}." in told.out
    assert KEY not in told.out + told.err
    (download,) = downloads(service)
    assert "Authorization" not in download[1]
    open_corpus("mdc:hi")
    assert len(downloads(service)) == 1


def test_an_interrupted_download_goes_on(service: CollectiveStandIn, capsys: pytest.CaptureFixture) -> None:
    service.cut_short = 10_000
    assert "goes on where it stopped" in refused(capsys)
    assert Path("mdc/newhi.tar.gz.part").stat().st_size <= 10_000
    assert len(open_corpus("mdc:hi")["train"]) == 12
    assert downloads(service)[-1][1]["Range"].startswith("bytes=")
    assert Path("mdc/newhi.tar.gz").read_bytes() == service.archives["newhi"]


def test_a_missing_key_is_told_before_anything_is_asked(
    service: CollectiveStandIn, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MDC_API_KEY")
    message = refused(capsys)
    assert "MDC_API_KEY is not set" in message
    assert "Make an account at https://mozilladatacollective.com, accept the terms" in message
    assert not service.requests


@pytest.mark.parametrize(
    ("pattern", "status", "reason"),
    [
        ("POST .*/download", 403, f"Open {PAGE}, log in, accept the terms there, and try again"),
        ("POST .*/download", 401, "does not accept the key in MDC_API_KEY"),
        ("POST .*/download", 429, "Try again later"),
        ("POST .*/download", 410, "no longer there"),
        ("POST .*/download", 500, "could not be fetched"),
        ("GET /api/datasets$", 500, "Mozilla Data Collective could not be fetched"),
        ("GET /files/", 403, "download of Common Voice Scripted Speech 27.0 - Hindi broke off"),
    ],
)
def test_each_refusal_says_what_to_do(
    service: CollectiveStandIn, capsys: pytest.CaptureFixture, pattern: str, status: int, reason: str
) -> None:
    service.refusals[pattern] = status
    assert reason in refused(capsys)
    assert not Path("home").exists()


@pytest.mark.parametrize("key", ["other-secret", "secret\nsecret", "secret\u00e9"])
def test_a_wrong_key_is_never_shown(
    service: CollectiveStandIn, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("MDC_API_KEY", key)
    assert "MDC_API_KEY" in refused(capsys)


def test_without_network_it_says_so(
    service: CollectiveStandIn, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDC_API_URL", "http://127.0.0.1:9/api")
    assert "Check the network" in refused(capsys)


@pytest.mark.parametrize("name", ["mdc:", "mdc:hindi language", "mdc:../x", "mdc:h"])
def test_other_names_are_refused(service: CollectiveStandIn, capsys: pytest.CaptureFixture, name: str) -> None:
    assert "such as mdc:hi or mdc:pa-IN" in refused(capsys, name)
    assert not service.requests


def test_a_language_that_is_not_there_is_told(service: CollectiveStandIn, capsys: pytest.CaptureFixture) -> None:
    assert "lists no Common Voice of xx" in refused(capsys, "mdc:xx")


def test_without_the_client_its_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "datacollective", None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r'pip install "whisper-helpers\[mdc\]"'):
        open_corpus("mdc:hi")


def test_equal_versions_are_ordered_by_their_date() -> None:
    name = "Common Voice Scripted Speech 27.0 - Hindi"
    sets = [SimpleNamespace(name=name, locale="hi", createdAt=f"2026-0{month}-01") for month in (2, 3, 1)]
    assert newest_release(sets, "hi").createdAt == "2026-03-01"
