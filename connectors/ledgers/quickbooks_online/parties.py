"""Customers and vendors on the wire: their fields, both ways, and what of one a change sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from babel.core import get_global

from connectors.ledger import Posting
from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books
from connectors.ledgers.quickbooks_online.notes import bears, marked
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import Customer, Kind
from connectors.wire.form import Field, Form
from connectors.wire.parties import lines_of, street_of
from connectors.wire.paths import at, put
from connectors.wire.reading import record_of

NOTES_LENGTH, COMPANY_LENGTH = 1024, 100
"""Characters of notes as the schema takes them when a customer is made; the reference says 2,000."""

EXEMPTIONS = {
    reason: str(number)
    for number, reason in enumerate(
        (
            "federal government",
            "state government",
            "local government",
            "tribal government",
            "charitable organization",
            "religious organization",
            "educational organization",
            "hospital",
            "resale",
            "direct pay permit",
            "multiple points of use",
            "direct mail",
            "agricultural production",
            "industrial production / manufacturing",
            "foreign diplomat",
        ),
        start=1,
    )
}
"""The vendor's ids of reasons for exemption (Customer, ``TaxExemptionReasonId``); where automated sales tax is
on (US)."""
LABELS = (("contact", "Contact:"), ("exempt_reason", "Exempt:"))
"""Fields that a customer has no place for, each a line at the end of the notes after its label: the person to ask for,
and a reason for exemption that the vendor has no id for."""
STREET = ("Line1", "Line2", "Line3", "Line4", "Line5")
ADDRESSES = {"BillAddr": "billing", "ShipAddr": "shipping"}
CARE = re.compile(r"(?:c/o|a/s)\s+(?P<name>\S.*)", re.IGNORECASE)
"""How a line says in whose care mail is sent, in English and in French; we write ``c/o``."""
TAX_REASON = "TaxExemptionReasonId"


def _two_letters(country: str) -> str:
    """A country as ISO 3166 has it in two letters: the vendor answers in three, whatever was sent (2025-10-31)."""
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return aliases[country.upper()][0] if len(country) == 3 and country.upper() in aliases else country


def _address(place: str) -> tuple[Field, ...]:
    """Up to five lines, the first of them in whose care; the rest of a longer street goes into the fifth."""
    ours = ADDRESSES[place]

    def line(name: str) -> Field:
        def given(_: Posting, customer: Customer, __: Books) -> str:
            care = " ".join(customer.care_of.split()) if ours == "billing" else ""
            street = f"c/o {care}\n{getattr(customer, ours).street}" if care else getattr(customer, ours).street
            return lines_of(street, STREET)[name]

        return Field(wire=f"{place}.{name}", gives=given)

    return (
        *(line(name) for name in STREET),
        Field(wire=f"{place}.City", ours=f"{ours}.city"),
        Field(wire=f"{place}.CountrySubDivisionCode", ours=f"{ours}.region"),
        Field(wire=f"{place}.PostalCode", ours=f"{ours}.postal_code"),
        Field(wire=f"{place}.Country", ours=f"{ours}.country", back=_two_letters),
    )


def _company(_: Posting, customer: Customer, __: Books) -> str:
    return "" if customer.is_person or len(customer.name) > COMPANY_LENGTH else customer.name.strip()


def _term(_: Posting, customer: Customer, books: Books) -> str | None:
    """The id of payment terms, which an account names as the ledger does (in any case) or by the ledger's id.

    Others, which the company has not mapped, stay as they are.
    """
    wanted = customer.terms.strip()
    named = next((id_ for code, id_ in books.terms.items() if code.lower() == wanted.lower()), "")
    return named or (wanted if wanted in books.terms.values() else "") or (None if customer.terms else "")


def _reason(_: Posting, customer: Customer, books: Books) -> str | None:
    """The vendor's id of a reason for exemption."""
    if not (books.automated_tax and customer.tax_exempt):
        return None
    return EXEMPTIONS.get(customer.exempt_reason.strip().lower())


def _reason_of(told: object) -> str:
    return next((words for words, known in EXEMPTIONS.items() if known == str(told)), str(told or ""))


def _notes(posting: Posting, customer: Customer, books: Books) -> str:
    """The notes, cut where they are too long for what comes after them: the labelled lines and our key."""
    shown = replace(customer, exempt_reason="") if _reason(posting, customer, books) else customer
    told = [(label, " ".join(getattr(shown, field).split())) for field, label in LABELS]
    lines = [f"{label} {text}" for label, text in told if text]
    room = NOTES_LENGTH - len(marked("\n".join(lines), posting.key, NOTES_LENGTH)) - 1
    notes = [customer.notes[:room].rstrip()] if customer.notes else []
    return marked("\n".join([*notes, *lines]), posting.key, NOTES_LENGTH)


def _currency(_: Posting, customer: Customer, books: Books) -> str:
    """The one that it keeps for ever."""
    return (customer.currency or books.home) if books.multi_currency else ""


