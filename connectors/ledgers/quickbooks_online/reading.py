"""What QuickBooks Online holds, as records of ours: the way back from the wire, for documents that anybody made.

A record's key is the ledger's reference of it; customers and invoices are named by theirs. Accounts, items, terms and
classes stand as the codes that the ledger's lists show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.ledgers.quickbooks_online import parties
from connectors.ledgers.quickbooks_online.books import Books, foreign
from connectors.ledgers.quickbooks_online.forms import (
    ENTITIES,
    ENTRY,
    ENTRY_FORM,
    FORMS,
    OWN_NUMBERS,
    PURCHASE,
    SALES,
    tax_of,
)
from connectors.ledgers.quickbooks_online.mapping import entry_paid, reference_of
from connectors.ledgers.quickbooks_online.notes import NOTE_LENGTH, text_in
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import (
    DOCUMENT_KINDS,
    PURCHASES,
    TYPES,
    ZERO,
    Allocation,
    EntryLine,
    JournalEntry,
    Kind,
    Payment,
    Transferable,
)
from connectors.wire.paths import at
from connectors.wire.reading import record_of

KINDS = {entity: kind for kind, entity in ENTITIES.items()}
CHECK = "Purchase"
"""What a check is called on the wire: a purchase whose ``PaymentType`` is Check."""

BY_ITEM = "ItemBasedExpenseLineDetail"
"""The other detail that a line of a bill may have: an item with its quantity and price."""

Told = tuple[Transferable, frozenset[str]]


def record(entity: str, body: Body, books: Books) -> Told:
    """A record and the fields of it that the ledger tells."""
    if entity in parties.FORMS:
        return parties.read(entity, body, books)
    if entity == CHECK:
        return _check(body, books)
    kind = KINDS[entity]
    values, told = FORMS[kind].read(_plain(kind, body), books)
    values["currency"] = values["currency"] or books.home
    if not foreign(body, books.home):  # what the vendor says of a rate of the home currency is none
        values["exchange"] = None
    match kind:
        case Kind.JOURNAL_ENTRY:
            values["lines"] = list(map(_sided, values["lines"], body.get("Line") or []))
        case Kind.PAYMENT | Kind.SUPPLIER_PAYMENT:
            values["method"] = values.pop("ledger_method", "")
            values["allocations"] = tuple(_allocations(TYPES[kind], body))
            told |= set() if entry_paid(body) else {"allocations"}  # what came back pays its entry
        case _:
            values["subtotal"] = values["total"] - values["tax"]
            told = (told | {"subtotal"}) - set(_untold(kind, body, books))
    return record_of(kind, reference_of(entity, str(body["Id"])), values), told


def _plain(kind: Kind, body: Body) -> Body:
    """A document whose lines are all of one detail: without subtotals, a discount as less, its class on each."""
    if kind not in DOCUMENT_KINDS:
        return body
    detail, lines = PURCHASE if kind in PURCHASES else SALES, []
    for number, line in enumerate(body.get("Line") or [], 1):
        inner = line.get(detail) or line.get(BY_ITEM) or {}
        inner = {"Qty": 1, "ClassRef": body.get("ClassRef"), **{name: told for name, told in inner.items() if told}}
        amount = _amount(line, "Amount") * (-1 if line.get("DetailType") == "DiscountLineDetail" else 1)
        plain = {**line, "Id": line.get("Id") or number, "LineNum": line.get("LineNum") or number, "Amount": amount,
                 detail: inner}  # fmt: skip
        if line.get("DetailType") != "SubTotalLineDetail":
            lines.append(plain)
    return {**body, "Line": lines}


def _untold(kind: Kind, body: Body, books: Books) -> Iterator[str]:
    """A due date that there is none of; a note as long as the vendor takes, which has perhaps lost its end; and where
    the ledger numbers by itself, its number and the note that holds ours."""
    if not body.get("DueDate"):
        yield "due"
    renumbered = kind in OWN_NUMBERS and not books.numbers
    if renumbered or len(str(body.get("PrivateNote") or "")) >= NOTE_LENGTH:
        yield "memo"
    if renumbered:
        yield "number"


def _allocations(made: type[Transferable], body: Body) -> Iterator[Allocation]:
    assert issubclass(made, Payment)
    paid = ENTITIES[made.pays]
    for line in body.get("Line") or []:
        for link in line.get("LinkedTxn") or []:
            if link.get("TxnType") == paid:
                yield Allocation(invoice=reference_of(paid, str(link["TxnId"])), amount=_amount(line, "Amount"))


def _sided(row: dict[str, Any], line: Body) -> dict[str, Any]:
    """A line of an entry is a debit or a credit."""
    return row if at(line, f"{ENTRY}.PostingType") == "Debit" else {**row, "debit": ZERO, "credit": row["debit"]}


def _check(body: Body, books: Books) -> Told:
    """The entry that a check makes: its expenses, and the bank for the whole."""
    spent = [
        EntryLine(
            account=(code := _code(line.get(PURCHASE), books)),
            ledger_account=code,
            debit=_amount(line, "Amount"),
            memo=str(line.get("Description") or ""),
            customer=str(at(line, f"{PURCHASE}.CustomerRef.value") or ""),
        )
        for line in body.get("Line") or []
    ]
    tax = tax_of(body.get("TxnTaxDetail") or {})
    taxes = [EntryLine(account="", debit=tax)] if tax else []
    paid_from = _code(body, books)
    bank = EntryLine(account=paid_from, ledger_account=paid_from, credit=_amount(body, "TotalAmt"))
    values, told = ENTRY_FORM.read({**body, "Line": []}, books)
    exchange = values["exchange"] if foreign(body, books.home) else None
    values |= {"currency": values["currency"] or books.home, "exchange": exchange,
               "memo": text_in(str(body.get("PrivateNote") or ""))}  # fmt: skip
    made = record_of(Kind.JOURNAL_ENTRY, reference_of(CHECK, str(body["Id"])), values)
    assert isinstance(made, JournalEntry)
    return replace(made, lines=(*spent, *taxes, bank)), told


def _code(holder: object, books: Books) -> str:
    return books.code("accounts", str(at(holder, "AccountRef.value") or ""))


def _amount(body: Body, name: str) -> Decimal:
    return Decimal(str(body.get(name) or 0))
