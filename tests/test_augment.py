"""Oracles: the ratio measured back, pitch and length counted, the decay of an echo, masked cells counted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whisper_helpers.augment import add_noise, add_room, change_speed, mask_spectrogram
from whisper_helpers.errors import BadInput


def random(seed: int = 0) -> np.random.Generator:
    """Seeded generator."""
    return np.random.default_rng(seed)


def speech(count: int, seed: int = 0, level: float = 0.1) -> np.ndarray:
    """Stand-in for speech: float32 noise."""
    return random(seed).normal(0, level, count).astype(np.float32)


def peak_hertz(samples: np.ndarray) -> float:
    """Frequency with the most power."""
    return float(np.fft.rfftfreq(len(samples), 1 / 16_000)[np.argmax(np.abs(np.fft.rfft(samples)))])


WAYS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "speed": lambda samples, seed: change_speed(samples, 1.1),
    "same speed": lambda samples, seed: change_speed(samples, 1),
    "noise": lambda samples, seed: add_noise(samples, 5, random(seed)),
    "room": lambda samples, seed: add_room(samples, 0.3, random(seed)),
}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@ways
@settings(deadline=None, max_examples=25)
@given(count=st.integers(0, 5000), seed=st.integers(0, 99), level=st.sampled_from([0.0, 1e-6, 0.1, 1.0]))
def test_a_clip_stays_as_it_was_and_numbers_stay_numbers(way: Callable, count: int, seed: int, level: float) -> None:
    samples = speech(count, seed, level)
    before = samples.copy()
    samples.flags.writeable = False
    changed = way(samples, seed)
    assert np.array_equal(samples, before)
    assert not np.shares_memory(samples, changed)
    assert changed.dtype == np.float32
    assert np.isfinite(changed).all()
    assert np.array_equal(changed, way(samples, seed))


@ways
def test_silence_stays_silent(way: Callable) -> None:
    assert not way(np.zeros(1600, np.float32), 0).any()


@ways
def test_two_channels_are_refused(way: Callable) -> None:
    with pytest.raises(BadInput, match="one channel"):
        way(np.zeros((1600, 2), np.float32), 0)


@pytest.mark.parametrize("name", ["noise", "room"])
def test_another_seed_is_another_clip(name: str) -> None:
    assert not np.allclose(WAYS[name](speech(1600), 1), WAYS[name](speech(1600), 2))


@settings(deadline=None, max_examples=50)
@given(count=st.integers(1, 50_000), factor=st.floats(0.5, 2.0))
def test_length_follows_the_speed(count: int, factor: float) -> None:
    assert abs(len(change_speed(speech(count), factor)) - count / factor) <= 1


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.1, 2.0])
def test_pitch_follows_the_speed(factor: float) -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    assert peak_hertz(change_speed(tone, factor)) == pytest.approx(1000 * factor, abs=3)


@pytest.mark.parametrize("factor", [0, -1, 0.49, 2.01, float("nan"), float("inf")])
def test_an_impossible_speed_is_refused(factor: float) -> None:
    with pytest.raises(BadInput, match=r"0\.5 to 2"):
        change_speed(speech(100), factor)


@settings(deadline=None, max_examples=50)
@given(snr_db=st.floats(-20, 40), level=st.floats(1e-3, 1.0), seed=st.integers(0, 99))
def test_the_ratio_asked_for_is_measured_back(snr_db: float, level: float, seed: int) -> None:
    clip = speech(4000, seed, level).astype(np.float64)
    noise = add_noise(clip, snr_db, random(seed + 100)) - clip
    assert 10 * np.log10(np.sum(clip**2) / np.sum(noise**2)) == pytest.approx(snr_db, abs=0.02)


def test_noise_is_white() -> None:
    clip = np.full(64_000, 0.1)
    power = np.abs(np.fft.rfft(add_noise(clip, 0, random()) - clip)) ** 2
    low, high = power[: len(power) // 2].mean(), power[len(power) // 2 :].mean()
    assert low == pytest.approx(high, rel=0.05)


@pytest.mark.parametrize("snr_db", [float("nan"), float("inf"), -float("inf")])
def test_a_ratio_that_is_no_number_is_refused(snr_db: float) -> None:
    with pytest.raises(BadInput, match="finite"):
        add_noise(speech(100), snr_db, random())


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0])
def test_echoes_fall_by_sixty_decibels_in_the_time_asked_for(seconds: float) -> None:
    click = np.zeros(round(seconds * 16_000), np.float32)
    click[0] = 1
    echoes = add_room(click, seconds, random()).astype(np.float64)[1:] ** 2
    tenths = np.array([part.mean() for part in np.array_split(echoes, 10)])
    slope = np.polyfit(np.arange(10) / 10, 10 * np.log10(tenths), 1)[0]
    assert slope == pytest.approx(-60, abs=2)


def test_echoes_bring_half_the_energy_of_the_sound() -> None:
    click = np.zeros(16_000, np.float32)
    click[0] = 1
    heard = add_room(click, 0.4, random()).astype(np.float64) ** 2
    assert heard[1:].sum() / heard[0] == pytest.approx(0.5, rel=1e-3)


@settings(deadline=None, max_examples=25)
@given(count=st.integers(1, 20_000), seconds=st.floats(1e-5, 5.0), level=st.floats(1e-3, 1.0))
def test_a_room_keeps_length_and_loudness(count: int, seconds: float, level: float) -> None:
    clip = speech(count, 1, level)
    heard = add_room(clip, seconds, random())
    assert len(heard) == count
    assert np.sum(heard.astype(np.float64) ** 2) == pytest.approx(np.sum(clip.astype(np.float64) ** 2), rel=1e-3)


def test_echoes_do_not_wrap_around_to_the_beginning() -> None:
    clip = np.zeros(8000, np.float32)
    clip[-1] = 1
    assert np.abs(add_room(clip, 1.0, random())[:-1]).max() < 1e-6


@pytest.mark.parametrize("seconds", [0, -0.1, 5.1, float("nan")])
def test_an_impossible_room_is_refused(seconds: float) -> None:
    with pytest.raises(BadInput, match="above 0 to 5 s"):
        add_room(speech(100), seconds, random())


@settings(deadline=None, max_examples=100)
@given(
    mels=st.sampled_from([1, 80, 128]),
    length=st.integers(1, 400),
    counts=st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(0, 3), st.integers(0, 90)),
    data=st.data(),
)
def test_masks_are_whole_channels_and_stretches_of_the_clip_alone(
    mels: int, length: int, counts: tuple[int, int, int, int], data: st.DataObject
) -> None:
    bands, band_channels, stretches, stretch_frames = counts
    frames, seed = data.draw(st.integers(1, length)), data.draw(st.integers(0, 99))
    features = random(seed).normal(0, 1, (mels, length)).astype(np.float32)
    before = features.copy()
    features.flags.writeable = False
    masked = mask_spectrogram(
        features,
        random(seed),
        bands=bands,
        band_channels=band_channels,
        stretches=stretches,
        stretch_frames=stretch_frames,
        frames=frames,
    )
    changed = masked != before
    rows, columns = changed[:, :frames].all(axis=1), changed[:, :frames].all(axis=0)
    assert np.array_equal(features, before)
    assert masked.dtype == np.float32
    assert not changed[:, frames:].any()
    if mels > 1 and frames > 1:
        assert np.array_equal(changed[:, :frames], rows[:, None] | columns)
        assert rows.sum() <= bands * band_channels or columns.all()
        assert columns.sum() <= stretches * min(stretch_frames, frames // 5) or rows.all()
    assert np.allclose(masked[changed], before[:, :frames].mean(), atol=1e-6)


def test_every_width_from_nothing_to_the_largest_occurs_everywhere() -> None:
    features = random().normal(0, 1, (80, 100))
    options = {"bands": 1, "band_channels": 4, "stretches": 0}
    covered = [(mask_spectrogram(features, random(seed), **options) != features).all(axis=1) for seed in range(2000)]
    assert {int(each.sum()) for each in covered} == {0, 1, 2, 3, 4}
    assert np.any(covered, axis=0).all()


def test_equal_seeds_mask_alike_and_others_do_not() -> None:
    features = random().normal(0, 1, (80, 300))
    assert np.array_equal(mask_spectrogram(features, random(1)), mask_spectrogram(features, random(1)))
    assert not np.array_equal(mask_spectrogram(features, random(1)), mask_spectrogram(features, random(2)))


@pytest.mark.parametrize("shape", [(80,), (1, 80, 300), (80, 0), (0, 300)])
def test_features_that_are_no_table_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match=r"\(mels, frames\)"):
        mask_spectrogram(np.zeros(shape), random())


@pytest.mark.parametrize("name", ["bands", "band_channels", "stretches", "stretch_frames"])
def test_negative_masks_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="0 or more"):
        mask_spectrogram(np.zeros((80, 300)), random(), **{name: -1})


@pytest.mark.parametrize("frames", [0, -1, 301])
def test_a_clip_longer_than_its_features_is_refused(frames: int) -> None:
    with pytest.raises(BadInput, match="300"):
        mask_spectrogram(np.zeros((80, 300)), random(), frames=frames)
