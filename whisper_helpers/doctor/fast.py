"""The fast check before every training: leave out the clips that Whisper cannot be trained on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..audio import WINDOW_SECONDS, clip_seconds, decode_clip
from ..corpus import clip_names
from ..errors import BadInput
from ..screen import counted, without_bars
from ..tokens import MAX_LABELS, encode_labels

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict
    from transformers import WhisperTokenizer

NAMED = 10  # findings that are named on the screen


@dataclass(frozen=True)
class Finding:
    """A clip that cannot be used.

    Parameters
    ----------
    split
        Where it is: train, validation or test.
    clip
        Its name.
    reason
        What is wrong, to follow the name.
    """

    split: str
    clip: str
    reason: str


def usable_clips(
    corpus: DatasetDict,
    tokenizer: WhisperTokenizer,
    *,
    progress: bool = True,
    announce: Callable[[str], None] = print,
) -> tuple[DatasetDict, list[Finding]]:
    """Leave out the clips that Whisper cannot be trained or measured on; none is shortened.

    Left out are clips that are unreadable, without samples, not finite or longer than 30 s, and sentences
    that are empty or need more than 448 tokens. Each clip is decoded once, for damage that a header does not tell
    would end the training hours later.

    Parameters
    ----------
    corpus
        As :func:`whisper_helpers.corpus.open_corpus` gives it.
    tokenizer
        Tokenizer of the checkpoint, its prefix set.
    progress
        Show a progress bar.
    announce
        Takes each line for the user.

    Returns
    -------
    datasets.DatasetDict, list of Finding
        The usable clips with a further column ``seconds``, and what was left out.

    Raises
    ------
    BadInput
        If more than half of a split's clips cannot be used.
    """
    from datasets import DatasetDict
    from tqdm.auto import tqdm

    usable, findings = {}, []
    with tqdm(total=sum(map(len, corpus.values())), desc="Checking clips", unit="clip", disable=not progress) as bar:
        for name, split in corpus.items():
            usable[name], found = _check_split(name, split, tokenizer, bar)
            findings += found
    tell_findings(findings, announce)
    return DatasetDict(usable), findings


def check_clip(clip: dict[str, Any], tokenizer: WhisperTokenizer) -> tuple[float, str]:
    """Check one clip, as :func:`usable_clips` checks all of a corpus.

    Parameters
    ----------
    clip
        With ``audio``, ``sentence`` and ``language``.
    tokenizer
        Tokenizer of the checkpoint, its prefix set.

    Returns
    -------
    float, str
        Its length in seconds, and what is wrong with it; empty if nothing is.
    """
    seconds, fault = _check_sound(clip["audio"])
    return seconds, fault or _check_sentence(clip["sentence"], clip["language"], tokenizer)


def _check_split(name: str, split: Dataset, tokenizer: WhisperTokenizer, bar: Any) -> tuple[Dataset, list[Finding]]:
    seconds, faults = [], []
    for length, fault in _check_clips(split, tokenizer):
        seconds.append(length)
        faults.append(fault)
        bar.update()
    clips = clip_names(split) if any(faults) else [""] * len(split)
    findings = [Finding(name, clip, fault) for clip, fault in zip(clips, faults, strict=True) if fault]
    _check_count(name, len(split), findings)
    with without_bars():
        measured = split.add_column("seconds", seconds)
    return measured.select([index for index, fault in enumerate(faults) if not fault]), findings


def _check_clips(split: Dataset, tokenizer: WhisperTokenizer) -> Iterator[tuple[float, str]]:
    def listen(index: int) -> tuple[float, str]:
        return _check_sound(split[index]["audio"])

    texts = zip(split["sentence"], split["language"], strict=True)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for (seconds, fault), (sentence, language) in zip(pool.map(listen, range(len(split))), texts, strict=True):
            yield seconds, fault or _check_sentence(sentence, language, tokenizer)


def _check_sound(audio: dict[str, Any]) -> tuple[float, str]:
    try:
        seconds = clip_seconds(audio)
        if seconds <= WINDOW_SECONDS:
            samples, rate = decode_clip(audio)
            seconds = len(samples) / rate
    except BadInput as error:
        return 0.0, _reason(error, audio)
    if seconds > WINDOW_SECONDS:
        return seconds, f"lasts {seconds:.1f} s, and Whisper hears {WINDOW_SECONDS:g} s at most"
    return seconds, "" if seconds > 0 else "holds no samples"


def _reason(error: BadInput, audio: dict[str, Any]) -> str:
    """First sentence of what the audio module says, without the clip's name."""
    return str(error).removeprefix(str(Path(audio["path"] or "clip"))).split(". ")[0].strip(" .")


def _check_sentence(sentence: str, language: str, tokenizer: WhisperTokenizer) -> str:
    if not sentence.strip():
        return "has no sentence"
    labels = len(encode_labels(sentence, tokenizer, language))
    return f"needs {labels} tokens for its sentence, {MAX_LABELS} at most" if labels > MAX_LABELS else ""


def _check_count(split: str, clips: int, findings: list[Finding]) -> None:
    if 2 * len(findings) <= clips and clips:
        return
    given = f"{len(findings):,} of {clips:,} {split} clips cannot be used"
    reasons = "; ".join(f"{finding.clip} {finding.reason}" for finding in findings[:3])
    raise BadInput(given, reasons and f"The first: {reasons}", "At least half of a split must be sound: mend its clips")


def tell_findings(findings: list[Finding], announce: Callable[[str], None]) -> None:
    """Say how many clips are left out, and name the first ten.

    Parameters
    ----------
    findings
        None of them are told when there are none.
    announce
        Takes each line for the user.
    """
    if not findings:
        return
    announce(f"{counted(len(findings), 'clip')} {'is' if len(findings) == 1 else 'are'} left out:")
    for finding in findings[:NAMED]:
        announce(f"  {finding.split} {finding.clip} {finding.reason}")
    if len(findings) > NAMED:
        announce(f"  and {len(findings) - NAMED:,} more")
