"""Recordings in, transcripts out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..checkpoints import open_checkpoint
from ..tokens import language_code, language_name, task_name
from ..writing import write_whole
from .formats import Transcript, check_formats, render
from .planning import Job, plan_jobs, read_recording

if TYPE_CHECKING:
    from transformers import GenerationConfig, WhisperForConditionalGeneration, WhisperProcessor

Announce = Callable[[str], None]
BAR = "{l_bar}{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}{postfix}]"


def transcribe_files(
    model: str,
    files: Sequence[Path],
    *,
    language: str | None = None,
    task: str = "transcribe",
    formats: Sequence[str] = ("txt",),
    output: Path | None = None,
    overwrite: bool = False,
    announce: Announce = print,
) -> list[Path]:
    """Write down what recordings say, each in a file of its own for each format.

    All input is checked before the model is loaded. Then each file is written whole or not at all.

    Parameters
    ----------
    model
        Name or folder of a checkpoint, or the folder of a run.
    files
        Recordings of any length, rate and number of channels. Silent and empty ones give an empty transcript.
    language
        Spoken language, code or name; None keeps the model's, or else hears it, recording by recording.
    task
        ``"transcribe"``, or ``"translate"`` to English.
    formats
        Some of `FORMATS`.
    output
        Folder of the transcripts, made if missing; None puts each beside its recording.
    overwrite
        Replace transcripts that are there.
    announce
        Takes each path written, a language that was heard, and the text of a single recording.

    Returns
    -------
    list of pathlib.Path
        Files written, in the order of `files` and `formats`.

    Raises
    ------
    BadInput
        If a format, language or task is unknown, the model cannot be opened or cannot do them, recordings
        cannot be read, transcripts are there already or would overwrite each other, or a folder cannot be
        written to.
    """
    formats = list(dict.fromkeys(formats))
    check_formats(formats)
    task_name(task)
    language = language and language_code(language)
    jobs = plan_jobs(files, formats, output and Path(output).expanduser(), overwrite)
    whisper, processor = open_checkpoint(model, language, task, announce=announce)
    _to_device(whisper)
    return _transcribe_jobs(jobs, whisper, processor, model, announce)


def _to_device(model: WhisperForConditionalGeneration) -> None:
    import torch

    if torch.cuda.is_available():
        model.to("cuda", torch.float16)
    elif torch.backends.mps.is_available():
        model.to("mps")


def _transcribe_jobs(
    jobs: list[Job],
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    name: str,
    announce: Announce,
) -> list[Path]:
    from tqdm.auto import tqdm

    written: list[Path] = []
    milliseconds = sum(math.ceil(1000 * job.seconds) for job in jobs)
    with tqdm(total=milliseconds, unit_scale=0.001, desc="transcribing", bar_format=BAR) as bar:
        for number, job in enumerate(jobs, start=1):
            bar.set_postfix_str(f"{job.recording.name}, {number} of {len(jobs)}")
            transcript = _hear(job, model, processor, name, lambda seconds: bar.update(round(1000 * seconds)))
            for form, target in job.targets.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                write_whole(target, render(transcript, form))
            written += job.targets.values()
            with bar.external_write_mode():
                _tell(job, transcript, model.generation_config, announce, show_text=len(jobs) == 1)
    return written


def _hear(
    job: Job,
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    name: str,
    progress: Callable[[float], object],
) -> Transcript:
    from .recording import transcribe_recording

    samples = read_recording(job.recording)
    segments, language = transcribe_recording(model, processor, samples, progress=progress)
    task = getattr(model.generation_config, "task", None) or "transcribe"
    return Transcript(job.recording.name, language, task, name, job.seconds, tuple(segments))


def _tell(
    job: Job,
    transcript: Transcript,
    generation: GenerationConfig,
    announce: Announce,
    *,
    show_text: bool,
) -> None:
    if transcript.language and generation.is_multilingual and not generation.language:
        heard = language_name(transcript.language)
        announce(f"{job.recording} sounds like {heard}; if it is not, name the language.")
    if not transcript.segments:
        announce(f"No speech was heard in {job.recording}.")
    elif show_text and "txt" in job.targets:
        announce(render(transcript, "txt").rstrip("\n"))
    for target in job.targets.values():
        announce(f"Written: {target}")
