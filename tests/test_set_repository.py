"""Oracle: a small git repository whose mentions are known one by one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
OLD = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
OLD_NAME = OLD.removeprefix("https://github.com/")
NEW = "https://github.com/some-one/my.speech_2"
NEW_NAME = "some-one/my.speech_2"

MENTIONS = (
    "See https://github.com/{}, or {} without a link.",
    "pip install git+https://github.com/{}.git@main",
    "git clone git@github.com:{}.git",
    "[![Open](badge.svg)](https://colab.research.google.com/github/{}/blob/main/notebooks/01_setup.ipynb)",
    "https://raw.githubusercontent.com/{}/main/README.md.",
    "किताब: https://github.com/{}#readme",
)
OTHERS = (
    f"{OLD}-data",
    f"{OLD}.github.io",
    f"{OLD}2",
    "https://github.com/other/project",
    f"https://example.org/{OLD_NAME}",
)


def text(name: str) -> str:
    """Every mention, one a line; the second in the first line is no address."""
    return "\n".join(line.format(name, OLD_NAME) for line in MENTIONS) + "\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a git checkout with the tool, this project's own pyproject.toml and files of every kind."""
    folder = tmp_path / "a checkout"
    (folder / "tools").mkdir(parents=True)
    for name in ("tools/set_repository.py", "pyproject.toml", "CITATION.cff"):
        shutil.copy(HOUSE / name, folder / name)
    (folder / "पढ़ो.md").write_bytes(text(OLD_NAME).encode())
    (folder / "windows.md").write_bytes(text(OLD_NAME).replace("\n", "\r\n").encode())
    (folder / "others.md").write_text("\n".join(OTHERS), encoding="utf-8")
    (folder / "clip.opus").write_bytes(b"\0" + OLD.encode())
    (folder / "gone.md").write_text(OLD, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    (folder / "gone.md").unlink()
    (folder / "untracked.md").write_text(OLD, encoding="utf-8")
    return folder


def set_repository(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tool of a checkout from elsewhere."""
    command = [sys.executable, "-X", "utf8", str(folder / "tools" / "set_repository.py"), *arguments]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("url", [NEW, f"{NEW}/", f"{NEW}.git"])
def test_every_mention_in_tracked_text_is_replaced(checkout: Path, url: str) -> None:
    done = set_repository(checkout, url)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.splitlines()) == {"CITATION.cff", "pyproject.toml", "windows.md", "पढ़ो.md"}
    assert (checkout / "पढ़ो.md").read_bytes() == text(NEW_NAME).encode()
    assert (checkout / "windows.md").read_bytes() == text(NEW_NAME).replace("\n", "\r\n").encode()
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["urls"]["Repository"] == NEW
    assert f"repository-code: {NEW}\n" in (checkout / "CITATION.cff").read_text(encoding="utf-8")


def test_other_projects_binary_and_untracked_files_stay(checkout: Path) -> None:
    set_repository(checkout, NEW)
    assert (checkout / "others.md").read_text(encoding="utf-8") == "\n".join(OTHERS)
    assert (checkout / "clip.opus").read_bytes() == b"\0" + OLD.encode()
    assert (checkout / "untracked.md").read_text(encoding="utf-8") == OLD


def test_a_second_address_replaces_the_first_and_the_way_back_is_exact(checkout: Path) -> None:
    before = {path: path.read_bytes() for path in checkout.iterdir() if path.is_file()}
    assert set_repository(checkout, NEW).stdout != ""
    assert set_repository(checkout, NEW).stdout == "Nothing to change.\n"
    assert set_repository(checkout, OLD).returncode == 0
    assert {path: path.read_bytes() for path in checkout.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    "url",
    [
        "",
        "some-one/speech",
        "github.com/some-one/speech",
        "http://github.com/some-one/speech",
        "git@github.com:some-one/speech.git",
        "https://github.com/some-one",
        "https://github.com/some-one/",
        "https://github.com/some-one/..",
        "https://github.com/-some/speech",
        "https://github.com/some-one/speech/tree/main",
        "https://github.com/some one/speech",
        "https://github.com/some-one/speech?tab=readme",
        "https://github.com.example.org/some-one/speech",
        "https://github.com/some-one/speech\n",
    ],
)
def test_what_is_no_https_address_of_a_repository_is_refused(checkout: Path, url: str) -> None:
    before = (checkout / "pyproject.toml").read_bytes()
    done = set_repository(checkout, url)
    assert done.returncode == 2
    assert "Allowed is https://github.com/OWNER/NAME" in done.stderr
    assert (checkout / "pyproject.toml").read_bytes() == before


def test_without_an_address_or_without_git_nothing_happens(checkout: Path) -> None:
    done = set_repository(checkout)
    assert (done.returncode, "URL" in done.stderr) == (2, True)
    (checkout / ".git").rename(checkout / "git")
    done = set_repository(checkout, NEW)
    assert (done.returncode, "no git checkout" in done.stderr) == (2, True)
