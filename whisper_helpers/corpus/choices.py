"""What a user chooses about the opening of a corpus, handed from reader to reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import BadInput
from .clips import Announce

OFFICIAL, VALIDATED = "official", "validated"


@dataclass(frozen=True)
class Choices:
    """How a corpus is opened.

    Parameters
    ----------
    language
        Code or name of the language of all clips; None to read it from the corpus.
    named
        Columns that the user named, by kind, as for `choose_columns`.
    splits
        Of Common Voice: ``"official"`` splits, or every ``"validated"`` clip.
    min_up_votes, max_down_votes
        Leave out clips with fewer or more votes; None to ask for nothing.
    announce
        Takes a line for the user.
    keep_empty
        Keep clips without a sentence.
    keep_missing
        Keep recordings without a text, and texts without a recording, whose file is not there then.

    Raises
    ------
    BadInput
        If the splits or the votes are nothing that can be asked for.

    Examples
    --------
    >>> Choices(language="hi").splits
    'official'
    """

    language: str | None = None
    named: Mapping[str, str | None] = field(default_factory=dict)
    splits: str = OFFICIAL
    min_up_votes: int | None = None
    max_down_votes: int | None = None
    announce: Announce = print
    keep_empty: bool = False
    keep_missing: bool = False

    def __post_init__(self) -> None:
        """Refuse what no corpus has."""
        if self.splits not in (OFFICIAL, VALIDATED):
            raise BadInput(f"There are no splits {self.splits!r}", f"Splits are {OFFICIAL} or {VALIDATED}")
        for name in ("min_up_votes", "max_down_votes"):
            if (getattr(self, name) or 0) < 0:
                raise BadInput(f"--{name.replace('_', '-')} is {getattr(self, name)}", "It must be 0 or more")
