"""Invoices, bills and credit notes: how they are made, changed and voided (invoices, "Invoice status changes")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.ledgers.xero.sandbox.contacts import named
from connectors.ledgers.xero.sandbox.lines import priced
from connectors.ledgers.xero.sandbox.organisation import IDS, ZERO, Body, Invalid, Missing, Organisation, day

SOLD = frozenset({"ACCREC", "ACCRECCREDIT"})
NUMBER = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber"}
TYPES = {"Invoices": ("ACCREC", "ACCPAY"), "CreditNotes": ("ACCRECCREDIT", "ACCPAYCREDIT")}
NEW = frozenset({"DRAFT", "SUBMITTED", "AUTHORISED"})
NEXT: Mapping[str, frozenset[str]] = {
    "DRAFT": NEW | {"DELETED"}, "SUBMITTED": NEW | {"DELETED"}, "AUTHORISED": frozenset({"AUTHORISED", "VOIDED"}),
}  # fmt: skip
WHEN_PAID = frozenset({"Reference", "DueDate", "InvoiceNumber", "BrandingThemeID", "Contact", "Url"})
"""What of a paid sales invoice may still be changed, beside texts of its lines."""


def write(books: Organisation, entity: str, sent: Body, *, update: bool, exact: bool) -> Body:
    """Create or, where a POST names what is there, change a document. Raises ``Invalid``, ``Missing``."""
    there = _there(books, entity, sent) if update else None
    if there is not None:
        return _changed(books, entity, there, sent, exact=exact)
    return _created(books, entity, sent, exact=exact)


def _created(books: Organisation, entity: str, sent: Body, *, exact: bool) -> Body:
    body: dict[str, Any] = {"Status": "DRAFT", "Date": books.clock.today().isoformat(), **sent}
    if body.get("Type") not in TYPES[entity]:
        raise Invalid(f"{entity[:-1]} not of valid type for creation")
    if body["Status"] not in NEW:
        raise Invalid(f"{entity[:-1]} not of valid status for creation")
    body["ContactID"] = named(books, body.pop("Contact", None))
    body["CurrencyCode"] = body.get("CurrencyCode") or books.currency
    if body["CurrencyCode"] != books.currency:
        raise Invalid(f"Organisation is not subscribed to currency {body['CurrencyCode']}")
    _dates(entity, body)
    if body["Status"] == "AUTHORISED" and not body.get("LineItems"):
        raise Invalid("One or more line items must be specified")
    priced(books, body, "Exclusive", exact=exact, bank=False)
    books.locked(body["Date"])
    if body["Type"] not in SOLD:
        body.pop("Reference", None)
    _number(books, entity, body)
    body.pop(IDS[entity], None)
    return books.keep(entity, body)


def _there(books: Organisation, entity: str, sent: Body) -> Body | None:
    """What a POST changes: what has its id, or the number of a document of ours to customers."""
    if id_ := sent.get(IDS[entity]):
        return books.get(entity, id_)
    number = sent.get(NUMBER[entity])
    alike = (each for each in books.kept[entity].values() if number and each.get(NUMBER[entity]) == number)
    return next((each for each in alike if each["Type"] in SOLD and each["Type"] == sent.get("Type")), None)


def _changed(books: Organisation, entity: str, there: Body, sent: Body, *, exact: bool) -> Body:
    status = sent.get("Status", there["Status"])
    if status not in NEXT.get(there["Status"], ()):
        raise Invalid(f"{entity[:-1]} not of valid status for modification")
    books.locked(there["Date"])
    used = _used(books, entity, there)
    if status == "VOIDED":
        if used:
            raise Invalid(f"The status VOIDED cannot be applied to the {entity[:-1].lower()} because it has payments "
                          "or credit notes allocated to it.")  # fmt: skip
        return books.keep(entity, {**there, "Status": status})  # whatever else was sent with it
    allowed = WHEN_PAID | {IDS[entity], "Status", "Type"}
    if used and (there["Type"] not in SOLD or set(sent) - allowed):
        raise Invalid("This document cannot be edited as it has a payment or credit note allocated to it.")
    body = {**there, **sent, "Status": status}
    if sent.get("Contact"):
        body["ContactID"] = named(books, sent["Contact"])
    body.pop("Contact", None)
    _dates(entity, body)
    books.locked(body["Date"])
    if "LineItems" in sent:
        priced(books, body, "Exclusive", exact=exact, bank=False)
    _number(books, entity, body)
    return books.keep(entity, body)


def _used(books: Organisation, entity: str, body: Body) -> bool:
    if entity == "Invoices":
        return bool(books.due(body) != body["Total"])
    return bool(books.remaining(entity, body) != body["Total"])


def _dates(entity: str, body: Body) -> None:
    for name in ("Date", "DueDate"):
        if body.get(name):
            body[name] = day(body[name])
    if entity == "Invoices" and body["Status"] == "AUTHORISED" and not body.get("DueDate"):
        raise Invalid("Due date cannot be empty")


def _number(books: Organisation, entity: str, body: Body) -> None:
    """A sale's number is unique for ever, also among what was voided; the service gives one where none was sent."""
    name = NUMBER[entity]
    number = str(body.get(name) or "")
    if not (number.isascii() and number.isprintable()):
        raise Invalid(f"{name} must contain printable ASCII characters only.")
    if len(number) > 255:
        raise Invalid(f"{name} is longer than 255 characters.")
    others = [each for each in books.kept[entity].values()
              if each["Type"] == body["Type"] and each.get(IDS[entity]) != body.get(IDS[entity])]  # fmt: skip
    if body["Type"] in SOLD and not number:
        body[name] = f"{'INV' if entity == 'Invoices' else 'CN'}-{len(others) + 1:04d}"
    elif body["Type"] in SOLD and any(each.get(name) == number for each in others):
        raise Invalid(f"{'Invoice' if entity == 'Invoices' else 'Credit Note'} # must be unique.")


