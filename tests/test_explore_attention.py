"""Words and their times, against Transformers' own alignment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whisper_helpers.audio import read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.explore import attend, word_times
from whisper_helpers.explore.attention import alignment_heads, smooth
from whisper_helpers.explore.words import token_starts, words_of


def test_the_path_is_that_of_transformers() -> None:
    from transformers.models.whisper.generation_whisper import _dynamic_time_warping

    weights = np.random.default_rng(0).normal(size=(9, 70))
    texts, times = _dynamic_time_warping(-weights)
    starts = times[np.pad(np.diff(texts), (1, 0), constant_values=1).astype(bool)]
    assert token_starts(weights).tolist() == starts.tolist()


def test_attention_is_filtered_as_in_transformers() -> None:
    import torch
    from transformers.models.whisper.generation_whisper import _median_filter

    heads = np.random.default_rng(1).random((3, 5, 40)).astype(np.float32)
    scaled = torch.from_numpy(heads)
    scaled = (scaled - scaled.mean(-2, keepdim=True)) / scaled.std(-2, keepdim=True, unbiased=False)
    np.testing.assert_allclose(smooth(heads), _median_filter(scaled, 7).mean(0).numpy(), atol=1e-5)


def test_a_model_gives_attention_and_computes_on_as_before(tiny_whisper: Path, hindi_clips: list[Path]) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    before, samples = model.config._attn_implementation, read_clip(hindi_clips[0])
    assert attend(model, processor, samples, [50258, 50276, 50359, 50363]).shape == (4, -(-len(samples) // 320))
    assert model.config._attn_implementation == before
    assert alignment_heads(model) == [(1, 0)]
    model.generation_config.alignment_heads = None
    assert alignment_heads(model) == [(1, 0), (1, 1)]


def test_words_are_found_where_they_are_spoken(whisper_base: Path, hindi_clips: list[Path]) -> None:
    model, processor = open_checkpoint(str(whisper_base), "hi", announce=lambda line: None)
    samples = read_clip(hindi_clips[0])
    sentence = "मेरी दादी हर सुबह मंदिर में पूजा करने जाती हैं।"
    words = word_times(model, processor, samples, sentence, "hi")
    assert " ".join(word.text for word in words) == sentence
    starts = [word.start for word in words]
    assert starts == sorted(starts)
    (temple,) = [word for word in words if word.text == "मंदिर"]
    assert 1.5 < temple.start < 2.3, "the second of three stretches of speech begins there"
    assert word_times(model, processor, samples, "  ", "hi") == []
    assert word_times(model, processor, samples, "क" * 600, "hi") == []  # longer than the decoder


@pytest.mark.parametrize(
    ("text", "language", "count"), [(" मेरी दादी", "hi", 2), ("今天去", "zh", 2), (" 🍅 x", "en", 2)]
)
def test_no_character_is_cut(tiny_whisper: Path, text: str, language: str, count: int) -> None:
    _, processor = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    tokens = processor.tokenizer(text, add_special_tokens=False).input_ids
    words = words_of(tokens, processor.tokenizer, language)
    assert len(words) == count
    assert "".join(word for word, _, _ in words) == "".join(text.split())
    assert [first for _, first, _ in words][1:] == [last for _, _, last in words][:-1]
