"""An export as a confirmed reading reads it → the content of every table of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from connectors.problems import Problem
from connectors.sources.exports.bills import Bills, bills, key_of
from connectors.sources.exports.entries import Entry
from connectors.sources.exports.parties import Parties
from connectors.sources.exports.placing import Placed, place
from connectors.sources.exports.reading import Reading
from connectors.sources.exports.receipts import paid_by_document, receipts
from connectors.sources.exports.sheets import Sheet
from connectors.sources.tables import columns
from connectors.sources.tables.columns import TABLES, Table
from connectors.sources.tables.rows import Content, Row


def contents(reading: Reading, sheets: Sequence[Sheet], currency: str) -> tuple[dict[str, Content], list[Problem]]:
    """The content of each table, by its name, and what is worth knowing of the export as a whole."""
    placed, notices = place(reading, sheets, currency)
    by_kind = {
        kind: [one for one in placed if one.read.kind == kind]
        for kind in ("accounts", "documents", "lines", "payments")
    }
    documents, lines, payments = (_entries(by_kind[kind]) for kind in ("documents", "lines", "payments"))
    parties = Parties(_entries(by_kind["accounts"]), listed=bool(by_kind["accounts"]))
    names = {entry.text(name): key_of(entry) for entry in documents for name in ("documents.key", "documents.number")}
    billed = bills(documents, lines, reading.taxes, parties, paid_by_document(payments, names))
    received = receipts(payments, billed, parties)
    heads = by_kind["documents"] or by_kind["lines"]
    accounts = [*parties.rows.values(), *parties.again]
    rows: Mapping[Table, tuple[Iterable[Row], Sequence[Placed]]] = {
        columns.ACCOUNTS: (accounts, by_kind["accounts"] or heads or by_kind["payments"]),
        columns.DOCUMENTS: (billed.documents, heads),
        columns.LINES: (billed.lines, by_kind["lines"] or heads),
        columns.DOCUMENT_TAXES: (billed.taxes, heads),
        columns.PAYMENTS: (received.payments, by_kind["payments"]),
        columns.ALLOCATIONS: (received.allocations, by_kind["payments"]),
        columns.TAXES: (_tax_rows(billed), heads),
        columns.TAX_GROUPS: (_group_rows(billed), heads),
    }
    found = {table.name: Content(table, "") for table in TABLES}
    told: set[int] = set()
    for table, (own, where) in rows.items():
        found[table.name] = _content(table, own, where, told)
    return found, notices


def _entries(placed: Iterable[Placed]) -> list[Entry]:
    """The rows of all sheets of a kind; a row that an earlier sheet has already, word for word, is the same again."""
    found: list[Entry] = []
    seen: Counter[tuple[tuple[str, str], ...]] = Counter()
    for one in placed:
        own: Counter[tuple[tuple[str, str], ...]] = Counter()
        for entry in one.entries:
            alike = tuple(sorted((field, entry.alike(field)) for field in entry.cells))
            own[alike] += 1
            if own[alike] > seen[alike]:
                found.append(entry)
        seen |= own
    return found


def _content(table: Table, rows: Iterable[Row], where: Sequence[Placed], told: set[int]) -> Content:
    """A table's rows; what is wrong with a sheet is told once, with the first table that it gives."""
    new = [one for one in where if id(one) not in told]
    told.update(id(one) for one in new)
    titles = {
        column.field.partition(".")[2]: column.heading
        for one in where
        for column in one.read.columns
        if column.field.startswith(f"{table.name}.")
    }
    return Content(
        table,
        where[0].read.place if where else "",
        tuple(rows),
        tuple(problem for one in new for problem in one.problems),
        torn=any(one.torn for one in where),
        titles=titles,
    )


def _tax_rows(billed: Bills) -> list[Row]:
    return [Row(1, {"code": code, "name": code, "rate": str(rate)}) for code, rate in sorted(billed.rates.items())]


def _group_rows(billed: Bills) -> list[Row]:
    groups = sorted(billed.groups.items())
    return [Row(1, {"code": code, "taxes": "+".join(taxes), "rounding": "rounded_sum"}) for code, taxes in groups]
