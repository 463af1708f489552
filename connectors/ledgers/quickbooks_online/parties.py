"""Customers and vendors on the wire, both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from connectors.ledger import Posting
from connectors.ledgers.quickbooks_online.addresses import body_of_address, read_address, whole
from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books
from connectors.ledgers.quickbooks_online.mapping import bears, marked, put
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import Customer

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyField:
    """Where a field of an account goes on a customer, and on a vendor where that has a place for it."""

    source: str
    customer: str
    vendor: str = ""


TEXTS: tuple[PartyField, ...] = (
    PartyField(source="name", customer="DisplayName", vendor="DisplayName"),
    PartyField(source="first_name", customer="GivenName", vendor="GivenName"),
    PartyField(source="last_name", customer="FamilyName", vendor="FamilyName"),
    PartyField(source="email", customer="PrimaryEmailAddr.Address", vendor="PrimaryEmailAddr.Address"),
    PartyField(source="phone", customer="PrimaryPhone.FreeFormNumber", vendor="PrimaryPhone.FreeFormNumber"),
    PartyField(source="mobile", customer="Mobile.FreeFormNumber", vendor="Mobile.FreeFormNumber"),
    PartyField(source="fax", customer="Fax.FreeFormNumber", vendor="Fax.FreeFormNumber"),
    PartyField(source="website", customer="WebAddr.URI", vendor="WebAddr.URI"),
)
"""What goes over as it stands; for the rest see below."""


def entity_of(customer: Customer) -> str:
    """What an account is called by the vendor."""
    return "Vendor" if customer.is_supplier else "Customer"


def party_body(posting: Posting, customer: Customer, books: Books) -> Body:
    """A new customer or vendor, in the currency that it keeps for ever; what is empty is not sent."""
    body: Body = {}
    for path, value in _wanted(posting, customer, books).items():
        put(body, path, value)
    put(body, "CurrencyRef.value", (customer.currency or books.home) if books.multi_currency else "")
    return body


def changes(posting: Posting, customer: Customer, books: Books, now: Body) -> Body:
    """A sparse update: what differs from what the ledger has ``now``, and our key.

    Assumption: a text that is sent empty is cleared; a field that is not sent stays as it is.
    """
    body: Body = {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True}
    for path, value in _wanted(posting, customer, books).items():
        if not _same(path, value, _at(now, path)) and not _of_a_person(path, now):
            body |= _nested(path, whole(value) if isinstance(value, dict) else value)
    if "DisplayName" not in body:
        body["DisplayName"] = now.get("DisplayName", customer.name)
    return body


def customer_of(body: Body) -> Customer:
    """A customer or vendor of the ledger as an account of ours; its terms are the ledger's id."""
    supplier = "Vendor1099" in body or "TermRef" in body
    told: dict[str, Any] = {part.source: str(_at(body, part.customer) or "") for part in TEXTS}
    notes, labelled = _read_notes(str(body.get("Notes") or ""))
    reason = labelled.get("exempt_reason", "")
    billing, care_of = read_address(body.get("BillAddr"))
    if number := str(body.get("TaxExemptionReasonId") or ""):
        reason = next((words for words, known in EXEMPTIONS.items() if known == number), number)
    return Customer(
        key=str(body.get("Id", "")),
        **told,
        is_supplier=supplier,
        is_person=not body.get("CompanyName"),
        billing=billing,
        shipping=read_address(body.get("ShipAddr"))[0],
        care_of=care_of,
        parent=str(_at(body, "ParentRef.value") or ""),
        terms=str(_at(body, "SalesTermRef.value") or _at(body, "TermRef.value") or ""),
        currency=str(_at(body, "CurrencyRef.value") or ""),
        tax_exempt=body.get("Taxable") is False,
        exempt_reason=reason,
        contact=labelled.get("contact", ""),
        notes=notes,
    )


def has_key(body: Body, key: str) -> bool:
    """Whether a customer or vendor bears our key."""
    return bears(body.get("Notes"), key) or bears(body.get("AcctNum"), key)


def _wanted(posting: Posting, customer: Customer, books: Books) -> dict[str, Any]:
    """Every field that we keep, by its path on the wire, empty ones too."""
    supplier = customer.is_supplier
    wanted: dict[str, Any] = {}
    for part in TEXTS:
        wanted[part.vendor if supplier else part.customer] = getattr(customer, part.source).strip()
    company = "" if customer.is_person or len(customer.name) > COMPANY_LENGTH else customer.name.strip()
    wanted["CompanyName"] = company
    wanted["BillAddr"] = body_of_address(customer.billing, customer.care_of)
    term = term_of(customer.terms, books)
    if term or not customer.terms:
        wanted["TermRef.value" if supplier else "SalesTermRef.value"] = term
    if supplier:
        return {**wanted, "AcctNum": marked("", posting.key)}
    reason = EXEMPTIONS.get(customer.exempt_reason.strip().lower(), "") if books.automated_tax else ""
    wanted["ShipAddr"] = body_of_address(customer.shipping)
    wanted["Taxable"] = not customer.tax_exempt
    if reason and customer.tax_exempt:
        wanted["TaxExemptionReasonId"] = reason
    if posting.parent:
        wanted |= {"ParentRef.value": bare_id(posting.parent, "Customer"), "Job": True}
    wanted["Notes"] = _notes(posting, replace(customer, exempt_reason="") if reason else customer)
    return wanted


def term_of(terms: str, books: Books) -> str:
    """The id of payment terms, which an account names as the ledger does (in any case) or by the ledger's id.

    Others, which the company has not mapped, stay as they are.
    """
    wanted = terms.strip()
    named = next((bare for code, bare in books.terms.items() if code.lower() == wanted.lower()), "")
    return named or (wanted if wanted in books.terms.values() else "")


def _notes(posting: Posting, customer: Customer) -> str:
    """The notes, cut where they are too long for what comes after them: the labelled lines and our key."""
    told = [(label, " ".join(getattr(customer, field).split())) for field, label in LABELS]
    lines = [f"{label} {text}" for label, text in told if text]
    room = NOTES_LENGTH - len(marked("\n".join(lines), posting.key, NOTES_LENGTH)) - 1
    notes = [customer.notes[:room].rstrip()] if customer.notes else []
    return marked("\n".join([*notes, *lines]), posting.key, NOTES_LENGTH)


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


def _same(path: str, wanted: Any, now: Any) -> bool:  # noqa: ANN401
    if path in ("BillAddr", "ShipAddr"):
        return read_address(wanted) == read_address(now)
    if isinstance(wanted, bool):
        return wanted is (now if isinstance(now, bool) else path == "Taxable")
    return str(wanted or "") == str(now or "")


def _of_a_person(path: str, now: Body) -> bool:
    """A vendor's account number that a person typed stays; our key is then not kept with the change."""
    return path == "AcctNum" and bool(now.get("AcctNum")) and not str(now["AcctNum"]).startswith("[")


def _nested(path: str, value: Any) -> Body:  # noqa: ANN401
    for name in reversed(path.split(".")):
        value = {name: value}
    return dict(value)


def _at(body: Any, path: str) -> Any:  # noqa: ANN401
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def bare_id(reference: str, entity: str) -> str:
    """The vendor's id in a reference to a customer or vendor; empty where it refers to the other, or to nothing."""
    is_vendor = reference.startswith(SUPPLIER)
    bare = reference.removeprefix(SUPPLIER)
    return bare if bare.isascii() and bare.isdigit() and is_vendor is (entity == "Vendor") else ""
