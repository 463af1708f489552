"""How large each ledger is, and what stands twice: ``python benchmarks/sizes.py``.

Sizes are lines of a ledger's connector and of its stand-in. A duplicate is six lines of code or more, one after the
other, that two ledgers have alike but for their indentation; blank lines and imports do not count. The ``storey`` is
what ledgers stand on, and is asked too: what a ledger has alike with it is written twice.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1] / "connectors"
STOREY = ("wire", "booking", "rest", "sandboxes")
LONG = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code that counts: of whom, in which file, where, and what it says."""

    of: str
    path: Path
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.number}"


def files(folder: Path) -> list[Path]:
    """Its Python, without what only makes it a package."""
    return sorted(path for path in folder.rglob("*.py") if path.name != "__init__.py")


def is_stand_in(path: Path) -> bool:
    """Whether a file is of a ledger's stand-in."""
    return any(part.startswith("sandbox") for part in path.relative_to(ROOT).parts)


def sizes() -> Iterator[tuple[str, int, int]]:
    """Each ledger, and what they stand on, with the lines of its connector and of its stand-in."""
    for folder in (*ledgers(), *(ROOT / name for name in STOREY)):
        counts = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files(folder)}
        own = sum(count for path, count in counts.items() if not is_stand_in(path))
        yield folder.name, own, sum(counts.values()) - own


def ledgers() -> list[Path]:
    """The folders of the ledgers."""
    return sorted(path.parent for path in (ROOT / "ledgers").glob("*/connector.py"))


def lines(path: Path, of: str) -> list[Line]:
    """What counts of a file, in its order."""
    text = path.read_text(encoding="utf-8")
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            skipped |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    every = enumerate(text.splitlines(), 1)
    return [Line(of, path, number, line.strip()) for number, line in every if line.strip() and number not in skipped]


def duplicates() -> Iterator[tuple[int, list[Line]]]:
    """Runs of lines that two or more have alike: how long, and where each begins."""
    places: dict[tuple[str, ...], list[tuple[list[Line], int]]] = defaultdict(list)
    for folder in (*ledgers(), *(ROOT / name for name in STOREY)):
        for path in files(folder):
            told = lines(path, folder.name)
            for at in range(len(told) - LONG + 1):
                places[tuple(line.text for line in told[at : at + LONG])].append((told, at))
    alike = [each for each in places.values() if len({told[at].of for told, at in each}) > 1]
    starts = {(id(told), at) for each in alike for told, at in each}
    for each in alike:
        if any((id(told), at - 1) not in starts for told, at in each):
            yield LONG + min(_longer(starts, told, at) for told, at in each), [told[at] for told, at in each]


def _longer(starts: set[tuple[int, int]], told: list[Line], at: int) -> int:
    """By how many lines a run that begins here goes on."""
    return next(more for more in range(len(told)) if (id(told), at + more + 1) not in starts)


def main() -> int:
    """Print both; how many duplicates there are between ledgers."""
    print(f"{'':20}{'connector':>10}{'stand-in':>10}")
    for name, own, stand_in in sizes():
        print(f"{name:20}{own:>10}{stand_in:>10}")
    found = list(duplicates())
    for length, where in found:
        print(f"{length} lines alike: {', '.join(map(str, where))}", f"    {where[0].text}", sep="\n")
    print(f"{len(found)} duplicates of {LONG} lines or more")
    return len(found)


if __name__ == "__main__":
    sys.exit(main() > 0)
