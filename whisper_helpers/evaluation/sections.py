"""Sections of the report, as HTML."""

from __future__ import annotations

from html import escape
from typing import Any

from ..metrics import ENOUGH_CLIPS
from ..screen import counted, span
from ..tokens import language_name
from .conditions import Results, bounds, conditions, warnings
from .joined import long_notes
from .markup import box, table
from .trained_on import guard_notes, silence_notes

RATES = (
    "WER, the word error rate, is how many words are wrong, left out or put in for each 100 words said; CER counts "
    "characters."
)
LONG_WAYS = (
    "Sequential: as the command transcribe hears, a window of 30 s from where the last segment ended, and again at "
    "temperature 0.4, then 0.8, where it is guessed or loops (the command tries 0.2, 0.4, 0.6, 0.8 and 1.0). Chunked: "
    "windows that overlap, heard at once and merged by a pipeline of transformers, without its five beams."
)
LEFT = {"invented": "words a minute left", "deleted": "words of the test lost %"}
SIDE = 220  # pixels of the reliability figure


def summary(results: Results) -> str:
    """All sections but the clips.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate`.
    """
    sections = (_verdict, _conditions, _readings, _wrong, _groups, _guard, _silence, _long, _sure, _speed)
    return "".join(section(results) for section in sections)


def _verdict(results: Results) -> str:
    difference, scores = results["difference"], results["scores"]
    told = {stage: f"WER {each['wer']:.1f} % ({bounds(each['wer_interval'])})" for stage, each in scores.items()}
    if not difference:
        return f"<h2>How good is it?</h2>{box(told['after'])}"
    lines = [f"{stage.capitalize()}: {results['models'][stage]}, {score}." for stage, score in told.items()]
    who = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f"<h2>Is it better?</h2>{box(difference['sentence'], difference['verdict'])}{who}"


def _conditions(results: Results) -> str:
    boxes = "".join(box(text, "warning") for text in warnings(results))
    return f"<p class=dim>{escape(RATES)} {escape(conditions(results))}</p>{boxes}"


def _readings(results: Results) -> str:
    rows, notes = [], []
    for stage, score in results["scores"].items():
        for row in score["readings"]:
            kinds = [row[kind] for kind in ("substitutions", "deletions", "insertions")]
            rows.append([stage, row["title"], row["wer"], row["cer"], *kinds, row["words"]])
    for row in results["scores"]["after"]["readings"]:
        notes.append(f"<li><b>{escape(row['title'])}</b>: {escape(row['explanation'])}</li>")
        if "warning" in row:
            notes.append(f"<li class=warning>{escape(row['warning'])}</li>")
    header = ["", "reading", "WER %", "CER %", "substituted", "left out", "put in", "words"]
    return f"<h2>WER and CER under four readings</h2>{table(header, rows)}<ul>{''.join(notes)}</ul>"


def _wrong(results: Results) -> str:
    others = " or ".join(map(language_name, results["languages_known"]))
    names = {
        "loops": "a loop: a phrase three times in a row, or a word four times, that nobody said so",
        "wrong_script": "in another script than the reference",
        "wrong_language": f"in another language: more of its words are known from {others}",
        "empty": "empty",
        "taken_for_another_language": "of a clip that the model would take for another language, were it not told",
    }
    rows = [[text, *(score["outputs"][name] for score in results["scores"].values())] for name, text in names.items()]
    counts = table(["clips whose transcript is", *results["scores"]], rows)
    lists = "".join(map(_confusions, results["confusions"].items()))
    return f"<h2>Where is it wrong?</h2>{counts}<details><summary>Confusions{_last(results)}</summary>{lists}</details>"


def _confusions(kind: tuple[str, list[list[Any]]]) -> str:
    blank = {"": "(nothing)", " ": "(space)"}
    rows = [[blank.get(said, said), blank.get(heard, heard), times] for said, heard, times in kind[1][:10]]
    return f"<h3>{kind[0]}</h3>{table(['said', 'heard', 'times'], rows)}"


def _groups(results: Results) -> str:
    rows = [
        [kind, row["group"], row["clips"], row["wer"], span(row["wer_interval"])]
        for kind, groups in results["groups"].items()
        for row in groups
    ]
    groups = table(["by", "", "clips", "WER %", "95 % interval"], rows)
    few = f"<p class=dim>An interval takes {ENOUGH_CLIPS} clips.</p>"
    return f"<h3>By speaker, length, loudness and script{_last(results)}</h3>{groups}{few}"


def _last(results: Results) -> str:
    return ", after" if results["difference"] else ""


def _guard(results: Results) -> str:
    rows, sentences = [], []
    for code, stages in results["guard"].items():
        for stage in results["models"]:
            row, stamps = stages[stage], stages[stage]["timestamps"]
            shares = [row["language_identified"], stamps["valid"], stamps["found"], f"{stamps['drift']:.2f}"]
            rows.append([language_name(code), stage, row["wer"], span(row["wer_interval"]), *shares])
        if "difference" in stages:
            sentences.append(f"<p>{language_name(code)}: {escape(stages['difference']['sentence'])}</p>")
        sentences += [f"<p class=dim>{escape(note)}</p>" for note in guard_notes(results, code)]
    if not rows:
        return ""
    header = ["language", "", "WER %", "95 % interval", "identified %", "timestamps valid %", "ends found %", "drift s"]
    explained = (
        "Identified: clips that the model takes for their language when it may guess. Timestamps are those of joined "
        "clips: valid when they come in pairs and in order; found are the sentences' ends with a timestamp within half "
        "a second; drift is the mean distance to the nearest."
    )
    sets = [f"{language_name(code)}: {_guard_set(each)}" for code, each in results["guard_sets"].items()]
    notes = f"<p class=dim>{escape(' '.join(sets))} {explained}</p>"
    return f"<h2>What did it break?</h2>{table(header, rows)}{''.join(sentences)}{notes}"


