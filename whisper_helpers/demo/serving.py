"""Opening the page to people: on this machine, or behind a password through a public address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..corpus import open_corpus
from ..errors import BadInput
from ..evaluation.guards import BUNDLED_GUARDS, place_of_guard
from ..tokens import language_code
from .listener import open_listeners
from .page import PAGE_SETTINGS, build_page

EXAMPLES = 3  # bundled clips
SHARED = "A public address is made: whoever has it and the password uses this machine until you press Ctrl-C."


def serve(
    model: str,
    against: str | None = None,
    *,
    language: str | None = None,
    share: bool = False,
    auth: str | None = None,
    keep: Path | None = None,
    examples: Sequence[Path] | None = None,
    announce: Callable[[str], None] = print,
) -> None:
    """Open the page and keep it open until interrupted.

    Parameters
    ----------
    model
        Name or folder of a checkpoint, or the folder of a run.
    against
        Another one, shown beside it.
    language
        Spoken language, code or name, that is chosen at first; None: the model's own, or none, which is guessed.
    share
        Make a public address through Gradio's servers; needs `auth`.
    auth
        ``"USER:PASSWORD"``, asked of every visitor; None lets everybody on this machine in.
    keep
        Folder that "correct and keep" fills; None switches it off.
    examples
        Recordings to try it with; None takes some of the bundled ones in the model's language.
    announce
        Takes the address.

    Raises
    ------
    BadInput
        If a model cannot be opened, Whisper has no such language, an example is missing, `auth` is no pair, or
        sharing has no password.
    """
    code = language_code(language) if language else None
    visitor = check_auth(auth, share=share)
    check_examples(examples)
    listeners = open_listeners([model, *([against] if against else [])], announce=announce)
    clips = bundled_clips(code or listeners[0].language) if examples is None else examples
    page = build_page(listeners, title="Whisper, listening", language=code, examples=[*map(str, clips)], keep=keep)
    if share:
        announce(SHARED)
    settings = {**PAGE_SETTINGS, "share": share, "auth": visitor}
    _, local, public = page.launch(**settings, prevent_thread_lock=True, inline=False, quiet=True)
    announce(f"The demo is open at {public or local} (Ctrl-C closes it).")
    try:
        page.block_thread()
    finally:
        page.close(verbose=False)


def check_auth(auth: str | None, *, share: bool) -> tuple[str, str] | None:
    """Take user and password apart.

    Parameters
    ----------
    auth
        ``"USER:PASSWORD"`` or None.
    share
        Whether a password is needed.

    Raises
    ------
    BadInput
        If it is no such pair, or missing where it is needed.

    Examples
    --------
    >>> check_auth("asha:long:secret", share=True)
    ('asha', 'long:secret')
    """
    if auth is None:
        if share:
            given = "Sharing makes a public address that anybody may try"
            raise BadInput(given, "It needs a password", "Add --auth USER:PASSWORD, or leave --share out")
        return None
    user, _, password = auth.partition(":")
    if not user or not password:
        raise BadInput("--auth has no user or no password", "It is USER:PASSWORD", "Write both")
    return user, password


def check_examples(given: Sequence[str | Path] | None) -> None:
    """Refuse recordings that are not there, before a model is loaded for them.

    Parameters
    ----------
    given
        Files; None if bundled ones are taken.

    Raises
    ------
    BadInput
        If one of them is missing.

    Examples
    --------
    >>> check_examples(None)
    """
    if missing := [example for example in given or () if not Path(example).is_file()]:
        raise BadInput(f"{missing[0]} is not there", "Examples are recordings", "Check its name")


def bundled_clips(language: str | None = None) -> Sequence[str]:
    """Recordings to try the page with, from the bundled test splits.

    Parameters
    ----------
    language
        Code of the spoken language; None: some of each bundled one.

    Returns
    -------
    sequence of str
        Files; none where no speech of that language is bundled.

    Examples
    --------
    >>> bundled_clips("ml")
    []
    """
    corpora = {"hi": "bundled", **{code: place_of_guard(code) for code in BUNDLED_GUARDS}}
    wanted = list(corpora) if language is None else [language] if language in corpora else []
    each = EXAMPLES // max(1, len(wanted))
    tests = [open_corpus(corpora[code], announce=lambda line: None)["test"] for code in wanted]
    return [test[place]["audio"]["path"] for test in tests for place in range(each)]
