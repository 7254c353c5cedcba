"""``whisper-helpers transcribe``: write down what recordings say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..screen import quieten


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("transcribe", help="write down what recordings say")
    command.add_argument("model", metavar="MODEL", help="name or folder of a checkpoint, or the folder of a run")
    command.add_argument("files", metavar="FILE", nargs="+", type=Path, help="recordings of any length")
    command.add_argument("--language", metavar="CODE-OR-NAME", help="spoken language (default: the model's)")
    command.add_argument(
        "--task", default="transcribe", help="transcribe, or translate to English (default: %(default)s)"
    )
    command.add_argument("--format", default="txt", help="txt, srt, vtt, json or all (default: %(default)s)")
    command.add_argument(
        "--output", metavar="FOLDER", type=Path, help="where to write (default: beside each recording)"
    )
    command.add_argument("--overwrite", action="store_true", help="replace transcripts that are there")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    quieten()
    from ..transcript import FORMATS, transcribe_files

    transcribe_files(
        options.model,
        options.files,
        language=options.language,
        task=options.task,
        formats=FORMATS if options.format == "all" else (options.format,),
        output=options.output,
        overwrite=options.overwrite,
    )
