"""CSV text → rows, a bounded piece at a time: one bad line costs that line, never the file or the memory."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, TextIO

from connectors.sources.tables.rows import RawRow

MAX_LINE = 1 << 20
"""Characters a line may have; a longer one is skipped without being held."""
MAX_RECORD = 1 << 17
"""Characters a record of several lines (quoted line breaks) may have, before its quotation mark counts as stray."""

MAX_HEADER = 1 << 14
"""Characters of a header line by which its delimiter is told."""


class Line(NamedTuple):
    """A physical line (1-based) with its line break; no text when it was too long."""

    number: int
    text: str | None


def lines(stream: TextIO, limit: int = MAX_LINE) -> Iterator[Line]:
    """The lines of a text, holding at most ``limit`` characters of it."""
    number = 0
    while text := stream.readline(limit + 1):
        number += 1
        if len(text) <= limit or text.endswith("\n"):
            yield Line(number, text)
            continue
        while (rest := stream.readline(limit)) and not rest.endswith("\n"):
            pass
        yield Line(number, None)


def rows(source: Iterator[Line], delimiter: str) -> Iterator[RawRow]:
    """The records of CSV lines; blank lines come as rows without cells.

    A quotation mark that is never closed costs only the line it stands on: the lines after it are read again.
    """
    again: deque[Line] = deque()

    def take() -> Line | None:
        return again.popleft() if again else next(source, None)

    while (line := take()) is not None:
        if line.text is None:
            yield RawRow(line.number, (), "line_too_long")
            continue
        taken = [line]
        try:
            cells = next(csv.reader(_record(line.text, taken, take), delimiter=delimiter, strict=True))
        except csv.Error as error:
            again.extendleft(reversed(taken[1:]))
            long = len(taken) == 1 and len(line.text) > csv.field_size_limit()
            yield RawRow(line.number, (), "line_too_long" if long else "quote_misplaced", str(error))
        else:
            yield RawRow(line.number, tuple(cells))


def _record(first: str, taken: list[Line], take: Callable[[], Line | None]) -> Iterator[str]:
    """What the CSV reader reads of one record: it asks for a further line only inside quotation marks."""
    size = len(first)
    yield first
    while size <= MAX_RECORD and (line := take()) is not None:
        taken.append(line)
        if line.text is None:
            return
        size += len(line.text)
        yield line.text


def delimiter_of(header: str, score: Callable[[list[str]], int]) -> str:
    """Comma or semicolon, whichever makes more of a header line known; comma when neither does."""

    def known(delimiter: str) -> int:
        return score(next(csv.reader([header[:MAX_HEADER]], delimiter=delimiter), []))

    return max((",", ";"), key=known)
