"""Oracles: the clips' own samples, the tokenizer's own timestamps, and the steps that see 30 s."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from whisper_helpers.audio import SAMPLE_RATE, log_mel, read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.collate import DataCollatorSpeechSeq2SeqWithPadding
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.joining import PAUSE, Followers, join_pieces
from whisper_helpers.sampling import SimilarLengths
from whisper_helpers.tokens import MAX_LABELS


def silent(line: str) -> None:
    """Take a line and say nothing."""


@pytest.fixture(scope="module")
def opened(tiny_whisper: Path, small_corpus: Path) -> tuple:
    """Processor and training clips, which ask for timestamps nowhere."""
    _, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=silent)
    corpus = usable_clips(open_corpus(str(small_corpus), "hi", announce=silent), processor.tokenizer, announce=silent)
    train = corpus[0]["train"]
    return processor, train.add_column("timed", [False] * len(train))


def test_a_step_of_every_n_goes_on_and_the_others_are_as_they_were(opened: tuple) -> None:
    _, train = opened
    plain, joined = SimilarLengths(train, 4, seed=1), SimilarLengths(train, 4, seed=1, joined_every=3)
    steps_of_an_epoch = -(-len(train) // 4)
    for epoch in range(3):
        plain.set_epoch(epoch)
        joined.set_epoch(epoch)
        for index in range(len(train)):
            goes_on = (epoch * steps_of_an_epoch + index // 4) % 3 == 2
            assert bool(joined[index].get("then")) == goes_on
            assert joined[index]["sentence"] == plain[index]["sentence"]
            assert goes_on or joined[index] == plain[index]
            assert joined[index]["step_seconds"] == (30.0 if goes_on else plain[index]["step_seconds"])
            assert joined[index]["timed"] == (goes_on and index % 2 == 0)


def test_what_goes_on_is_spoken_in_the_same_language_and_fits() -> None:
    seconds, languages = np.random.default_rng(0).uniform(1, 9, 40), ["hi", "ur"] * 20
    sentences = ["a", "a", "", ""] * 10
    split = Dataset.from_dict({"seconds": seconds, "language": languages, "sentence": sentences})
    followers = Followers(split)
    for place in range(40):
        after = followers.after(place, (0, place))
        assert bool(after) == bool(sentences[place])
        assert {languages[each] for each in after} <= {languages[place]}
        assert all(sentences[each] for each in after)
        assert seconds[place] + sum(PAUSE + seconds[each] for each in after) <= 28
        assert after == followers.after(place, (0, place))
    assert followers.after(0, (0, 1)) != followers.after(0, (0, 2))


def test_the_sound_is_that_of_each_clip_and_the_timestamps_say_where(opened: tuple) -> None:
    processor, train = opened
    said = {clip["sentence"]: read_clip(clip["audio"]) for clip in train}
    rows = [SimilarLengths(train, 4, seed=1, joined_every=1)[index] for index in range(4)]
    batch = DataCollatorSpeechSeq2SeqWithPadding(processor)(rows)
    assert batch["input_features"].shape[-1] == 3000
    for row, features, labels in zip(rows, batch["input_features"], batch["labels"], strict=True):
        sentences = [row["sentence"], *(each["sentence"] for each in row["then"])]
        joined = join_pieces([(said[sentence], sentence) for sentence in sentences])
        assert np.allclose(features, log_mel(joined.samples, processor.feature_extractor, 30), atol=1e-5)
        decoded = processor.tokenizer.decode(
            [each for each in labels.tolist() if each >= 0], decode_with_timestamps=True
        )
        spoken = re.findall(r"<\|([\d.]+)\|>([^<]+)<\|([\d.]+)\|>", decoded)
        if not row["timed"]:
            assert f"<|notimestamps|>{' '.join(sentences)}<|endoftext|>" in decoded
            continue
        assert [text.strip() for _, text, _ in spoken] == sentences
        for (start, text, end), (begins, ends) in zip(spoken, joined.bounds, strict=True):
            assert (float(start), float(end)) == pytest.approx((begins, ends), abs=0.0101)
            assert ends - begins == pytest.approx(len(said[text.strip()]) / SAMPLE_RATE)


def test_the_decoder_holds_what_is_joined(opened: tuple) -> None:
    processor, train = opened
    row = SimilarLengths(train, 4, joined_every=1)[0]
    wordy = row | {"then": [each | {"sentence": each["sentence"] * 12} for each in row["then"]]}
    plain, cut = (DataCollatorSpeechSeq2SeqWithPadding(processor)([each]) for each in (row, wordy))
    assert plain["labels"].shape[1] < cut["labels"].shape[1] < MAX_LABELS
