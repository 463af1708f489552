"""Which rows become records: references are followed until nothing changes, and doubtful records are left out.

A record that lost a part of itself (a line, an allocation) would be booked wrongly, so it goes with the part; a record
that refers to one that is not there goes as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, date
from decimal import Decimal

from connectors.records import Kind
from connectors.sources.tables import columns, ways
from connectors.sources.tables.columns import TABLES, Column, Table
from connectors.sources.tables.fields import Fields, Rows
from connectors.sources.tables.rows import Content

PARTS = tuple(table for table in TABLES if table.part)
WHOLES = {
    columns.LINES.name: "subtotal",
    columns.DOCUMENT_TAXES.name: "tax",
    columns.ALLOCATIONS.name: "amount",
    columns.ENTRY_LINES.name: "",
}
"""The column of a record that its parts come to; those of an entry come to nothing."""

SMALL = (
    (columns.PAYMENTS, "fee"),
    (columns.ALLOCATIONS, "discount"),
    *((table, "rate") for table in (columns.DOCUMENTS, columns.PAYMENTS, columns.JOURNAL_ENTRIES)),
)
"""The columns that hold nothing below zero."""


def owner_table(table: Table) -> str:
    """The name of the table whose records a table's rows belong to; empty for none."""
    return table.column(table.owner).refers if table.owner else ""


def settle(rows: Rows, contents: Mapping[str, Content]) -> dict[str, list[Fields]]:
    """The rows that become records or parts of them, by table; every reason why another does not is noted on it."""
    _check_entry_lines(rows)
    ways.decide(rows)
    _check_payments(rows)
    _check_small(rows)
    _check_allocations(rows)
    _check_schedules(rows)
    _check_torn(rows, contents)
    kept = _kept(rows)
    while _check_references(rows, kept, contents):
        kept = _kept(rows)
    return kept


def _kept(rows: Rows) -> dict[str, list[Fields]]:
    """Rows without a fault, of records without a faulty part, belonging to none but such records."""
    spoiled = {(owner_table(t), row.text(t.owner)) for t in PARTS for row in rows[t.name] if not row.good}
    kept = {
        name: [row for row in of_table if row.good and (name, row.key[0]) not in spoiled]
        for name, of_table in rows.items()
    }
    for table in TABLES:
        if table.owner:
            owners = {row.key[0] for row in kept[owner_table(table)]}
            kept[table.name] = [row for row in kept[table.name] if row.text(table.owner) in owners]
    return kept


def _check_references(rows: Rows, kept: Rows, contents: Mapping[str, Content]) -> bool:
    """Note every reference to what is not there; whether there was a new one.

    A part of a record that was read, or may stand among rows that could not be, needs no problem of its own.
    """
    there = {name: {row.key[0] for row in of_table} for name, of_table in kept.items()}
    read = {name: {row.key[0] for row in of_table if row.key} for name, of_table in rows.items()}
    found = False
    for row, column in _references(rows):
        own = column.name == row.table.owner
        known = read[column.refers] if own else there[column.refers]
        if (own and contents[column.refers].torn) or known.issuperset(row.codes(column.name)):
            continue
        if all(fault.column != column.name for fault in row.faults):
            row.refuse("reference_unknown", column.name)
            found = True
    return found


def _references(rows: Rows) -> Iterator[tuple[Fields, Column]]:
    for table in TABLES:
        for column in table.columns:
            if column.refers:
                for row in rows[table.name]:
                    yield row, column


def _check_entry_lines(rows: Rows) -> None:
    """A line of an entry has one positive amount, debit or credit; the other is zero."""
    for row in rows[columns.ENTRY_LINES.name]:
        sides = [row.values.get("debit"), row.values.get("credit")]
        amounts = [side for side in sides if isinstance(side, Decimal)]
        if len(amounts) == len(sides) and (min(amounts) != 0 or max(amounts) <= 0):
            row.refuse("debit_or_credit", "debit")


def _check_payments(rows: Rows) -> None:
    """A payment is not negative; an invoice on its own row is the one it pays, or one of those its allocations name."""
    allocated: dict[str, set[str]] = defaultdict(set)
    for row in rows[columns.ALLOCATIONS.name]:
        allocated[row.text("payment")].add(row.text("invoice"))
    for row in rows[columns.PAYMENTS.name]:
        amount = row.values.get("amount")
        if isinstance(amount, Decimal) and amount < 0:
            row.refuse("payment_negative", "amount")
        named = allocated.get(row.text("key"))
        if row.text("invoice") and named and row.text("invoice") not in named:
            row.refuse("allocations_differ", "invoice")


def _check_small(rows: Rows) -> None:
    """A fee or a discount is no less than nothing, and a rate is more."""
    for table, column in SMALL:
        for row in rows[table.name]:
            value = row.values.get(column)
            if isinstance(value, Decimal) and (value < 0 or (column == "rate" and not value)):
                row.refuse("amount_too_small", column)


def _check_allocations(rows: Rows) -> None:
    """A payment pays invoices, ours or a supplier's, and no other kind of document."""
    payable = {Kind.INVOICE, Kind.SUPPLIER_INVOICE}
    kinds = {row.text("key"): row.values.get("kind") for row in rows[columns.DOCUMENTS.name]}
    for row in (*rows[columns.ALLOCATIONS.name], *rows[columns.PAYMENTS.name]):
        if kinds.get(row.text("invoice"), Kind.INVOICE) not in payable:
            row.refuse("reference_unknown", "invoice")


def _check_schedules(rows: Rows) -> None:
    """A schedule is of a line that is there, and ends while there are dates."""
    documents = {row.text("key") for row in rows[columns.DOCUMENTS.name]}
    lines = {row.key for row in rows[columns.LINES.name]}
    for row in rows[columns.SCHEDULES.name]:
        line = (row.text("invoice"), str(row.values.get("line")))
        if line[0] in documents and "line" in row.values and line not in lines:
            row.refuse("reference_unknown", "line")
        match row.values:
            case {"start": date() as start, "months": int() as months}:
                if start.year + (start.month + months - 2) // 12 > MAXYEAR:
                    row.refuse("not_a_date", "start")


def _check_torn(rows: Rows, contents: Mapping[str, Content]) -> None:
    """Where parts cannot be placed, a record that does not add up may be missing one of them."""
    for table in PARTS:
        owners = {row.key[0]: row for row in rows[owner_table(table)] if row.key}
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for part in rows[table.name]:
            sums[part.text(table.owner)] += _weight(part) if part.good else 0
        torn = contents[table.name].torn or not sums.keys() <= owners.keys()
        for key, owner in owners.items() if torn else ():
            if owner.good and sums[key] != owner.values.get(WHOLES[table.name], Decimal(0)):
                owner.refuse("rows_unreadable", "")


def _weight(part: Fields) -> Decimal:
    """What a part adds to its record's sum."""
    amounts = ((part.values.get(name), sign) for name, sign in (("amount", 1), ("debit", 1), ("credit", -1)))
    return sum((sign * amount for amount, sign in amounts if isinstance(amount, Decimal)), Decimal(0))
