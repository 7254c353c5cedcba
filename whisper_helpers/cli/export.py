"""``whisper-helpers export``: publish a finished run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("export", help="publish a finished run")
    command.add_argument("folder", metavar="RUN", type=Path, help="folder of a finished run")
    command.add_argument("--push-to-hub", metavar="USER/NAME", required=True, help="model on the Hugging Face Hub")
    command.add_argument("--private", action="store_true", help="for your eyes only")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    from ..export import push_to_hub

    push_to_hub(options.folder, options.push_to_hub, private=options.private)
