"""Batches: a list of clips becomes tensors, on the fly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .audio import SAMPLE_RATE, WINDOW_SECONDS, log_mel, read_clip
from .joining import PAUSE, Joined, join_pieces, joined_labels
from .tokens import IGNORED, MAX_LABELS, encode_labels, start_token_id
from .window import window_for

if TYPE_CHECKING:
    from transformers import WhisperProcessor, WhisperTokenizer

    from .augment import Augmentation

TIMESTAMPS = 2  # tokens a sentence


def prepare_dataset(clip: dict[str, Any], processor: WhisperProcessor, window: float | None = None) -> dict[str, Any]:
    """Turn one clip into what Whisper trains on.

    The tutorial maps this over the corpus and stores 0.96 MB a clip; here nothing is stored.

    Parameters
    ----------
    clip
        A row of a corpus: ``audio`` (path or bytes), ``sentence`` and, if rows differ, ``language``.
    processor
        Feature extractor and tokenizer of the checkpoint, its prefix set.
    window
        Seconds that the encoder sees, or None for the smallest usual window that holds the clip.

    Returns
    -------
    dict
        ``input_features``, float32 (mels, frames), and ``labels``, ids without the start token.

    Raises
    ------
    BadInput
        If the clip cannot be read or is longer than the window.
    """
    samples = read_clip(clip["audio"])
    seconds = window_for(len(samples) / SAMPLE_RATE, window)
    return {
        "input_features": log_mel(samples, processor.feature_extractor, seconds),
        "labels": encode_labels(clip["sentence"], processor.tokenizer, clip.get("language")),
    }


def pad_labels(label_ids: list[list[int]]) -> torch.Tensor:
    """Bring labels of unequal length into one tensor.

    Parameters
    ----------
    label_ids
        Ids of each clip.

    Returns
    -------
    torch.Tensor
        Shape (batch, longest), int64; -100 where a row is shorter, which the loss ignores.

    Examples
    --------
    >>> pad_labels([[1, 2, 3], [4, 5]]).tolist()
    [[1, 2, 3], [4, 5, -100]]
    """
    rows = [torch.tensor(ids, dtype=torch.long) for ids in label_ids]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=IGNORED)


def shift_right(labels: torch.Tensor, tokenizer: WhisperTokenizer) -> torch.Tensor:
    """Make the decoder's input from its labels: the start token first, each label one place later.

    Parameters
    ----------
    labels
        Shape (batch, length), int64, padded with -100.
    tokenizer
        Brings the start token and the end token, which pads.

    Returns
    -------
    torch.Tensor
        Shape (batch, length), int64, a new tensor; -100 becomes the end token.
    """
    from transformers.models.whisper.modeling_whisper import shift_tokens_right

    return shift_tokens_right(labels, tokenizer.eos_token_id, start_token_id(tokenizer))


@dataclass
class DataCollatorSpeechSeq2SeqWithPadding:
    """Make a batch for `Seq2SeqTrainer` out of encoded clips.

    Decoding, resampling and the log-mel happen here, so that with data workers they run beside the training.

    Parameters
    ----------
    processor
        Feature extractor and tokenizer of the checkpoint, its prefix set.
    window
        Seconds that the encoder sees, or None: the smallest usual window that holds the batch's longest clip, and the
        ``step_seconds`` of its clips where a sampler tells them.
    augmentation
        Changes the clips that have a ``draw``, which only a training's sampler gives; None leaves all as they are.

    A clip that goes on with others, which a training's sampler gives as ``then``, becomes one recording with them.
    """

    processor: WhisperProcessor
    window: float | None = None
    augmentation: Augmentation | None = None

    def __call__(self, clips: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Collate clips.

        Returns
        -------
        dict
            ``input_features`` float32 (batch, mels, frames); ``labels`` int64 (batch, length), padding -100, start
            token trimmed; ``decoder_input_ids`` int64 (batch, length), the same shifted right. A clip whose sentence
            is None fills a batch up: its labels are -100 only, and it teaches nothing.

        Raises
        ------
        BadInput
            If a clip cannot be read or is longer than the window.
        """
        samples = [read_clip(clip["audio"]) for clip in clips]
        longest = max(max(map(len, samples)) / SAMPLE_RATE, *(clip.get("step_seconds", 0) for clip in clips))
        seconds = window_for(longest, self.window)
        samples = [self._sound(clip, sound, seconds) for clip, sound in zip(clips, samples, strict=True)]
        joined = [self._joined(clip, sound) for clip, sound in zip(clips, samples, strict=True)]
        features = [self._features(clip, each.samples, seconds) for clip, each in zip(clips, joined, strict=True)]
        labels = pad_labels([self._labels(clip, each) for clip, each in zip(clips, joined, strict=True)])
        return {
            "input_features": torch.from_numpy(np.stack(features)),
            "labels": labels,
            "decoder_input_ids": shift_right(labels, self.processor.tokenizer),
        }

    def _sound(self, clip: dict[str, Any], samples: np.ndarray, seconds: float) -> np.ndarray:
        changed = self.augmentation and clip.get("draw")
        return self.augmentation.sound(samples, clip["draw"], seconds) if changed else samples

    def _joined(self, clip: dict[str, Any], samples: np.ndarray) -> Joined:
        """Join a clip to those that go on after it, as far as the window and the decoder hold them."""
        pieces = [(samples, clip["sentence"])]
        if not clip.get("then"):
            return join_pieces(pieces)
        seconds, tokens = len(samples) / SAMPLE_RATE, self._tokens(clip)
        for each in clip["then"]:
            sound = self._sound(each, read_clip(each["audio"]), WINDOW_SECONDS)
            seconds, tokens = seconds + PAUSE + len(sound) / SAMPLE_RATE, tokens + self._tokens(each)
            if seconds > WINDOW_SECONDS or tokens > MAX_LABELS:
                break
            pieces.append((sound, each["sentence"]))
        return join_pieces(pieces)

    def _tokens(self, clip: dict[str, Any]) -> int:
        """Labels of a clip with timestamps, at most."""
        return len(encode_labels(clip["sentence"], self.processor.tokenizer)) + TIMESTAMPS

    def _features(self, clip: dict[str, Any], samples: np.ndarray, seconds: float) -> np.ndarray:
        features = log_mel(samples, self.processor.feature_extractor, seconds)
        changed = self.augmentation and clip.get("draw")
        return self.augmentation.features(features, clip["draw"], len(samples)) if changed else features

    def _labels(self, clip: dict[str, Any], joined: Joined) -> list[int]:
        if clip["sentence"] is None:
            return [IGNORED]
        language, tokenizer = clip.get("language"), self.processor.tokenizer
        labels = joined_labels(joined, tokenizer, language, timestamps=bool(clip.get("timed")))
        return labels if len(labels) <= MAX_LABELS else joined_labels(joined, tokenizer, language)
