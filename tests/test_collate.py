"""Oracles: the library's extractor and tokenizer, and the loss that Whisper computes by itself."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import soundfile
import torch
from conftest import write_tone

from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.collate import (
    DataCollatorSpeechSeq2SeqWithPadding,
    pad_labels,
    prepare_dataset,
    shift_right,
)
from whisper_helpers.errors import BadInput


@pytest.fixture(scope="module")
def opened(tiny_whisper):
    return open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)


@pytest.fixture
def clips(tmp_path) -> list[dict]:
    rows = [("एक", 1.0), ("एक दो तीन चार", 2.5), ("किताब कहाँ है?", 3.2)]
    return [
        {
            "audio": {"path": str(write_tone(tmp_path / f"{number}.wav", seconds)), "bytes": None},
            "sentence": sentence,
            "language": "hi",
            "speaker": "",
        }
        for number, (sentence, seconds) in enumerate(rows)
    ]


def test_a_batch_equals_the_extractor_and_the_tokenizer(opened, clips) -> None:
    processor = opened[1]
    before = copy.deepcopy(clips)
    batch = DataCollatorSpeechSeq2SeqWithPadding(processor)(clips)
    assert batch["input_features"].shape == (3, 80, 400)
    assert clips == before
    for row, clip in enumerate(clips):
        samples, _ = soundfile.read(clip["audio"]["path"], dtype="float32")
        features = processor.feature_extractor(samples, sampling_rate=16_000, max_length=4 * 16_000).input_features[0]
        assert np.abs(batch["input_features"][row].numpy() - features).max() < 1e-4
        labels = batch["labels"][row]
        assert labels[labels != -100].tolist() == processor.tokenizer(clip["sentence"]).input_ids[1:]


def test_the_start_token_is_not_doubled(opened, clips) -> None:
    model, processor = opened
    batch = DataCollatorSpeechSeq2SeqWithPadding(processor, window=30)(clips)
    start = model.config.decoder_start_token_id
    assert (batch["labels"] != start).all()
    assert (batch["decoder_input_ids"][:, 0] == start).all()
    assert (batch["decoder_input_ids"][:, 1:] != start).all()


def test_shifted_labels_give_whispers_own_loss(opened, clips) -> None:
    model, processor = opened
    batch = DataCollatorSpeechSeq2SeqWithPadding(processor, window=30)(clips)
    with torch.no_grad():
        by_itself = model(input_features=batch["input_features"], labels=batch["labels"]).loss
        shifted = model(**batch).loss
    assert torch.equal(by_itself, shifted)


def test_toy_labels() -> None:
    assert pad_labels([[1, 2, 3], [4, 5]]).tolist() == [[1, 2, 3], [4, 5, -100]]


def test_shifting_leaves_the_labels_alone(opened) -> None:
    tokenizer = opened[1].tokenizer
    labels = torch.tensor([[7, 8, -100]])
    assert shift_right(labels, tokenizer).tolist() == [[50258, 7, 8]]
    assert labels.tolist() == [[7, 8, -100]]


def test_prepare_dataset_gives_a_row_of_the_batch(opened, clips) -> None:
    processor = opened[1]
    row = prepare_dataset(clips[1], processor, window=4)
    batch = DataCollatorSpeechSeq2SeqWithPadding(processor, window=4)([clips[1]])
    assert np.array_equal(row["input_features"], batch["input_features"][0].numpy())
    assert row["labels"] == batch["labels"][0].tolist()


def test_a_clip_beyond_the_window_is_refused(opened, clips) -> None:
    with pytest.raises(BadInput, match=r"3\.20 s"):
        DataCollatorSpeechSeq2SeqWithPadding(opened[1], window=3)(clips)
