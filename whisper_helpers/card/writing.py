"""The model card of a run: what a stranger needs to know, with metadata that the Hugging Face Hub reads."""

from __future__ import annotations

from typing import Any

from ..screen import span
from ..tokens import language_name
from .naming import (
    base_model,
    cell,
    codes,
    data_sets,
    last_name,
    model_name,
    scored_corpus,
    shown_corpus,
    spoken_languages,
    without_paths,
)

TASK = "automatic-speech-recognition"
STAGES = {"before": "before, at 30 s", "after": "after, at the clips' window", "after_30s": "after, at 30 s"}
RECIPE = ("batch_size", "gradient_accumulation", "learning_rate", "warmup_steps", "full_window_every")


def model_card(results: dict[str, Any], examples: list[dict[str, str]]) -> str:
    """Write the model card of a finished run: Markdown under metadata in YAML.

    No path of this machine gets into it; of a folder only its last name does.

    Parameters
    ----------
    results
        What ``results.json`` holds, with ``after_30s``; ``license`` is apache-2.0 unless it is there.
    examples
        Test clips with ``clip``, ``reference``, ``before``, ``after`` and ``after_30s``.

    Returns
    -------
    str
        Content of a ``README.md``.
    """
    results = without_paths(results) | {"corpus": results["corpus"]}
    sections = {
        "Scores": _scores(results),
        "Data": _data(results),
        "Training": _training(results),
        "Examples from the test split": _examples(examples),
        "How to use it": _USE,
        "Limits": _limits(results),
    }
    body = "\n\n".join(f"## {title}\n\n{section}" for title, section in sections.items())
    head = f"---\n{_metadata(results)}\n---\n\n# {cell(model_name(results))}\n\n{_introduction(results)}"
    return f"{head}\n\n{body}\n"


def _metadata(results: dict[str, Any]) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    (base, on_hub), corpus, scores = base_model(results), scored_corpus(results), []
    for metric in ("wer", "cer"):
        score = {"metric_value": round(float(results["after_30s"][metric]), 2), "metric_type": metric}
        title = f"{metric.upper()} in percent, at 30 s, normalised"
        scores.append(EvalResult(task_type=TASK, metric_name=title, **score, **corpus))
    return ModelCardData(
        language=codes(results),
        license=results.get("license", "apache-2.0"),
        library_name="transformers",
        pipeline_tag=TASK,
        tags=["whisper", "whisper-helpers", *(["synthetic-voices"] if results.get("synthetic") else [])],
        base_model=base if on_hub else None,
        datasets=data_sets(results),
        metrics=["wer", "cer"],
        model_name=model_name(results),
        eval_results=scores,
    ).to_yaml(line_break="\n")


def _introduction(results: dict[str, Any]) -> str:
    task, language = results.get("task", "transcribe"), language_name(results["language"])
    what = "writes down" if task == "transcribe" else "translates to English"
    does = f"It {what} spoken {cell(spoken_languages(results))} (task `{task}`)"
    first = f"{cell(base_model(results)[0])}, fine-tuned with Whisper Helpers. {does}."
    if results.get("proxy"):
        code = results["language"]
        first += f" Whisper has no token for what is spoken: ask for {language} (`{code}`), and it writes the other."
    elif len(results.get("languages") or []) > 1:
        first += f" It is set to {language}; ask for another of them by its code."
    voices = "> **Synthetic voices.** A machine spoke every clip, of training and test: people are harder."
    return f"{first}\n\n{voices}" if results.get("synthetic") else first


def _scores(results: dict[str, Any]) -> str:
    rows = [["test split", "WER %", "95 % interval", "CER %", "95 % interval", "WER % raw", "CER % raw"]]
    for name, label in STAGES.items():
        rows.append(_score(label, results[name]))
        for code, part in results.get("by_language", {}).get(name, {}).items():
            rows.append(_score(f"{label}: {language_name(code)}, {part['clips']} clips", part))
    how = f"WER and CER: {cell(results.get('normaliser', 'normalised'))}. Raw: text as it is."
    return f"{_table(rows)}\n\n{how} Intervals: bootstrap over {results['clips']['test']} test clips."


def _score(label: str, score: dict[str, Any]) -> list[str]:
    rates = []
    for unit in ("wer", "cer"):
        rates += [f"{score[unit]:.1f}", span(score[f"{unit}_interval"])]
    return [label, *rates, f"{score['wer_raw']:.1f}", f"{score['cer_raw']:.1f}"]


def _table(rows: list[list[str]]) -> str:
    header, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([header, "|" + " --- |" * len(rows[0]), *others])


def _data(results: dict[str, Any]) -> str:
    clips, hours = results["clips"], results["hours"]
    rows = [[cell(split), str(clips[split]), f"{hours[split]:.3f}"] for split in clips]
    return f"{cell(scored_corpus(results)['dataset_name'])}.\n\n{_table([['split', 'clips', 'hours'], *rows])}"


def _training(results: dict[str, Any]) -> str:
    recipe, following = results.get("recipe", {}), " at most, as long as the clips of a batch"
    facts = {
        "window": f"{results['window_seconds']} s{following if results.get('window') == 'auto' else ''}",
        "steps": results["steps"],
        "best step, by validation WER": results.get("best_step"),
        **{name.replace("_", " "): recipe.get(name) for name in RECIPE},
        **_mixed_in(results.get("mixed_in")),
        "seed": results["seed"],
        "precision": results.get("precision"),
        "seconds of training": results["train_seconds"],
        "versions": ", ".join(f"{name} {version}" for name, version in results["versions"].items()),
    }
    return "\n".join(f"- {name}: {cell(str(value))}" for name, value in facts.items() if value is not None)


def _mixed_in(found: dict[str, Any] | None) -> dict[str, Any]:
    if not found:
        return {}
    replayed = [
        f"{number} of {language_name(code)} ({shown_corpus(each['corpus'])})"
        for each in found["replayed"]
        for code, number in each["clips"].items()
    ]
    return {
        "clips mixed in to keep other languages": ", ".join(replayed) or "none",
        "clips mixed in without speech": found["without_speech"],
    }


def _examples(examples: list[dict[str, str]]) -> str:
    names = {"clip": "clip", "reference": "said", **STAGES}
    rows = [{**example, "clip": last_name(example["clip"])} for example in examples]
    return _table([list(names.values()), *([cell(row[name]) for name in names] for row in rows)])


_USE = """\
```python
import librosa
from transformers import pipeline

samples, _ = librosa.load("recording.wav", sr=16_000)
transcriber = pipeline("automatic-speech-recognition", model="THIS_MODEL")
print(transcriber(samples)["text"])
```

In place of `THIS_MODEL` put this model's name on the Hub, or the folder that holds it. The pipeline takes any
array to be 16 kHz, so resample first, as above. Language and task are set. Recordings of more than 30 s need
`return_timestamps=True`."""


def _limits(results: dict[str, Any]) -> str:
    taught = (results.get("mixed_in") or {}).get("without_speech")
    into_silence = "; into silence less, which it learned to leave empty" if taught else ", above all into silence"
    real = ["- All voices are synthetic: how well it understands people was not measured."]
    lines = [
        f"- The test has {results['clips']['test']} clips, {results['hours']['test'] * 60:.1f} minutes.",
        "- The intervals draw clips, not speakers: with few speakers the truth is less sure.",
        "- Other languages, noise and far microphones were not measured.",
        f"- Like every Whisper, it may write words that nobody said{into_silence}.",
    ]
    return "\n".join([*(real if results.get("synthetic") else []), *lines])
