"""Augmentation of a training: seeded, only where a sampler asks for it, never in the padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import write_tone

from whisper_helpers.audio import SAMPLE_RATE, read_clip
from whisper_helpers.augment import Augmentation
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.collate import DataCollatorSpeechSeq2SeqWithPadding
from whisper_helpers.corpus import open_corpus
from whisper_helpers.errors import BadInput
from whisper_helpers.recipe import Recipe
from whisper_helpers.sampling import SimilarLengths

EVERYTHING = Recipe(augment_speed=0.1, augment_noise="5:25", augment_room=0.4, augment_spectrogram=True).augmentation()


@pytest.fixture
def clip() -> np.ndarray:
    """Two seconds of noise."""
    return np.random.default_rng(0).normal(0, 0.1, 2 * SAMPLE_RATE).astype(np.float32)


def test_equal_draws_give_equal_clips_and_others_do_not(clip: np.ndarray) -> None:
    before = clip.copy()
    again = EVERYTHING.sound(clip, (0, 1, 2))
    assert np.array_equal(EVERYTHING.sound(clip, (0, 1, 2)), again)
    assert np.array_equal(clip, before)
    lengths = {len(EVERYTHING.sound(clip, (0, epoch, 2))) for epoch in range(20)}
    assert len(lengths) == 20
    assert min(lengths) >= round(len(clip) / 1.1)
    assert max(lengths) <= round(len(clip) / 0.9)


def test_a_slower_clip_still_fits_the_window(clip: np.ndarray) -> None:
    plan = Augmentation(speed=0.4)
    assert max(len(plan.sound(clip, (draw,), 2.05)) for draw in range(50)) <= 2.05 * SAMPLE_RATE


def test_noise_is_drawn_between_its_ratios_for_half_of_the_clips(clip: np.ndarray) -> None:
    plan, ratios = Augmentation(noise=(5.0, 25.0)), []
    for draw in range(200):
        noise = plan.sound(clip, (draw,)) - clip
        if noise.any():
            ratios.append(10 * np.log10(np.mean(clip**2) / np.mean(noise**2)))
    assert 70 < len(ratios) < 130
    assert min(ratios) > 4.99
    assert max(ratios) < 25.01
    assert max(ratios) - min(ratios) > 15


def test_noise_comes_from_the_folder(clip: np.ndarray, tmp_path: Path) -> None:
    write_tone(tmp_path / "hum.wav", 0.7, hertz=100)
    hum = read_clip(tmp_path / "hum.wav")
    plan = Augmentation(noise=(10.0, 10.0), noise_folder=str(tmp_path))
    changed = [noise for draw in range(10) if (noise := plan.sound(clip, (draw,)) - clip).any()]
    period = len(hum)
    assert changed
    for noise in changed:
        assert np.allclose(noise[:period], noise[period : 2 * period], atol=1e-5)
        assert np.allclose(np.sort(np.abs(noise[:period])) / noise.std(), np.sort(np.abs(hum)) / hum.std(), atol=0.02)


def test_masks_stay_off_the_padding() -> None:
    features = np.tile(np.arange(400.0), (80, 1))
    masked = np.array(
        [Augmentation(spectrogram=True).features(features, (draw,), 2 * SAMPLE_RATE) for draw in range(40)]
    )
    assert (masked[:, :, 200:] == features[:, 200:]).all()
    assert (masked[:, :, :200] != features[:, :200]).any(axis=(0, 1)).sum() > 150


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"augment_speed": 0.9}, "0.9"),
        ({"augment_speed": float("nan")}, "nan"),
        ({"augment_noise": "loud"}, "loud"),
        ({"augment_noise": "25:5"}, "lower ratio"),
        ({"augment_noise": "nan:5"}, "lower ratio"),
        ({"augment_noise_folder": "x"}, "no ratio"),
        ({"augment_noise": "5:25", "augment_noise_folder": "nowhere"}, "no recordings"),
        ({"augment_room": 60.0}, "60"),
    ],
)
def test_what_makes_no_sense_is_refused(choices: dict, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Recipe(**choices).augmentation()


def test_only_clips_of_a_training_are_changed(small_corpus: Path, tiny_whisper: Path) -> None:
    _, processor = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    splits = open_corpus(str(small_corpus), "hi", announce=lambda line: None)
    train = splits["train"].add_column(
        "seconds", [soundfile.info(each["path"]).duration for each in splits["train"]["audio"]]
    )
    plain = DataCollatorSpeechSeq2SeqWithPadding(processor)
    changing = DataCollatorSpeechSeq2SeqWithPadding(processor, None, EVERYTHING)
    validation = [splits["validation"][number] for number in range(3)]
    assert (plain(validation)["input_features"] == changing(validation)["input_features"]).all()
    sampler = SimilarLengths(train, 4, seed=3)
    steps = {}
    for epoch in (0, 1, 0):
        sampler.set_epoch(epoch)
        clips = [sampler[number] for number in range(4)]
        batch, same = changing(clips), plain(clips)
        assert batch["input_features"].shape == same["input_features"].shape
        assert (batch["input_features"] != same["input_features"]).any()
        assert (batch["labels"] == same["labels"]).all()
        assert (steps.setdefault(epoch, batch["input_features"]) == batch["input_features"]).all()
