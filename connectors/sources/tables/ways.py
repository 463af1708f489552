"""Which way each payment goes: as its row says, or as what it pays or gives back does, or else as its account does.

A payment that says one thing and pays another, or of which nothing says it, becomes no record: money that was paid and
is booked as received is wrong by twice its amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from connectors.records import Kind
from connectors.sources.tables import columns
from connectors.sources.tables.fields import Rows

RECEIVED, PAID, RETURNED = Kind.PAYMENT, Kind.SUPPLIER_PAYMENT, Kind.RETURNED_PAYMENT
WAYS: Mapping[object, Kind] = {
    Kind.INVOICE: RECEIVED,
    Kind.CREDIT_NOTE: RECEIVED,
    Kind.SALES_RECEIPT: RECEIVED,
    Kind.REFUND: RECEIVED,
    Kind.SUPPLIER_INVOICE: PAID,
    Kind.VENDOR_CREDIT: PAID,
}
"""What a payment is that goes with a kind of document: with those of a customer it is received."""


def decide(rows: Rows) -> None:
    """Give each payment its kind; one whose kind cannot be told is refused at its cell."""
    kinds = {row.text("key"): row.values.get("kind") for row in rows[columns.DOCUMENTS.name]}
    paid: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows[columns.ALLOCATIONS.name]:
        paid[row.text("payment")].add(row.text("invoice"))
    of_accounts = _of_accounts(rows)
    for row in rows[columns.PAYMENTS.name]:
        named = {*paid[row.text("key")], row.text("invoice")}
        ways = {WAYS[kinds[key]] for key in named if kinds.get(key) in WAYS}
        ways |= {RETURNED} if row.text("payment") else set()
        told = row.values.get("kind")
        if len(ways) > 1:
            row.refuse("payment_of_two_ways", "invoice")
        elif isinstance(told, Kind):
            if ways and told not in ways:
                row.refuse("payment_way_differs", "kind")
        elif "kind" in row.values:
            ways = ways or of_accounts[row.text("account")] or {RECEIVED}
            if len(ways) > 1:
                row.refuse("payment_way_missing", "account")
            row.values["kind"] = max(ways)
        if row.values.get("kind") is RETURNED and not row.text("payment") and "payment" in row.values:
            row.refuse("value_missing", "payment")


def _of_accounts(rows: Rows) -> defaultdict[str, set[Kind]]:
    """Which way money goes with each account, by what it is and by its documents."""
    found: defaultdict[str, set[Kind]] = defaultdict(set)
    for row in rows[columns.DOCUMENTS.name]:
        if (kind := row.values.get("kind")) in WAYS:
            found[row.text("account")].add(WAYS[kind])
    for row in rows[columns.ACCOUNTS.name]:
        if row.values.get("is_supplier") is True:
            found[row.text("key")].add(PAID)
    return found
