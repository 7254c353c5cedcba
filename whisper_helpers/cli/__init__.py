"""The terminal: each command is a module here, and a thin call of a function that a notebook calls as well."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..errors import BadInput
from ..processes import is_main, wait
from ..screen import command_line
from . import demo, doctor, evaluate, export, finetune, leaderboard, plan, prepare, proxy_language, record, transcribe

COMMANDS = (finetune, doctor, proxy_language, record, plan, evaluate, leaderboard, transcribe, demo, export, prepare)
SUCCESS, BAD_INPUT, INTERRUPTED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Words after ``whisper-helpers``; those of the process by default.

    Returns
    -------
    int
        What the command returns, 0 by default; 2 for bad input, 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    options = parser().parse_args(arguments)
    try:
        return options.run(options) or SUCCESS
    except BadInput as error:
        _tell(error)
        return BAD_INPUT
    except KeyboardInterrupt as interrupt:
        print(f"\nInterrupted.{_how_to_go_on(interrupt)}", file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(prog="whisper-helpers", description="Fine-tune Whisper for your own language.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return top


def _tell(error: BadInput) -> None:
    if is_main() or not error.agreed:
        print(f"whisper-helpers: {error}", file=sys.stderr, flush=True)
    if error.agreed:
        wait()  # the launcher ends all as soon as one has ended


def _how_to_go_on(interrupt: KeyboardInterrupt) -> str:
    if not interrupt.args:
        return ""
    return f" Go on with: {command_line('whisper-helpers', 'finetune', '--resume', '--output', str(interrupt))}"
