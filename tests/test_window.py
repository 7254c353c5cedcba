"""Oracles: the untouched model at 30 s, and a model that the library itself built for a shorter window."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import WhisperForConditionalGeneration

from whisper_helpers import window
from whisper_helpers.errors import BadInput


def load(folder, **options) -> WhisperForConditionalGeneration:
    return WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, **options).eval()


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(2, 80, 3000, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)


LABELS = torch.tensor([[50276, 50359, 50363, 100, 50257]] * 2)


@given(st.floats(0, 30))
def test_the_automatic_window_is_the_smallest_that_holds_the_clip(seconds: float) -> None:
    chosen = window.window_for(seconds)
    assert seconds <= chosen <= 30
    smaller = [size for size in window.WINDOW_SIZES if size < chosen]
    assert all(size < seconds + window.TRAILING_SILENCE for size in smaller)


@pytest.mark.parametrize(("seconds", "fixed"), [(30.5, None), (8.1, 8.0)])
def test_a_clip_longer_than_the_window_is_refused(seconds: float, fixed: float | None) -> None:
    with pytest.raises(BadInput, match=f"{seconds:.2f} s"):
        window.window_for(seconds, fixed)


@pytest.mark.parametrize(("seconds", "chosen"), [(2.4, 3.0), (2.401, 4.0), (29.4, 30.0), (30.0, 30.0)])
def test_an_automatic_window_leaves_silence_behind_the_speech(seconds: float, chosen: float) -> None:
    assert window.window_for(seconds) == chosen


@pytest.mark.parametrize("impossible", [0, -3, 0.5, 31, float("nan"), 5.013])
def test_impossible_windows_are_refused(impossible: float) -> None:
    with pytest.raises(BadInput, match="1 to 30 s"):
        window.check_window(impossible)


def test_at_30_s_nothing_changes(tiny_whisper, features) -> None:
    untouched, following = load(tiny_whisper), load(tiny_whisper)
    window.follow_window(following)
    with torch.no_grad():
        assert torch.equal(
            untouched(input_features=features, labels=LABELS).logits,
            following(input_features=features, labels=LABELS).logits,
        )
    options = {"language": "hi", "task": "transcribe", "max_new_tokens": 8}
    assert torch.equal(untouched.generate(features, **options), following.generate(features, **options))


@pytest.mark.parametrize("frames", [400, 600, 1000])
def test_a_short_window_equals_the_librarys_own_short_model(tiny_whisper, features, frames: int) -> None:
    following = load(tiny_whisper)
    window.follow_window(following)
    short = load(tiny_whisper, max_source_positions=frames // 2, ignore_mismatched_sizes=True)
    clipped = features[..., :frames]
    with torch.no_grad():
        ours = following(input_features=clipped, labels=LABELS).logits
        theirs = short(input_features=clipped, labels=LABELS).logits
    assert (ours - theirs).abs().max() < 1e-3  # its sinusoids are computed anew, ours were stored in half precision
    options = {"language": "hi", "task": "transcribe", "max_new_tokens": 8}
    assert torch.equal(following.generate(clipped, **options), short.generate(clipped, **options))
    assert following.config.max_source_positions == 1500


def test_the_window_is_restored_after_an_error(tiny_whisper) -> None:
    model = load(tiny_whisper)
    with pytest.raises(RuntimeError, match="on purpose"), window.window_of(model, 400):
        assert model.config.max_source_positions == 200
        raise RuntimeError("on purpose")
    assert model.config.max_source_positions == 1500
    assert model.get_encoder().embed_positions.num_embeddings == 1500
