"""What holds for the whole project: imports in one direction, dependencies written once, one address."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import whisper_helpers

HOUSE = Path(__file__).resolve().parent.parent
PACKAGE = HOUSE / "whisper_helpers"
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")

ORDER = (  # a module imports only modules that stand before it
    *("errors", "writing", "screen", "processes", "memory", "precision"),
    *("media", "audio", "text", "tokens", "assets", "plots"),
    *("corpus", "augment", "checkpoints", "doctor", "joining", "sampling", "window", "collate", "metrics", "recipe"),
    *("transcript", "evaluation", "proxy", "card", "training", "export"),
    *("prepare", "notebook", "plan", "record", "explore", "demo", "exercises", "cli"),
)
LONGEST_MODULE = 260  # lines
LONGEST_README = 60  # lines: one screen
LARGEST_FILE = 1_000_000  # bytes
CONDA_NAMES = {"pytorch": "torch", "pysoundfile": "soundfile", "soxr-python": "soxr"}  # where they differ
HEAVY = ("torch", "transformers", "datasets", "gradio", "matplotlib")

MODULES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted({path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - {"__init__"})


def tracked_files() -> list[Path]:
    """Files that git tracks; in a copy without git all but what `.gitignore` names."""
    if (HOUSE / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, check=True, capture_output=True)
        return [path for name in listed.stdout.decode().split("\0") if (path := HOUSE / name).is_file()]
    ignored = {line.rstrip("/") for line in (HOUSE / ".gitignore").read_text(encoding="utf-8").split()}
    kept = [path for path in HOUSE.rglob("*") if not ignored & set(path.relative_to(HOUSE).parts)]
    return [path for path in kept if path.is_file()]


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Name and text of each tracked file that is text."""
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path.relative_to(HOUSE).as_posix(), content.decode("utf-8")


def found(pattern: str) -> dict[str, set[str]]:
    """Search tracked text; what was found, by file."""
    finds = {name: {match[0] for match in re.finditer(pattern, text)} for name, text in tracked_texts()}
    return {name: matches for name, matches in finds.items() if matches}


def bounds(requirements: list[str]) -> dict[str, str]:
    """Bounds by package."""
    parsed = [Requirement(requirement) for requirement in requirements]
    return {canonicalize_name(each.name): str(each.specifier) for each in parsed}


def rooms_of(path: Path) -> set[str]:
    """Rooms that a module imports, anywhere in it, its own left out."""
    package = path.relative_to(HOUSE).parent.parts
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
    ours = {name.split(".")[1] for name in names if name.startswith(f"{PACKAGE.name}.")}
    return {room for room in ours if room in {*ROOMS, *ORDER}} - {own}


def test_conda_has_the_dependencies_of_pip() -> None:
    environment = yaml.safe_load((HOUSE / "environment.yml").read_text(encoding="utf-8"))
    listed = [each for each in environment["dependencies"] if isinstance(each, str)]
    (pip,) = [each["pip"] for each in environment["dependencies"] if isinstance(each, dict)]
    conda = {canonicalize_name(CONDA_NAMES.get(name, name)): bound for name, bound in bounds(listed).items()}
    conda |= bounds([each for each in pip if each != "-e ."])
    assert conda.pop("pip") == ""
    python = bounds([f"python{PROJECT['requires-python']}"])
    assert conda == bounds(PROJECT["dependencies"]) | python
    assert "-e ." in pip
    assert environment["channels"] == ["conda-forge"]


def well_pinned(pins: list[str], bound: str) -> bool:
    """Whether there are pins, each to exactly one version without a build's name, within the bounds."""
    exact = all(re.fullmatch(r"==[\w.]+", pin) for pin in pins)
    return bool(pins) and exact and all(pin.removeprefix("==") in SpecifierSet(bound) for pin in pins)


@pytest.mark.parametrize(
    ("pins", "good"),
    [
        (["==2.13.0"], True),
        (["==2.13.0", "==2.12.1"], True),
        ([], False),
        (["==2.13.0", "==1.0"], False),
        (["==3.0"], False),
        (["==2.*"], False),
        ([">=2.13.0"], False),
        (["==2.13.0+cpu"], False),
        ([""], False),
    ],
)
def test_a_pin_is_one_version_within_the_bounds(pins: list[str], good: bool) -> None:
    assert well_pinned(pins, ">=2.11,<3") == good


