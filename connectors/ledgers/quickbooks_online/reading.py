"""What QuickBooks Online holds, as records of ours: the way back from the wire, for documents that anybody made.

A record's key is the ledger's reference of it; customers and invoices are named by theirs. Accounts, items, terms and
classes stand as the codes that the ledger's lists show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books, foreign
from connectors.ledgers.quickbooks_online.found import entry_paid
from connectors.ledgers.quickbooks_online.mapping import (
    CONFIRMATION,
    ENTITIES,
    ENTRY,
    NOTE_LENGTH,
    OWN_NUMBERS,
    PURCHASE,
    SALES,
)
from connectors.ledgers.quickbooks_online.mapping import reference_of as reference
from connectors.ledgers.quickbooks_online.parties import NOTES_LENGTH, customer_of
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import (
    PURCHASES,
    TYPES,
    ZERO,
    Allocation,
    Customer,
    EntryLine,
    ExchangeRate,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
    SupplierPayment,
    Transferable,
)

KINDS = {entity: kind for kind, entity in ENTITIES.items()}
CHECK = "Purchase"
"""What a check is called on the wire: a purchase whose ``PaymentType`` is Check."""

BY_ITEM = "ItemBasedExpenseLineDetail"
"""The other detail that a line of a bill may have: an item with its quantity and price."""
_MARK = re.compile(r"^(?:\w+ - )*\[([^\[\]\s]+)\]$", re.MULTILINE)
"""Our key on a line of its own, after what the vendor puts before the note of what is void."""

_CONFIRMATION = re.compile(rf"{CONFIRMATION} (\S[^\n]*)")

PARTY = frozenset(
    {"name", "first_name", "last_name", "email", "phone", "mobile", "fax", "website", "billing", "care_of", "terms"}
)
CUSTOMER = PARTY | {"contact", "shipping", "parent", "tax_exempt", "exempt_reason", "notes"}
DOCUMENT = frozenset(
    {"number", "date", "customer", "currency", "exchange", "lines", "subtotal", "tax", "total", "memo"}
)
PAYMENT = frozenset(
    {"number", "date", "customer", "currency", "exchange", "amount", "allocations", "memo", "confirmation"}
)
JOURNAL_ENTRY = frozenset({"number", "date", "currency", "lines", "memo"})
"""The fields that come back as they were sent; an entry that gives a payment back is at that one's rate."""


def key_in(body: Body) -> str:
    """Our key, where a record bears one."""
    told = "\n".join(str(body.get(field) or "") for field in ("PrivateNote", "Notes", "AcctNum"))
    found = _MARK.findall(told)
    return str(found[-1]) if found else ""


