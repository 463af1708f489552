"""A file's own rows and amounts, counted as they stand in it, beside what becomes records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.problems import Problem
from connectors.records import DOCUMENT_KINDS, PAYMENT_KINDS, ZERO, Kind
from connectors.source import Control
from connectors.sources.tables import columns
from connectors.sources.tables.fields import Fields
from connectors.sources.tables.numbers import number
from connectors.sources.tables.refusals import Refused
from connectors.sources.tables.rows import Content
from connectors.sources.tables.writing import Writing

KINDS: Mapping[str, frozenset[Kind]] = {
    columns.ACCOUNTS.name: frozenset({Kind.CUSTOMER}),
    columns.DOCUMENTS.name: DOCUMENT_KINDS,
    columns.PAYMENTS.name: PAYMENT_KINDS,
    columns.JOURNAL_ENTRIES.name: frozenset({Kind.JOURNAL_ENTRY}),
}
AMOUNTS = {
    columns.DOCUMENTS.name: (columns.DOCUMENTS, "key", "total"),
    columns.PAYMENTS.name: (columns.PAYMENTS, "key", "amount"),
    columns.JOURNAL_ENTRIES.name: (columns.ENTRY_LINES, "entry", "debit"),
}
"""Where the amounts of a file's records stand: the table, the column that says whose, and the column of the amount."""
BROKEN = frozenset({"line_too_long", "quote_misplaced"})
"""What is wrong with a line of which no cell was read."""


def controls(
    files: Mapping[str, Content], rows: Mapping[str, Sequence[Fields]], unread: Sequence[Problem],
    writing: Writing,
) -> Iterator[Control]:  # fmt: skip
    """The count and sum of each file whose rows are records; a line of which no cell was read is one that is missing.

    A file without headings tells nothing.
    """
    for name, kinds in KINDS.items():
        if not files[name].titles:
            continue
        told = {problem.key for problem in unread if problem.kind in kinds}
        lost = [row for row in rows[name] if not row.good or row.text("key") in told]
        amounts = _amounts(name, files, rows, writing)
        broken = sum(1 for problem in files[name].problems if problem.code in BROKEN)
        yield Control(
            name=files[name].file,
            kinds=kinds,
            count=len(files[name].rows) + broken,
            total=sum(amounts.values(), ZERO) if name in AMOUNTS else None,
            unread=len(lost),
            unread_total=sum((amounts[key] for key in {row.text("key") for row in lost}), ZERO),
        )


def _amounts(
    name: str, files: Mapping[str, Content], rows: Mapping[str, Sequence[Fields]], writing: Writing
) -> defaultdict[str, Decimal]:
    """What the rows of each key come to, as the cells say."""
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    if name not in AMOUNTS:
        return amounts
    table, owner, column = AMOUNTS[name]
    for row, fields in zip(files[table.name].rows, rows[table.name], strict=True):
        try:
            amounts[fields.text(owner)] += number(row.cells.get(column) or "0", writing.decimal)
        except Refused:
            continue
    return amounts
