"""What a model hears: the transcripts of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from .. import processes
from ..collate import DataCollatorSpeechSeq2SeqWithPadding
from ..memory import keep_freed_memory
from ..window import WINDOW_SECONDS, follow_window

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import WhisperForConditionalGeneration, WhisperProcessor


def transcribe(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    clips: Dataset,
    *,
    window: float | None = WINDOW_SECONDS,
    batch_size: int = 16,
    label: str = "transcribing",
) -> list[str]:
    """Transcribe each clip of a split on the machine's GPU if it has one, with a progress bar.

    Clips of similar length share a batch, and several processes share the batches; the result is in the split's order.

    Parameters
    ----------
    model
        Whisper, its language and task set in the generation config; it is moved to the device.
    processor
        Its processor.
    clips
        Split with columns ``audio``, ``sentence``, ``language`` and ``seconds``; where languages differ, each clip is
        heard in its own.
    window
        Seconds that the encoder sees: 30 as everybody else will run the model, a number, or None to follow the clips.
    batch_size
        Clips transcribed at once.
    label
        Words before the progress bar.

    Returns
    -------
    list of str
        One transcript a clip.
    """
    from tqdm.auto import tqdm

    follow_window(model.to(processes.device()))
    collate = DataCollatorSpeechSeq2SeqWithPadding(processor, window)
    mixed = model.generation_config.is_multilingual and len(set(clips["language"])) > 1
    by_length = np.argsort(clips["seconds"], kind="stable")[::-1]
    batches = [by_length[start : start + batch_size].tolist() for start in range(0, len(clips), batch_size)]
    heard: list[tuple[int, str]] = []
    bar = tqdm(total=len(clips), desc=label, unit="clip", disable=not processes.is_main())
    with keep_freed_memory(), bar as progress:
        for indices in processes.share(batches):
            batch = [clips[index] for index in indices]
            languages = [clip["language"] for clip in batch] if mixed else None
            features = collate(batch)["input_features"]
            heard += zip(indices, generate(model, processor, features, languages), strict=True)
            progress.update(len(indices) * processes.count())
    return [text for _, text in sorted(processes.gather(heard))]


@torch.inference_mode()
def generate(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    input_features: torch.Tensor,
    languages: list[str] | None = None,
) -> list[str]:
    """Transcribe a batch by greedy decoding, as long as Whisper can write.

    Parameters
    ----------
    model, processor
        Whisper and its processor.
    input_features
        Shape (batch, mels, frames), float32.
    languages
        Code of each row's language; None for the model's.

    Returns
    -------
    list of str
        One transcript a row, special tokens left out.
    """
    model.eval()
    spoken = {"language": languages} if languages else {}
    ids = model.generate(input_features=input_features.to(model.device, model.dtype), **spoken)
    return processor.batch_decode(ids, skip_special_tokens=True)
