"""What a model card calls things: models, corpora and languages, without a path of this machine."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from ..corpus.mixture import parse_mixture
from ..tokens import language_name

BUNDLED_NAME = "Whisper Helpers bundled Hindi (synthetic voices)"
LONGEST_EXAMPLE = 200  # characters
ISO_CODES = {"jw": "jv"}  # where Whisper's code is not the one of ISO 639
MARKUP = str.maketrans({sign: f"&#{ord(sign)};" for sign in "&<>\\`*_[]|~$"})
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
UNKNOWN = "a language that Whisper does not know"
HUB = "hub:"


def cell(text: str) -> str:
    """Make any text fit for a cell of a Markdown table: one line, 200 characters, no markup.

    Parameters
    ----------
    text
        Anything, such as a transcript.

    Examples
    --------
    >>> cell("राम | श्याम")
    'राम &#124; श्याम'
    """
    line = " ".join(UNPRINTABLE.sub(" ", text).split())
    cut = line if len(line) <= LONGEST_EXAMPLE else line[:LONGEST_EXAMPLE] + "…"
    return cut.translate(MARKUP) or "(nothing)"


def without_paths(value: Any) -> Any:
    """Copy a result with every absolute path in it, of Windows or elsewhere, reduced to its last name.

    Parameters
    ----------
    value
        Dictionaries, lists, texts and numbers as JSON has them.

    Examples
    --------
    >>> without_paths({"corpus": "/home/me/my_corpus", "seed": 0, "model": "openai/whisper-base"})
    {'corpus': 'my_corpus', 'seed': 0, 'model': 'openai/whisper-base'}
    """
    if isinstance(value, dict):
        return {key: without_paths(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_paths(item) for item in value]
    return last_name(value) if isinstance(value, str) and _is_outside(value) else value


def _is_outside(text: str) -> bool:
    absolute = PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()
    return absolute or text.startswith(("~", "..", "\\"))


def last_name(path: str) -> str:
    r"""Last name of a path; of a corpus's table or a run's model that of its folder.

    Parameters
    ----------
    path
        Of Windows or elsewhere.

    Examples
    --------
    >>> last_name("C:\\speech\\hindi\\metadata.csv"), last_name("runs/one/model")
    ('hindi', 'one')
    """
    parts = PureWindowsPath(path)  # knows both slashes
    inside = parts.stem in ("metadata", "model")  # a corpus's table, a run's model: their folder has the name
    return (parts.parent.name if inside else parts.name) or "local"


def base_model(results: dict[str, Any]) -> tuple[str, bool]:
    """Name of the base model, and whether that is one on the Hub."""
    name = results["model"]
    on_hub = results["checkpoint_source"] != "folder" and re.fullmatch(r"(?a:\w[\w.-]*/\w[\w.-]*)", name)
    return (name, True) if on_hub else (last_name(name), False)


def _parts(results: dict[str, Any]) -> list[str]:
    """Each corpus of a mixture, without its language and weight."""
    return [part.name for part in parse_mixture(results["corpus"])]


def data_sets(results: dict[str, Any]) -> list[str] | None:
    """Data sets of the Hub that a run was trained on; None if it was on none."""
    return [part.removeprefix(HUB).partition(":")[0] for part in _parts(results) if part.startswith(HUB)] or None


def scored_corpus(results: dict[str, Any]) -> dict[str, str | None]:
    """Corpus of the scores, as a model index wants it."""
    parts, repos = _parts(results), data_sets(results)
    repo = repos[0] if repos and len(parts) == 1 else "local"
    config = parts[0].removeprefix(HUB).partition(":")[2] if repo != "local" else None
    shown = ", ".join(map(shown_corpus, parts))
    return {"dataset_type": repo, "dataset_name": shown, "dataset_config": config or None, "dataset_split": "test"}


def shown_corpus(part: str) -> str:
    """Name of a corpus for a reader elsewhere: of the Hub, or the last one of its path.

    Examples
    --------
    >>> shown_corpus("hub:google/fleurs:hi_in"), shown_corpus("/home/me/speech")
    ('google/fleurs', 'speech')
    """
    if part.startswith(HUB):
        return part.removeprefix(HUB).partition(":")[0]
    return BUNDLED_NAME if part == "bundled" else last_name(part)


def codes(results: dict[str, Any]) -> str | list[str] | None:
    """Languages as the Hub wants them: codes of ISO 639; None for one that was only named."""
    if results.get("proxy"):
        spoken = (results.get("spoken") or "").strip().lower()
        return spoken if re.fullmatch(r"[a-z]{2,3}", spoken) else None
    found = [ISO_CODES.get(code, code) for code in _languages(results)]
    return found[0] if len(found) == 1 else found


def _languages(results: dict[str, Any]) -> list[str]:
    return results.get("languages") or [results["language"]]


def spoken_languages(results: dict[str, Any]) -> str:
    """Languages that a run was trained on, by their names.

    Parameters
    ----------
    results
        What ``results.json`` holds: ``language`` and, if there are several, ``languages``; where one stands in for
        another, ``proxy`` and what is ``spoken``.

    Examples
    --------
    >>> spoken_languages({"language": "hi", "languages": ["hi", "ml"]})
    'Hindi and Malayalam'
    >>> spoken_languages({"language": "tt", "proxy": "tt", "spoken": "cv"})
    'cv (as Tatar)'
    """
    known = " and ".join(map(language_name, _languages(results)))
    return f"{results.get('spoken') or UNKNOWN} (as {known})" if results.get("proxy") else known


def model_name(results: dict[str, Any]) -> str:
    """Name of the tuned model: its base, and the code of its language or of what is spoken."""
    told = codes(results) if results.get("proxy") else None
    return f"{base_model(results)[0].rpartition('/')[2]}-{told or results['language']}"
