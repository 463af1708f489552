"""What is open between us and a contact: invoices or bills, and the credits and money that stand against them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connectors.aging import OpenItem
from connectors.ledgers.xero.service import Api, Body, conditions_of_days, day_of
from connectors.ledgers.xero.standings import abroad
from connectors.wire.paths import at

LONG_AGO = date(1990, 1, 1)
CREDITS = ("CreditNotes", "Overpayments", "Prepayments")
STANDING = "AUTHORISED,PAID"


def receivable(api: Api, on: date, home: str) -> Iterator[OpenItem]:
    """What customers owe until a day, and what stands to their credit."""
    return _items(api, on, home, "ACCREC", "RECEIVE")


def payable(api: Api, on: date, home: str) -> Iterator[OpenItem]:
    """What suppliers are owed until a day, and what stands to our credit."""
    return _items(api, on, home, "ACCPAY", "SPEND")


def _items(api: Api, on: date, home: str, billed: str, moved: str) -> Iterator[OpenItem]:
    until = conditions_of_days(LONG_AGO, on)
    for body in api.every("Invoices", Statuses=STANDING, where=f'Type=="{billed}" AND {until}'):
        yield _item(body, home, 1, _settled(body))
    for entity in CREDITS:
        for body in api.every(entity, where=until):
            ours = str(body.get("Type", "")).startswith((billed, moved, f"A{billed[3]}"))
            if ours and body.get("Status") in STANDING.split(","):
                yield _item(
                    body, home, -1, [*_parts(body, "Allocations", "Amount"), *_parts(body, "Payments", "Amount")]
                )


def _item(body: Body, home: str, sign: int, taken: list[tuple[date, Decimal]]) -> OpenItem:
    on = day_of(body["Date"])
    return OpenItem(
        party=str(at(body, "Contact.ContactID")),
        name=str(at(body, "Contact.Name") or ""),
        on=on,
        due=day_of(body["DueDate"]) if body.get("DueDate") else on,
        amount=sign * Decimal(str(body["Total"])),
        taken=tuple((day, sign * amount) for day, amount in taken),
        currency=abroad(body.get("CurrencyCode"), home),
    )


def _settled(body: Body) -> list[tuple[date, Decimal]]:
    """What was paid of a document, and what credits took off it: on the later day of the two, as they are allocated."""
    own, taken = day_of(body["Date"]), _parts(body, "Payments", "Amount")
    for entity in CREDITS:
        taken += [(max(own, day), amount) for day, amount in _parts(body, entity, "AppliedAmount")]
    return taken


def _parts(body: Body, name: str, amount: str) -> list[tuple[date, Decimal]]:
    return [(day_of(each["Date"]), Decimal(str(each[amount]))) for each in body.get(name) or () if each.get(amount)]