def allocate(books: Organisation, entity: str, id_: str, sent: Body) -> Body:
    """Allocate a credit note or overpayment to an invoice of the same contact."""
    source = books.get(entity, id_)
    amount = sent.get("Amount")
    try:
        invoice = books.get("Invoices", str((sent.get("Invoice") or {}).get("InvoiceID") or ""))
    except Missing:
        raise Invalid("Invoice could not be found") from None
    if amount is None or amount <= ZERO:
        raise Invalid("The amount must be greater than 0")
    if source["Status"] != "AUTHORISED" or invoice["Status"] != "AUTHORISED":
        raise Invalid("Credits can only be allocated to and from Authorised documents")
    sold = source["Type"] in ("ACCRECCREDIT", "RECEIVE-OVERPAYMENT")
    if (invoice["Type"] == "ACCREC") is not sold or invoice["ContactID"] != source["ContactID"]:
        raise Invalid("The credit and the document must be of the same contact, and on the same side")
    if amount > books.remaining(entity, source) or amount > books.due(invoice):
        raise Invalid("The amount to be allocated exceeds the amount outstanding")
    applied_on = max(invoice["Date"], source["Date"])
    books.locked(applied_on)
    told = {"Source": entity, "SourceID": source[IDS[entity]], "InvoiceID": invoice["InvoiceID"]}
    kept = books.keep("Allocations", {**told, "Amount": amount, "Date": applied_on})
    for changed, body in ((entity, source), ("Invoices", invoice)):
        books.keep(changed, body)
    return kept


def release(books: Organisation, entity: str, id_: str, allocation: str) -> Body:
    """Take an allocation out again."""
    books.get(entity, id_)
    kept = books.get("Allocations", allocation)
    books.locked(kept["Date"])
    books.drop("Allocations", kept["AllocationID"])
    books.keep("Invoices", books.kept["Invoices"][kept["InvoiceID"]])
    books.keep(entity, books.kept[entity][kept["SourceID"]])
    return {"AllocationID": allocation, "IsDeleted": True, "Invoice": {"InvoiceID": kept["InvoiceID"]}}
