"""What an export says otherwise than when its reading was confirmed, so that nothing of a sheet is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import fuzz, process

from connectors.problems import Problem
from connectors.sources.exports.dates import orders_of
from connectors.sources.exports.fields import TYPES
from connectors.sources.exports.heads import Head
from connectors.sources.exports.reading import SheetRead
from connectors.sources.tables.columns import Type, heading
from connectors.sources.tables.rows import Fault, RawRow, notice, problem, short
from connectors.sources.tables.values import legible

LEAST_ALIKE = 50
"""Of a hundred: how much alike a heading is that is named for one that is gone."""
_YEAR_FIRST = re.compile(r"\d{4}")


def headings_otherwise(read: SheetRead, head: Head, place: str) -> Iterator[Problem]:
    """Headings of columns that are read and are not there, or now stand there twice."""
    known = {heading(column.heading) for column in read.columns}
    new = [text for text in head.headings if text and heading(text) not in known]
    if gone := gone_headings(read, head):
        yield from (_gone(title, new, place, head.line) for title in gone)
        return
    for title in _come_twice(read, head):
        yield problem(Fault("duplicate_column"), place, head.line, title=title)


def gone_headings(read: SheetRead, head: Head) -> list[str]:
    """The headings of columns that are read and are not there, or not as often as they were."""
    there, confirmed = Counter(map(heading, head.headings)), Counter(heading(c.heading) for c in read.columns)
    return [c.heading for c in read.columns if c.field and there[heading(c.heading)] < confirmed[heading(c.heading)]]


def _come_twice(read: SheetRead, head: Head) -> list[str]:
    """The headings of columns that are read and stand there more often than they did: nobody knows which is which."""
    there, confirmed = Counter(map(heading, head.headings)), Counter(heading(c.heading) for c in read.columns)
    return [c.heading for c in read.columns if c.field and there[heading(c.heading)] > confirmed[heading(c.heading)]]


def _gone(title: str, new: Sequence[str], place: str, line: int) -> Problem:
    """A heading that is gone, with the one that it probably has become."""
    near = process.extractOne(title, new, scorer=fuzz.WRatio, score_cutoff=LEAST_ALIKE)
    return problem(Fault("heading_gone", value=near[0] if near else "—"), place, line or None, title=title)


def dates_otherwise(rows: Sequence[RawRow], at: Mapping[str, int], read: SheetRead, place: str) -> Iterator[Problem]:
    """Dates that only another order than the confirmed one reads: then nobody knows of the others what they are."""
    for field_name, column in at.items():
        if TYPES[field_name] is not Type.DATE or not read.dates:
            continue
        texts = ((row.line, row.cells[column]) for row in rows if column < len(row.cells))
        wrong = [(line, text.strip()) for line, text in texts if isinstance(text, str) and _otherwise(text, read.dates)]
        if wrong:
            line, text = wrong[0]
            title = next(c.heading for c in read.columns if c.field == field_name)
            params = {"column": title, "line": str(line), "value": short(legible(text)), "count": str(len(wrong))}
            yield notice("dates_differ", place, **params)


def _otherwise(text: str, order: str) -> bool:
    """Whether a text is a date in another order alone; one that begins with its year is of no order."""
    orders = orders_of(text.strip())
    return bool(orders) and order not in orders and not _YEAR_FIRST.match(text.strip())
