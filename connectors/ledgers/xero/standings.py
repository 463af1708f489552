"""What Xero tells of its documents: what each is to us, whose, how much, what is applied to it, whether it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.ledger import Standing
from connectors.ledgers.xero.company import Books, with_whole_phones
from connectors.ledgers.xero.forms import CONTACT, FORMS, NOTED_IN_A_LINE, STREET
from connectors.ledgers.xero.recipes import VOID, form_of
from connectors.ledgers.xero.service import Body, day_of
from connectors.records import CREDIT_KINDS, ZERO, Allocation, Kind, Transferable
from connectors.wire.keys import key_in, texts_in
from connectors.wire.parties import street_of
from connectors.wire.paths import at
from connectors.wire.reading import record_of

BOOKED = ("ledger_account", "amount", "debit")
"""What a line has that is more than a text, whether or not its account is one that is listed."""
GONE = frozenset({"VOIDED", "DELETED"})
TYPES: dict[Kind, tuple[str, ...]] = {
    Kind.INVOICE: ("ACCREC",),
    Kind.SUPPLIER_INVOICE: ("ACCPAY",),
    Kind.CREDIT_NOTE: ("ACCRECCREDIT",),
    Kind.VENDOR_CREDIT: ("ACCPAYCREDIT",),
    Kind.SALES_RECEIPT: ("RECEIVE",),
    Kind.REFUND: ("SPEND",),
    Kind.PAYMENT: ("ACCRECPAYMENT", "RECEIVE-OVERPAYMENT"),
    Kind.SUPPLIER_PAYMENT: ("ACCPAYPAYMENT", "SPEND-OVERPAYMENT"),
}
"""What of an entity is of a kind, by its type; every manual journal is an entry."""
WORDS = {
    Kind.INVOICE: ("Invoice",),
    Kind.SUPPLIER_INVOICE: ("Bill",),
    Kind.CREDIT_NOTE: ("CreditNote",),
    Kind.VENDOR_CREDIT: ("VendorCredit",),
    Kind.SALES_RECEIPT: ("ReceiveMoney",),
    Kind.REFUND: ("SpendMoney",),
    Kind.PAYMENT: ("Payment", "Overpayment"),
    Kind.SUPPLIER_PAYMENT: ("BillPayment", "BillOverpayment"),
    Kind.JOURNAL_ENTRY: ("ManualJournal",),
}
"""Before the vendor's id in a reference, so that no typed number looks like one; a contact's is bare."""
PAGES = {
    Kind.INVOICE: "AccountsReceivable/View.aspx?InvoiceID=",
    Kind.SUPPLIER_INVOICE: "AccountsPayable/View.aspx?InvoiceID=",
    Kind.CREDIT_NOTE: "AccountsReceivable/ViewCreditNote.aspx?creditNoteID=",
    Kind.VENDOR_CREDIT: "AccountsPayable/ViewCreditNote.aspx?creditNoteID=",
    Kind.SALES_RECEIPT: "Bank/ViewTransaction.aspx?bankTransactionID=",
    Kind.REFUND: "Bank/ViewTransaction.aspx?bankTransactionID=",
    Kind.JOURNAL_ENTRY: "Journal/View.aspx?invoiceID=",
    Kind.CUSTOMER: "Contacts/View/",
}
"""Pages of the vendor's application (deep linking); a payment has none that is documented."""
NOTED = {Kind.JOURNAL_ENTRY: "Narration"}
ID_NAMES = tuple({form.id for form in FORMS.values()} | {CONTACT.id})
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
REFERENCE = re.compile(rf"(?:(?P<word>[A-Za-z]+):)?(?P<id>{UUID})")
BUNDLED = frozenset({Kind.PAYMENT, Kind.SUPPLIER_PAYMENT})


def kind_of(reference: str) -> Kind | None:
    """The kind that a reference is of; ``None`` where it is none of ours."""
    found = REFERENCE.fullmatch(reference)
    if found is None:
        return None
    if not found["word"]:
        return Kind.CUSTOMER
    return next((kind for kind, words in WORDS.items() if found["word"] in words), None)


