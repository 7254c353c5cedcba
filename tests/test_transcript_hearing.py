"""Oracles: every continuation that chance draws, and the same attempts written to their end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import write_tone
from hypothesis import given
from hypothesis import strategies as st

from whisper_helpers.audio import read_clip
from whisper_helpers.checkpoints import open_checkpoint
from whisper_helpers.tokens import MAX_LABELS
from whisper_helpers.transcript import hearing
from whisper_helpers.transcript.hearing import HIGHEST_COMPRESSION, LOWEST_LOG_PROBABILITY, compression, is_hopeless
from whisper_helpers.transcript.recording import transcribe_recording

TOKENS = st.integers(0, 65_535)


@given(phrase=st.lists(TOKENS, min_size=1, max_size=8), seed=st.integers(0, 1000), scattered=st.booleans())
def test_what_repeats_itself_too_much_is_rejected_whatever_follows(
    phrase: list[int], seed: int, scattered: bool
) -> None:
    random = np.random.default_rng(seed)
    looped = random.choice(phrase, MAX_LABELS).tolist() if scattered else (phrase * MAX_LABELS)[:MAX_LABELS]
    given_up = [length for length in range(1, MAX_LABELS, 3) if is_hopeless(looped[:length], 0.0, MAX_LABELS)]
    if given_up:
        rest = random.integers(0, 65_536, random.integers(0, MAX_LABELS - given_up[0] + 1)).tolist()
        assert compression(looped[: given_up[0]] + rest) > HIGHEST_COMPRESSION
    assert given_up or scattered


def test_what_guesses_too_much_is_rejected_whatever_follows() -> None:
    assert not is_hopeless([1], LOWEST_LOG_PROBABILITY * 100, 100)
    assert is_hopeless([1], LOWEST_LOG_PROBABILITY * 100 - 0.1, 100)


def test_giving_up_early_changes_no_transcript_and_writes_less(
    tiny_whisper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, processor = open_checkpoint(str(tiny_whisper), "hi", "transcribe", announce=lambda line: None)
    model.generation_config.max_length = 150
    samples = read_clip(write_tone(tmp_path / "a.wav", 2.0))
    looked_at: dict[str, int] = {"early": 0, "never": 0}

    def counted(name: str) -> None:
        def look(*told: object) -> bool:
            looked_at[name] += 1
            return is_hopeless(*told) and name == "early"

        monkeypatch.setattr(hearing, "is_hopeless", look)

    transcripts = []
    for name in looked_at:
        counted(name)
        transcripts.append(transcribe_recording(model, processor, samples))
    assert transcripts[0] == transcripts[1] != ([], "hi")
    assert 0 < looked_at["early"] < looked_at["never"]
