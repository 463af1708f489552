"""What all transactions share: date and closed books, number, currency, department and class, legs at home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents
from connectors.ledgers.quickbooks_online.sandbox.books import Leg
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import rate_of, settle_currency
from connectors.ledgers.quickbooks_online.sandbox.refusals import Refusal, refuse

NUMBERED_BY_SERVICE = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")
AUTO = "AUTO_GENERATE"


def complete(company: Company, entity: str, body: Body, old: Body | None, *, duplicates: bool) -> None:
    """Check and fill what every transaction has. ``duplicates`` is ``include=allowduplicatedocnum``.

    Raises 610, 2020, 2220, 2410, 2500, 6000, 6140, 6200 and 6210.
    """
    body.setdefault("TxnDate", old["TxnDate"] if old else company.clock.today().isoformat())
    for each in (old, body):
        refuse_closed(company, each)
    settle_currency(company, body)
    company.resolve(body, "DepartmentRef", "Department")
    if not company.preference("AccountingInfoPrefs", "ClassTrackingPerTxn"):
        body.pop("ClassRef", None)
    company.resolve(body, "ClassRef", "Class")
    _number(company, entity, body, old, duplicates)


def refuse_closed(company: Company, body: Body | None) -> None:
    """Refuse a transaction dated on or before the day the books were closed; 6210 where a password would open them."""
    closed = company.preference("AccountingInfoPrefs", "BookCloseDate")
    if body and closed and body["TxnDate"] <= closed:
        raise refuse(
            "6210" if company.switches.closing_password else "6200",
            "The account period has closed and the account books cannot be updated through the QBO Services API."
            " Please contact the account administrator.",
        )


def resolve_class(company: Company, detail: Body) -> None:
    """The class of a line, where the company tracks classes by line; assumption: else what is sent is dropped."""
    if not company.preference("AccountingInfoPrefs", "ClassTrackingPerTxnLine"):
        detail.pop("ClassRef", None)
    company.resolve(detail, "ClassRef", "Class")


def day(body: Body) -> date:
    """The date of a transaction."""
    return date.fromisoformat(body["TxnDate"])


def at_home(body: Body, legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Legs in the home currency: what rounding leaves falls on the last leg, so that they still add up to nothing."""
    rate, kept = rate_of(body), [leg for leg in legs if leg.amount]
    if rate == 1 or not kept:
        return tuple(kept)
    *others, last = [replace(leg, amount=cents(leg.amount * rate), foreign=leg.amount) for leg in kept]
    return (*others, replace(last, amount=-sum((leg.amount for leg in others), ZERO)))


def links(body: Body) -> Iterator[tuple[Body, str, str]]:
    """Each line that is linked to another transaction, with the type and id of that one."""
    for line in body.get("Line", []):
        for link in line.get("LinkedTxn", []):
            yield line, link.get("TxnType", ""), link.get("TxnId", "")


def _number(company: Company, entity: str, body: Body, old: Body | None, duplicates: bool) -> None:
    by_service = entity in NUMBERED_BY_SERVICE and not company.preference("SalesFormsPrefs", "CustomTxnNumbers")
    number = body.get("DocNumber")
    if number == AUTO or (by_service and not number):
        body["DocNumber"] = (old or {}).get("DocNumber") or company.next_number()
        return
    if not number or duplicates or by_service or not company.switches.unique_numbers:
        return
    others = company.numbered(entity, number) - {old["Id"] if old else ""}
    if others:
        raise _taken(entity, number, min(others, key=int))


def _taken(entity: str, number: str, holder: str) -> Refusal:
    return refuse(
        "6140",
        "Duplicate Document Number Error : You must specify a different number. This number has already been used."
        f" DocNumber={number} is assigned to TxnType={entity} with TxnId={holder}",
        "DocNumber",
    )
