"""Long recordings with known text: clips joined, and what happens where a model's windows meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audio import SAMPLE_RATE, read_clip
from ..joining import PAUSE, Joined, join_pieces
from ..metrics import error_counts, rate
from ..transcript.recording import transcribe_recording
from .edits import edits, loop_in, spoken

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

CHUNK, STRIDE = 30.0, 5.0  # seconds: chunks overlap by twice the stride
CHUNKS_AT_ONCE = 8
FALLBACK = (0.0, 0.4, 0.8)  # temperatures: every second one of the command's, for an untuned model needs them all
NEAR = 2.0  # seconds around a seam
MUCH = 0.1  # of the words, left out
Hear = Callable[..., tuple[str, list[float]]]


def join(clips: Dataset, seconds: float, most: int | None = None) -> list[Joined]:
    """Join clips to recordings of at most `seconds`, in their order.

    Parameters
    ----------
    clips
        Split with columns ``audio`` and ``sentence``; a clip longer than `seconds` is a recording of its own.
    seconds
        Longest recording.
    most
        How many recordings at most.
    """
    recordings, pieces, length = [], [], 0.0
    for clip in clips:
        samples = read_clip(clip["audio"])
        duration = len(samples) / SAMPLE_RATE
        if pieces and length + PAUSE + duration > seconds:
            recordings.append(join_pieces(pieces))
            pieces, length = [], 0.0
            if len(recordings) == most:
                return recordings
        pieces.append((samples, clip["sentence"]))
        length += duration + (PAUSE if len(pieces) > 1 else 0)
    return [*recordings, *([join_pieces(pieces)] if pieces else [])]


def hear_sequentially(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    samples: np.ndarray,
    progress: Callable[[float], object] = lambda seconds: None,
) -> tuple[str, list[float]]:
    """Hear window after window, as `transcribe_recording` does, but with every second temperature only.

    Parameters
    ----------
    model, processor
        Whisper and its processor.
    samples
        Shape (samples,), 16 kHz.
    progress
        Takes the seconds just heard.

    Returns
    -------
    str, list of float
        The text, and the seconds at which one window gave way to the next.
    """
    heard: list[float] = []

    def count(seconds: float) -> None:
        heard.append(seconds)
        progress(seconds)

    segments, _ = transcribe_recording(model, processor, samples, progress=count, temperatures=FALLBACK)
    return " ".join(segment.text for segment in segments), np.cumsum(heard)[:-1].tolist()


def hear_in_chunks(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    samples: np.ndarray,
    progress: Callable[[float], object] = lambda seconds: None,
) -> tuple[str, list[float]]:
    """Hear overlapping chunks of 30 s and merge their texts by the pipeline of transformers, but greedily.

    By itself the pipeline searches with five beams, which a comparison with :func:`hear_sequentially` must not.

    Parameters
    ----------
    model, processor, samples, progress
        As for :func:`hear_sequentially`.

    Returns
    -------
    str, list of float
        The text, and the seconds at which one chunk gives way to the next.
    """
    from transformers import pipeline

    parts = {"tokenizer": processor.tokenizer, "feature_extractor": processor.feature_extractor}
    chunks = {"chunk_length_s": CHUNK, "stride_length_s": STRIDE, "ignore_warning": True}
    transcriber = pipeline("automatic-speech-recognition", model=model, **parts)
    options = {**chunks, "batch_size": CHUNKS_AT_ONCE, "generate_kwargs": {"num_beams": 1}}
    text = transcriber({"raw": samples, "sampling_rate": SAMPLE_RATE}, **options)["text"]
    progress(len(samples) / SAMPLE_RATE)
    return text, np.arange(CHUNK - STRIDE, len(samples) / SAMPLE_RATE, CHUNK - 2 * STRIDE).tolist()


WAYS: dict[str, Hear] = {"sequential": hear_sequentially, "chunked": hear_in_chunks}


def score_long(recordings: list[Joined], heard: list[tuple[str, list[float]]], language: str) -> dict[str, Any]:
    """Score long recordings, at their seams and away from them.

    Parameters
    ----------
    recordings
        With known text.
    heard
        Text and seams of each.
    language
        Whisper's code.

    Returns
    -------
    dict
        ``wer``, ``deletions``, ``insertions``, ``words`` (characters where no space parts words), ``loops`` and,
        within 2 s of a seam, ``seams``, ``seam_words``, ``seam_deletions`` and ``seam_repetitions`` (words put in
        that were just said).
    """
    said = [spoken(" ".join(each.sentences), language) for each in recordings]
    texts = [spoken(text, language) for text, _ in heard]
    counts = error_counts(said, texts)
    totals = dict.fromkeys(("seam_words", "seam_deletions", "seam_repetitions"), 0)
    for recording, (_, seams), reference, text in zip(recordings, heard, said, texts, strict=True):
        for name, number in _at_seams(recording, seams, edits(reference, text), language).items():
            totals[name] += number
    kinds = dict(zip(("substitutions", "deletions", "insertions"), counts[1:].sum(axis=1).tolist(), strict=True))
    return {
        "wer": round(rate(counts), 3) if counts[:3].sum() else None,
        **kinds,
        "words": int(counts[:3].sum()),
        "loops": sum(loop_in(text) is not None for text in texts),
        "seams": sum(len(seams) for _, seams in heard),
        **totals,
    }


def long_notes(results: dict[str, Any]) -> list[str]:
    """Say how much of long recordings is left out, for each way of hearing by which it is much.

    Parameters
    ----------
    results
        From :func:`whisper_helpers.evaluation.evaluate`.
    """
    long, notes = results["long"], []
    for way in WAYS:
        found = {stage: ways[way] for stage, ways in long.items() if way in ways}
        if any(each["deletions"] > MUCH * each["words"] for each in found.values()):
            told = " and ".join(f"{each['deletions']:,} {stage}" for stage, each in found.items())
            units = f"{next(iter(found.values()))['words']:,} {results['unit']}s"
            notes.append(f"Of long recordings, {way}, much is left out: of {units} {told}.")
    return notes


def _at_seams(
    recording: Joined, seams: list[float], aligned: list[tuple[str, str, str]], language: str
) -> dict[str, int]:
    times, place, now = _word_times(recording, language), 0, 0.0
    words = deletions = repetitions = 0
    just_said: list[str] = []
    for kind, said, heard in aligned:
        if said:
            now, place = times[min(place, len(times) - 1)], place + 1
        near = any(abs(now - seam) <= NEAR for seam in seams)
        words += bool(near and said)
        deletions += near and kind == "delete"
        repetitions += near and kind == "insert" and heard in just_said
        just_said = [*just_said, said or heard][-8:]
    return {"seam_words": words, "seam_deletions": int(deletions), "seam_repetitions": int(repetitions)}


def _word_times(recording: Joined, language: str) -> list[float]:
    times: list[float] = []
    for sentence, (start, end) in zip(recording.sentences, recording.bounds, strict=True):
        words = len(spoken(sentence, language).split())
        times += [start + (end - start) * (word + 0.5) / words for word in range(words)]
    return times
