"""The family of checkpoints: their sizes, and the memory that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..audio import N_FRAMES, N_MELS
from ..tokens import MAX_LABELS

POSITIONS = N_FRAMES // 2  # 1500 encoder states, 20 ms each
VOCABULARY = 51_865  # tokens of a multilingual Whisper; large-v3 has one more, for Cantonese
GIGABYTE = 1e9  # bytes
TRAINING_BYTES = 16  # a parameter: weight, gradient and AdamW's two moments, in float32 of 4 bytes each


@dataclass(frozen=True)
class Member:
    """One checkpoint on the Hub, and its shapes.

    Parameters
    ----------
    name
        On the Hub, such as ``openai/whisper-base``.
    published_millions
        Parameters in millions, as its authors round them.
    english_twin
        A checkpoint of the same size that knows only English, or an empty string.
    multilingual
        Whether it knows more than English itself.
    width
        Numbers that describe one state.
    encoder_layers, decoder_layers
        Layers of each half.
    mels
        Channels of its log-mel.
    vocabulary
        Tokens that it can write.
    relative_speed
        Speed relative to ``large``, as OpenAI's README gives it (English speech on an A100); None if it does not.
    """

    name: str
    published_millions: int
    english_twin: str
    multilingual: bool
    width: int
    encoder_layers: int
    decoder_layers: int
    mels: int
    vocabulary: int
    relative_speed: float | None

    @property
    def parameters(self) -> int:
        """Numbers in all its weights, counted from the shapes; the output shares the embedding's.

        Examples
        --------
        >>> f"{member('openai/whisper-base').parameters:,}"
        '72,593,920'
        """
        width, square = self.width, self.width**2
        convolutions = 3 * self.mels * width + 3 * square + 2 * width
        encoder = self.encoder_layers * (12 * square + 12 * width) + POSITIONS * width
        decoder = self.decoder_layers * (16 * square + 17 * width) + (MAX_LABELS + self.vocabulary) * width
        last_norms = 4 * width
        return convolutions + encoder + decoder + last_norms

    def weights_gigabytes(self, bits: int = 32) -> float:
        """Memory of the weights alone: what inference needs at least.

        Parameters
        ----------
        bits
            Bits a weight: 32, or 16 for half precision.

        Examples
        --------
        >>> round(member("openai/whisper-base").weights_gigabytes(16), 3)
        0.145
        """
        return self.parameters * bits / 8 / GIGABYTE

    @property
    def training_gigabytes(self) -> float:
        """Memory of weights, gradients and AdamW's two moments in float32; activations come on top."""
        return self.parameters * TRAINING_BYTES / GIGABYTE


def _sized(name: str, millions: int, width: int, layers: int, speed: float) -> Member:
    """One of the four small sizes, which have English-only twins."""
    return Member(
        f"openai/whisper-{name}", millions, f"{name}.en", True, width, layers, layers, N_MELS, VOCABULARY, speed
    )


FAMILY = (
    _sized("tiny", 39, 384, 4, 10.0),
    _sized("base", 74, 512, 6, 7.0),
    _sized("small", 244, 768, 12, 4.0),
    _sized("medium", 769, 1024, 24, 2.0),
    Member("openai/whisper-large-v2", 1550, "", True, 1280, 32, 32, N_MELS, VOCABULARY, 1.0),
    Member("openai/whisper-large-v3", 1550, "", True, 1280, 32, 32, 128, VOCABULARY + 1, 1.0),
    Member("openai/whisper-large-v3-turbo", 809, "", True, 1280, 32, 4, 128, VOCABULARY + 1, 8.0),
    Member("distil-whisper/distil-large-v3", 756, "", False, 1280, 32, 2, 128, VOCABULARY + 1, None),
)


def member(name: str) -> Member:
    """Find a member of the family.

    Parameters
    ----------
    name
        On the Hub, or the last part of it: ``"openai/whisper-small"``, ``"whisper-small"``, ``"small"``.

    Raises
    ------
    KeyError
        If it is none of the family.

    Examples
    --------
    >>> member("small").width
    768
    """
    known = {each.name: each for each in FAMILY}
    known |= {each.name.split("/")[1]: each for each in FAMILY}
    known |= {each.name.split("/")[1].removeprefix("whisper-"): each for each in FAMILY}
    return known[name]


def family_table(members: Sequence[Member] = FAMILY) -> str:
    """Write members as a Markdown table, a row each.

    Parameters
    ----------
    members
        Rows, in their order.

    Examples
    --------
    >>> print(family_table([member("tiny")]).splitlines()[2])
    | whisper-tiny | many, or tiny.en | 39 | 37.8 | 4 + 4 | 80 | 0.08 | 0.15 | 0.6 | 10 × |
    """
    rows = [
        "| checkpoint | languages | parameters published, millions | counted, millions | layers | mels "
        "| weights fp16, GB | weights fp32, GB | training fp32, GB | relative speed |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    return "\n".join([*rows, *map(_row, members)])


def _row(each: Member) -> str:
    languages = "many" if each.multilingual else "English"
    cells = [
        each.name.split("/")[1],
        f"{languages}, or {each.english_twin}" if each.english_twin else languages,
        f"{each.published_millions:,}",
        f"{each.parameters / 1e6:,.1f}",
        f"{each.encoder_layers} + {each.decoder_layers}",
        f"{each.mels}",
        f"{each.weights_gigabytes(16):.2f}",
        f"{each.weights_gigabytes(32):.2f}",
        f"{each.training_gigabytes:.1f}",
        f"{each.relative_speed:g} ×" if each.relative_speed else "–",
    ]
    return f"| {' | '.join(cells)} |"
