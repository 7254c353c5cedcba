"""Where a benchmark's numbers go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def keep(result: Any, path: Path | None) -> None:
    """Write a result as JSON, if there is a place for it."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