def test_constraints_pin_every_dependency_within_its_bounds() -> None:
    pins = defaultdict(list)
    for line in (HOUSE / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            pin = Requirement(line)
            pins[canonicalize_name(pin.name)].append(str(pin.specifier))
    extras = PROJECT["optional-dependencies"]
    needed = bounds([*PROJECT["dependencies"], *extras["test"], *extras["browser"]])
    wrong = {name: pins[name] for name, bound in needed.items() if not well_pinned(pins[name], bound)}
    assert not wrong, f"not pinned to a version within pyproject.toml's bounds: {wrong}"
    assert pins["torch"] == ["==2.13.0"]


def test_modules_import_only_what_stands_before_them() -> None:
    assert not set(ROOMS) - set(ORDER), "a new module needs its place in ORDER"
    upwards = {
        path.relative_to(PACKAGE).as_posix(): wrong
        for path in MODULES
        if path.parent != PACKAGE or path.stem != "__init__"
        for place in [ORDER.index(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))]
        if (wrong := {room for room in rooms_of(path) if room not in ORDER[:place]})
    }
    assert not upwards
    assert not rooms_of(PACKAGE / "__init__.py"), "import whisper_helpers loads no module"


@pytest.mark.parametrize(
    ("module", "source", "rooms"),
    [
        ("window", "from .cli import main", {"cli"}),
        ("window", "def f():\n    from . import cli, audio", {"cli", "audio"}),
        ("window", "import whisper_helpers.cli as w, os", {"cli"}),
        ("window", "from whisper_helpers.training.parts import x", {"training"}),
        ("window", "from whisper_helpers import cli, __version__", {"cli"}),
        ("window", "if TYPE_CHECKING:\n    from .card import x", {"card"}),
        ("training/parts", "from ..cli import main\nfrom .. import plots", {"cli", "plots"}),
        ("training/parts", "from . import report\nfrom .guards import x\nfrom .. import training", set()),
        ("training/parts", "from .cli import main\nimport audio\nfrom text import x", set()),
    ],
)
def test_every_way_to_import_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, rooms: set[str]
) -> None:
    monkeypatch.setitem(globals(), "HOUSE", tmp_path)
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path / "whisper_helpers")
    path = tmp_path / "whisper_helpers" / f"{module}.py"
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    assert rooms_of(path) == rooms


def test_modules_are_short() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE}


def test_every_module_has_its_tests() -> None:
    tests = {path.stem for path in (HOUSE / "tests").glob("test_*.py")}
    assert not [room for room in ROOMS if not any(f"{name}_".startswith(f"test_{room}_") for name in tests)]


@pytest.mark.parametrize("code", ["import whisper_helpers", "import whisper_helpers.cli as c; c.parser()"])
def test_nothing_heavy_is_loaded_before_it_is_used(code: str) -> None:
    code += f"; import sys; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOUSE, capture_output=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_every_mention_of_the_repository_is_its_address() -> None:
    names = "|".join(re.escape(name) for name in {"whisper-helpers", REPOSITORY.split("/")[1]})
    pattern = rf"(?:github(?:usercontent)?\.com[/:]|/github/)[\w-]+/(?:{names})(?![\w-]|\.(?!git\b)\w)"
    mentions = found(pattern)
    assert "pyproject.toml" in mentions
    assert "CITATION.cff" in mentions
    every = {(name, each) for name, some in mentions.items() for each in some}
    wrong = {(name, each) for name, each in every if not each.endswith(REPOSITORY)}
    assert not wrong, f"not {REPOSITORY}; see CONTRIBUTING.md, Publishing"


def test_no_registry_is_named() -> None:
    hosts = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("debian", "org"))
    hosts += (("anaconda", "org"), ("anaconda", "com"), ("jsdelivr", "net"), ("crates", "io"))
    assert not found("|".join(rf"\b{name}[.]{ending}\b" for name, ending in hosts))


def test_no_path_of_one_machine_is_named() -> None:
    folders = "|".join(("work", "root", "tmp", "mnt", "opt", "private", re.escape(HOUSE.as_posix().strip("/"))))
    assert not found(rf"(?<![\w.:/~}})\]-])/(?:{folders})/\w")


def test_no_large_file_is_tracked() -> None:
    large = {path.name: path.stat().st_size for path in tracked_files() if path.stat().st_size > LARGEST_FILE}
    assert not large


def test_the_readme_fits_on_a_screen() -> None:
    lines = (HOUSE / PROJECT["readme"]).read_text(encoding="utf-8").splitlines()
    assert 10 < len(lines) <= LONGEST_README


def test_licences_are_in_place() -> None:
    licence = (HOUSE / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", licence)
    assert "END OF TERMS AND CONDITIONS" in licence
    assert PROJECT["license"] == "Apache-2.0"
    fonts = (HOUSE / "assets" / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in fonts
    for path in (HOUSE / "assets" / "fonts").glob("*.ttf"):
        assert TTFont(path)["name"].getDebugName(0) in fonts


def test_one_version_one_licence_one_address() -> None:
    citation = yaml.safe_load((HOUSE / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == whisper_helpers.__version__
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]
    assert f"## [{whisper_helpers.__version__}]" in (HOUSE / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", sorted(HOUSE.glob("benchmarks/*.py")) + sorted(HOUSE.glob("tools/*.py")), ids=lambda path: path.stem
)
def test_scripts_beside_the_package_find_what_they_import(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.syspath_prepend(path.parent)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
