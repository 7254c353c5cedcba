"""Oracles: the source tree, and an environment in which only the wheel can bring the package."""

from __future__ import annotations

import csv
import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from whisper_helpers import __version__, audio

HOUSE = Path(__file__).resolve().parent.parent
SPEECH = HOUSE / "assets" / "speech" / "hindi"
COMMANDS = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

OPEN_THE_CORPUS = """
import json
from importlib.metadata import entry_points
import whisper_helpers
from whisper_helpers.audio import read_clip
from whisper_helpers.corpus import open_corpus

corpus = open_corpus("bundled", announce=lambda line: None)
clip = corpus["test"][0]
(command,) = entry_points(group="console_scripts", name="whisper-helpers")
print(json.dumps({
    "package": whisper_helpers.__file__,
    "version": whisper_helpers.__version__,
    "command": callable(command.load()),
    "clips": {name: len(split) for name, split in corpus.items()},
    "path": clip["audio"]["path"],
    "sentence": clip["sentence"],
    "samples": len(read_clip(clip["audio"])),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the source, without network."""
    source, place = tmp_path_factory.mktemp("source") / "copy", tmp_path_factory.mktemp("dist")
    ignored = [line.rstrip("/") for line in (HOUSE / ".gitignore").read_text(encoding="utf-8").split()]
    shutil.copytree(HOUSE, source, ignore=shutil.ignore_patterns(".git", *ignored))
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, source]
    built = subprocess.run(build, capture_output=True, encoding="utf-8", check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = place.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment of the unpacked wheel and, after it, this one's libraries; return its Python."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    paths = sysconfig.get_paths("venv", vars={"base": str(folder), "platbase": str(folder)})
    libraries = Path(paths["purelib"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(libraries)
    (libraries / "borrowed.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    return Path(paths["scripts"]) / Path(sys.executable).name


def metadata() -> list[dict[str, str]]:
    """Rows of the bundled corpus in the source tree."""
    with (SPEECH / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_wheel_holds_the_package_its_speech_and_nothing_else(wheel: Path) -> None:
    information = f"whisper_helpers-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = archive.read(f"{information}/entry_points.txt").decode()
    modules = {path.relative_to(HOUSE).as_posix() for path in (HOUSE / "whisper_helpers").rglob("*.py")}
    bundled = {f"whisper_helpers/assets/speech/hindi/{row['file_name']}" for row in metadata()}
    bundled |= {"whisper_helpers/assets/speech/hindi/metadata.csv"}
    fonts = {path.name for path in (HOUSE / "assets" / "fonts").iterdir()}
    bundled |= {f"whisper_helpers/assets/fonts/{name}" for name in fonts}
    assert not (modules | bundled) - names
    assert {name.split("/")[0] for name in names} == {"whisper_helpers", information}
    assert {name for name in names if name.endswith(".py") and "/assets/" not in name} == modules
    assert all(f"{name} = {function}" in points for name, function in COMMANDS.items())
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "OFL.txt"}


def test_an_installed_wheel_opens_the_bundled_corpus_from_anywhere(python: Path, tmp_path: Path) -> None:
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")}
    command = [str(python), "-I", "-X", "utf8", "-c", OPEN_THE_CORPUS]
    options = {"cwd": tmp_path, "env": environment, "capture_output": True, "encoding": "utf-8"}
    done = subprocess.run(command, **options, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    home = python.parent.parent.resolve()
    assert Path(told["package"]).resolve().is_relative_to(home)
    assert Path(told["path"]).resolve().is_relative_to(home)
    assert told["version"] == __version__
    assert told["command"]
    rows = {Path(row["file_name"]).name: row for row in metadata()}
    assert told["clips"] == dict(Counter(row["split"] for row in rows.values()))
    row = rows[Path(told["path"]).name]
    assert told["sentence"] == row["sentence"]
    assert told["samples"] == len(audio.read_clip(SPEECH / row["file_name"]))
