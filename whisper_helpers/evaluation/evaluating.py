"""Is a model better than another, at what, and what did it break: all measurements as one dictionary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..checkpoints import find_checkpoint, open_checkpoint
from ..corpus import BUNDLED
from ..tokens import language_code
from .files import check_targets, write
from .material import Choices, collect
from .measuring import check_language, measure, own_language
from .opening import overlap_with_run
from .subjects import subject_of
from .summary import summarise

Announce = Callable[[str], None]


def evaluate(
    model: str,
    *,
    corpus: str | None = None,
    language: str | None = None,
    against: str | None = None,
    guards: Sequence[str] | None = None,
    choices: Choices | None = None,
    report: Path | None = None,
    json_file: Path | None = None,
    overwrite: bool = False,
    announce: Announce = print,
) -> dict[str, Any]:
    """Measure a model at 30 s, alone or against another, and write a page and a JSON file.

    Stopped on the way, it goes on where it was when it is called again: what a run hears is kept in its folder, what
    another model hears in the user's cache, so that a base hears the same clips once for all its runs.

    Parameters
    ----------
    model
        A checkpoint or the folder of a run. A run brings its corpus, its language and its base model.
    corpus
        Corpus whose test split is heard; by default the run's, else the bundled one.
    language
        Code or name; by default the run's or the model's, else the corpus tells it.
    against
        Model to compare with, before; by default the run's base, and none for a checkpoint.
    guards
        Other languages, each the name of a bundled set (English, Spanish) or any corpus; by default the bundled ones.
    choices
        How much is measured.
    report
        HTML page to write.
    json_file
        JSON file to write.
    overwrite
        Replace files that are there.
    announce
        Takes each line for the user.

    Returns
    -------
    dict
        What the JSON file holds.

    Raises
    ------
    BadInput
        If the input is at fault; then nothing has been written.
    """
    choices, subject = choices or Choices(), subject_of(model)
    check_targets([path for path in (report, json_file) if path], overwrite)
    against = against or subject.results.get("model")
    subjects = [*([subject_of(against)] if against else []), subject]
    checkpoints = [find_checkpoint(each.name, announce=announce) for each in subjects]
    language = language_code(language) if language else subject.results.get("language") or own_language(checkpoints[-1])
    processor = open_checkpoint(checkpoints[-1], announce=announce)[1]
    corpus = corpus or subject.results.get("corpus", BUNDLED)
    own = corpus == subject.results.get("corpus")
    material = collect(corpus, language, guards, choices, processor.tokenizer, subject.options if own else {}, announce)
    if subject.results and not own:
        material.facts |= overlap_with_run(material.test, subject, announce)
    models = list(zip(subjects, checkpoints, strict=True))
    for each in models:
        check_language(*each, material.language)
    announce(f"Each model hears {material.clips:,} clips and {material.long_minutes:.1f} minutes of long recordings.")
    measured = [measure(*each, material, choices, announce) for each in models]
    results = summarise(checkpoints, subjects, material, measured, choices.seed)
    results["chosen_on"] = subject.results.get("chosen_on")
    results["base_chosen_on"] = subjects[0].results.get("chosen_on") if against else None
    write(results, material.test, report, json_file, announce)
    return results
