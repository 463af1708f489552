"""Whether the connectors that are installed are those that this tree declares: pages and catalogue hold their words."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from connectors.entries import LEDGERS, SOURCES, installed

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
INSTALL = "pip install --no-deps --no-build-isolation -e ."


def not_installed() -> list[str]:
    """The connectors that this tree declares and that are not installed from it, such as ``membri``."""
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]
    return [name for group in (LEDGERS, SOURCES) for name in declared[group] if name not in installed(group).names]


def require_installed() -> None:
    """End with what to do where a declared connector is not installed, whose words would be lost (``SystemExit``)."""
    if missing := not_installed():
        sys.exit(f"declared and not installed: {', '.join(missing)}. Run: {INSTALL}")
