"""The terminal: each command is a thin call of a function that a notebook calls as well."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from .errors import BadInput
from .recipe import PRESETS, Recipe, load_recipe, preset

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
        0 for success, 2 for bad input, 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except BadInput as error:
        print(f"whisper-helpers: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt as interrupt:
        print(f"\nInterrupted.{_how_to_go_on(interrupt)}", file=sys.stderr)
        return INTERRUPTED
    return SUCCESS


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(prog="whisper-helpers", description="Fine-tune Whisper for your own language.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_finetune(commands)
    _add_transcribe(commands)
    _add_export(commands)
    _add_prepare(commands)
    return top


def _add_finetune(commands: Any) -> None:
    command = commands.add_parser("finetune", help="measure, train, measure again", argument_default=argparse.SUPPRESS)
    command.add_argument("--profile", choices=PRESETS, help="settings to start from (default: quick)")
    hints = get_type_hints(Recipe)
    for each in fields(Recipe):
        _add_choice(command, each, hints[each.name])
    command.add_argument("--resume", action="store_true", help="go on with the run in --output, if there is one")
    command.add_argument("--overwrite", action="store_true", help="replace the run in --output")
    command.set_defaults(run=_finetune)


def _add_choice(command: argparse.ArgumentParser, each: Field, hint: Any) -> None:
    flag, unit = "--" + each.name.replace("_", "-"), each.metadata["unit"]
    explanation = f"{each.metadata['explanation']}{_default(each)}"
    if hint is bool:
        command.add_argument(flag, action=argparse.BooleanOptionalAction, help=explanation)
    else:
        command.add_argument(
            flag, type=_reader(each.name, hint), metavar=unit.upper().replace(" ", "-"), help=explanation
        )


def _default(each: Field) -> str:
    if each.default in (None, MISSING):
        return "" if each.name != "window" else " (default: auto)"
    return f" (default: {'no' if each.default is False else each.default}{_unit(each)})"


def _unit(each: Field) -> str:
    return f" {each.metadata['unit']}" if isinstance(each.default, int) and not isinstance(each.default, bool) else ""


def _reader(name: str, hint: Any) -> Any:
    if name == "window":
        return _window
    return next(kind for kind in (int, float, str) if kind in getattr(hint, "__args__", (hint,)))


def _window(text: str) -> float | None:
    return None if text == "auto" else float(text)


_window.__name__ = "number of seconds, or auto,"


def _finetune(options: argparse.Namespace) -> None:
    given = {
        name: value for name, value in vars(options).items() if name not in ("run", "resume", "overwrite", "profile")
    }
    resume, overwrite = getattr(options, "resume", False), getattr(options, "overwrite", False)
    recipe = _recipe(given, getattr(options, "profile", "quick"), resume)
    quieten()
    from .export import check_push_target, push_to_hub
    from .training import finetune

    if recipe.push_to_hub:
        check_push_target(recipe.push_to_hub)
    folder = finetune(recipe, resume=resume, overwrite=overwrite)
    if recipe.push_to_hub:
        push_to_hub(folder.path, recipe.push_to_hub)


def _recipe(given: dict[str, Any], profile: str, resume: bool) -> Recipe:
    begun = Path(given.get("output", ".")) / "recipe.json"
    if resume and begun.is_file():
        return replace(load_recipe(begun), **given)
    return preset(profile, **given)


def _add_transcribe(commands: Any) -> None:
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
    command.set_defaults(run=_transcribe)


def _transcribe(options: argparse.Namespace) -> None:
    quieten()
    from .transcript import FORMATS, transcribe_files

    transcribe_files(
        options.model,
        options.files,
        language=options.language,
        task=options.task,
        formats=FORMATS if options.format == "all" else (options.format,),
        output=options.output,
        overwrite=options.overwrite,
    )


def _add_export(commands: Any) -> None:
    command = commands.add_parser("export", help="publish a finished run")
    command.add_argument("folder", metavar="RUN", type=Path, help="folder of a finished run")
    command.add_argument("--push-to-hub", metavar="USER/NAME", required=True, help="model on the Hugging Face Hub")
    command.add_argument("--private", action="store_true", help="for your eyes only")
    command.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> None:
    from .export import push_to_hub

    push_to_hub(options.folder, options.push_to_hub, private=options.private)


def _add_prepare(commands: Any) -> None:
    command = commands.add_parser("prepare", help="fetch everything into one folder, for a room without network")
    command.add_argument("folder", metavar="FOLDER", type=Path, help="where to; what is there already is kept")
    command.add_argument("--model", metavar="NAME", action="append", help="checkpoint, may be repeated (default: base)")
    command.add_argument("--no-wheels", action="store_true", help="checkpoints and notebooks only, no packages")
    command.set_defaults(run=_prepare)


def _prepare(options: argparse.Namespace) -> None:
    quieten()
    from .prepare import prepare

    models = {"models": options.model} if options.model else {}
    prepare(options.folder, wheels=not options.no_wheels, **models)


def quieten() -> None:
    """Keep the libraries' own bars and notes off the screen; errors still show."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def _how_to_go_on(interrupt: KeyboardInterrupt) -> str:
    return f" Go on with: whisper-helpers finetune --resume --output {interrupt}" if interrupt.args else ""


if __name__ == "__main__":
    sys.exit(main())
