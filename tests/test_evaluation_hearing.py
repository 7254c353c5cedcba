"""Oracle: each clip transcribed alone by the untouched model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from datasets import Dataset
from transformers import WhisperForConditionalGeneration

from whisper_helpers.audio import log_mel, read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.corpus import open_corpus
from whisper_helpers.doctor import usable_clips
from whisper_helpers.evaluation import generate, transcribe


def test_batches_hear_what_single_clips_hear_and_keep_their_order(whisper_base: Path) -> None:
    model, processor = open_checkpoint(str(whisper_base), "ur", "transcribe", announce=lambda line: None)
    corpus = open_corpus("bundled", limit_train=4, limit_test=5, announce=lambda line: None)
    clips = usable_clips(corpus, processor.tokenizer, progress=False)[0]["test"]
    heard = transcribe(model, processor, clips, batch_size=2)
    alone = WhisperForConditionalGeneration.from_pretrained(whisper_base, dtype=torch.float32)
    options = {"language": "ur", "task": "transcribe"}
    for clip, text in zip(clips, heard, strict=True):
        features = torch.from_numpy(log_mel(read_clip(clip["audio"]), processor.feature_extractor))[None]
        ids = alone.generate(features, **options)
        assert processor.batch_decode(ids, skip_special_tokens=True)[0] == text
    assert len(set(heard)) == 5


@pytest.mark.parametrize("window", [None, 8.0])
def test_a_window_gives_one_transcript_a_clip(window: float | None, tiny_whisper: Path, small_corpus: Path) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", announce=lambda line: None)
    corpus = open_corpus(str(small_corpus), "hi", announce=lambda line: None)
    clips = usable_clips(corpus, processor.tokenizer, progress=False)[0]["test"]
    assert len(transcribe(model, processor, clips, window=window, batch_size=3)) == 4
    assert model.config.max_source_positions == 1500


def test_each_clip_of_a_mixed_corpus_is_heard_in_its_own_language(whisper_base: Path, hindi_clips: list[Path]) -> None:
    model, processor = open_checkpoint(str(whisper_base), "hi", "transcribe", announce=lambda line: None)
    rows = [(str(hindi_clips[0]), code) for code in ("hi", "ta")]
    columns = {"audio": [{"path": path, "bytes": None} for path, _ in rows], "language": [code for _, code in rows]}
    columns |= {"sentence": ["नाम"] * 2, "seconds": [3.0, 2.0]}
    mixed = transcribe(model, processor, Dataset.from_dict(columns), batch_size=2)
    features = torch.from_numpy(log_mel(read_clip(hindi_clips[0]), processor.feature_extractor))[None]
    alone = {code: generate(model, processor, features, [code])[0] for code in ("hi", "ta")}
    assert mixed == [alone["hi"], alone["ta"]]
    assert alone["hi"] != alone["ta"]
