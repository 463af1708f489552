"""A row of a sheet under a confirmed reading: its cells by field, made plain, and what of them cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.sources.exports.amounts import amount_without_sign, money_shown, of_currency, plain_amount
from connectors.sources.exports.dates import day_of, day_without_order
from connectors.sources.exports.fields import TYPES, column_of
from connectors.sources.exports.reading import SheetRead
from connectors.sources.exports.reckoning import decimal_of
from connectors.sources.tables.cells import Number, Unread
from connectors.sources.tables.columns import Type
from connectors.sources.tables.refusals import Refused
from connectors.sources.tables.rows import Fault, RawRow, Row
from connectors.sources.tables.values import allowed, blank, shown

NUMBERS = frozenset({Type.AMOUNT, Type.NUMBER, Type.COUNT})


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

    def alike(self, field: str) -> str:
        """What a cell is compared by: a number by its value, however it is written, anything else by its text."""
        amount = self.amount(field) if TYPES[field] in NUMBERS else None
        return self.text(field) if amount is None else f"{amount.normalize():f}"

    def amount(self, field: str) -> Decimal | None:
        """The number of a field; ``None`` where it has none that can be read."""
        return decimal_of(self.cells.get(field), ".")


def entry_of(
    row: RawRow, at: Mapping[str, int], read: SheetRead, place: str, currency: str, width: int | None = None
) -> Entry:
    """A row, with the columns where they stand today; an amount is of the row's currency, or of the company's.

    A value beyond the ``width`` of the headings is a fault of the row, where there is one.
    """
    cells = {field: row.cells[index] for field, index in at.items() if index < len(row.cells)}
    money = shown(cells.get("documents.currency")) or currency
    plain = {field: _plain(cell, field, read, money) for field, cell in cells.items()}
    faults = {at: Fault(c.code, column_of(at), shown(c)) for at, c in plain.items() if isinstance(c, Unread)}
    if beyond := [] if width is None else [shown(cell) for cell in row.cells[width:] if not blank(cell)]:
        faults[f"{read.kind}."] = Fault("too_many_values", value=beyond[0])
    whole = {field: cell for field, cell in plain.items() if not isinstance(cell, Unread)}
    return Entry(place, row.line, whole, faults)


def _plain(cell: object, field: str, read: SheetRead, currency: str) -> object:
    """A cell as our tables have it: dates as dates, amounts with a point; a text that is no date stays as it is."""
    if TYPES[field] in NUMBERS:
        return _plain_number(cell, read.decimal, currency)
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if TYPES[field] is Type.DATE:
        return (day_of(text, read.dates) if read.dates else day_without_order(text)) or text
    return text


def _plain_number(cell: object, decimal: str, currency: str) -> object:
    """A number, or its text with a point; nothing readable where it is none, or of another currency."""
    if isinstance(cell, Number) and not of_currency(money_shown(cell), currency):
        return Unread("not_an_amount", f"{shown(cell)} {money_shown(cell)}")
    if not isinstance(cell, str) or not (text := cell.strip()):
        return cell
    try:
        allowed(text)
    except Refused as why:
        return Unread(why.code, text)
    plain = plain_amount(text, decimal, currency) if decimal else amount_without_sign(text, currency)
    return Unread("not_an_amount", text) if plain is None else plain
