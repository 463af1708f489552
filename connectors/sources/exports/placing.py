"""A confirmed reading and an export as it is today: which sheet, headings and columns are which, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz, process

from connectors.problems import Problem
from connectors.sources.exports.amounts import plain_amount
from connectors.sources.exports.dates import day_of
from connectors.sources.exports.fields import TYPES
from connectors.sources.exports.heads import SEARCHED, Head, body_of, heads, left_out
from connectors.sources.exports.reading import Reading, SheetRead
from connectors.sources.exports.reckoning import decimal_of
from connectors.sources.exports.sheets import Sheet
from connectors.sources.tables.columns import Type, heading
from connectors.sources.tables.nearness import listed
from connectors.sources.tables.rows import Fault, RawRow, notice, problem
from connectors.sources.tables.values import shown

NUMBERS = frozenset({Type.AMOUNT, Type.NUMBER, Type.COUNT})
LEAST_ALIKE = 50
"""Of a hundred: how much alike a heading is that is named for one that is gone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a sheet: its cells by field, made plain where they could be."""

    place: str
    line: int
    cells: Mapping[str, object]

    def text(self, *fields: str) -> str:
        """The text of the first of some fields that has one."""
        return next((text for field in fields if (text := shown(self.cells.get(field)))), "")

    def amount(self, field: str) -> Decimal | None:
        """The number of a field; ``None`` where it has none that can be read."""
        return decimal_of(self.cells.get(field), ".")


@dataclass(frozen=True, slots=True)
class Placed:
    """A sheet of the reading as it stands today; ``torn`` where it, or a column of it, is gone."""

    read: SheetRead
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    torn: bool = False


def place(reading: Reading, sheets: Sequence[Sheet], currency: str) -> tuple[list[Placed], list[Problem]]:
    """The sheets of a reading with their rows, and what is worth knowing of sheets that nobody reads."""
    left = list(sheets)
    placed: list[Placed] = []
    for read in (one for one in reading.sheets if one.kind):
        sheet = _sheet_of(read, left)
        if sheet is None:
            near = listed([read.sheet or read.file], [one.name or one.file for one in left])
            gone = problem(Fault("sheet_gone", value=near), read.place)
            placed.append(Placed(read, problems=(gone,), torn=True))
            continue
        left.remove(sheet)
        placed.append(_placed(read, sheet, currency))
    known = {one.sheet or one.file for one in reading.sheets}
    others = [one.name or one.file for one in left if (one.name or one.file) not in known and one.rows]
    notices = [notice("tables_not_read", left[0].file, columns=listed(others, ()))] if others else []
    return placed, notices


def _sheet_of(read: SheetRead, sheets: Sequence[Sheet]) -> Sheet | None:
    """The sheet of a reading: of its name, or the one sheet that has all its headings under another name."""
    named = [s for s in sheets if (s.name.casefold() == read.sheet.casefold() if read.sheet else s.file == read.file)]
    if named:
        return next((sheet for sheet in named if sheet.file == read.file), named[0])
    alike = [sheet for sheet in sheets if not _gone(read, _head(read, sheet))]
    return alike[0] if len(alike) == 1 else None


def _head(read: SheetRead, sheet: Sheet) -> Head:
    """The row that has most of the headings."""
    wanted = {heading(column.heading) for column in read.columns if column.field}
    found = heads([row for row in sheet.rows[:SEARCHED] if not row.code])
    return max(found, key=lambda head: len(wanted & set(map(heading, head.headings))), default=Head(0, ()))


def _gone(read: SheetRead, head: Head) -> list[str]:
    there = set(map(heading, head.headings))
    return [column.heading for column in read.columns if column.field and heading(column.heading) not in there]


def _placed(read: SheetRead, sheet: Sheet, currency: str) -> Placed:
    head = _head(read, sheet)
    known = {heading(column.heading) for column in read.columns}
    if gone := _gone(read, head):
        new = [text for text in head.headings if text and heading(text) not in known]
        return Placed(read, problems=tuple(_told(title, new, sheet.place, head.line) for title in gone), torn=True)
    rows = body_of(sheet, head)
    broken = [problem(Fault(row.code), sheet.place, row.line, detail=row.detail) for row in rows if row.code]
    whole = [row for row in rows if not row.code]
    out = left_out(whole)
    passed_over = {row.line for row in out}
    at = _columns(read, head)
    kept = [row for row in whole if row.line not in passed_over]
    entries = tuple(_entry(row, at, read, sheet.place, currency) for row in kept)
    notices = [*_unread(read, head, sheet.place)]
    if out:
        texts = "; ".join(f"{row.line} ({row.text[:24]})" for row in out[:8])
        notices.append(notice("rows_left_out", sheet.place, columns=texts))
    totals = [
        _entry(row, at, read, sheet.place, currency) for row in whole if row.line in {o.line for o in out if o.total}
    ]
    differing = _totals_differ(totals[-1:], entries, read, sheet.place)
    return Placed(read, entries, (*broken, *notices, *differing), torn=bool(broken))


def _told(title: str, new: Sequence[str], place: str, line: int) -> Problem:
    """A heading that is gone, with the one that it probably has become."""
    near = process.extractOne(title, new, scorer=fuzz.WRatio, score_cutoff=LEAST_ALIKE)
    return problem(Fault("heading_gone", value=near[0] if near else "—"), place, line or None, title=title)


def _columns(read: SheetRead, head: Head) -> dict[str, int]:
    """Where the column of each field is: under its heading; of two that are alike, the first of them is the first."""
    places: dict[str, list[int]] = {}
    for at, text in enumerate(head.headings):
        places.setdefault(heading(text), []).append(at)
    found: dict[str, int] = {}
    for column in read.columns:
        alike = places.get(heading(column.heading), [])
        if column.field and alike:
            found[column.field] = alike[0]
        del alike[: len(alike) > 1]
    return found


def _entry(row: RawRow, at: Mapping[str, int], read: SheetRead, place: str, currency: str) -> Entry:
    cells = {field: row.cells[index] for field, index in at.items() if index < len(row.cells)}
    money = shown(cells.get("documents.currency")) or currency
    return Entry(place, row.line, {field: _plain(cell, field, read, money) for field, cell in cells.items()})


def _plain(cell: object, field: str, read: SheetRead, currency: str) -> object:
    """A cell as our tables have it: dates as dates, amounts with a point; what cannot be read stays as it is."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if TYPES[field] is Type.DATE:
        return day_of(text, read.dates or "YMD") or text
    if TYPES[field] in NUMBERS:
        return plain_amount(text, read.decimal or ".", currency) or text
    return text


def _unread(read: SheetRead, head: Head, place: str) -> Iterator[Problem]:
    """The columns that nobody reads: those that were seen when the reading was confirmed, and new ones."""
    known = {heading(column.heading): column.field for column in read.columns}
    titles = [text for text in head.headings if text and not known.get(heading(text))]
    if titles:
        yield notice("columns_not_read", place, columns=listed(titles, ()))


def _totals_differ(totals: Sequence[Entry], entries: Sequence[Entry], read: SheetRead, place: str) -> Iterator[Problem]:
    """Where a row of totals says something else than its column comes to, a row may be missing."""
    for total in totals:
        for column in read.columns:
            said = total.amount(column.field) if TYPES.get(column.field) is Type.AMOUNT else None
            come_to = sum((entry.amount(column.field) or Decimal(0) for entry in entries), Decimal(0))
            if said is not None and said != come_to:
                fault = Fault("export_total_differs", column.field, str(said))
                yield problem(fault, place, total.line, title=column.heading, detail=f"Σ {come_to}")
