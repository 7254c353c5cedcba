"""``whisper-helpers doctor``: find what would ruin a training on a corpus."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..screen import quieten

RUINS = 1  # exit code


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("doctor", help="find what would ruin a training on a corpus")
    command.add_argument("corpus", metavar="CORPUS", help="bundled, a folder or table, or hub:OWNER/NAME[:CONFIG]")
    command.add_argument("--language", metavar="CODE", help="language of all clips (default: the corpus tells it)")
    command.add_argument("--json", metavar="FILE", type=Path, help="write all findings and the summary as JSON")
    command.add_argument("--html", metavar="FILE", type=Path, help="write a page with figures and players")
    command.add_argument(
        "--fix", metavar="OUT", type=Path, help="write a cleaned table and every decision into a folder"
    )
    command.add_argument("--processes", metavar="NUMBER", type=int, help="that decode at once (default: one a core)")
    for kind in ("audio", "sentence", "split", "speaker", "language"):
        command.add_argument(
            f"--{kind}-column", metavar="COLUMN", help=f"the table's column of the {kind}, if not guessed"
        )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Carry the command out; the exit code is 1 if something would ruin a training."""
    quieten()
    from ..doctor import examine, write_fixed, write_page

    columns = {name: value for name, value in vars(options).items() if name.endswith("_column")}
    examined = examine(options.corpus, options.language, processes=options.processes, **columns)
    if options.fix:
        print(f"Cleaned table: {write_fixed(examined, options.fix)}; decisions.csv beside it tells every decision.")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        listed = json.dumps(examined.as_dict(), ensure_ascii=False, indent=1)
        options.json.write_text(listed + "\n", encoding="utf-8", errors="replace")
    if options.html:
        write_page(examined, options.html)
    print(examined)
    return RUINS if examined.ruins else 0
