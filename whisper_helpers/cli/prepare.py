"""``whisper-helpers prepare``: fetch everything that a room without network needs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..screen import quieten


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("prepare", help="fetch everything into one folder, for a room without network")
    command.add_argument("folder", metavar="FOLDER", type=Path, help="where to; what is there already is kept")
    command.add_argument(
        "--model", metavar="NAME", action="append", help="checkpoint, may be repeated (default: openai/whisper-base)"
    )
    command.add_argument("--no-wheels", action="store_true", help="checkpoints and notebooks only, no packages")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    quieten()
    from ..prepare import prepare

    models = {"models": options.model} if options.model else {}
    prepare(options.folder, wheels=not options.no_wheels, **models)
