"""Memory of a training step, part by part, from the shapes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..audio import FRAMES_PER_POSITION, FRAMES_PER_SECOND
from ..checkpoints.family import Member

ADAPTED_WIDTHS = {"encoder": 18, "decoder": 26}  # inputs and outputs of a layer's linear parts, in widths
SLACK_ON_A_CPU, SLACK_ON_A_GPU = 1.0, 0.12  # of a step's activations


@dataclass(frozen=True)
class Tuning:
    """What is trained.

    Parameters
    ----------
    frozen_encoder
        The encoder is left as it is.
    lora
        Rank of adapters that are trained instead of the weights, or None.
    mixed
        Products in 16 bits, weights in 32.
    on_gpu
        On a GPU, whose allocator keeps less of what was freed.
    """

    frozen_encoder: bool = False
    lora: int | None = None
    mixed: bool = False
    on_gpu: bool = False


def encoder_parameters(model: Member) -> int:
    """Weights of the encoder.

    Examples
    --------
    >>> from whisper_helpers.checkpoints.family import member
    >>> round(encoder_parameters(member("base")) / 1e6, 1)
    20.6
    """
    width = model.width
    stem = 3 * model.mels * width + 3 * width**2 + 2 * width
    return stem + model.encoder_layers * (12 * width**2 + 12 * width) + (1500 + 2) * width


def trained_parameters(model: Member, tuning: Tuning) -> int:
    """Weights that get gradients; the encoder's positions, which are fixed, are counted with the rest."""
    halves = {"encoder": 0 if tuning.frozen_encoder else model.encoder_layers, "decoder": model.decoder_layers}
    if tuning.lora:
        return sum(layers * ADAPTED_WIDTHS[half] * model.width * tuning.lora for half, layers in halves.items())
    return model.parameters - (encoder_parameters(model) if tuning.frozen_encoder else 0)


def activation_bytes(model: Member, window: float, labels: int, tuning: Tuning = Tuning()) -> int:
    """Bytes a clip that a forward pass keeps for the way back.

    Parameters
    ----------
    model
        Shapes.
    window
        Seconds that the encoder sees.
    labels
        Tokens a clip.
    tuning
        What is trained; checkpointing would take less.

    Examples
    --------
    >>> from whisper_helpers.checkpoints.family import member
    >>> round(activation_bytes(member("base"), 30, 40) / 1e6)
    373
    """
    size, width = 2 if tuning.mixed else 4, model.width
    positions = round(window * FRAMES_PER_SECOND) // FRAMES_PER_POSITION
    states = positions * width * size
    stem = positions * (2 * model.mels + 5 * width) * size + positions * width * 4
    layer = positions * width * (2 * 4 + 14 * size)
    encoder = states + (0 if tuning.frozen_encoder else stem + model.encoder_layers * layer)
    decoder = model.decoder_layers * width * (labels * (3 * 4 + 17 * size) + 2 * positions * size)
    return encoder + decoder + labels * (width * (4 + size) + model.vocabulary * 4)


def step_memory(model: Member, window: float, labels: int, clips: int, tuning: Tuning = Tuning()) -> dict[str, int]:
    """Bytes of each part at the peak of a step.

    On the way back gradients come while activations go. The peak is where most of both is there at once: before the
    decoder's gradients, between the decoder's and the encoder's, or after all.

    Parameters
    ----------
    model
        Shapes.
    window
        Seconds of the longest window.
    labels
        Tokens of the longest sentence.
    clips
        Batch size.
    tuning
        What is trained.

    Returns
    -------
    dict
        ``weights``, ``optimizer`` (AdamW's two moments), what is there at the peak of ``gradients``, ``activations``
        and ``output`` (scores of all tokens and their gradients), and ``slack``, a share of all activations that was
        measured: results that are needed for a moment, and on a CPU what the C library keeps after it was freed.

    Examples
    --------
    >>> from whisper_helpers.checkpoints.family import member
    >>> round(sum(step_memory(member("base"), 6, 40, 4).values()) / 1e9, 1)
    1.8
    """
    kept = clips * activation_bytes(model, window, labels, tuning)
    moments = _moments(model, window, labels, clips, tuning)
    return {
        "weights": model.parameters * (6 if tuning.mixed else 4),
        "optimizer": 8 * trained_parameters(model, tuning),
        **max(moments, key=lambda parts: sum(parts.values())),
        "slack": round((SLACK_ON_A_GPU if tuning.on_gpu else SLACK_ON_A_CPU) * kept),
    }


def _moments(model: Member, window: float, labels: int, clips: int, tuning: Tuning) -> list[dict[str, int]]:
    """What of gradients, activations and output is there in three moments of the way back."""
    decoder = trained_parameters(model, replace(tuning, frozen_encoder=True))
    shared = 0 if tuning.lora else model.vocabulary * model.width  # the output's own gradient of the embedding
    all_kept, encoder_kept = (clips * activation_bytes(model, window, tokens, tuning) for tokens in (labels, 0))
    scores = 2 * 4 * clips * labels * model.vocabulary
    moments = (
        (shared, all_kept, scores),
        (decoder + shared, encoder_kept, 0),
        (trained_parameters(model, tuning), 0, 0),
    )
    return [
        {"gradients": 4 * gradients, "activations": activations, "output": output}
        for gradients, activations, output in moments
    ]


def largest_batch(model: Member, window: float, labels: int, memory: float, tuning: Tuning = Tuning()) -> int:
    """Largest power of two of clips, up to 64, whose step fits into `memory` bytes; 0 if not even one does."""
    sizes = [2**power for power in range(7)]
    fitting = [size for size in sizes if sum(step_memory(model, window, labels, size, tuning).values()) <= memory]
    return max(fitting, default=0)
