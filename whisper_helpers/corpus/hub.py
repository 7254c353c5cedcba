"""A corpus from the Hugging Face Hub, through the parquet files that the Hub makes of every data set."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..errors import BadInput
from .choices import Choices
from .clips import Announce, some_of
from .columns import split_name
from .parquet import open_parquet

if TYPE_CHECKING:
    from datasets import Dataset

HUB = "hub:"
PARQUET_BRANCH = "refs/convert/parquet"  # CONFIG/SPLIT/0000.parquet, whatever form the data set itself has
PARTIAL = "partial-"  # put before the name of a split of which the Hub converted only the beginning
_WRITTEN = "It is written hub:OWNER/NAME[:CONFIG]"
Files = dict[str, list[str]]


def open_hub(name: str, choices: Choices) -> dict[str, Dataset]:
    """Download a corpus from the Hub and open the splits that it brings; its clips are bytes.

    Parameters
    ----------
    name
        ``hub:OWNER/NAME`` or ``hub:OWNER/NAME:CONFIG``; the config is needed where there are several.
    choices
        What the user asked for. Without a language it is read from the data, or else from the config's name;
        a split is a folder there and has no column.

    Returns
    -------
    dict
        Splits by name.

    Raises
    ------
    BadInput
        If the data set or config is not there, not open to the user, or the Hub cannot be reached.
    """
    repo, config, files = parquet_of(name, choices)
    with hub_errors(repo):
        paths = {split: _download(repo, names) for split, names in files.items()}
    return {split: open_parquet(each, choices, repo, config) for split, each in paths.items()}


def parquet_of(name: str, choices: Choices) -> tuple[str, str, Files]:
    """Find the parquet files of a data set on the Hub.

    Parameters
    ----------
    name
        As for :func:`open_hub`.
    choices
        What the user asked for.

    Returns
    -------
    str, str, dict
        The data set, its config, and the files of each split.

    Raises
    ------
    BadInput
        As for :func:`open_hub`.
    """
    if choices.named.get("split"):
        raise BadInput("A split column is named", "On the Hub each split is a folder", "Leave it out")
    repo, config = parse_name(name)
    with hub_errors(repo):
        config, files = choose_config(repo, config, _parquet_files(repo))
    return repo, config, _by_split(repo, files, choices.announce)


def parse_name(name: str) -> tuple[str, str | None]:
    """Take the name of a Hub corpus apart.

    Parameters
    ----------
    name
        ``hub:OWNER/NAME`` or ``hub:OWNER/NAME:CONFIG``.

    Raises
    ------
    BadInput
        If it is neither.

    Examples
    --------
    >>> parse_name("hub:google/fleurs:hi_in"), parse_name("hub:you/yours")
    (('google/fleurs', 'hi_in'), ('you/yours', None))
    """
    parts = re.fullmatch(r"hub:([\w.-]+/[\w.-]+)(?::([^:]+))?", name.strip())
    if not parts:
        raise BadInput(f"{name} is no data set of the Hub", _WRITTEN)
    return parts[1], parts[2]


def choose_config(repo: str, wanted: str | None, files: list[str]) -> tuple[str, list[str]]:
    """Choose the config of a data set: the wanted one, or the only one.

    Parameters
    ----------
    repo
        Name of the data set, for messages.
    wanted
        Config that the user named, or None.
    files
        All parquet files, as ``CONFIG/SPLIT/0000.parquet``.

    Returns
    -------
    str, list of str
        The config and its files.

    Raises
    ------
    BadInput
        If it is not there, or there are several to choose from.

    Examples
    --------
    >>> choose_config("you/yours", None, ["default/train/0000.parquet"])
    ('default', ['default/train/0000.parquet'])
    """
    if not files:
        raise BadInput(*_no_parquet(repo))
    configs = sorted({PurePosixPath(file).parts[0] for file in files})
    chosen = wanted or (configs[0] if len(configs) == 1 else None)
    if chosen not in configs:
        given = f"{repo} has no config {wanted}" if wanted else f"{repo} has {len(configs)} configs"
        near = difflib.get_close_matches(wanted or "", configs, n=3) or configs[:1]
        do = f"Write {' or '.join(f'{HUB}{repo}:{config}' for config in near)}"
        raise BadInput(given, f"It has {some_of(configs, 120)}", do)
    return chosen, [file for file in files if PurePosixPath(file).parts[0] == chosen]


def _no_parquet(repo: str) -> tuple[str, str, str]:
    do = "Download it yourself and give its folder, with a metadata.csv"
    return f"{repo} has no parquet files", f"They are looked for in its branch {PARQUET_BRANCH}", do


def _parquet_files(repo: str) -> list[str]:
    from huggingface_hub import HfApi

    files = HfApi().list_repo_files(repo, repo_type="dataset", revision=PARQUET_BRANCH)
    return sorted(file for file in files if file.endswith(".parquet") and file.count("/") == 2)


def _by_split(repo: str, files: list[str], announce: Announce) -> Files:
    splits: Files = {}
    unused = []
    for file in files:
        folder = PurePosixPath(file).parts[1]
        split = split_name(folder.removeprefix(PARTIAL))
        if split:
            splits.setdefault(split, []).append(file)
        elif folder not in unused:
            unused.append(folder)
        if folder.startswith(PARTIAL) and split:
            announce(f"{repo}: the Hub offers only the beginning of {split} as parquet.")
    if unused:
        announce(f"{repo}: splits other than train, validation and test are left out: {some_of(unused)}.")
    return splits


def _download(repo: str, files: list[str]) -> list[str]:
    from huggingface_hub import hf_hub_download

    return [hf_hub_download(repo, file, repo_type="dataset", revision=PARQUET_BRANCH) for file in files]


@contextmanager
def hub_errors(repo: str) -> Iterator[None]:
    """Say what to do; the library's own message is left out, for it may quote a malformed token."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        do = f"Accept its terms on the page of {repo}, then log in with: hf auth login"
        raise BadInput(f"{repo} is open only to those who accepted its terms", "", do) from None
    except errors.RepositoryNotFoundError:
        do = "Check the spelling; if it is private, log in with: hf auth login"
        raise BadInput(f"The Hub shows no data set {repo}", _WRITTEN, do) from None
    except (errors.RevisionNotFoundError, errors.EntryNotFoundError):
        raise BadInput(*_no_parquet(repo)) from None
    except errors.OfflineModeIsEnabled:
        do = "Unset it, or give a folder"
        raise BadInput("HF_HUB_OFFLINE is set", "The Hub needs the network", do) from None
    except UnicodeEncodeError:
        do = "Check HF_TOKEN, or log in with: hf auth login"
        raise BadInput("The access token is no token of the Hub", "It is plain letters and digits", do) from None
    except BadInput:
        raise
    except (errors.HTTPError, OSError) as error:
        do = "Check the network and the free disk space, then try again, or give a folder"
        raise BadInput(f"{repo} could not be downloaded ({type(error).__name__})", "", do) from None
