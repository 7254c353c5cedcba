"""The one error that means: the input is at fault, and here is what to do."""

from __future__ import annotations


class BadInput(ValueError):
    """Input that cannot be used, told in a message a user can act on.

    Parameters
    ----------
    given
        What was given, in the user's terms.
    allowed
        What is allowed instead.
    do
        What to do next.

    Attributes
    ----------
    agreed
        Whether all processes of a run raise it, so that one of them tells the user.

    Examples
    --------
    >>> print(BadInput("The window is 40 s", "Allowed are 1 to 30 s", "Try --window 30"))
    The window is 40 s. Allowed are 1 to 30 s. Try --window 30.
    """

    def __init__(self, given: str, allowed: str = "", do: str = "") -> None:
        sentences = [part.strip() for part in (given, allowed, do) if part.strip()]
        super().__init__(" ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in sentences))
        self.agreed = False
