"""Oracles: the clips themselves, the tokenizer's own timestamps, and averages worked out by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from datasets import Dataset, DatasetDict
from transformers import WhisperTokenizer

from whisper_helpers.assets import assets_folder
from whisper_helpers.checkpoints import find_checkpoint, open_checkpoint
from whisper_helpers.collate import DataCollatorSpeechSeq2SeqWithPadding
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.training import finetune, make_trainer, training_arguments
from whisper_helpers.training.keeping import (
    additions,
    blend,
    corpora_to_replay,
    let_write_nothing,
    mixed_in,
    with_additions,
)


def silent(line: str) -> None:
    """Take a line and say nothing."""


def mix(train: Dataset, recipe: Recipe, tokenizer: WhisperTokenizer, announce: Callable[[str], None]) -> Dataset:
    """The training clips with all that a recipe adds."""
    return with_additions(train, additions(train, recipe, tokenizer, announce), recipe, announce)


@pytest.fixture(scope="module")
def opened(tiny_whisper: Path, small_corpus: Path) -> tuple:
    """Model, processor and training clips."""
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    corpus = usable_clips(open_corpus(str(small_corpus), "hi", announce=silent), processor.tokenizer, announce=silent)
    return model, processor, corpus[0]["train"]


def test_nothing_asked_for_changes_nothing(opened: tuple) -> None:
    _, processor, train = opened
    recipe = Recipe(replay="none", silence_share=0, timestamps_share=0)
    assert mix(train, recipe, processor.tokenizer, silent) is train


def test_what_is_added_comes_after_the_clips_in_the_shares_asked_for(opened: tuple) -> None:
    _, processor, train = opened
    english = str(assets_folder() / "speech" / "guard" / "english")
    recipe = Recipe(replay=english, replay_share=0.25, silence_share=0.5)
    mixed = mix(train, recipe, processor.tokenizer, silent)
    assert mixed["sentence"][: len(train)] == train["sentence"][:]
    assert mixed["language"][len(train) :] == ["en"] * 4 + ["hi"] * 8
    assert mixed["sentence"][-8:] == [""] * 8
    assert max(mixed["seconds"][-8:]) <= max(train["seconds"])


def test_by_default_it_keeps_the_bundled_languages_and_silence(opened: tuple) -> None:
    _, processor, train = opened
    mixed = mix(train, Recipe(), processor.tokenizer, silent)
    added = mixed["language"][len(train) :]
    assert added == ["en"] * 2 + ["es"] * 2 + ["hi"] * 2
    assert 0 < sum(mixed["timed"][:-2]) < len(mixed) / 2
    assert mixed["timed"][-2:] == [False, False]
    spanish = train.add_column("old", train["language"]).map(lambda clip: {"language": "es"})
    assert set(mix(spanish, Recipe(), processor.tokenizer, silent)["language"][len(train) :]) == {"en", "es"}


@pytest.mark.parametrize("choice", [{"stream": True}, {"task": "translate"}, {"replay": "none"}])
def test_nothing_is_replayed_where_it_would_do_harm(opened: tuple, choice: dict) -> None:
    tokenizer = opened[1].tokenizer
    assert corpora_to_replay(Recipe(**choice), ["hi"], tokenizer) == []
    assert corpora_to_replay(Recipe(replay="nowhere", task="translate"), ["hi"], tokenizer) == ["nowhere"]
    assert corpora_to_replay(Recipe(), ["es"], tokenizer) == ["en"]


def test_what_is_left_out_of_a_replayed_corpus_is_told(opened: tuple, small_corpus: Path, tmp_path: Path) -> None:
    _, processor, train = opened
    corpus = tmp_path / "spoilt"
    shutil.copytree(small_corpus, corpus)
    header, *rows = (corpus / "metadata.tsv").read_text(encoding="utf-8").splitlines()
    told = [f"{header}\tlanguage", *(f"{row}\tes" for row in rows)]
    (corpus / "metadata.tsv").write_text("\n".join(told), encoding="utf-8")
    (corpus / "clips" / "03.wav").write_bytes(b"no sound")
    lines: list[str] = []
    mix(train, Recipe(replay=str(corpus), silence_share=0), processor.tokenizer, lines.append)
    assert any("03.wav" in line for line in lines)


def test_an_english_only_whisper_replays_nothing(opened: tuple) -> None:
    _, _, train = opened
    only = open_checkpoint(find_checkpoint("openai/whisper-tiny.en", announce=silent), announce=silent)[1].tokenizer
    assert mix(train, Recipe(silence_share=0, timestamps_share=0), only, silent) is train


def test_a_clip_without_speech_has_a_label_without_text(opened: tuple) -> None:
    _, processor, train = opened
    mixed = mix(train, Recipe(replay="none", silence_share=0.1), processor.tokenizer, silent)
    labels = DataCollatorSpeechSeq2SeqWithPadding(processor)([mixed[len(train)]])["labels"][0].tolist()
    assert processor.tokenizer.decode(labels) == "<|hi|><|transcribe|><|notimestamps|><|endoftext|>"


def test_what_learned_silence_may_write_nothing(tiny_whisper: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    sounds, end = torch.zeros(1, 80, 3000), processor.tokenizer.eos_token_id

    def sure_of_the_end(module: torch.nn.Module, inputs: tuple, logits: torch.Tensor) -> torch.Tensor:
        logits[..., end] = 1000.0
        return logits

    model.proj_out.register_forward_hook(sure_of_the_end)
    published = processor.batch_decode(model.generate(sounds), skip_special_tokens=True)
    let_write_nothing(model)
    assert published != [""]
    assert processor.batch_decode(model.generate(sounds), skip_special_tokens=True) == [""]
    assert model.generation_config.begin_suppress_tokens == [220]  # a lone space is no text still


@pytest.mark.parametrize(("share", "forbidden"), [(0.0, [220, 50257]), (0.2, [220])])
def test_only_a_training_with_silence_lifts_what_is_published(
    tiny_whisper: Path, opened: tuple, tmp_path: Path, share: float, forbidden: list[int]
) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    recipe = Recipe(steps=1, replay="none", silence_share=share)
    train = mix(opened[2], recipe, processor.tokenizer, silent)
    splits = DatasetDict(train=train, validation=opened[2].select(range(1)))
    make_trainer(recipe, model, processor, splits, training_arguments(recipe, tmp_path, len(train)))
    assert model.generation_config.begin_suppress_tokens == forbidden


def test_of_labels_with_timestamps_none_is_of_a_clip_without_speech(opened: tuple) -> None:
    _, processor, train = opened
    mixed = mix(train, Recipe(replay="none", timestamps_share=1, silence_share=0.2), processor.tokenizer, silent)
    assert mixed["timed"][:] == [True] * len(train) + [False] * round(0.2 * len(train))


def test_a_blend_lies_between_base_and_tuned(opened: tuple, tiny_whisper: Path) -> None:
    base, tuned = (open_checkpoint(str(tiny_whisper), "hi", announce=silent)[0] for _ in range(2))
    with torch.no_grad():
        for weights in tuned.parameters():
            weights.add_(1.0)
    blend(tuned, find_checkpoint(str(tiny_whisper), announce=silent), 0.25)
    for (name, one), other in zip(base.named_parameters(), tuned.parameters(), strict=True):
        assert torch.allclose(other, one + 0.75, atol=1e-5), name


def test_a_run_records_what_was_mixed_in(opened: tuple, tiny_whisper: Path, small_corpus: Path, tmp_path: Path) -> None:
    _, processor, train = opened
    added = additions(train, Recipe(replay_share=0.5, silence_share=0.25), processor.tokenizer, silent)
    by_corpus = [{"corpus": code, "clips": {code: 4}} for code in ("en", "es")]
    assert mixed_in(added) == {"replayed": by_corpus, "without_speech": 4}
    assert mixed_in(additions(train, Recipe(replay_share=0, silence_share=0), processor.tokenizer, silent)) == {
        "replayed": [],
        "without_speech": 0,
    }
    names = {"model": str(tiny_whisper), "corpus": str(small_corpus), "language": "hi", "output": str(tmp_path / "run")}
    folder = finetune(Recipe(**names, steps=1, replay="es", replay_share=0.25, silence_share=0.125), announce=silent)
    kept = folder.read_results()["mixed_in"]
    assert kept == {"replayed": [{"corpus": "es", "clips": {"es": 4}}], "without_speech": 2}
    saved = open_checkpoint(str(folder.model), announce=silent)[0].generation_config
    assert saved.begin_suppress_tokens == [220]
    shown = folder.card.read_text(encoding="utf-8")
    assert "- clips mixed in to keep other languages: 4 of Spanish (es)" in shown
    assert "- clips mixed in without speech: 2" in shown


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_from_0_to_1(share: float) -> None:
    for name in ("replay_share", "silence_share", "timestamps_share", "blend"):
        with pytest.raises(BadInput, match="from 0 to 1"):
            Recipe(**{name: share})


def test_a_run_whose_blend_is_all_base_ends_where_it_began(
    tiny_whisper: Path, small_corpus: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    names = {"model": str(tiny_whisper), "corpus": str(small_corpus), "language": "hi", "output": str(tmp_path / "run")}
    recipe = Recipe(**names, steps=2, silence_share=0.2, timestamps_share=0.3, blend=1.0)
    results = finetune(recipe, announce=lines.append).read_results()
    assert results["before"]["wer"] == results["after_30s"]["wer"]
    assert any("clips without speech" in line for line in lines)
