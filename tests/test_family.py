"""The family's numbers, held against models built from the same shapes."""

from __future__ import annotations

import pytest

from whisper_helpers.checkpoints.family import FAMILY, TRAINING_BYTES, Member, family_table, member

each_member = pytest.mark.parametrize("each", FAMILY, ids=lambda each: each.name)


def built(each: Member) -> int:
    """Parameters of a Whisper of these shapes, built without memory for its weights."""
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(
        vocab_size=each.vocabulary,
        num_mel_bins=each.mels,
        d_model=each.width,
        encoder_layers=each.encoder_layers,
        decoder_layers=each.decoder_layers,
        encoder_ffn_dim=4 * each.width,
        decoder_ffn_dim=4 * each.width,
        encoder_attention_heads=each.width // 64,
        decoder_attention_heads=each.width // 64,
    )
    with torch.device("meta"):
        return sum(weight.numel() for weight in WhisperForConditionalGeneration(config).parameters())


@each_member
def test_parameters_are_those_of_a_model_built_from_the_shapes(each: Member) -> None:
    assert each.parameters == built(each)


@each_member
def test_what_is_published_is_what_is_counted_but_for_rounding(each: Member) -> None:
    assert each.published_millions * 1e6 == pytest.approx(each.parameters, rel=0.04)


@each_member
def test_memory_follows_from_the_parameters(each: Member) -> None:
    import torch

    moments, float32 = 2, torch.float32.itemsize
    assert (1 + 1 + moments) * float32 == TRAINING_BYTES
    assert each.training_gigabytes == pytest.approx(4 * each.weights_gigabytes(32))
    assert each.weights_gigabytes(16) == pytest.approx(each.parameters * torch.float16.itemsize / 1e9)


def test_the_real_base_has_these_shapes(whisper_base: object) -> None:
    from transformers import WhisperConfig

    config, base = WhisperConfig.from_pretrained(whisper_base), member("base")
    assert (config.d_model, config.encoder_layers, config.decoder_layers) == (
        base.width,
        base.encoder_layers,
        base.decoder_layers,
    )
    assert (config.num_mel_bins, config.vocab_size) == (base.mels, base.vocabulary)


def test_members_are_found_by_each_of_their_names() -> None:
    assert member("openai/whisper-small") == member("whisper-small") == member("small")
    with pytest.raises(KeyError):
        member("whisper-enormous")


def test_the_table_has_a_row_a_member_and_as_many_cells_everywhere() -> None:
    header, rule, *rows = family_table().splitlines()
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [each.name.split("/")[1] for each in FAMILY]
    assert {row.count("|") for row in [header, rule, *rows]} == {11}
    assert "–" in rows[-1], "its speed is not in OpenAI's README"
