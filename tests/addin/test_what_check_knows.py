"""The page of what Check can know names every problem that the sync side tells, and none that it does not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from connectors.problems import every_code

ROOT = Path(__file__).parents[2]
SYNC_SIDE = (
    *sorted((ROOT / "addin" / "sync").rglob("*.py")),
    *(ROOT / "connectors" / name for name in ("refusals.py", "crediting.py", "applying.py", "undoing.py")),
    *(path for path in sorted((ROOT / "connectors" / "ledgers").rglob("*.py")) if "sandbox" not in str(path)),
)


def told() -> set[str]:
    """The codes that stand as texts in the modules of the sync side, but for those that only stop a whole run."""
    texts = (node.value for path in SYNC_SIDE for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.Constant) and isinstance(node.value, str))  # fmt: skip
    return {text for text in texts if text in every_code()}


def on_the_page() -> dict[str, str]:
    """The last cell of each row of the page's tables, by code."""
    page = (ROOT / "docs" / "what-check-knows.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in page.splitlines() if line[:3] == "| `"
    ]
    return {code: cells[-1] for cells in rows for code in re.findall(r"`(\w+)`", cells[0])}


def test_every_problem_of_the_sync_side_has_its_row_and_no_other_does() -> None:
    assert told() - on_the_page().keys() == set()
    assert on_the_page().keys() - set(every_code()) == set()
    assert all(on_the_page().values())
