"""Common Voice from Mozilla Data Collective, its only source, through the official client `datacollective`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .clips import Announce, some_of

if TYPE_CHECKING:
    from datacollective import DatasetDetails

COLLECTIVE = "mdc:"
KEY = "MDC_API_KEY"
SITE = "https://mozilladatacollective.com"
SEARCH = "Common Voice Scripted Speech"
RELEASE = re.compile(r"Common Voice (?:Scripted Speech )?v?(\d+(?:\.\d+)*)\s*[-–—:]\s*\S")
PAGE_SIZE, MOST_PAGES = 100, 20
_WRITTEN = "It is written mdc:LOCALE, with the locale that Common Voice uses, such as mdc:hi or mdc:pa-IN"


def download_common_voice(name: str, announce: Announce) -> Path:
    """Download the newest Common Voice of a language; what was downloaded before is used again.

    The client keeps it where ``MDC_DOWNLOAD_PATH`` says, and goes on with an interrupted download.

    Parameters
    ----------
    name
        ``mdc:hi``: a locale as Common Voice writes it.
    announce
        Takes a line for the user.

    Returns
    -------
    pathlib.Path
        The archive.

    Raises
    ------
    BadInput
        If the client, the key or the consent to the terms is missing, there is no such language, or the
        network fails. The key is never shown.
    """
    locale = name.removeprefix(COLLECTIVE).strip()
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", locale):
        raise BadInput(f"{name} is no language of Common Voice", _WRITTEN)
    client = _client()
    _check_key()
    with _collective_errors("Mozilla Data Collective", SITE):
        newest = newest_release(_listed(client, locale), locale)
    page = newest.datasetUrl or f"{SITE}/datasets/{newest.id}"
    announce(f"{newest.name}: {(newest.sizeBytes or 0) / 1e9:.2f} GB, from {page}.")
    with _collective_errors(str(newest.name), page):
        archive = Path(client.download_dataset(newest.id))
    announce(f"It is in {archive}.")
    return archive


def _client() -> Any:
    try:
        import datacollective
    except ImportError as error:
        do = 'Install it: pip install "whisper-helpers[mdc]"'
        raise BadInput("Common Voice needs the package datacollective", "", do) from error
    return datacollective


def _check_key() -> None:
    if not os.environ.get(KEY, "").strip():  # the client has read the file .env by now
        do = f"Make an account at {SITE}, accept the terms on the page of your language, make a key, set {KEY} to it"
        raise BadInput(f"{KEY} is not set", "Common Voice is given only to those who accepted its terms", do)


def _listed(client: Any, locale: str) -> list[DatasetDetails]:
    items: list[DatasetDetails] = []
    for page in range(1, MOST_PAGES + 1):
        found = client.list_datasets(SEARCH, locale=locale, results_per_page=PAGE_SIZE, page_number=page)
        items += found.items
        if not found.items or len(items) >= found.total:
            break
    return items


def newest_release(items: list[DatasetDetails], locale: str) -> DatasetDetails:
    """Choose the newest Common Voice of a language among data sets.

    Parameters
    ----------
    items
        Data sets with ``name``, ``locale`` and ``createdAt``; others than Common Voice's own releases, such as
        selections that others made of it, are passed over.
    locale
        The language.

    Raises
    ------
    BadInput
        If there is none.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> names = ["Common Voice Scripted Speech 9.0 - Hindi", "Common Voice Scripted Speech 27.0 - Hindi", "Others 99"]
    >>> sets = [SimpleNamespace(name=name, locale="hi", createdAt="") for name in names]
    >>> newest_release(sets, "hi").name
    'Common Voice Scripted Speech 27.0 - Hindi'
    """
    fitting = [each for each in items if (each.locale or locale).lower() == locale.lower() and _version(each)]
    if not fitting:
        others = sorted({each.locale for each in items if each.locale and _version(each)})
        near = f"It has {some_of(others, 10)}" if others else _WRITTEN
        raise BadInput(f"Mozilla Data Collective lists no Common Voice of {locale}", near, f"Look at {SITE}/datasets")
    return max(fitting, key=lambda each: (_version(each), each.createdAt or ""))


def _version(item: DatasetDetails) -> tuple[int, ...]:
    match = RELEASE.match(item.name or "")
    return tuple(int(part) for part in match[1].split(".")) if match else ()


@contextmanager
def _collective_errors(what: str, page: str) -> Iterator[None]:
    """Say what to do; the client's own message is left out, for it may quote a malformed key."""
    from datacollective import AuthenticationError, RateLimitError
    from datacollective.errors import DownloadError

    try:
        yield
    except BadInput:
        raise
    except PermissionError:
        do = f"Open {page}, log in, accept the terms there, and try again"
        raise BadInput(f"{what} is not open to the owner of the key", "Its terms must be accepted", do) from None
    except AuthenticationError:
        do = f"Make a new one at {SITE} and set {KEY} to it"
        raise BadInput(f"Mozilla Data Collective does not accept the key in {KEY}", "", do) from None
    except RateLimitError:
        raise BadInput("Mozilla Data Collective asks for a pause", "", "Try again later") from None
    except FileNotFoundError:
        raise BadInput(f"{what} is no longer there", "", f"Look at {page}") from None
    except DownloadError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise BadInput(f"The download of {what} broke off", "", "Start again: it goes on where it stopped") from None
    except (OSError, ValueError, RuntimeError) as error:  # requests and pydantic raise kinds of these
        given = f"{what} could not be fetched ({type(error).__name__})"
        raise BadInput(given, "", f"Check the network, the disk and {KEY}, then try again") from None
