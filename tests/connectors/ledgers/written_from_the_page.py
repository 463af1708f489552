"""The package that ``docs/add-a-ledger.md`` shows, taken from the page file by file."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "add-a-ledger.md"
FILE = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def write(folder: Path) -> list[Path]:
    """Write every file that the page shows below a folder."""
    made = []
    for found in FILE.finditer(PAGE.read_text(encoding="utf-8")):
        path = folder / found["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found["text"], encoding="utf-8")
        made.append(path)
    return made