_TEXTS = (
    Field(wire="DisplayName", ours="name"),
    Field(wire="GivenName", ours="first_name"),
    Field(wire="FamilyName", ours="last_name"),
    Field(wire="PrimaryEmailAddr.Address", ours="email"),
    Field(wire="PrimaryPhone.FreeFormNumber", ours="phone"),
    Field(wire="Mobile.FreeFormNumber", ours="mobile"),
    Field(wire="Fax.FreeFormNumber", ours="fax"),
    Field(wire="WebAddr.URI", ours="website"),
    Field(wire="CompanyName", gives=_company),
    *_address("BillAddr"),
)
_CURRENCY = Field(wire="CurrencyRef.value", ours="currency", gives=_currency)
CUSTOMER = Form(
    kind=Kind.CUSTOMER, entity="Customer", id="Id", untold=frozenset({"currency"}),
    fields=(
        *_TEXTS,
        Field(wire="SalesTermRef.value", ours="terms", listed="terms", gives=_term),
        *_address("ShipAddr"),
        Field(wire="Taxable", ours="tax_exempt", gives=lambda _, customer, __: not customer.tax_exempt,
              back=lambda told: told is False),
        Field(wire=TAX_REASON, ours="exempt_reason", gives=_reason, back=_reason_of),
        Field(wire="ParentRef.value", ours="parent",
              gives=lambda posting, *_: bare_id(posting.parent, "Customer") if posting.parent else None),
        Field(wire="Job", gives=lambda posting, *_: True if posting.parent else None),
        Field(wire="Notes", ours="notes", gives=_notes),
        _CURRENCY,
    ),
)  # fmt: skip
VENDOR = Form(
    kind=Kind.CUSTOMER, entity="Vendor", id="Id", untold=frozenset({"currency"}),
    fields=(
        *_TEXTS,
        Field(wire="TermRef.value", ours="terms", listed="terms", gives=_term),
        Field(wire="AcctNum", gives=lambda posting, *_: marked("", posting.key)),
        _CURRENCY,
    ),
)  # fmt: skip
FORMS = {form.entity: form for form in (CUSTOMER, VENDOR)}


def form_of(customer: Customer) -> Form:
    """The table of what an account is called by the vendor."""
    return FORMS["Vendor" if customer.is_supplier else "Customer"]


def changes(posting: Posting, customer: Customer, books: Books, now: Body) -> Body:
    """A sparse update: what differs from what the ledger has ``now``, and our key; an address goes whole.

    Assumption: a text that is sent empty is cleared; a field that is not sent stays as it is.
    """
    form, body = form_of(customer), {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True}
    wanted = {path: value for path, value in form.wanted(posting, books) if value is not None}
    wanted.pop(_CURRENCY.wire, None)
    differ = {path for path, value in wanted.items() if not _same(form, path, value, now)}
    whole = {place for path in differ if (place := path.partition(".")[0]) in ADDRESSES}
    for path, value in wanted.items():
        if path in differ or path.partition(".")[0] in whole:
            put(body, path, value)
    body.setdefault("DisplayName", now.get("DisplayName", customer.name))
    return body


def read(entity: str, body: Body, books: Books) -> tuple[Customer, frozenset[str]]:
    """A customer or vendor of the ledger as an account of ours, and the fields of it that are told."""
    values, told = FORMS[entity].read(body, books)
    notes, labelled = _read_notes(str(body.get("Notes") or ""))
    is_customer = entity == "Customer"
    streets = {place: street_of(body.get(place) or {}, STREET) for place in ADDRESSES}
    first, _, others = streets["BillAddr"].partition("\n")
    care = CARE.fullmatch(first)
    values |= {"billing.street": others if care else streets["BillAddr"], "shipping.street": streets["ShipAddr"]}
    values |= {"care_of": care["name"] if care else "", "is_person": not body.get("CompanyName"),
               "is_supplier": not is_customer}  # fmt: skip
    told |= {"care_of"}
    if is_customer:
        reason = values.get("exempt_reason") or labelled.get("exempt_reason", "")
        values |= {"notes": notes, "contact": labelled.get("contact", ""), "exempt_reason": reason}
        told |= {"contact"}
    untold = {"exempt_reason"} if not values.get("tax_exempt") else set()
    if not values["terms"]:
        untold |= {"terms"}
    if len(str(body.get("Notes") or "")) >= NOTES_LENGTH:  # what was too long for them was cut
        untold |= {"notes", "exempt_reason"}
    record = record_of(Kind.CUSTOMER, f"{'' if is_customer else SUPPLIER}{body['Id']}", values)
    assert isinstance(record, Customer)
    return record, told - untold


def has_key(body: Body, key: str) -> bool:
    """Whether a customer or vendor bears our key."""
    return bears(body.get("Notes"), key) or bears(body.get("AcctNum"), key)


def bare_id(reference: str, entity: str) -> str:
    """The vendor's id in a reference to a customer or vendor; empty where it refers to the other, or to nothing."""
    is_vendor = reference.startswith(SUPPLIER)
    bare = reference.removeprefix(SUPPLIER)
    return bare if bare.isascii() and bare.isdigit() and is_vendor is (entity == "Vendor") else ""


def _read_notes(notes: str) -> tuple[str, dict[str, str]]:
    """The notes without our key, and the fields among their last lines."""
    lines = notes.splitlines()
    if lines and lines[-1].startswith("[") and lines[-1].endswith("]"):
        lines.pop()
    told: dict[str, str] = {}
    for field, label in reversed(LABELS):
        if lines and lines[-1].startswith(label):
            told[field] = lines.pop().removeprefix(label).strip()
    return "\n".join(lines), told


def _same(form: Form, path: str, wanted: Any, now: Body) -> bool:  # noqa: ANN401 (JSON is anything)
    there = at(now, path)
    if path == "AcctNum" and there and not str(there).startswith("["):
        return True  # a vendor's account number that a person typed stays; our key is then not kept with the change
    if isinstance(wanted, bool):
        return wanted is (there if isinstance(there, bool) else path == "Taxable")
    field = next(each for each in form.fields if each.wire == path)
    as_ours = _two_letters if field.back is _two_letters else str
    return as_ours(str(wanted or "")) == as_ours(str(there or ""))
