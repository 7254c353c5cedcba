"""All findings of an evaluation as one dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..checkpoints import Checkpoint
from ..corpus import clip_names
from . import findings
from .joined import FALLBACK
from .material import Material
from .subjects import Subject
from .trained_on import learned

if TYPE_CHECKING:
    from datasets import Dataset


def summarise(
    checkpoints: Sequence[Checkpoint],
    subjects: Sequence[Subject],
    material: Material,
    measured: Sequence[dict[str, Any]],
    seed: int = 0,
) -> dict[str, Any]:
    """Work out all findings.

    Parameters
    ----------
    checkpoints, subjects, measured
        Of one model, or of two: before, after.
    material
        What they heard.
    seed
        Of the intervals.
    """
    test, language, after = material.test, material.language, measured[-1]
    stages = dict(zip(("before", "after")[-len(measured) :], measured, strict=True))
    both = len(measured) == 2
    names = dict(zip(stages, [checkpoint.name for checkpoint in checkpoints], strict=True))
    known = dict(zip(stages, subjects, strict=True))
    silence = {stage: findings.invented(material.silence, each["silence"], language) for stage, each in stages.items()}
    results: dict[str, Any] = {
        "models": names,
        **material.facts,
        "scores": {
            stage: findings.score_of(test, each["test"], language, material.known, seed)
            for stage, each in stages.items()
        },
        "difference": findings.difference_of(test, measured[0]["test"], after["test"], language, seed)
        if both
        else None,
        "groups": findings.groups(test, after["test"], language, seed),
        "confusions": findings.confused(test, after["test"], language),
        "guard": _guard(material, stages, seed, both),
        "guard_sets": {
            code: {
                "corpora": own.corpora,
                "synthetic": own.synthetic,
                "clips": len(own.clips),
                "trained_on": {stage: learned(subject, code, own) for stage, subject in known.items()},
            }
            for code, own in material.guard.items()
        },
        "mixed_in": {stage: subject.mixed_in for stage, subject in known.items()},
        "languages_known": sorted({*material.known} - {language}),
        "silence": {stage: found and found["words_a_minute"] for stage, found in silence.items()},
        "silence_details": silence,
        "thresholds": {
            stage: findings.thresholds(test, each["test"], material.silence, each["silence"], language)
            for stage, each in stages.items()
        },
        "long": {stage: each["long"] for stage, each in stages.items()},
        "long_audio": {
            "recordings": len(material.long),
            "minutes": round(material.long_minutes, 2),
            "temperatures": list(FALLBACK),
        },
        "speed": {stage: _speed(material, each) for stage, each in stages.items()},
    }
    results["transcripts"] = _transcripts(test, stages)
    if material.apart is not None:
        results["without_words_heard"] = {
            stage: sum(len(each["text"].split()) for each in heard["apart"]) for stage, heard in stages.items()
        }
    return results


def _transcripts(test: Dataset, stages: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    columns = {"clip": clip_names(test), "said": test["sentence"][:]}
    columns |= {stage: findings.texts(each["test"]) for stage, each in stages.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _guard(material: Material, stages: dict[str, dict[str, Any]], seed: int, both: bool) -> dict[str, Any]:
    guard: dict[str, Any] = {}
    for code, own in material.guard.items():
        if all(code in each["guard"] for each in stages.values()):
            guard[code] = {
                stage: findings.guard_of(own.clips, each["guard"][code], code, each["timestamps"][code], seed)
                for stage, each in stages.items()
            }
            if both:
                before, after = (each["guard"][code] for each in stages.values())
                guard[code]["difference"] = findings.difference_of(own.clips, before, after, code, seed)
    return guard


def _speed(material: Material, measured: dict[str, Any]) -> dict[str, Any]:
    seconds = sum(each["seconds"] for each in measured["test"])
    factor = round(seconds / sum(material.test["seconds"]), 3)
    return {"real_time_factor": factor, "peak_memory": measured["peak_memory"], "machine": measured["machine"]}
