"""Floating-point operations of a training step, counted from the shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..audio import FRAMES_PER_POSITION, FRAMES_PER_SECOND
from ..checkpoints.family import Member

if TYPE_CHECKING:
    from transformers import WhisperConfig


def model_shapes(config: WhisperConfig, name: str = "") -> Member:
    """Read a model's shapes from its configuration.

    Parameters
    ----------
    config
        Of any Whisper; its inner layers are four times as wide as its states, as in all of the family.
    name
        What to call it.
    """
    return Member(
        name,
        0,
        "",
        config.vocab_size > 51_864,
        config.d_model,
        config.encoder_layers,
        config.decoder_layers,
        config.num_mel_bins,
        config.vocab_size,
        None,
    )


def step_flops(
    model: Member,
    window: float,
    labels: int,
    clips: int = 1,
    *,
    frozen_encoder: bool = False,
    adapters_only: bool = False,
    checkpointing: bool = False,
) -> int:
    """Count the operations of forward and backward; a product of m x k by k x n matrices has 2 m k n.

    Counted are the products in convolutions, layers and the output, as PyTorch's own counter does, which is nearly all.

    Parameters
    ----------
    model
        Its shapes, from :func:`whisper_helpers.checkpoints.family.member` or :func:`model_shapes`.
    window
        Seconds that the encoder sees.
    labels
        Tokens a clip, padding included.
    clips
        Clips in the step.
    frozen_encoder
        No gradient flows into the encoder.
    adapters_only
        Weights get no gradients, as with LoRA, whose own small products are not counted.
    checkpointing
        Layers are computed a second time on the way back, all but the last product of each.

    Returns
    -------
    int
        Operations.

    Examples
    --------
    >>> from whisper_helpers.checkpoints.family import member
    >>> round(step_flops(member("base"), window=6, labels=40) / 1e9)
    57
    """
    stem, encoder = _encoder(model, window)
    decoder, keys, head = _decoder(model, window, labels)
    weights = 0 if adapters_only else 1
    forward = sum(stem) + sum(encoder)
    if not frozen_encoder:
        forward += weights * sum(stem) + stem[1] + (1 + weights) * encoder[0] + 2 * encoder[1]
    decoding = sum(decoder) + keys + head
    back = (1 + weights) * (decoder[0] + head) + 2 * decoder[1] + (weights + (not frozen_encoder)) * keys
    again = decoder[0] * 20 // 28 + decoder[1] + keys + (not frozen_encoder) * (encoder[0] * 16 // 24 + encoder[1])
    return clips * (forward + decoding + back + checkpointing * again)


def _encoder(model: Member, window: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """Operations of the two convolutions; of the layers' products with weights, and of their attention."""
    width, frames = model.width, round(window * FRAMES_PER_SECOND)
    positions = frames // FRAMES_PER_POSITION
    stem = (6 * model.mels * width * frames, 6 * width**2 * positions)
    layers = model.encoder_layers
    return stem, (layers * 24 * positions * width**2, layers * 4 * positions**2 * width)


def _decoder(model: Member, window: float, labels: int) -> tuple[tuple[int, int], int, int]:
    """Operations of the layers' weights and of their attention; of the audio's keys and values; of the output."""
    width, layers = model.width, model.decoder_layers
    positions = round(window * FRAMES_PER_SECOND) // FRAMES_PER_POSITION
    products = layers * 28 * labels * width**2
    attention = layers * 4 * labels * (labels + positions) * width
    return (products, attention), layers * 4 * positions * width**2, 2 * labels * width * model.vocabulary
