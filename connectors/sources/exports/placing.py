"""A confirmed reading and an export as it is today: which sheet, headings and columns are which, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.problems import Problem
from connectors.sources.exports.changed import dates_otherwise, gone_headings, headings_otherwise
from connectors.sources.exports.entries import Entry, entry_of
from connectors.sources.exports.fields import TYPES
from connectors.sources.exports.heads import SEARCHED, Head, begins_total, body_of, heads, left_out
from connectors.sources.exports.reading import Reading, SheetRead
from connectors.sources.exports.sheets import Sheet
from connectors.sources.tables.columns import Type, heading
from connectors.sources.tables.nearness import listed
from connectors.sources.tables.rows import Fault, RawRow, notice, problem
from connectors.sources.tables.values import blank, shown

_NUMBERED = {"documents": "documents", "lines": "documents", "payments": "payments"}
"""Whose number and date a row of each kind of sheet has."""


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
    alike = [read for read in reads if read.fields and not gone_headings(read, _head(read, sheet))]
    most = max((len(read.fields) for read in alike), default=0)
    fullest = [read for read in alike if len(read.fields) == most]
    sorts = {(read.kind, frozenset((heading(c.heading), c.field) for c in read.columns if c.field)) for read in fullest}
    orders, signs = {read.dates for read in fullest} - {""}, {read.decimal for read in fullest} - {""}
    if len(sorts) != 1 or len(orders) > 1 or len(signs) > 1:
        return None
    return max(fullest, key=lambda read: bool(read.dates) + bool(read.decimal))


def _missing(read: SheetRead, left: Sequence[Sheet]) -> Placed:
    """A confirmed sheet that is gone; what is there is named."""
    there = listed([sheet.name or sheet.file for sheet in left], ()) or "—"
    return Placed(read, problems=(problem(Fault("sheet_gone", value=there), read.place),), torn=True)


def _head(read: SheetRead, sheet: Sheet) -> Head:
    """The row that has most of the headings."""
    wanted = {heading(column.heading) for column in read.columns if column.field}
    found = heads([row for row in sheet.rows[:SEARCHED] if not row.code])
    return max(found, key=lambda head: len(wanted & set(map(heading, head.headings))), default=Head(0, ()))


def _placed(read: SheetRead, sheet: Sheet, currency: str) -> Placed:
    head = _head(read, sheet)
    if otherwise := tuple(headings_otherwise(read, head, sheet.place)):
        return Placed(read, problems=otherwise, torn=True)
    rows = body_of(sheet, head)
    broken = [problem(Fault(row.code), sheet.place, row.line, detail=row.detail) for row in rows if row.code]
    whole = [row for row in rows if not row.code]
    at = _columns(read, head)
    if otherwise := tuple(dates_otherwise(whole, at, read, sheet.place)):
        return Placed(read, problems=otherwise, torn=True)
    named = {row.line for row in whole if _is_named(row, at, read.kind)}
    out = [row for row in left_out(whole) if row.line not in named]
    passed_over = {row.line for row in out}
    kept = [row for row in whole if row.line not in passed_over]
    width = len(head.headings) if sheet.is_text else None
    entries = tuple(entry_of(row, at, read, sheet.place, currency, width) for row in kept)
    notices = [*_unread(read, head, sheet.place), *_hidden(sheet)]
    if out:
        texts = "; ".join(f"{row.line} ({row.text[:24]})" for row in out[:8])
        notices.append(notice("rows_left_out", sheet.place, columns=texts))
    totals = [
        entry_of(row, at, read, sheet.place, currency) for row in whole if row.line in {o.line for o in out if o.total}
    ]
    differing = _totals_differ(totals[-1:], entries, read, sheet.place)
    return Placed(read, entries, (*broken, *notices, *differing), torn=bool(broken))


def _is_named(row: RawRow, at: Mapping[str, int], kind: str) -> bool:
    """Whether a row has the number and the date of a record, so that it is no total, however its customer is called."""
    texts = {field: row.cells[column] for field, column in at.items() if column < len(row.cells)}
    numbers = [shown(texts.get(f"{_NUMBERED[kind]}.{name}")) for name in ("key", "number")] if kind in _NUMBERED else []
    dated = not blank(texts.get(f"{_NUMBERED.get(kind)}.date"))
    return dated and any(number and not begins_total(number) for number in numbers)


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


def _hidden(sheet: Sheet) -> Iterator[Problem]:
    """What is read and nobody sees."""
    if sheet.hidden:
        yield notice("sheet_hidden", sheet.place)
    if rows := sheet.hidden_rows:
        yield notice("rows_hidden", sheet.place, count=str(len(rows)), line=str(rows[0]))


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