def id_in(kind: Kind, typed: str, web: str) -> str:
    """The reference of a kind in what a person typed: itself, or the id in the address of its page."""
    if kind_of(typed) is kind:
        return typed
    found = re.search(UUID, typed.lower()) if typed.startswith(web) and PAGES.get(kind, " ") in typed else None
    return f"{WORDS[kind][0]}:{found[0]}" if found else ""


def standing(kind: Kind, body: Body, books: Books, web: str) -> Standing:
    """A document as it is now."""
    if kind in BUNDLED:
        return _of_bundle(kind, body, books)
    form = form_of(kind)
    id_ = str(body[form.id])
    if kind is Kind.CUSTOMER:
        return Standing(ledger_id=id_, number=str(body.get("Name", "")), customer=id_, kind=kind,
                        void=False, url=_url(kind, id_, books, web), key=key_of(kind, body))  # fmt: skip
    return Standing(
        ledger_id=f"{WORDS[kind][0]}:{id_}",
        number=_number(kind, body),
        total=_total(kind, body),
        customer=str(at(body, "Contact.ContactID") or ""),
        applied=tuple(_applied(body)),
        void=body.get("Status") in GONE,
        reconciled=body.get("IsReconciled") is True,
        kind=kind,
        date=day_of(body["Date"]) if body.get("Date") else None,
        currency=abroad(body.get("CurrencyCode"), books.home),
        url=_url(kind, id_, books, web),
        key=key_of(kind, body),
    )


def abroad(told: object, home: str) -> str:
    """The currency that the service tells; empty for the home currency, also where it tells none."""
    return "" if told in (None, "", home) else str(told)


def own(kind: Kind, now: Standing, body: Body) -> Standing:
    """Without the allocations of a credit note, which go with it; a refund of it stays."""
    if kind not in CREDIT_KINDS:
        return now
    return replace(now, applied=tuple(f"Payment {each['PaymentID']}" for each in body.get("Payments") or ()))


def key_of(kind: Kind, body: Body) -> str:
    """Our key, where a body bears one."""
    if kind in BUNDLED:
        return key_in_bundle(body)
    if kind is Kind.CUSTOMER:
        return str(body.get("ContactNumber") or "")
    if kind in NOTED_IN_A_LINE:
        return key_in(_text_line(body))
    return key_in(body.get(NOTED.get(kind, "Reference")))


def key_in_bundle(bundle: Body) -> str:
    """The key that payments and overpayments share."""
    return next((key for note in _notes(bundle) if (key := key_in(note))), "")


def days_of(bundle: Body) -> Iterator[date]:
    """The days of a payment's parts."""
    return (day_of(each["Date"]) for name in ("Payments", "Overpayments") for each in bundle.get(name, ()))


def record(kind: Kind, body: Body, books: Books) -> tuple[Transferable, frozenset[str]]:
    """A record of ours as the ledger has it, and the fields of it that it tells."""
    form, now = form_of(kind), standing(kind, body, books, "")
    if kind in BUNDLED:
        return _payment(kind, body, books, now)
    values, told = form.read(with_whole_phones(body) if kind is Kind.CUSTOMER else body, books.codes)
    values["lines"] = [_line(row) for row in values.get("lines", ()) if any(map(row.get, BOOKED))]
    if kind is Kind.CUSTOMER:
        for name, type_ in (("billing", "POBOX"), ("shipping", "STREET")):
            alike = (each for each in body.get("Addresses") or () if each.get("AddressType") == type_)
            values[f"{name}.street"] = street_of(next(alike, {}), STREET)
        return record_of(kind, now.ledger_id, values), told
    if kind in NOTED_IN_A_LINE:
        [values["memo"]] = texts_in(_text_line(body), 1)
        told |= {"memo"}
    if kind is Kind.JOURNAL_ENTRY:
        values["currency"] = books.home
        told |= {"currency"}
    values["number"] = now.number
    return record_of(kind, now.ledger_id, values), told - {"balance", "deposit_account"}


