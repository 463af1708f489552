"""Whether a document bears the taxes of its lines' groups, each under its own name and at its own rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from tests.auditor.entries import PURCHASES, DoubleEntry
from tests.auditor.source import ZERO, Row, amount

CENT = Decimal("0.01")
CENTS = 2 * CENT
"""How far a tax may be from its rate, for want of knowing how it was rounded; a bill's a cent a line."""


def wrong_tax(books: DoubleEntry, document: Row) -> Iterator[str]:
    """The reasons for which a document's taxes are not what its lines say; none where no line names a group."""
    lines = books.lines[document["key"]]
    borne = {row["tax"]: amount(row["amount"]) for row in books.taxes[document["key"]]}
    exempt = any(row["key"] == document["account"] and row.get("tax_exempt") == "yes" for row in parties(books))
    if not any(line.get("tax_group") for line in lines) or (exempt and not any(borne.values())):
        return
    due = _due(books, lines)
    limit = max(CENTS, CENT * len(lines) / 2) if document["kind"] in PURCHASES else CENTS
    for tax in borne.keys() - due.keys():
        if borne[tax]:
            yield "a tax that is not of its group"
    for tax, wanted in due.items():
        if abs(borne.get(tax, ZERO) - wanted) > limit:
            yield "a tax that is not its rate" if tax in borne else "a tax of its group is missing"


def parties(books: DoubleEntry) -> Iterator[Row]:
    """The accounts of the source."""
    yield from books.source.rows("accounts")


def _due(books: DoubleEntry, lines: list[Row]) -> dict[str, Decimal]:
    groups = {row["code"]: list(filter(None, row["taxes"].split("+"))) for row in books.source.rows("tax_groups")}
    rates = {row["code"]: amount(row["rate"]) for row in books.source.rows("taxes")}
    bases: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        for tax in groups.get(line.get("tax_group", ""), []):
            bases[tax] += amount(line["amount"])
    return {tax: (base * rates[tax] / 100).quantize(CENT, ROUND_HALF_UP) for tax, base in bases.items()}
