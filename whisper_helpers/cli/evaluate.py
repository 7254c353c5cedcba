"""``whisper-helpers evaluate``: is a model better, at what, and what did it break."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ..screen import quieten


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("evaluate", help="is a model better, at what, and what did it break; scores at 30 s")
    command.add_argument("model", metavar="MODEL", help="name or folder of a checkpoint, or the folder of a run")
    command.add_argument("--corpus", help="its test split is heard (default: the run's corpus, else bundled)")
    command.add_argument("--language", metavar="CODE-OR-NAME", help="spoken language (default: the run's or corpus's)")
    command.add_argument("--against", metavar="BASE", help="model to compare with (default: the run's base)")
    command.add_argument(
        "--guard",
        metavar="CORPUS",
        action="append",
        help="another language, may be repeated: en and es are bundled, or any corpus, such as hub:google/fleurs:de_de "
        "(default: the bundled ones)",
    )
    command.add_argument("--report", metavar="FILE", type=Path, help="HTML page to write")
    command.add_argument("--json", metavar="FILE", type=Path, help="JSON file to write")
    command.add_argument("--limit-test", metavar="CLIPS", type=int, help="hear only so many test clips")
    command.add_argument("--limit-guard", metavar="CLIPS", type=int, help="hear only so many clips a guard language")
    command.add_argument(
        "--silence", metavar="CLIPS", type=int, default=60, help="without speech (default: %(default)s)"
    )
    command.add_argument("--long-minutes", type=float, default=4.0, help="of long audio (default: %(default)s minutes)")
    command.add_argument("--batch-size", metavar="CLIPS", type=int, default=16, help="at once (default: %(default)s)")
    command.add_argument("--overwrite", action="store_true", help="replace files that are there")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    quieten()
    from ..evaluation import Choices, evaluate, told

    names = ("limit_test", "limit_guard", "silence", "long_minutes", "batch_size")
    choices = Choices(**{name: getattr(options, name) for name in names})
    try:
        results = evaluate(
            options.model,
            corpus=options.corpus,
            language=options.language,
            against=options.against,
            guards=options.guard,
            choices=choices,
            report=options.report,
            json_file=options.json,
            overwrite=options.overwrite,
        )
    except KeyboardInterrupt:
        print("\nWhat was heard is kept: the same command goes on from here.", file=sys.stderr)
        raise
    print(told(results))
