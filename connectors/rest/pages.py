"""Answers of several pages, whichever way a vendor numbers them; each is asked for only when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]
Rows: TypeAlias = list[Body]

MOST = 10_000
"""Pages of one answer; a vendor that tells more tells the same one again and again."""


def numbered(ask: Callable[[int], tuple[Rows, int | None]]) -> Iterator[Body]:
    """Pages 1, 2, …: ``ask`` gives a page's rows and how many there are; where that is not told, the last is empty."""
    for page in range(1, MOST):
        rows, count = ask(page)
        yield from rows
        if not rows or (count is not None and page >= count):
            return


def sought(
    ask: Callable[[str], Rows], mark: Callable[[Body], str], start: str, name: Callable[[Body], str]
) -> Iterator[Body]:
    """Always the first page after a mark that moves on, for rows that move while they are paged; each row once.

    ``mark`` is what the next question begins with, ``name`` tells two rows apart that stand at the same mark.
    """
    seen: set[str] = set()
    for _ in range(MOST):
        rows = ask(start)
        fresh = [row for row in rows if name(row) not in seen]
        yield from fresh
        seen |= {name(row) for row in fresh}
        if not fresh:
            return
        start = max(mark(row) for row in rows)
