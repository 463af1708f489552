"""A confirmed reading and an export as it is today: which sheet, headings and columns are which, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from rapidfuzz import fuzz, process

from connectors.problems import Problem
from connectors.sources.exports.amounts import money_shown, of_currency, plain_amount
from connectors.sources.exports.dates import day_of
from connectors.sources.exports.fields import TYPES, column_of
from connectors.sources.exports.heads import SEARCHED, Head, body_of, heads, left_out
from connectors.sources.exports.reading import Reading, SheetRead
from connectors.sources.exports.reckoning import decimal_of
from connectors.sources.exports.sheets import Sheet
from connectors.sources.tables.cells import Number, Unread
from connectors.sources.tables.columns import Type, heading
from connectors.sources.tables.nearness import listed
from connectors.sources.tables.rows import Fault, RawRow, Row, notice, problem
from connectors.sources.tables.values import shown

NUMBERS = frozenset({Type.AMOUNT, Type.NUMBER, Type.COUNT})
LEAST_ALIKE = 50
"""Of a hundred: how much alike a heading is that is named for one that is gone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a sheet: its cells by field, made plain where they could be; those that hold an error are faults."""

    place: str
    line: int
    cells: Mapping[str, object]
    faults: Mapping[str, Fault] = field(default_factory=dict)

    def row(self, cells: Mapping[str, object], of: str = "") -> Row:
        """A row of one of our tables that this row of the sheet becomes, with its faults, or those of one table."""
        faults = tuple(fault for name, fault in self.faults.items() if name.startswith(of))
        return Row(self.line, cells, faults, file=self.place)

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
    """The sheets of a reading with their rows, and what is worth knowing of sheets that nobody reads.

    A sheet of another name that has all the headings of a confirmed one is read as that: next week's file, beside this
    week's or in its stead.
    """
    reads = [read for read in reading.sheets if read.kind]
    left = list(sheets)
    placed: list[Placed] = []
    for read in reads:
        if sheet := _named(read, left):
            left.remove(sheet)
            placed.append(_placed(read, sheet, currency))
    for sheet in list(left):
        if alike := _as_confirmed(reads, sheet):
            left.remove(sheet)
            placed.append(_placed(alike, sheet, currency))
    there = {one.read.place for one in placed}
    placed += [_missing(read, left) for read in reads if read.place not in there]
    others = [sheet.name or sheet.file for sheet in left if sheet.rows]
    return placed, [notice("tables_not_read", left[0].file, columns=listed(others, ()))] if others else []


def _named(read: SheetRead, sheets: Sequence[Sheet]) -> Sheet | None:
    """The sheet that has the name of a confirmed one: in its file, or in another where its file has another name."""
    named = [s for s in sheets if (s.name.casefold() == read.sheet.casefold() if read.sheet else s.file == read.file)]
    return next((sheet for sheet in named if sheet.file == read.file), named[0] if named else None)


def _as_confirmed(reads: Sequence[SheetRead], sheet: Sheet) -> SheetRead | None:
    """The confirmed sheet whose headings one of another name has, all of them; none where it may be of two sorts."""
    alike = [read for read in reads if read.fields and not _gone(read, _head(read, sheet))]
    most = max((len(read.fields) for read in alike), default=0)
    fullest = [read for read in alike if len(read.fields) == most]
    return fullest[0] if len({(read.kind, frozenset(read.fields)) for read in fullest}) == 1 else None


def _missing(read: SheetRead, left: Sequence[Sheet]) -> Placed:
    """A confirmed sheet that is gone; what is there is named."""
    there = listed([sheet.name or sheet.file for sheet in left], ()) or "—"
    return Placed(read, problems=(problem(Fault("sheet_gone", value=there), read.place),), torn=True)


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
    notices = [*_unread(read, head, sheet.place), *([notice("sheet_hidden", sheet.place)] if sheet.hidden else [])]
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
    plain = {field: _plain(cell, field, read, money) for field, cell in cells.items()}
    faults = {at: Fault(c.code, column_of(at), shown(c)) for at, c in plain.items() if isinstance(c, Unread)}
    whole = {field: cell for field, cell in plain.items() if not isinstance(cell, Unread)}
    return Entry(place, row.line, whole, faults)


def _plain(cell: object, field: str, read: SheetRead, currency: str) -> object:
    """A cell as our tables have it: dates as dates, amounts with a point; what cannot be read stays as it is."""
    if isinstance(cell, Number) and TYPES[field] in NUMBERS and not of_currency(money_shown(cell), currency):
        return Unread("not_an_amount", f"{shown(cell)} {money_shown(cell)}")
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
