"""What the tests of what is built and shipped share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    """The build's own modules, importable by their names."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    for path in (ROOT / "packaging").glob("*.py"):
        monkeypatch.delitem(sys.modules, path.stem, raising=False)
