"""``whisper-helpers leaderboard``: any runs and models on one corpus, sorted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..screen import quieten


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("leaderboard", help="compare runs and models on one corpus, ties marked")
    command.add_argument("models", metavar="RUN", nargs="+", help="folders of runs, names or folders of checkpoints")
    command.add_argument("--corpus", help="its test split is heard (default: the first run's, else bundled)")
    command.add_argument("--language", metavar="CODE-OR-NAME", help="spoken language (default: the run's or corpus's)")
    command.add_argument("--limit-test", metavar="CLIPS", type=int, help="hear only so many test clips")
    command.add_argument("--batch-size", metavar="CLIPS", type=int, default=16, help="at once (default: %(default)s)")
    command.add_argument("--markdown", metavar="FILE", type=Path, help="write the table as Markdown")
    command.add_argument("--html", metavar="FILE", type=Path, help="write the table as a page")
    command.add_argument("--overwrite", action="store_true", help="replace files that are there")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    quieten()
    from ..evaluation import check_targets, leaderboard
    from ..evaluation.files import write_text
    from ..evaluation.leaderboard import as_html, as_markdown, as_text

    targets = [(path, write) for path, write in ((options.markdown, as_markdown), (options.html, as_html)) if path]
    check_targets([path for path, _ in targets], options.overwrite)
    board = leaderboard(
        options.models,
        corpus=options.corpus,
        language=options.language,
        limit_test=options.limit_test,
        batch_size=options.batch_size,
    )
    for path, write in targets:
        write_text(path, write(board))
    print(as_text(board))
