"""Customers and vendors on the wire, both ways; which field goes where is data, and the documentation's table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.core import get_global

from connectors.ledger import Posting
from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books
from connectors.ledgers.quickbooks_online.mapping import bears, marked, put
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import Address, Customer

NOTES_LENGTH, COMPANY_LENGTH = 2000, 100
STREET = ("Line1", "Line2", "Line3", "Line4", "Line5")
PLACE = (("City", "city"), ("CountrySubDivisionCode", "region"), ("PostalCode", "postal_code"), ("Country", "country"))

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
EXEMPT = "Exempt:"
"""Begins the line of the notes that keeps a reason which the vendor has no id for."""


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
"""What goes over as it stands."""

OTHERS: tuple[PartyField, ...] = (
    PartyField(source="company name (of a company)", customer="CompanyName", vendor="CompanyName"),
    PartyField(source="billing", customer="BillAddr", vendor="BillAddr"),
    PartyField(source="shipping", customer="ShipAddr"),
    PartyField(source="parent", customer="ParentRef.value, Job"),
    PartyField(source="terms", customer="SalesTermRef.value", vendor="TermRef.value"),
    PartyField(source="tax exempt", customer="Taxable"),
    PartyField(source="exempt reason", customer="TaxExemptionReasonId (US), else a line of Notes"),
    PartyField(source="notes", customer="Notes"),
    PartyField(source="our key", customer="Notes", vendor="AcctNum"),
)
"""What goes over in another form; see the functions below."""


def entity_of(customer: Customer) -> str:
    """What an account is called by the vendor."""
    return "Vendor" if customer.is_supplier else "Customer"


def party_body(posting: Posting, customer: Customer, books: Books) -> Body:
    """A new customer or vendor; what is empty is not sent."""
    body: Body = {}
    for path, value in _wanted(posting, customer, books).items():
        put(body, path, value)
    return body


def changes(posting: Posting, customer: Customer, books: Books, now: Body) -> Body:
    """A sparse update: what differs from what the ledger has ``now``, and our key.

    Assumption: a text that is sent empty is cleared; a field that is not sent stays as it is.
    """
    body: Body = {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True}
    for path, value in _wanted(posting, customer, books).items():
        if not _same(path, value, _at(now, path)) and not _of_a_person(path, now):
            body |= _nested(path, _whole(value))
    if "DisplayName" not in body:
        body["DisplayName"] = now.get("DisplayName", customer.name)
    return body


def customer_of(body: Body) -> Customer:
    """A customer or vendor of the ledger as an account of ours; its terms are the ledger's id."""
    supplier = "Vendor1099" in body or "TermRef" in body
    told: dict[str, Any] = {part.source: str(_at(body, part.customer) or "") for part in TEXTS}
    notes, reason = _read_notes(str(body.get("Notes") or ""))
    if number := str(body.get("TaxExemptionReasonId") or ""):
        reason = next((words for words, known in EXEMPTIONS.items() if known == number), number)
    return Customer(
        key=str(body.get("Id", "")),
        **told,
        is_supplier=supplier,
        is_person=not body.get("CompanyName"),
        billing=_read_address(body.get("BillAddr")),
        shipping=_read_address(body.get("ShipAddr")),
        parent=str(_at(body, "ParentRef.value") or ""),
        terms=str(_at(body, "SalesTermRef.value") or _at(body, "TermRef.value") or ""),
        tax_exempt=body.get("Taxable") is False,
        exempt_reason=reason,
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
    wanted["BillAddr"] = _address(customer.billing)
    term = term_of(customer.terms, books)
    if term or not customer.terms:
        wanted["TermRef.value" if supplier else "SalesTermRef.value"] = term
    if supplier:
        return {**wanted, "AcctNum": marked("", posting.key)}
    reason = EXEMPTIONS.get(customer.exempt_reason.strip().lower(), "") if books.reasons else ""
    wanted["ShipAddr"] = _address(customer.shipping)
    wanted["Taxable"] = not customer.tax_exempt
    if reason and customer.tax_exempt:
        wanted["TaxExemptionReasonId"] = reason
    if posting.parent:
        wanted |= {"ParentRef.value": bare_id(posting.parent, "Customer"), "Job": True}
    wanted["Notes"] = _notes(posting, customer, "" if reason else customer.exempt_reason)
    return wanted


def term_of(terms: str, books: Books) -> str:
    """The id of payment terms.

    Assumption: an account's terms are the ledger's where they have the same name, in any case; others stay as
    they are, because an account, unlike a document, has no mapped terms.
    """
    return next((bare for code, bare in books.terms.items() if code.lower() == terms.strip().lower()), "")


def _notes(posting: Posting, customer: Customer, reason: str) -> str:
    told = [customer.notes, f"{EXEMPT} {reason}" if reason else ""]
    return marked("\n".join(part for part in told if part), posting.key, NOTES_LENGTH)


def _read_notes(notes: str) -> tuple[str, str]:
    """The notes without our key, and the reason for exemption among them."""
    lines = notes.splitlines()
    if lines and lines[-1].startswith("[") and lines[-1].endswith("]"):
        lines.pop()
    reason = ""
    if lines and lines[-1].startswith(EXEMPT):
        reason = lines.pop().removeprefix(EXEMPT).strip()
    return "\n".join(lines), reason


def _address(address: Address) -> Body:
    """Up to five lines of street; the rest of a longer one goes into the fifth."""
    lines = [line.strip() for line in address.street.splitlines() if line.strip()]
    if len(lines) > len(STREET):
        lines = [*lines[: len(STREET) - 1], " ".join(lines[len(STREET) - 1 :])]
    body = dict(zip(STREET, lines, strict=False))
    for wire, source in PLACE:
        put(body, wire, getattr(address, source))
    return body


def _read_address(body: Any) -> Address:  # noqa: ANN401 (JSON is anything)
    told: Body = body if isinstance(body, dict) else {}
    return Address(
        street="\n".join(str(told[line]) for line in STREET if told.get(line)),
        city=str(told.get("City") or ""),
        region=str(told.get("CountrySubDivisionCode") or ""),
        postal_code=str(told.get("PostalCode") or ""),
        country=_two_letters(str(told.get("Country") or "")),
    )


def _two_letters(country: str) -> str:
    """A country as ISO 3166 has it in two letters: the vendor answers in three, whatever was sent (2025-10-31)."""
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return aliases[country.upper()][0] if len(country) == 3 and country.upper() in aliases else country


def _same(path: str, wanted: Any, now: Any) -> bool:  # noqa: ANN401
    if path in ("BillAddr", "ShipAddr"):
        return _read_address(wanted) == _read_address(now)
    if isinstance(wanted, bool):
        return wanted is (now if isinstance(now, bool) else path == "Taxable")
    return str(wanted or "") == str(now or "")


def _of_a_person(path: str, now: Body) -> bool:
    """A vendor's account number that a person typed stays; our key is then not kept with the change."""
    return path == "AcctNum" and bool(now.get("AcctNum")) and not str(now["AcctNum"]).startswith("[")


def _whole(value: Any) -> Any:  # noqa: ANN401
    """An address is replaced whole, so that a line that is gone does not stay."""
    if not isinstance(value, dict):
        return value
    return {name: value.get(name, "") for name in (*STREET, *(wire for wire, _ in PLACE))}


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
