"""The two places where bundled files may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from whisper_helpers.assets import assets_folder
from whisper_helpers.errors import BadInput


def test_assets_are_found_inside_a_package_and_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "whisper_helpers"
    with pytest.raises(BadInput, match=r"bundled files are missing"):
        assets_folder(package)
    (tmp_path / "assets").mkdir()
    assert assets_folder(package) == tmp_path / "assets"
    (package / "assets").mkdir(parents=True)
    assert assets_folder(package) == package / "assets"
