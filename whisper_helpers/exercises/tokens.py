"""Checkers of notebook 04: room in the decoder, the start token, the shift, the prefix of a translation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..tokens import IGNORED, MAX_LABELS
from .verdict import Verdict, checker

START, END, WORD = 50_258, 50_257, 1_234
PREFIX = (50_276, 50_359, 50_363)  # Hindi, transcribe, no timestamps
LABELS = (*PREFIX, WORD, END)
ROOM = MAX_LABELS - len(PREFIX) - 1
TRANSLATION = ("<|startoftranscript|>", "<|hi|>", "<|translate|>", "<|notimestamps|>")

Ids = Sequence[int]


@checker
def room(answer: int) -> Verdict:
    """Check how many tokens of text fit into labels of 448.

    Parameters
    ----------
    answer
        Tokens.

    Examples
    --------
    >>> print(room(448))
    Not yet. 448 is the whole length; language, task, timestamps or none, and the end take places too.
    """
    if answer == ROOM:
        return Verdict(True, f"{MAX_LABELS} less language, task, no timestamps, and the end.")
    known = {
        MAX_LABELS: "448 is the whole length; language, task, timestamps or none, and the end take places too.",
        ROOM - 1: f"{answer} counts the start token, which is cut off the labels.",
        ROOM + 1: f"{answer} leaves one mark out: there are three before the text and one after it.",
    }
    return Verdict(False, known.get(answer, "Print the labels of an empty sentence, and count what is there already."))


@checker
def trim_start(function: Callable[[list[int], int], Ids]) -> Verdict:
    """Check a function that takes ids and the start token's id, and cuts the start token off where it stands.

    Parameters
    ----------
    function
        Called with a list of ids and an id.

    Examples
    --------
    >>> print(trim_start(lambda ids, start: ids[1:]))
    Not yet. Where no start token stands first, nothing may be cut: the language went.
    """
    if _listed(function([START, *LABELS], START)) == [START, *LABELS]:
        return Verdict(False, f"The start token {START} is still there. Is it compared with {END}, the bos token?")
    if _listed(function([START, *LABELS], START)) != [*LABELS]:
        return Verdict(False, "Only the first id may go; the rest stays as it is.")
    if _listed(function([*LABELS], START)) != [*LABELS]:
        return Verdict(False, "Where no start token stands first, nothing may be cut: the language went.")
    if _listed(function([START + 1, *LABELS], START + 1)) != [*LABELS]:
        return Verdict(False, "The start token's id is given; large-v3 has others than this tokenizer.")
    if _listed(function([], START)) != []:
        return Verdict(False, "Of no ids no ids remain.")
    return Verdict(True, "The start token goes where it stands, and nothing else does.")


@checker
def shift_right(function: Callable[[list[int], int, int], Ids]) -> Verdict:
    """Check a function of labels, start token and end token that returns the decoder's input.

    Parameters
    ----------
    function
        Called with a list of labels, padded with -100, and two ids.

    Examples
    --------
    >>> print(shift_right(lambda labels, start, end: [start, *labels]))
    Not yet. 5 labels need an input of 5; yours has 6. Nothing follows the last label, so it is no input.
    """
    row = [*LABELS]
    given = _listed(function(row, START, END))
    if row != [*LABELS]:
        return Verdict(False, "Your function changed the list it was given. Build a new one.")
    if len(given) != len(LABELS):
        what = f"{len(LABELS)} labels need an input of {len(LABELS)}; yours has {len(given)}."
        return Verdict(False, f"{what} Nothing follows the last label, so it is no input.")
    if given[0] != START:
        return Verdict(False, f"The first input is the start token {START}; yours is {given[0]}.")
    if given != [START, *LABELS[:-1]]:
        return Verdict(False, f"After the start each label stands one place later; yours is {given}.")
    padded = _listed(function([*LABELS, IGNORED, IGNORED], START, END))
    if IGNORED in padded:
        return Verdict(False, f"{IGNORED} is no token and has no embedding: put the end token in its place.")
    if padded != [START, *LABELS, END]:
        return Verdict(False, f"A padded row should become {[START, *LABELS, END]}; yours is {padded}.")
    return Verdict(True, "At each place the decoder sees what was said before, and is asked for the next token.")


@checker
def translation(answer: Sequence[str]) -> Verdict:
    """Check the prefix that asks for English text of Hindi speech, without timestamps.

    Parameters
    ----------
    answer
        Four special tokens as text.

    Examples
    --------
    >>> print(translation(["<|startoftranscript|>", "<|en|>", "<|translate|>", "<|notimestamps|>"]))
    Not yet. <|en|> says that English is spoken. The language is the one that is heard; translate means English text.
    """
    given = tuple(answer.replace("><", "> <").split()) if isinstance(answer, str) else tuple(answer)
    if given == TRANSLATION:
        return Verdict(True, "Start, the language that is spoken, the task, no timestamps.")
    if "<|en|>" in given:
        why = "The language is the one that is heard; translate means English text."
        return Verdict(False, f"<|en|> says that English is spoken. {why}")
    if "<|transcribe|>" in given:
        return Verdict(False, "<|transcribe|> writes down the language that is spoken; another task writes English.")
    missing = [token for token in TRANSLATION if token not in given]
    if missing:
        kinds = dict(zip(TRANSLATION, ("the start", "the language", "the task", "the timestamps"), strict=True))
        return Verdict(False, f"What says {kinds[missing[0]]} is missing or misspelt.")
    return Verdict(False, "Each is needed once, in the order start, language, task, timestamps.")


def _listed(ids: Ids) -> list[int]:
    return [int(each) for each in ids]