def _guard_set(found: dict[str, Any]) -> str:
    voices = ", synthetic voices" if found["synthetic"] else ""
    return f"{counted(found['clips'], 'clip')} of {' and '.join(found['corpora'])}{voices}."


def _silence(results: Results) -> str:
    details = {stage: found for stage, found in results["silence_details"].items() if found}
    if not details:
        return ""
    sounds = [{"all": found, **found["by_kind"]} for found in details.values()]
    facts = ("words_a_minute", "clips_with_text")
    rows = [[kind, *(each[kind][fact] for fact in facts for each in sounds)] for kind in sounds[0]]
    header = [f"{words}, {stage}" for words in ("words a minute", "% of clips with text") for stage in details]
    invented = table(["sound", *header], rows)
    limits = zip(*(results["thresholds"][stage] for stage in details), strict=True)
    left = [[f"{row[0]['threshold']:.1f}", *(each[fact] for fact in LEFT for each in row)] for row in limits]
    costs = table(["no speech above", *(f"{words}, {stage}" for words in LEFT.values() for stage in details)], left)
    clips = next(iter(details.values()))["clips"]
    why = "Leaving out clips in which the model thinks that nobody speaks would cost:"
    what = escape(" ".join([f"{counted(clips, 'clip')} in which nobody speaks.", *silence_notes(results)]))
    return f"<h2>Does it invent text?</h2><p>{what}</p>{invented}<p>{why}</p>{costs}"


def _long(results: Results) -> str:
    names = (
        "wer",
        "deletions",
        "insertions",
        "words",
        "loops",
        "seams",
        "seam_words",
        "seam_deletions",
        "seam_repetitions",
    )
    rows = [
        [stage, way, *(found[name] for name in names)]
        for stage, ways in results["long"].items()
        for way, found in ways.items()
    ]
    if not rows:
        return ""
    header = ["", "hearing", "WER %", "left out", "put in", "words", "loops", "seams"]
    header += ["words at seams", "left out there", "repeated there"]
    joined = results["long_audio"]
    what = f"Test clips joined to {counted(joined['recordings'], 'recording')}, {joined['minutes']:.1f} minutes."
    what += f" A seam is where one window gives way to the next. {LONG_WAYS}"
    boxes = "".join(box(note, "warning") for note in long_notes(results))
    return f"<h2>Long audio</h2><p>{what}</p>{table(header, rows)}{boxes}"


def _sure(results: Results) -> str:
    figures = "".join(_reliability(stage, score["calibration"]) for stage, score in results["scores"].items())
    what = "How often the likeliest next token is right, by how sure the model is of it. On the line both agree; the "
    what += "calibration error is the mean distance from it."
    return f"<h2>How sure is it?</h2><p>{what}</p>{figures}"


def _reliability(stage: str, found: dict[str, Any]) -> str:
    if not found["bins"]:
        return ""
    side, edge = SIDE, 34
    points = [(edge + sure / 100 * side, 10 + (1 - right / 100) * side) for sure, right, _ in found["bins"]]
    dots = "".join(f"<circle cx={x:.0f} cy={y:.0f} r=4 fill='var(--bar)'/>" for x, y in points)
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    axes = f"<path d='M{edge} 10V{10 + side}H{edge + side}' fill=none stroke='var(--line)'/>"
    ideal = f"<path d='M{edge} {10 + side}L{edge + side} 10' stroke='var(--dim)' stroke-dasharray='4'/>"
    curve = f"<polyline points='{line}' fill=none stroke='var(--bar)' stroke-width=2 />"
    words = f"<text x={edge} y={side + 30} font-size=12>sure, 0 to 100 %</text>"
    middle = side // 2 + 40
    words += f"<text x=12 y={middle} font-size=12 transform='rotate(-90 12 {middle})'>right, 0 to 100 %</text>"
    label = f"{stage}: calibration error {found['error']:.1f} points"
    size = f"width={side + 50} height={side + 40} viewBox='0 0 {side + 50} {side + 40}' role=img aria-label='{label}'"
    picture = f"<svg {size}>{axes}{ideal}{curve}{dots}{words}</svg>"
    return f"<figure>{picture}<figcaption class=dim>{label}</figcaption></figure>"


def _speed(results: Results) -> str:
    rows = [
        [stage, f"{row['real_time_factor']:.2f}", row["peak_memory"] / 1e9] for stage, row in results["speed"].items()
    ]
    machines = " and ".join(dict.fromkeys(row["machine"] for row in results["speed"].values()))
    what = "Seconds of work for a second of speech, questions about language and sureness included, when each clip was "
    what += f"heard first; {machines}."
    return f"<h2>Speed</h2>{table(['', 'real-time factor', 'peak memory GB'], rows)}<p class=dim>{escape(what)}</p>"
