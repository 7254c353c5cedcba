"""Publishing a finished run on the Hugging Face Hub."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .card import without_paths
from .errors import BadInput

MODEL, RESULTS, OTHERS = "model", "results.json", ("training.png", "logs")  # in a run's folder
NEEDED = ("config.json", "README.md", "*.safetensors")  # in its model's folder
WRITING_ROLES = ("admin", "write", "contributor")  # of a member of an organisation
LOG_IN = "Log in with hf auth login, or set HF_TOKEN to a token of the role write"


def check_push_target(repo: str) -> None:
    """Make sure, before a long run, that its result can be published.

    Parameters
    ----------
    repo
        Model on the Hub, ``USER/NAME`` or ``ORGANISATION/NAME``; it need not exist yet.

    Raises
    ------
    BadInput
        If the name is none, the Hub is switched off or out of reach, or the user is not logged in or may not
        write there. The token is in no message.
    """
    _check_name(repo)
    token = _token()
    from huggingface_hub import HfApi

    with _clear_errors(repo, token):
        account = HfApi().whoami(token)
    _check_role(repo, account)


def push_to_hub(folder: Path, repo: str, *, private: bool = False, announce: Callable[[str], None] = print) -> str:
    """Publish a finished run as one commit: model, model card, results, figure and TensorBoard logs.

    Not uploaded are the predictions, which hold sentences of the corpus, the validation clips that TensorBoard plays,
    the checkpoints and, out of the results, paths of this machine and names of skipped clips.

    Parameters
    ----------
    folder
        Folder of the run.
    repo
        Model on the Hub, ``USER/NAME``; it is made if it is not there.
    private
        For the owner's eyes only.
    announce
        Takes each line for the user.

    Returns
    -------
    str
        Address of the model.

    Raises
    ------
    BadInput
        If the run is not finished, `private` is asked of a public model, or the Hub refuses; as for
        :func:`check_push_target`.
    """
    files = _files(Path(folder))
    check_push_target(repo)
    size = sum(len(file) if isinstance(file, bytes) else file.stat().st_size for file in files.values())
    announce(f"Uploading {len(files)} files, {size / 1e6:.1f} MB, to {repo}; predictions.csv stays here.")
    token = _token()
    with _clear_errors(repo, token):
        address = _upload(files, repo, private, token)
    announce(address)
    return address


def _check_name(repo: str) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
        sound = repo.count("/") == 1
    except HFValidationError:
        sound = False
    if not sound:
        allowed = "A model on the Hub is USER/NAME: letters, digits, single - . and _, at most 96 characters"
        raise BadInput(f"{repo!r} is no name for a model", allowed, "Try --push-to-hub USER/whisper-base-hi")


def _token() -> str:
    from huggingface_hub import constants, get_token

    if constants.is_offline_mode():
        raise BadInput("HF_HUB_OFFLINE switches the Hub off", "Publishing needs it", "Unset HF_HUB_OFFLINE")
    token = get_token()
    if not token:
        raise BadInput("You are not logged in to the Hugging Face Hub", "Publishing needs a token", LOG_IN)
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise BadInput("The Hub's token has spaces or signs that no token has", "", LOG_IN)
    return token


def _check_role(repo: str, account: dict[str, Any]) -> None:
    role = account.get("auth", {}).get("accessToken", {}).get("role")
    if role == "read":
        raise BadInput(f"Your token may read, not write to {repo}", "Publishing needs the role write", LOG_IN)
    roles = {each["name"].lower(): each.get("roleInOrg") or "write" for each in account.get("orgs", [])}
    roles[account["name"].lower()] = "admin"
    namespace = repo.partition("/")[0]
    if roles.get(namespace.lower()) not in WRITING_ROLES:
        writable = sorted(name for name, role in roles.items() if role in WRITING_ROLES)
        given = f"You are {account['name']} on the Hub and may not write to {namespace}"
        raise BadInput(given, f"You may write to {', '.join(writable)}", "Choose one of them")


def _files(folder: Path) -> dict[str, Path | bytes]:
    """Files to upload, by their path on the Hub."""
    results, model = _read_results(folder), folder / MODEL
    missing = [name for name in NEEDED if not any(model.glob(name))]
    if "after_30s" not in results or missing:
        lacking = f"{MODEL} without {', '.join(missing)}" if missing else f"{RESULTS} without after_30s"
        do = f"Finish it with whisper-helpers finetune --resume --output {folder}"
        raise BadInput(f"{folder} is no finished run ({lacking})", "Only finished runs are published", do)
    public = without_paths({name: value for name, value in results.items() if name != "skipped"})
    files: dict[str, Path | bytes] = _below(model, model)
    for name in OTHERS:
        files |= _below(folder / name, folder)
    return files | {RESULTS: (json.dumps(public, indent=2, ensure_ascii=False) + "\n").encode()}


def _read_results(folder: Path) -> dict[str, Any]:
    try:
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        results = None
    if not isinstance(results, dict):
        given = f"{folder} has no readable {RESULTS}"
        raise BadInput(given, "Published are finished runs", "Give the folder that finetune named at its end")
    return results


def _below(place: Path, root: Path) -> dict[str, Path]:
    found = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    inside = {path.relative_to(root): path for path in found}
    return {name.as_posix(): path for name, path in inside.items() if not _is_hidden(name)}


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)


def _upload(files: dict[str, Path | bytes], repo: str, private: bool, token: str) -> str:
    from huggingface_hub import CommitOperationAdd, HfApi

    api = HfApi(token=token)
    address = str(api.create_repo(repo, private=private or None, exist_ok=True))
    if private and not api.model_info(repo).private:
        do = "Make it private in its settings on the Hub, or choose another name"
        raise BadInput(f"{repo} is there already, and public", "--private makes only new models private", do)
    operations = [CommitOperationAdd(name, file) for name, file in files.items()]
    api.create_commit(repo, operations, commit_message="Fine-tuned model, card, results and logs")
    return address


@contextmanager
def _clear_errors(repo: str, token: str) -> Iterator[None]:
    """Turn whatever the Hub and the network make the library raise into a message without the token."""
    try:
        yield
    except BadInput:
        raise
    except Exception as error:
        raise _explained(error, repo, token) from None  # a chained traceback could show the token


def _explained(error: Exception, repo: str, token: str) -> BadInput:
    from huggingface_hub import constants

    response = next((found for each in _causes(error) if (found := getattr(each, "response", None))), None)
    status = getattr(response, "status_code", None)
    if status == 401:
        return BadInput("The Hub does not accept your token", "It may be mistyped or expired", LOG_IN)
    if status == 403:
        do = "Take a token with the role write, or a fine-grained one that may write there"
        return BadInput(f"Your token may not write to {repo}", "Publishing needs that", do)
    reason = " ".join(f"{type(error).__name__}: {error}".split()).replace(token, "TOKEN").rstrip(".")
    do = f"Check the network; then publish with whisper-helpers export RUN --push-to-hub {repo}"
    return BadInput(f"The Hub at {constants.ENDPOINT} cannot be used ({reason})", "", do)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
