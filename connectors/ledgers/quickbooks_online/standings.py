"""A company's transactions as they stand: what is compared before something is undone or taken for one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connectors.ledger import Standing
from connectors.ledgers.quickbooks_online.books import RECEIVABLE, SUPPLIER, Books
from connectors.ledgers.quickbooks_online.forms import ENTITIES, ENTRY
from connectors.ledgers.quickbooks_online.mapping import PAGES, entry_paid, links, reference_of
from connectors.ledgers.quickbooks_online.notes import is_void, key_in
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.ledgers.quickbooks_online.reading import CHECK
from connectors.records import ZERO, Kind

KINDS = {entity: kind for kind, entity in ENTITIES.items()} | {CHECK: Kind.JOURNAL_ENTRY}
"""The kind each entity is told as; a check is the entry that it makes."""
NAMES = frozenset({"Customer", "Vendor"})
GONE = "Deleted"
"""The status of what is no more there, in the capture of changes."""
MONEY = frozenset({"Bank", "Other Current Asset"})
"""The types of accounts that money goes into and comes out of."""


def standing(entity: str, body: Body, books: Books, web: str) -> Standing:
    """A transaction as it is now; an entry's total is that of its debits, its customer that of its lines if one is."""
    bare, currency = str(body["Id"]), _value(body, "CurrencyRef")
    if entity in NAMES:
        own = reference_of(entity, bare)
        return Standing(ledger_id=own, number=str(body.get("DisplayName", "")), customer=own, kind=Kind.CUSTOMER,
                        key=key_in(body), void=False, url=f"{web}/app/{PAGES[entity]}={bare}")  # fmt: skip
    return Standing(
        ledger_id=reference_of(entity, bare),
        number=str(body.get("DocNumber") or body.get("PaymentRefNum") or ""),
        total=_total(entity, body),
        customer=party_of(body),
        applied=tuple(f"{kind} {linked}" for kind, linked in (*links(body), *_came_back(entity, body))),
        void=is_void(body),
        kind=Kind.RETURNED_PAYMENT if _is_return(entity, body, books) else KINDS[entity],
        date=date.fromisoformat(str(body["TxnDate"])[:10]) if body.get("TxnDate") else None,
        currency="" if currency == books.home else currency,
        url="" if body.get("status") == GONE else f"{web}/app/{PAGES[entity]}={bare}",
        key=key_in(body),
        method=next((code for code, id_ in books.methods.items() if id_ == _value(body, "PaymentMethodRef")), ""),
    )


def under(kind: Kind, body: Body) -> tuple[str, Body]:
    """The entity of a body of a kind, and what the vendor tells under it; an entry may be told of as a check."""
    names = [*NAMES] if kind is Kind.CUSTOMER else [ENTITIES[kind], CHECK]
    entity = next(name for name in names if name in body)
    return entity, body[entity]


def _came_back(entity: str, body: Body) -> Iterator[tuple[str, str]]:
    """The entry that gave a payment back: it is not undone while that stands."""
    if entity == ENTITIES[Kind.PAYMENT] and (entry := entry_paid(body)):
        yield ENTITIES[Kind.JOURNAL_ENTRY], entry


def _is_return(entity: str, body: Body, books: Books) -> bool:
    """Whether an entry gives a customer's payment back: receivables on one side, money alone on the other."""
    lines = [line.get(ENTRY) or {} for line in body.get("Line") or []] if entity == ENTITIES[Kind.JOURNAL_ENTRY] else []
    money = {books.accounts.get(each.code) for each in books.lists.accounts if each.type in MONEY}
    sides = {str(line.get("PostingType")): line for line in lines}
    if len(lines) != 2 or sides.keys() != {"Debit", "Credit"}:
        return False
    return _is_receivable(sides["Debit"], books) and _value(sides["Credit"], "AccountRef") in money


def _is_receivable(line: Body, books: Books) -> bool:
    """Whether a line of an entry is on receivables; one that a currency brought since we connected names a customer."""
    account, types = _value(line, "AccountRef"), {each.code: each.type for each in books.lists.accounts}
    known = {id_: types.get(code) for code, id_ in books.accounts.items()}
    return known.get(account, RECEIVABLE if (line.get("Entity") or {}).get("Type") == "Customer" else "") == RECEIVABLE


def _total(entity: str, body: Body) -> Decimal | None:
    if entity != ENTITIES[Kind.JOURNAL_ENTRY]:
        total = body.get("TotalAmt")
        return None if total is None else Decimal(str(total))
    debits = (line for line in body.get("Line") or [] if (line.get(ENTRY) or {}).get("PostingType") == "Debit")
    return sum((Decimal(str(line.get("Amount") or 0)) for line in debits), ZERO)


def party_of(body: Body) -> str:
    """Whose a transaction is: a customer's or vendor's, or of the only one that its lines name."""
    if vendor := _value(body, "VendorRef"):
        return f"{SUPPLIER}{vendor}"
    if customer := _value(body, "CustomerRef"):
        return customer
    named = set(_parties(body))
    return named.pop() if len(named) == 1 else ""


def _parties(body: Body) -> Iterator[str]:
    """Whom a check is made out to, or the lines of an entry name."""
    payee = body.get("EntityRef") or {}
    parties = [(payee.get("type"), payee.get("value"))]
    for line in body.get("Line") or []:
        entity = (line.get(ENTRY) or {}).get("Entity") or {}
        parties.append((entity.get("Type"), _value(entity, "EntityRef")))
    for kind, bare in parties:
        if bare and kind in ("Customer", "Vendor"):
            yield f"{SUPPLIER}{bare}" if kind == "Vendor" else str(bare)


def _value(body: Body, name: str) -> str:
    return str((body.get(name) or {}).get("value") or "")