def _payment(kind: Kind, bundle: Body, books: Books, now: Standing) -> tuple[Transferable, frozenset[str]]:
    number, memo = texts_in(next(_notes(bundle), ""), 2)
    word = WORDS[Kind.INVOICE if kind is Kind.PAYMENT else Kind.SUPPLIER_INVOICE][0]
    paid = [(at(each, "Invoice.InvoiceID"), each["Amount"]) for each in bundle.get("Payments", ())]
    paid += [(at(each, "Invoice.InvoiceID"), each["Amount"]) for over in bundle.get("Overpayments", ())
             for each in over.get("Allocations") or ()]  # fmt: skip
    parts = tuple(Allocation(invoice=f"{word}:{id_}", amount=Decimal(str(amount))) for id_, amount in paid if id_)
    values: dict[str, Any] = {"number": number, "memo": memo, "date": now.date, "customer": now.customer,
                              "currency": now.currency or books.home, "amount": now.total,
                              "allocations": parts}  # fmt: skip
    return record_of(kind, now.ledger_id, values), frozenset(values)


def _of_bundle(kind: Kind, bundle: Body, books: Books) -> Standing:
    payments, over = bundle.get("Payments", ()), bundle.get("Overpayments", ())
    parts = [*payments, *over]
    plain, on_account = WORDS[kind]
    ids = sorted(str(each["PaymentID"]) for each in payments)
    reference = f"{plain}:{ids[0]}" if ids else f"{on_account}:{over[0]['OverpaymentID']}"
    about = payments[0].get("Invoice") or {} if payments else over[0]
    return Standing(
        ledger_id=reference,
        number=texts_in(next(_notes(bundle), ""), 2)[0],
        total=sum((Decimal(str(each.get("Amount", each.get("Total")))) for each in parts), ZERO),
        customer=str(at(about, "Contact.ContactID") or ""),
        currency=abroad(about.get("CurrencyCode"), books.home),
        applied=tuple(f"Payment {each['PaymentID']}" for each in over for each in each.get("Payments") or ()),
        void=all(each.get("Status") in GONE for each in parts),
        stays=bool(over),
        reconciled=any(each.get("IsReconciled") is True for each in parts),
        kind=kind,
        date=day_of(parts[0]["Date"]),
        key=key_in_bundle(bundle),
    )


def _notes(bundle: Body) -> Iterator[str]:
    for each in bundle.get("Payments", ()):
        yield str(each.get("Reference") or "")
    for each in bundle.get("Overpayments", ()):
        lines = each.get("LineItems") or [{}]
        yield str(lines[0].get("Description") or "")


def _text_line(body: Body) -> str:
    """The last line that is a text alone."""
    texts = [str(line.get("Description") or "") for line in body.get("LineItems") or () if not line.get("AccountCode")]
    return texts[-1] if texts else ""


def _number(kind: Kind, body: Body) -> str:
    match kind:
        case Kind.SALES_RECEIPT | Kind.REFUND | Kind.JOURNAL_ENTRY:
            return texts_in(body.get(NOTED.get(kind, "Reference")), 2)[0]
    name = "CreditNoteNumber" if kind in CREDIT_KINDS else "InvoiceNumber"
    return str(body.get(name) or "").partition(VOID)[0]


def _total(kind: Kind, body: Body) -> Decimal:
    if kind is Kind.JOURNAL_ENTRY:
        amounts = (Decimal(str(line.get("LineAmount") or 0)) for line in body.get("JournalLines") or ())
        return sum((amount for amount in amounts if amount > ZERO), ZERO)
    return Decimal(str(body.get("Total") or 0))


def _applied(body: Body) -> Iterator[str]:
    for name, id_ in (("Payments", "PaymentID"), ("CreditNotes", "CreditNoteID"), ("Overpayments", "OverpaymentID"),
                      ("Prepayments", "PrepaymentID")):  # fmt: skip
        yield from (f"{id_[:-2]} {each[id_]}" for each in body.get(name) or () if each.get(id_))
    yield from (f"Invoice {at(each, 'Invoice.InvoiceID')}" for each in body.get("Allocations") or ())


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """An entry's line is a debit or a credit."""
    if "debit" in row and row["debit"] < ZERO:
        return {**row, "debit": ZERO, "credit": -row["debit"]}
    return row


def _url(kind: Kind, id_: str, books: Books, web: str) -> str:
    return f"{web}/organisationlogin/default.aspx?shortcode={books.short}&redirecturl=/{PAGES[kind]}{id_}"
