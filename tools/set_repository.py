"""Set the repository's address wherever this project names it.

    python tools/set_repository.py https://github.com/OWNER/NAME

The address to be replaced is the one in pyproject.toml. Links to the code, Colab badges and raw files are
rewritten in every text file that git tracks; links to other projects stay. Needs only Python 3.11 and git.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tomllib
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
OWNER, NAME = r"[A-Za-z0-9](?:-?[A-Za-z0-9])*", r"[\w-][\w.-]*?"
ADDRESS = re.compile(rf"https://github\.com/({OWNER}/{NAME})(?:\.git)?/?", re.ASCII)


def main() -> None:
    """Replace the address and print which files changed."""
    parser = argparse.ArgumentParser(description="Set this project's address wherever it is named.")
    parser.add_argument("url", metavar="URL", help="https://github.com/OWNER/NAME")
    url = parser.parse_args().url
    if not ADDRESS.fullmatch(url):
        allowed = "Allowed is https://github.com/OWNER/NAME"
        parser.error(f"{url!r} is no address of a repository. {allowed}. Copy it from the repository's page.")
    if not (HOUSE / ".git").exists():
        parser.error(f"{HOUSE} is no git checkout. Only tracked files are changed. Clone the repository.")
    old, new = repository(current_url()), repository(url)
    changed = [name for name in tracked_files() if replace(HOUSE / name, old, new)]
    print("\n".join(changed) or "Nothing to change.")


def repository(url: str) -> str:
    """``OWNER/NAME`` of an address."""
    return ADDRESS.fullmatch(url)[1]


def current_url() -> str:
    """Address in pyproject.toml."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def tracked_files() -> list[str]:
    """Names of the files that git tracks and that are there."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, check=True, capture_output=True).stdout
    return [name for name in names.decode().split("\0") if (HOUSE / name).is_file()]


def replace(path: Path, old: str, new: str) -> bool:
    """Replace a repository in a text file, line ends kept; False if nothing was to be replaced.

    Parameters
    ----------
    path
        A file; one with NUL bytes is not text and stays.
    old, new
        ``OWNER/NAME``; a longer name that begins like `old` is another project.
    """
    before = path.read_bytes()
    mention = rf"(github(?:usercontent)?\.com[/:]|/github/){re.escape(old)}(?![\w-]|\.(?!git\b)\w)".encode()
    after = before if b"\0" in before else re.sub(mention, rb"\g<1>" + new.encode(), before)
    if after != before:
        path.write_bytes(after)
    return after != before


if __name__ == "__main__":
    main()
