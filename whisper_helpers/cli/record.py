"""``whisper-helpers record``: record a corpus of one's own in a browser."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..tokens import language_code


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("record", help="record a corpus of your own in a browser")
    command.add_argument(
        "--sentences", metavar="FILE", type=Path, required=True, help="text in UTF-8, a sentence a line"
    )
    command.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="where clips and metadata.csv go")
    command.add_argument("--language", metavar="CODE-OR-NAME", help="language, written into the table")
    command.add_argument("--speaker", metavar="NAME", default="", help="who speaks (default: whoever recorded last)")
    command.add_argument("--port", type=int, help="of the local page (default: the first free one from 7860)")
    command.add_argument("--no-browser", action="store_true", help="only print the address")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out, until Ctrl-C."""
    from ..record import Studio, build_recorder, read_sentences
    from ..record.app import LAUNCH_SETTINGS

    language = language_code(options.language) if options.language else ""
    studio = Studio(read_sentences(options.sentences), options.out, language)
    page = build_recorder(studio, options.speaker)
    print(f"Recordings go to {studio.folder}; stop with Ctrl-C, start again to go on.", flush=True)
    page.launch(**LAUNCH_SETTINGS, server_port=options.port, inbrowser=not options.no_browser)
