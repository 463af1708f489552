"""One organisation's books: what is kept, its balances as they follow from it, and bodies as the service tells them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from threading import RLock
from typing import Any, TypeAlias

from connectors.sandboxes.clock import Clock

Body: TypeAlias = dict[str, Any]

ZERO, CENT = Decimal(0), Decimal("0.01")
IDS = {
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
    "BankTransactions": "BankTransactionID",
    "Overpayments": "OverpaymentID",
    "Prepayments": "PrepaymentID",
    "ManualJournals": "ManualJournalID",
    "Allocations": "AllocationID",
    "Accounts": "AccountID",
    "TaxRates": "TaxType",
    "TrackingCategories": "TrackingCategoryID",
    "Items": "ItemID",
}
NET_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
DAYS = frozenset({"Date", "DueDate"})
HIDDEN = frozenset({"InvoiceID", "CreditNoteID", "OverpaymentID", "AccountID"})
"""What a payment keeps, and tells within other objects."""


class Invalid(Exception):
    """What the service says of an element that it refuses."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


class Missing(Exception):
    """Nothing has the id of a path: 404, without a body (recorded)."""


class Organisation:
    """Keeps every element by its id; dates are kept as ``YYYY-MM-DD``."""

    def __init__(self, id_: str, name: str, country: str, currency: str, clock: Clock) -> None:
        self.id, self.name, self.country, self.currency = id_, name, country, currency
        self.clock, self.lock = clock, RLock()
        self.period_lock = self.year_lock = ""
        self.kept: dict[str, dict[str, Body]] = {entity: {} for entity in IDS}
        self._about: tuple[int, dict[tuple[str, str], list[Body]]] = (-1, {})
        self._writes = 0

    # --- keeping

    def keep(self, entity: str, body: Body) -> Body:
        """Keep a new or changed element; the time of its change is now."""
        id_ = body.setdefault(IDS[entity], str(uuid.uuid4()))
        body["UpdatedDateUTC"] = self.clock.now().isoformat()
        self.kept[entity][id_] = body
        self._writes += 1
        return body

    def drop(self, entity: str, id_: str) -> None:
        """Forget an element."""
        del self.kept[entity][id_]
        self._writes += 1

    def put_back(self, kept: dict[str, dict[str, Body]]) -> None:
        """Take all that was kept at another time."""
        self.kept = kept
        self._writes += 1

    def get(self, entity: str, id_: str) -> Body:
        """An element by its id. Raises ``Missing``."""
        try:
            return self.kept[entity][id_.lower() if entity != "TaxRates" else id_]
        except KeyError:
            raise Missing from None

    def every(self, entity: str) -> list[Body]:
        """All elements, in the order of their last change."""
        return sorted(self.kept[entity].values(), key=lambda body: (body["UpdatedDateUTC"], body[IDS[entity]]))

    def account(self, told: Body) -> Body | None:
        """The account that an element names by its id or code."""
        for each in self.kept["Accounts"].values():
            if (told.get("AccountID") or told.get("Code")) in (each["AccountID"], each.get("Code") or None):
                return each
        return None

    def system(self, word: str) -> Body:
        """The account that the service itself books to: DEBTORS, CREDITORS or GST."""
        return next(each for each in self.kept["Accounts"].values() if each.get("SystemAccount") == word)

    def locked(self, day: str) -> None:
        """Raises ``Invalid`` for a day that the lock dates close (the words of the year's are recorded)."""
        for until, words in ((self.year_lock, "end of year lock date"), (self.period_lock, "period lock date")):
            if until and day <= until:
                shown = f"{date.fromisoformat(until):%d %B %Y}"
                raise Invalid(f"The document date cannot be before the {words}, currently set at {shown}.")

    # --- what follows from what is kept

    def allocations(self, field: str, id_: str) -> Iterator[Body]:
        """The allocations of a source (``SourceID``), or to an invoice (``InvoiceID``)."""
        return (each for each in self._naming(field, id_) if "AllocationID" in each)

    def payments(self, field: str, id_: str) -> Iterator[Body]:
        """The payments of an invoice, or refunds of a credit, that stand."""
        return (each for each in self._naming(field, id_) if "PaymentID" in each and each["Status"] != "DELETED")

    def _naming(self, field: str, id_: str) -> list[Body]:
        """The payments and allocations that name something, sorted anew after every write."""
        if self._about[0] != self._writes:
            named: dict[tuple[str, str], list[Body]] = {}
            for entity in ("Payments", "Allocations"):
                for each in self.kept[entity].values():
                    for name in ("InvoiceID", "CreditNoteID", "OverpaymentID", "SourceID"):
                        if name in each:
                            named.setdefault((name, each[name]), []).append(each)
            self._about = (self._writes, named)
        return self._about[1].get((field, id_), [])

    def due(self, invoice: Body) -> Decimal:
        """What is left to pay of an invoice or bill."""
        if invoice["Status"] in ("VOIDED", "DELETED"):
            return ZERO
        id_ = invoice["InvoiceID"]
        paid = sum((p["Amount"] for p in self.payments("InvoiceID", id_)), ZERO)
        return Decimal(invoice["Total"] - paid - sum((a["Amount"] for a in self.allocations("InvoiceID", id_)), ZERO))

    def remaining(self, entity: str, credit: Body) -> Decimal:
        """What is left of a credit note or overpayment."""
        if credit["Status"] in ("VOIDED", "DELETED"):
            return ZERO
        id_ = credit[IDS[entity]]
        used = sum((a["Amount"] for a in self.allocations("SourceID", id_)), ZERO)
        return Decimal(credit["Total"] - used - sum((p["Amount"] for p in self.payments(IDS[entity], id_)), ZERO))

    # --- telling

    def told(self, entity: str, body: Body, *, whole: bool = True) -> Body:
        """An element as the service answers it; ``whole`` with its lines."""
        shown = dict(body)
        match entity:
            case "Invoices":
                shown |= self._of_invoice(body)
            case "CreditNotes" | "Overpayments":
                shown |= self._of_credit(entity, body)
            case "Payments":
                shown |= self._of_payment(body)
                shown = {name: value for name, value in shown.items() if name not in HIDDEN}
        for line in ("LineItems", "JournalLines"):
            if line in shown and not whole:
                del shown[line]
        if "ContactID" in body and entity != "Contacts":
            shown["Contact"] = self._contact(body["ContactID"])
            del shown["ContactID"]
        return _dated(shown)

    def _contact(self, id_: str) -> Body:
        return {name: self.kept["Contacts"][id_][name] for name in ("ContactID", "Name")}

    def _of_invoice(self, body: Body) -> Body:
        id_, due = body["InvoiceID"], self.due(body)
        credits_: dict[str, list[Body]] = {"CreditNotes": [], "Overpayments": []}
        for each in self.allocations("InvoiceID", id_):
            source = self.kept[each["Source"]][each["SourceID"]]
            name = IDS[each["Source"]]
            credits_[each["Source"]].append({name: source[name], "AppliedAmount": each["Amount"], "Date": each["Date"],
                                             "Total": source["Total"]})  # fmt: skip
        payments = [{"PaymentID": p["PaymentID"], "Date": p["Date"], "Amount": p["Amount"]}
                    for p in self.payments("InvoiceID", id_)]  # fmt: skip
        credited = sum((a["Amount"] for a in self.allocations("InvoiceID", id_)), ZERO)
        status = "PAID" if body["Status"] == "AUTHORISED" and not due else body["Status"]
        return {
            "Status": status, "AmountDue": due, "AmountPaid": sum((p["Amount"] for p in payments), ZERO),
            "AmountCredited": credited, "Payments": [_dated(p) for p in payments], "Prepayments": [],
            **{name: [_dated(each) for each in told] for name, told in credits_.items()},
        }  # fmt: skip

    def _of_credit(self, entity: str, body: Body) -> Body:
        left, id_ = self.remaining(entity, body), body[IDS[entity]]
        told = [
            {"AllocationID": a["AllocationID"], "Amount": a["Amount"], "Date": a["Date"],
             "Invoice": {"InvoiceID": a["InvoiceID"]}}
            for a in self.allocations("SourceID", id_)
        ]  # fmt: skip
        refunds = [{"PaymentID": p["PaymentID"], "Date": p["Date"], "Amount": p["Amount"]}
                   for p in self.payments(IDS[entity], id_)]  # fmt: skip
        status = "PAID" if body["Status"] == "AUTHORISED" and not left else body["Status"]
        return {"Status": status, "RemainingCredit": left, "Allocations": [_dated(a) for a in told],
                "Payments": [_dated(p) for p in refunds]}  # fmt: skip

    def _of_payment(self, body: Body) -> Body:
        account = self.kept["Accounts"][body["AccountID"]]
        shown: Body = {"Account": {name: account[name] for name in ("AccountID", "Code") if account.get(name)}}
        for entity, name in (("Invoices", "Invoice"), ("CreditNotes", "CreditNote"), ("Overpayments", "Overpayment")):
            if id_ := body.get(IDS[entity]):
                about = self.kept[entity][id_]
                numbered = {f"{name}Number": about.get(f"{name}Number", "")} if name != "Overpayment" else {}
                shown[name] = {IDS[entity]: id_, "Type": about["Type"], **numbered,
                               "CurrencyCode": about["CurrencyCode"],
                               "Contact": self._contact(about["ContactID"])}  # fmt: skip
        return shown


def day(told: object) -> str:
    """A date as it is kept, of a date, a time, or one as .NET writes it. Raises ``Invalid``."""
    try:
        if found := NET_DATE.fullmatch(str(told)):
            return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date().isoformat()
        return date.fromisoformat(str(told)[:10]).isoformat()
    except ValueError:
        raise Invalid(f"'{told!s:.40}' is not a date") from None


def rounded(amount: Decimal) -> Decimal:
    """To the cent, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def moment(iso: str) -> str:
    """A time as .NET writes it in JSON: milliseconds since 1970."""
    at = datetime.fromisoformat(iso)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"/Date({int(at.timestamp() * 1000)}+0000)/"


def _dated(shown: Body) -> Body:
    told = {}
    for name, value in shown.items():
        if name in DAYS and value:
            told[name], told[f"{name}String"] = moment(value), f"{value}T00:00:00"
        elif name == "UpdatedDateUTC":
            told[name] = moment(value)
        else:
            told[name] = value
    return told
