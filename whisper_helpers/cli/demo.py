"""``whisper-helpers demo``: try a model in the browser, or write that down as a Space."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..screen import quieten


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("demo", help="try a model in the browser")
    command.add_argument("model", metavar="RUN-OR-MODEL", help="folder of a run, or name or folder of a checkpoint")
    command.add_argument("--against", metavar="BASE", help="another model, shown beside it")
    command.add_argument("--share", action="store_true", help="make a public address; needs --auth")
    command.add_argument("--auth", metavar="USER:PASSWORD", help="ask visitors for these")
    command.add_argument("--keep", metavar="FOLDER", type=Path, help='where "correct and keep" stores (default: off)')
    command.add_argument("--space", metavar="OUT", type=Path, help="write a Hugging Face Space instead of opening")
    command.add_argument("--language", metavar="CODE-OR-NAME", help="spoken (default: the model's own)")
    command.add_argument("--examples", metavar="FILE", nargs="+", type=Path, help="recordings to try it with")
    command.add_argument("--push", metavar="USER/NAME", help="upload that Space, for your eyes only")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Carry the command out."""
    quieten()
    from ..demo import push_space, serve, write_space
    from ..errors import BadInput

    if options.push and not options.space:
        raise BadInput("--push has no folder to upload", "It goes with --space OUT", "Name the folder")
    given = {"keep": options.keep, "auth": options.auth, "share": options.share}
    if not options.space:
        given |= {"language": options.language, "examples": options.examples}
        return serve(options.model, options.against, **given)
    if unused := [f"--{name}" for name, value in given.items() if value]:
        raise BadInput(f"{' and '.join(unused)} with --space", "A Space is only written", "Leave out one of them")
    models = [options.model, *([options.against] if options.against else [])]
    folder = write_space(options.space, models, options.language, examples=options.examples)
    print(f"Written: {folder}")
    return push_space(folder, options.push) and None if options.push else None
