"""Scattered cells as the fewest whole rectangles that hold them and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Run(NamedTuple):
    """Neighbouring rows of neighbouring columns: row numbers, column keys, and where the first column stands."""

    rows: range
    keys: tuple[str, ...]
    position: int


def runs(cells: Mapping[int, Collection[str]], positions: Mapping[str, int]) -> Iterator[Run]:
    """Rectangles that cover row → column keys exactly; keys that have no position are passed over."""
    rows_of: dict[str, list[int]] = {}
    for row in sorted(cells):
        for key in cells[row]:
            rows_of.setdefault(key, []).append(row)
    keys = sorted((key for key in rows_of if key in positions), key=positions.__getitem__)
    for group in _neighbours(keys, lambda a, b: positions[b] == positions[a] + 1 and rows_of[a] == rows_of[b]):
        for rows in _neighbours(rows_of[group[0]], lambda a, b: b == a + 1):
            yield Run(range(rows[0], rows[-1] + 1), tuple(group), positions[group[0]])


def _neighbours(items: Sequence[T], together: Callable[[T, T], bool]) -> Iterator[Sequence[T]]:
    start = 0
    for at, (item, following) in enumerate(pairwise(items), 1):
        if not together(item, following):
            yield items[start:at]
            start = at
    if items:
        yield items[start:]
