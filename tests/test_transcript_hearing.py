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
from whisper_helpers.corpus import open_corpus
from whisper_helpers.evaluation.guards import place_of_guard
from whisper_helpers.tokens import MAX_LABELS
from whisper_helpers.transcript import hearing
from whisper_helpers.transcript.hearing import (
    HIGHEST_COMPRESSION,
    LOWEST_LOG_PROBABILITY,
    compression,
    is_hopeless,
    text_of,
)
from whisper_helpers.transcript.recording import transcribe_recording

WORDS = st.text(st.characters(codec="utf-16-le", exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(phrase=st.lists(WORDS, min_size=1, max_size=8), seed=st.integers(0, 1000), scattered=st.booleans())
def test_what_repeats_itself_too_much_is_rejected_whatever_follows(
    phrase: list[str], seed: int, scattered: bool
) -> None:
    random = np.random.default_rng(seed)
    pieces = random.choice(np.array(phrase, object), MAX_LABELS).tolist() if scattered else phrase * MAX_LABELS
    texts = {length: "".join(pieces[:length]) for length in range(1, MAX_LABELS, 8)}
    given_up = [length for length, text in texts.items() if is_hopeless(text, length / MAX_LABELS, 0.0)]
    if given_up:
        text, dense = texts[given_up[0]], len(texts[given_up[0]].encode("utf-16-le")) / 2 / given_up[0]
        room = int(dense * (MAX_LABELS - given_up[0]))
        rest = "".join(map(chr, random.integers(0x4E00, 0x9FFF, random.integers(0, room + 1))))
        assert compression(text + rest) > HIGHEST_COMPRESSION
    assert given_up or scattered


def test_what_guesses_too_much_is_rejected_whatever_follows() -> None:
    assert not is_hopeless("a", 0.1, LOWEST_LOG_PROBABILITY)
    assert is_hopeless("a", 0.1, LOWEST_LOG_PROBABILITY - 0.001)


@pytest.mark.parametrize("name", ["hi", "en", "es"])
def test_half_a_minute_of_flawless_speech_is_no_loop_and_three_times_a_sentence_is(
    tiny_whisper: Path, name: str
) -> None:
    tokenizer = open_checkpoint(str(tiny_whisper), name, "transcribe", announce=lambda line: None)[1].tokenizer
    place = "bundled" if name == "hi" else place_of_guard(name)
    sentences = open_corpus(place, announce=lambda line: None)["test"]["sentence"][:]
    for seed in range(50):
        drawn = np.random.default_rng(seed).permutation(sentences)[:8].tolist()
        tokens = [50_364, *tokenizer(" ".join(drawn), add_special_tokens=False).input_ids, 51_800]
        assert compression(text_of(tokens, tokenizer)) < HIGHEST_COMPRESSION
        assert compression(" ".join(drawn[:1] * 4)) > HIGHEST_COMPRESSION


MALAYALAM = (
    "ഇന്ന് രാവിലെ മുതൽ നല്ല മഴയാണ്. കുട്ടികൾ സ്കൂളിൽ പോകാൻ തയ്യാറായി. അമ്മ അടുക്കളയിൽ ദോശ ഉണ്ടാക്കുന്നു. "
    "പുഴയിൽ വെള്ളം വളരെ ഉയർന്നിട്ടുണ്ട്. നാളെ ഞങ്ങൾ തിരുവനന്തപുരത്തേക്ക് യാത്ര ചെയ്യും."
)


@pytest.mark.parametrize("text", [MALAYALAM, "今天天气很好，我们去公园散步。他每天早上七点钟起床去上班。", ""])
def test_no_writing_looks_like_a_loop(text: str) -> None:
    assert compression(text) < HIGHEST_COMPRESSION


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
