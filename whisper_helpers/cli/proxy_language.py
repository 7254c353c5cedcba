"""``whisper-helpers proxy-language``: which language's token to use for one that Whisper does not know."""

from __future__ import annotations

import argparse
from typing import Any

from ..screen import quieten


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("proxy-language", help="rank tokens for a language that Whisper does not know")
    command.add_argument(
        "corpus", metavar="CORPUS", help="bundled, a folder, table or archive, or hub:OWNER/NAME[:CONFIG]"
    )
    command.add_argument("--model", default="openai/whisper-base", help="checkpoint (default: %(default)s)")
    command.add_argument(
        "--candidates", metavar="CODES", help="with commas between (default: what the model hears most)"
    )
    command.add_argument("--clips", type=int, default=20, help="training clips to try (default: %(default)s)")
    command.add_argument("--seed", type=int, default=0, help="chooses them (default: %(default)s)")
    for kind in ("audio", "sentence", "split", "speaker"):
        command.add_argument(
            f"--{kind}-column", metavar="COLUMN", help=f"the table's column of the {kind}, if not guessed"
        )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    quieten()
    from ..proxy import rank_proxies

    columns = {name: value for name, value in vars(options).items() if name.endswith("_column")}
    candidates = [each.strip() for each in (options.candidates or "").split(",") if each.strip()]
    choices = {"model": options.model, "clips": options.clips, "seed": options.seed}
    print(rank_proxies(options.corpus, candidates=candidates, **choices, **columns))
