"""Oracles: each language of a mixture transcribed and scored alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import WORDS, write_tone
from transformers import EvalPrediction

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.errors import BadInput
from whisper_helpers.evaluation import transcribe
from whisper_helpers.metrics import make_compute_metrics, score
from whisper_helpers.recipe import Recipe
from whisper_helpers.tokens import encode_labels
from whisper_helpers.training import finetune
from whisper_helpers.training.languages import check_languages, follow_languages, metrics_by_language


def silent(line: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a mixture of Hindi and Malayalam."""
    parts = []
    for code, words in {"hi": WORDS, "ml": ["ഒന്ന്", "രണ്ട്", "മൂന്ന്"]}.items():
        folder = tmp_path_factory.mktemp(code)
        for number in range(12):
            write_tone(folder / f"{number:02}.wav", 0.5 + number / 20, hertz=200 + 9 * number)
            (folder / f"{number:02}.txt").write_text(f"{words[number % len(words)]} {number}", encoding="utf-8")
        parts.append(f"{folder}={code}:{1 if code == 'hi' else 2}")
    return ",".join(parts)


def test_each_clip_is_heard_in_its_own_language(mixture: str, tiny_whisper: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", announce=silent)
    test = usable_clips(open_corpus(mixture, announce=silent), processor.tokenizer, announce=silent)[0]["test"]
    heard = transcribe(model, processor, test)
    assert model.generation_config.language == "hi"
    for code in ("hi", "ml"):
        alone, _ = open_checkpoint(str(tiny_whisper), code, announce=silent)
        clips = test.filter(lambda row, code=code: row["language"] == code)
        expected = transcribe(alone, processor, clips)
        assert [text for text, row in zip(heard, test, strict=True) if row["language"] == code] == expected


def test_labels_decide_the_language_of_generation(tiny_whisper: Path) -> None:
    import torch

    model, processor = open_checkpoint(str(tiny_whisper), "hi", announce=silent)
    features = torch.randn(2, 80, 3000, generator=torch.Generator().manual_seed(0))
    single = {}
    for code in ("hi", "ml"):
        model.generation_config.language = code
        single[code] = model.generate(input_features=features)
    model.generation_config.language = "hi"
    labels = torch.tensor([encode_labels("x", processor.tokenizer, code) for code in ("ml", "hi")])
    follow_languages(model)
    both = model.generate(input_features=features, labels=labels)
    width = min(both.shape[1], single["hi"].shape[1], single["ml"].shape[1])
    assert both[0, :width].tolist() == single["ml"][0, :width].tolist()
    assert both[1, :width].tolist() == single["hi"][1, :width].tolist()


def test_validation_is_told_by_language(tiny_whisper: Path) -> None:
    _, processor = open_checkpoint(str(tiny_whisper), "hi", announce=silent)
    tokenizer = processor.tokenizer
    said = {"hi": ["एक दो", "तीन"], "ml": ["ഒന്ന് രണ്ട്", "മൂന്ന് നാല്"]}
    rows = {code: [encode_labels(text, tokenizer, code) for text in texts] for code, texts in said.items()}
    every = rows["hi"] + rows["ml"]
    width = max(map(len, every)) + 2
    labels = np.array([row + [-100] * (width - len(row)) for row in every])
    heard = np.roll(labels, 1, axis=0)
    metrics = metrics_by_language(tokenizer, ["hi", "ml"])(EvalPrediction(heard, labels))
    assert metrics["wer"] == make_compute_metrics(tokenizer, "hi")(EvalPrediction(heard, labels))["wer"]
    for code, part in {"hi": slice(0, 2), "ml": slice(2, 4)}.items():
        alone = make_compute_metrics(tokenizer, code)(EvalPrediction(heard[part], labels[part]))
        assert {name: metrics[f"{name}_{code}"] for name in alone} == alone
    assert "wer_hi" not in metrics_by_language(tokenizer, ["hi"])(EvalPrediction(heard, labels))


def test_a_run_over_two_languages_reports_each(mixture: str, tiny_whisper: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    recipe = Recipe(model=str(tiny_whisper), corpus=mixture, output=str(tmp_path / "run"), steps=2, batch_size=2)
    results = finetune(recipe, announce=lines.append).read_results()
    assert results["language"] == "ml"
    assert results["languages"] == ["ml", "hi"]
    clips = open_corpus(mixture, announce=silent)["test"]
    predictions = (tmp_path / "run" / "predictions.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(predictions) == len(clips)
    for stage in ("before", "after", "after_30s"):
        by_language = results["by_language"][stage]
        assert {code: part["clips"] for code, part in by_language.items()} == {"hi": 1, "ml": 1}
        assert {"wer", "cer", "wer_raw", "cer_raw", "wer_interval"} <= set(by_language["ml"])
    (validated,) = [row for row in results["training_log"] if "eval_wer" in row]
    assert {"eval_wer_hi", "eval_wer_ml"} <= set(validated)
    assert "Malayalam and Hindi" in "\n".join(lines)
    assert "  Hindi, 1 clips" in lines[-1]


def test_one_language_is_reported_as_before(small_corpus: Path, tiny_whisper: Path) -> None:
    model, _ = open_checkpoint(str(tiny_whisper), "hi", announce=silent)
    check_languages(["hi"], model)
    with pytest.raises(BadInput, match="no token for Cantonese"):
        check_languages(["hi", "yue"], model)
    assert score(["a"], ["a"], "hi").wer == 0
