"""What models were trained on beside their own corpus, and how much of it comes again in what they are measured on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..corpus.mixture import parse_mixture
from ..errors import BadInput
from ..screen import counted
from ..tokens import language_name
from .guards import Guard, place_of_guard
from .subjects import Subject

Learned = dict[str, Any]


def learned(subject: Subject, code: str, guard: Guard) -> list[Learned] | None:
    """Corpora of a guard's language that a model was trained on.

    Parameters
    ----------
    subject
        The model.
    code
        Whisper's code of the guard's language.
    guard
        Its clips, and what they share with the training split of their own corpora.

    Returns
    -------
    list of dict or None
        ``corpus``; ``clips``, how many of them (None for the run's own corpus, which is not counted by language);
        ``same_corpus``, whether the guard is of that corpus too; and, if it is, what the guard shares with the
        training split: ``speakers`` (None if they are not known), ``sentences`` and ``source_voices``, those of the
        synthetic voices, shared and in all (None if they are not known). None if what was mixed in is not known.
    """
    if subject.mixed_in is None:
        return None
    trained = {each["corpus"]: each["clips"].get(code) for each in subject.mixed_in["replayed"]}
    found = {corpus: clips for corpus, clips in trained.items() if clips}
    if code in subject.languages:
        own = parse_mixture(subject.results["corpus"])
        found |= {part.name: None for part in own if part.language in (None, code)}
    return [_entry(corpus, clips, guard) for corpus, clips in found.items()]


def _entry(corpus: str, clips: int | None, guard: Guard) -> Learned:
    shared = next((facts for name, facts in guard.shared.items() if _place(name) == _place(corpus)), None)
    return {"corpus": corpus, "clips": clips, "same_corpus": shared is not None, **(shared or {})}


def _place(name: str) -> str:
    try:
        place = Path(place_of_guard(name)).expanduser()
    except BadInput:
        return name
    return str(place.resolve()) if place.exists() else name


def guard_notes(results: dict[str, Any], code: str) -> list[str]:
    """Say of a guard language which models were trained on it; of a base nothing is said where nothing is known.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate`.
    code
        Whisper's code of the language.
    """
    stages = results["guard_sets"][code]["trained_on"].items()
    return [sentence(stage, code, found) for stage, found in stages if found is not None or stage == "after"]


def silence_notes(results: dict[str, Any]) -> list[str]:
    """Say which models were trained on clips without speech.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate`.
    """
    numbers = {stage: found["without_speech"] for stage, found in results["mixed_in"].items() if found}
    return [
        f"{stage.capitalize()}: trained on {counted(number, 'clip')} without speech, made by the same rules but others."
        for stage, number in numbers.items()
        if number
    ]


def sentence(stage: str, code: str, corpora: list[Learned] | None) -> str:
    """Say in plain words what a guard's score after training is worth.

    Parameters
    ----------
    stage
        ``"before"`` or ``"after"``.
    code
        Whisper's code of the guard's language.
    corpora
        From :func:`learned`.

    Examples
    --------
    >>> sentence("after", "es", [{"corpus": "mine", "clips": 12, "same_corpus": False}])
    'After: trained on 12 clips of Spanish of mine, another corpus; whether it shares speakers or sentences with these \
clips was not looked at. A language that was trained on flatters; others may have lost more.'
    >>> sentence("after", "es", [])
    'After: not trained on any clip of Spanish.'
    """
    language = language_name(code)
    if corpora is None:
        return f"{stage.capitalize()}: it is not recorded whether the model was trained on clips of {language}."
    if not corpora:
        return f"{stage.capitalize()}: not trained on any clip of {language}."
    parts = " And ".join(_part(each, language) for each in corpora)
    return f"{stage.capitalize()}: {parts} A language that was trained on flatters; others may have lost more."


def _part(each: Learned, language: str) -> str:
    number = "clips" if each["clips"] is None else counted(each["clips"], "clip")
    start = f"trained on {number} of {language} of {each['corpus']}"
    if not each["same_corpus"]:
        return f"{start}, another corpus; whether it shares speakers or sentences with these clips was not looked at."
    speakers = "unknown speakers" if each["speakers"] is None else counted(each["speakers"], "speaker")
    shared = f"{start}, this guard's own corpus. Of its training split these clips share {speakers}"
    shared += f" and {counted(each['sentences'], 'sentence')}"
    if each["source_voices"]:
        common, every = each["source_voices"]
        shared += f"; but {common} of the {every} voices that their synthetic voices are blended from are in both"
    return f"{shared}."