@dataclass(frozen=True)
class Reading:
    """Reads the records of one company."""

    books: Books

    def record(self, entity: str, body: Body) -> tuple[Transferable, frozenset[str]]:
        """A record and the fields of it that the ledger tells."""
        match entity:
            case "Customer" | "Vendor":
                return self._party(entity, body)
            case "Payment":
                told = PAYMENT - {"allocations"} if entry_paid(body) else PAYMENT  # what came back pays its entry
                return Payment(**self._payment(body, "Invoice"), number=_number(body, "PaymentRefNum")), told
            case "BillPayment":
                return SupplierPayment(**self._payment(body, "Bill"), number=_number(body, "DocNumber")), PAYMENT
            case "JournalEntry":
                return self._entry(body), JOURNAL_ENTRY
            case "Purchase":
                return self._check(body), JOURNAL_ENTRY
        return self._document(KINDS[entity], body)

    def _party(self, entity: str, body: Body) -> tuple[Customer, frozenset[str]]:
        customer = customer_of(body)
        own = reference(entity, str(body["Id"]))
        terms = self._codes["terms"].get(customer.terms, "")
        untold = {"exempt_reason"} if not customer.tax_exempt else set()
        if not terms:
            untold |= {"terms"}
        if len(str(body.get("Notes") or "")) >= NOTES_LENGTH:  # what was too long for them was cut
            untold |= {"notes", "exempt_reason"}
        told = (CUSTOMER if entity == "Customer" else PARTY) - untold
        return replace(customer, key=own, is_supplier=entity == "Vendor", terms=terms), told

    def _document(self, kind: Kind, body: Body) -> tuple[Transferable, frozenset[str]]:
        detail = PURCHASE if kind in PURCHASES else SALES
        total, tax = _amount(body, "TotalAmt"), _tax(body)
        due = _day(body.get("DueDate"))
        make: Any = TYPES[kind]
        record: Transferable = make(
            **self._head(ENTITIES[kind], body),
            number=str(body.get("DocNumber") or ""),
            customer=_customer(body),
            due=due,
            lines=tuple(self._lines(body, detail)),
            subtotal=total - tax,
            tax=tax,
            total=total,
            balance=_amount(body, "Balance"),
            email=str((body.get("BillEmail") or {}).get("Address") or ""),
        )
        told = DOCUMENT | ({"due"} if due else set()) | ({"email"} if kind not in PURCHASES else set())
        if kind in OWN_NUMBERS and not self.books.numbers:
            told -= {"number", "memo"}
        return record, frozenset(told - _cut(body))

    def _payment(self, body: Body, paid: str) -> dict[str, Any]:
        """What payments of customers and to vendors have alike; ``paid`` is the entity of what they pay."""
        return {
            **self._head("Payment" if paid == "Invoice" else "BillPayment", body),
            **_noted(body),
            "customer": _customer(body),
            "amount": _amount(body, "TotalAmt"),
            "method": self._code("methods", body, "PaymentMethodRef"),
            "allocations": tuple(
                Allocation(invoice=reference(paid, str(link["TxnId"])), amount=_amount(line, "Amount"))
                for line in body.get("Line") or []
                for link in line.get("LinkedTxn") or []
                if link.get("TxnType") == paid
            ),
        }

    def _entry(self, body: Body) -> JournalEntry:
        lines = []
        for line in body.get("Line") or []:
            detail, amount = line.get(ENTRY) or {}, _amount(line, "Amount")
            debit = detail.get("PostingType") == "Debit"
            party = detail.get("Entity") or {}
            before = SUPPLIER if party.get("Type") == "Vendor" else ""
            bare = _value(party, "EntityRef")
            lines.append(
                EntryLine(
                    account=(code := self._code("accounts", detail, "AccountRef")),
                    ledger_account=code,
                    debit=amount if debit else ZERO,
                    credit=ZERO if debit else amount,
                    memo=str(line.get("Description") or ""),
                    customer=f"{before}{bare}" if bare else "",
                )
            )
        head = self._head("JournalEntry", body) | {"memo": _noted(body)["memo"]}
        return JournalEntry(**head, number=str(body.get("DocNumber") or ""), lines=tuple(lines))

    def _check(self, body: Body) -> JournalEntry:
        """The entry that a check makes: its expenses, and the bank for the whole."""
        spent = [
            EntryLine(
                account=(code := self._code("accounts", line.get(PURCHASE) or {}, "AccountRef")),
                ledger_account=code,
                debit=_amount(line, "Amount"),
                memo=str(line.get("Description") or ""),
                customer=_value(line.get(PURCHASE) or {}, "CustomerRef"),
            )
            for line in body.get("Line") or []
        ]
        tax = _tax(body)
        taxes = [EntryLine(account="", debit=tax)] if tax else []
        paid_from = self._code("accounts", body, "AccountRef")
        bank = EntryLine(account=paid_from, ledger_account=paid_from, credit=_amount(body, "TotalAmt"))
        head = self._head(CHECK, body)
        return JournalEntry(**head, number=str(body.get("DocNumber") or ""), lines=(*spent, *taxes, bank))

    def _head(self, entity: str, body: Body) -> dict[str, Any]:
        return {
            "key": reference(entity, str(body["Id"])),
            "date": _day(body.get("TxnDate")) or date.min,
            "currency": _value(body, "CurrencyRef") or self.books.home,
            "exchange": self._exchange(body),
            "memo": _note(body),
        }

    def _exchange(self, body: Body) -> ExchangeRate | None:
        """The rate of what is in a foreign currency; what the vendor says of the home currency is none."""
        rate = body.get("ExchangeRate") if foreign(body, self.books.home) else None
        return ExchangeRate(rate=Decimal(str(rate))) if rate else None

    def _lines(self, body: Body, detail: str) -> Iterator[InvoiceLine]:
        for number, line in enumerate(body.get("Line") or [], 1):
            if line.get("DetailType") == "SubTotalLineDetail":
                continue
            inner = line.get(detail) or line.get(BY_ITEM) or {}
            of_class = inner if inner.get("ClassRef") else body
            sign = -1 if line.get("DetailType") == "DiscountLineDetail" else 1
            yield InvoiceLine(
                key=str(line.get("Id") or number),
                number=int(line.get("LineNum") or number),
                description=str(line.get("Description") or ""),
                amount=sign * _amount(line, "Amount"),
                quantity=_amount(inner, "Qty") or Decimal(1),
                unit_price=_amount(inner, "UnitPrice"),
                ledger_item=self._code("items", inner, "ItemRef"),
                ledger_account=self._code("accounts", inner, "AccountRef"),
                ledger_class=self._code("classes", of_class, "ClassRef"),
            )

    def _code(self, listed: str, body: Body, name: str) -> str:
        """The code of what a reference points to; empty for what is inactive now."""
        return self._codes[listed].get(_value(body, name), "")

    @cached_property
    def _codes(self) -> dict[str, dict[str, str]]:
        """By list, the vendor's ids and the codes that people know them by."""
        listed = ("accounts", "items", "terms", "classes", "methods")
        return {name: {bare: code for code, bare in getattr(self.books, name).items()} for name in listed}


def _tax(body: Body) -> Decimal:
    """The tax of a transaction; some of the vendor's answers have its lines and no total (recorded)."""
    detail = body.get("TxnTaxDetail") or {}
    lines = (_amount(line, "Amount") for line in detail.get("TaxLine") or [])
    return _amount(detail, "TotalTax") if "TotalTax" in detail else sum(lines, ZERO)


def _noted(body: Body) -> dict[str, str]:
    """What the note of a payment says: the processor's number on its first line, where it has one, and the memo."""
    note = _note(body)
    found = _CONFIRMATION.match(note)
    return {"memo": note[found.end() :].strip() if found else note, "confirmation": found[1] if found else ""}


def _note(body: Body) -> str:
    return _MARK.sub("", str(body.get("PrivateNote") or "")).strip()


def _customer(body: Body) -> str:
    vendor = _value(body, "VendorRef")
    return f"{SUPPLIER}{vendor}" if vendor else _value(body, "CustomerRef")


def _number(body: Body, name: str) -> str:
    return str(body.get(name) or "")


def _cut(body: Body) -> frozenset[str]:
    """A note as long as the vendor takes has perhaps lost its end."""
    return frozenset({"memo"}) if len(str(body.get("PrivateNote") or "")) >= NOTE_LENGTH else frozenset()


def _amount(body: Body, name: str) -> Decimal:
    return Decimal(str(body.get(name) or 0))


def _value(body: Body, name: str) -> str:
    return str((body.get(name) or {}).get("value") or "")


def _day(text: object) -> date | None:
    return date.fromisoformat(text[:10]) if isinstance(text, str) and text else None
