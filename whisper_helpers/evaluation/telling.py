"""The report in a few lines, for the terminal."""

from __future__ import annotations

from typing import Any

from ..tokens import language_name
from .conditions import bounds, conditions, warnings
from .joined import long_notes
from .trained_on import guard_notes, silence_notes


def told(results: dict[str, Any]) -> str:
    """Tell the findings in a few lines.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate`.

    Returns
    -------
    str
        Verdict, scores with intervals, guard languages, invented words; each under its conditions.
    """
    lines = [conditions(results), *(_score(stage, score) for stage, score in results["scores"].items())]
    if results["difference"]:
        lines.append(results["difference"]["sentence"])
    for code, found in results["guard"].items():
        lines += [_guard(code, found), *guard_notes(results, code)]
    silence = [f"{number:g} {stage}" for stage, number in results["silence"].items() if number is not None]
    if silence:
        lines.append(f"Invented words a minute where nobody speaks: {', '.join(silence)}.")
        lines += silence_notes(results)
    lines += long_notes(results)
    lines += [row["warning"] for row in results["scores"]["after"]["readings"] if "warning" in row]
    lines += warnings(results)
    return "\n".join(lines)


def _score(stage: str, score: dict[str, Any]) -> str:
    return f"WER {stage}: {score['wer']:.1f} % ({bounds(score['wer_interval'])})"


def _guard(code: str, found: dict[str, Any]) -> str:
    if "difference" not in found:
        return f"{language_name(code)}: WER {found['after']['wer']:.1f} %."
    wer = f"WER {found['before']['wer']:.1f} % became {found['after']['wer']:.1f} %"
    return f"{language_name(code)}: {wer}. {found['difference']['sentence']}"
