"""The demo as a Space on the Hugging Face Hub: its files, and pushing them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from importlib.metadata import metadata
from pathlib import Path

from ..checkpoints.wheels import kept
from ..errors import BadInput
from ..export import check_push_target
from ..tokens import language_code, language_name
from .listener import own_language
from .serving import bundled_clips, check_examples

SETTINGS = "settings.json"
FILES = ("README.md", "app.py", "requirements.txt", SETTINGS)
EXAMPLES = "examples"
APP = '''"""A demo of speech recognition; settings.json names its models."""

import json
from pathlib import Path

from whisper_helpers.demo import LAUNCH_SETTINGS, build_demo, open_transcriber

settings = json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8"))
models = {name: open_transcriber(name, settings["language"]) for name in settings["models"]}
examples = [Path(__file__).parent / "examples" / name for name in settings["examples"]]
demo = build_demo(models, title=settings["title"], examples=examples)

if __name__ == "__main__":
    demo.launch(**LAUNCH_SETTINGS)
'''


def write_space(
    folder: str | Path,
    models: Sequence[str],
    language: str | None = None,
    *,
    title: str = "Whisper",
    examples: Sequence[str | Path] | None = None,
    announce: Callable[[str], None] = print,
) -> Path:
    """Write the files of a Space that shows models of the Hub side by side. Nothing is uploaded.

    Parameters
    ----------
    folder
        Where to write; a new or empty folder, or one that this function wrote before.
    models
        Names on the Hub, ``USER/NAME``: a Space cannot see folders of this machine.
    language
        Spoken language, code or name; None: what the first model was tuned for, or what the models guess.
    title
        Of the Space, in plain words.
    examples
        Recordings to try it with, copied; None takes some of the bundled ones in that language.
    announce
        Takes a line if there is no recording to try.

    Returns
    -------
    pathlib.Path
        The folder, with ``README.md``, ``app.py``, ``requirements.txt``, ``settings.json`` and ``examples``.

    Raises
    ------
    BadInput
        If a model is none of the Hub, Whisper does not know the language, an example is missing or has the name of
        another, or the folder holds something else.
    """
    folder = Path(folder)
    _check_models(models)
    check_examples(examples)
    language = language_code(language) if language else _language_on_hub(models[0])
    examples = bundled_clips(language) if examples is None else examples
    names = _example_names(examples)
    settings = {"title": title, "language": language, "models": list(models), EXAMPLES: names}
    if folder.exists() and not (folder / SETTINGS).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} holds something else", "A Space is written to a folder of its own", "Name a new one")
    contents = (_readme(title, models), APP, _requirements(), json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in zip(FILES, contents, strict=True):
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    (folder / EXAMPLES).mkdir(exist_ok=True)
    for name, example in zip(names, examples, strict=True):
        if not (folder / EXAMPLES / name).is_file() or not Path(example).samefile(folder / EXAMPLES / name):
            shutil.copyfile(example, folder / EXAMPLES / name)
    if not examples and language:
        announce(f"No speech in {language_name(language)} is bundled: the Space has no recordings to try.")
    return folder


def push_space(
    folder: str | Path,
    repo: str,
    *,
    private: bool = True,
    overwrite: bool = False,
    announce: Callable[[str], None] = print,
) -> str:
    """Publish a Space that :func:`write_space` wrote, as one commit.

    Parameters
    ----------
    folder
        Its folder; only what the last `write_space` wrote is uploaded.
    repo
        Space on the Hub, ``USER/NAME``.
    private
        For the owner's eyes only.
    overwrite
        Replace the files of a Space that is there already.
    announce
        Takes the address.

    Returns
    -------
    str
        Address of the Space.

    Raises
    ------
    BadInput
        If the folder is no Space, you are not logged in or may not write there, or there is such a Space already.
        The token is in no message.
    """
    folder = Path(folder)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BadInput(f"{folder} is no Space: no {', '.join(missing)}", "write_space makes one", "Write it first")
    check_push_target(repo)
    try:
        address = _push(folder, repo, private, overwrite)
    except Exception as error:
        raise _explained(error, repo) from None  # a chained traceback could show the token
    announce(address)
    return address


def _example_names(examples: Sequence[str | Path]) -> list[str]:
    names = [Path(example).name for example in examples]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise BadInput(f"Two examples are called {min(twice)}", "Each needs a name of its own", "Rename one")
    return names


def _push(folder: Path, repo: str, private: bool, overwrite: bool) -> str:
    from huggingface_hub import CommitOperationAdd, HfApi

    api = HfApi()
    address = str(api.create_repo(repo, repo_type="space", space_sdk="gradio", private=private, exist_ok=overwrite))
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    names = [*FILES, *(f"{EXAMPLES}/{name}" for name in settings[EXAMPLES])]
    operations = [CommitOperationAdd(name, folder / name) for name in names]
    api.create_commit(repo, operations, repo_type="space", commit_message="A demo of speech recognition")
    return address


def _explained(error: Exception, repo: str) -> BadInput:
    status = getattr(getattr(error, "response", None), "status_code", "no answer")
    if status == 409:
        return BadInput(
            f"{repo} is there already",
            "Nothing is replaced unasked",
            "Choose another, or push_space(…, overwrite=True)",
        )
    given = f"The Hub did not take the Space ({type(error).__name__}, {status})"
    return BadInput(given, "", "Check the network and your token's rights")


def _check_models(models: Sequence[str]) -> None:
    wrong = [name for name in models if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) or Path(name).exists()]
    if wrong or not models:
        given = f"Not on the Hub: {', '.join(map(repr, wrong))}" if wrong else "No model was given"
        raise BadInput(given, "A Space shows models of the Hub, USER/NAME", "Publish the model first")


def _language_on_hub(name: str) -> str | None:
    """Language that a model of the Hub was tuned for; None too where the Hub cannot be asked."""
    from huggingface_hub import hf_hub_download

    file = "generation_config.json"
    try:
        folder = kept(name)
        path = folder / file if folder else Path(hf_hub_download(name, file))
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return own_language(told)


def _readme(title: str, models: Sequence[str]) -> str:
    import gradio

    lines = [f"title: {json.dumps(title, ensure_ascii=False)}", "sdk: gradio", f"sdk_version: {gradio.__version__}"]
    lines += ["app_file: app.py", "models:", *[f"- {name}" for name in models]]
    return "\n".join(["---", *lines, "---", "", "Record or choose a file, and read what each model hears.", ""])


def _requirements() -> str:
    addresses = dict(line.split(", ", 1) for line in metadata("whisper-helpers").get_all("Project-URL"))
    return f"whisper-helpers @ git+{addresses['Repository']}\n"
