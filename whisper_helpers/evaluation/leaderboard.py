"""Any runs and models on one corpus, sorted, with intervals, and ties marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from ..checkpoints import Checkpoint, find_checkpoint, open_checkpoint
from ..corpus import BUNDLED
from ..errors import BadInput
from ..metrics import ENOUGH_CLIPS, ENOUGH_SPEAKERS, paired_difference, quotable_interval
from ..screen import span
from ..tokens import language_code, language_name
from .conditions import conditions, warnings
from .findings import word_errors
from .listening import Heard, listen
from .markup import document, table
from .material import Choices, Material, collect
from .measuring import check_language, memo_of, open_to_hear
from .opening import UNKNOWN
from .subjects import Subject, subject_of

Announce = Callable[[str], None]
NOTHING = {"wer": None, "interval": None}  # behind the first, of the first
HEADER = ["place", "model", "WER %", "95 % interval", "points behind the first", "95 % interval of that"]


def leaderboard(
    models: Sequence[str],
    *,
    corpus: str | None = None,
    language: str | None = None,
    limit_test: int | None = None,
    batch_size: int = 16,
    announce: Announce = print,
) -> dict[str, Any]:
    """Let models hear the same test and rank them.

    A model shares the place of the first of its group when the paired interval of their difference holds 0:
    then this test cannot tell them apart.

    Parameters
    ----------
    models
        Checkpoints and run folders, two at least.
    corpus
        Its test split is heard; by default that of the first run, else the bundled one.
    language
        Code or name; by default the first run's, else the corpus tells it.
    limit_test
        Hear only so many clips.
    batch_size
        Clips heard at once.
    announce
        Takes each line for the user.

    Returns
    -------
    dict
        The test's facts, and ``rows``: ``place``, ``model``, ``wer``, ``wer_interval``, ``behind`` (None of
        the first), ``behind_interval``, ``tied`` and ``chosen_on``.

    Raises
    ------
    BadInput
        If fewer than two different models are given, or they or the corpus cannot be used.
    """
    if len(set(models)) < 2:
        raise BadInput(f"{len(set(models))} model is given", "A comparison needs two different ones")
    subjects = [subject_of(name) for name in dict.fromkeys(models)]
    checkpoints = [find_checkpoint(subject.name, announce=announce) for subject in subjects]
    first = next((subject for subject in subjects if subject.results), subjects[0])
    spoken = language_code(language) if language else first.results.get("language")
    name = corpus or first.results.get("corpus", BUNDLED)
    options = first.options if name == first.results.get("corpus") else {}
    choices = Choices(limit_test=limit_test, silence=0, long_minutes=0, batch_size=batch_size)
    tokenizer = open_checkpoint(checkpoints[0], announce=announce)[1].tokenizer
    material = collect(name, spoken, [], choices, tokenizer, options, announce)
    if any(subject.results.get("corpus", name) != name for subject in subjects):
        material.facts |= UNKNOWN
    models = list(zip(subjects, checkpoints, strict=True))
    for each in models:
        check_language(*each, material.language)
    heard = [_hear(*each, material, choices, announce) for each in models]
    chosen = [subject.results.get("chosen_on") for subject in subjects]
    names = [subject.name for subject in subjects]
    return {**material.facts, "rows": ranked(names, heard, chosen, material)}


def _hear(
    subject: Subject, checkpoint: Checkpoint, material: Material, choices: Choices, announce: Announce
) -> list[Heard]:
    model, processor = open_to_hear(checkpoint, material.language, announce)
    memo, own = memo_of(subject, checkpoint, announce)
    options = {"batch_size": choices.batch_size, "memo": memo, "model_print": own}
    return listen(model, processor, material.test, label=checkpoint.name, **options)


def ranked(
    names: Sequence[str], heard: Sequence[Sequence[Heard]], chosen: Sequence[str | None], material: Material
) -> list[dict[str, Any]]:
    """Sort models by their WER, and let those that the test cannot tell apart share a place.

    Parameters
    ----------
    names, heard, chosen
        Of each model: its name, what it heard in the test, and the split that chose it.
    material
        The test.
    """
    test, speakers = material.test, material.test["speaker"][:]
    errors = [word_errors(test, each, material.language) for each in heard]
    order = sorted(range(len(names)), key=lambda place: errors[place][0].sum())
    rows: list[dict[str, Any]] = []
    leader, best = order[0], order[0]
    for rank, place in enumerate(order, start=1):
        wrong, words = errors[place]
        behind = paired_difference(errors[best][0], wrong, words, speakers).as_dict() if place != best else NOTHING
        tied = place != leader and paired_difference(errors[leader][0], wrong, words, speakers).verdict != "worse"
        leader = leader if tied else place
        rows.append(
            {
                "place": rows[-1]["place"] if tied else rank,
                "model": names[place],
                "wer": round(100 * float(wrong.sum() / words.sum()), 3),
                "wer_interval": quotable_interval(wrong, words),
                "behind": behind["wer"],
                "behind_interval": behind["interval"],
                "tied": tied,
                "chosen_on": chosen[place],
            }
        )
    return rows


def as_markdown(board: dict[str, Any]) -> str:
    """Table for a README.

    Parameters
    ----------
    board
        From :func:`leaderboard`.
    """
    rows = [HEADER, ["---"] * len(HEADER), *([cell.replace("|", "\\|") for cell in row] for row in _cells(board))]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{lines}\n\n{_footing(board)}\n"


def as_text(board: dict[str, Any]) -> str:
    """Table for the terminal.

    Parameters
    ----------
    board
        From :func:`leaderboard`.
    """
    rows = [HEADER, *_cells(board)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, _footing(board)])


def as_html(board: dict[str, Any]) -> str:
    """Page that stands alone.

    Parameters
    ----------
    board
        From :func:`leaderboard`.
    """
    title = f"Leaderboard for {language_name(board['language'])}"
    return document(title, f"{table(HEADER, _cells(board))}<p class=dim>{escape(_footing(board))}</p>")


def _footing(board: dict[str, Any]) -> str:
    ties = "Models with = share a place: the paired interval of their difference holds 0"
    ties += "." if board["clips"] >= ENOUGH_CLIPS else f", or there is none: an interval takes {ENOUGH_CLIPS} clips."
    flattered = ["A model with * was chosen on the test split."] if any(map(_flatters, board["rows"])) else []
    whom = [f"Differences speak for these speakers only; from {ENOUGH_SPEAKERS} on they would speak for others too."]
    known = whom if board["speakers"] < ENOUGH_SPEAKERS else []
    return " ".join([conditions(board), *warnings(board), ties, *known, *flattered])


def _cells(board: dict[str, Any]) -> list[list[str]]:
    return [
        [
            f"{row['place']}{'=' if row['tied'] else ''}",
            f"{row['model']}{' *' if _flatters(row) else ''}",
            f"{row['wer']:.1f}",
            span(row["wer_interval"]),
            "" if row["behind"] is None else f"{row['behind']:+.1f}",
            span(row["behind_interval"]) if row["behind"] is not None else "",
        ]
        for row in board["rows"]
    ]


def _flatters(row: dict[str, Any]) -> bool:
    return row["chosen_on"] == "test"
