"""Contacts: unique names among the active, unique numbers, and archived ones that nothing changes (recorded texts)."""

from __future__ import annotations

import re

from connectors.ledgers.xero.sandbox.organisation import Body, Invalid, Missing, Organisation

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
PHONES, ADDRESSES = ("DEFAULT", "DDI", "FAX", "MOBILE"), ("STREET", "POBOX")


def write(books: Organisation, sent: Body, *, update: bool) -> Body:
    """Create a contact or, where a POST names one, change it. Raises ``Invalid``, ``Missing``."""
    there = _there(books, sent) if update else None
    if there is not None and there["ContactStatus"] == "ARCHIVED":
        raise Invalid(ARCHIVED)
    if sent.get("ContactStatus", "ACTIVE") != "ACTIVE":
        raise Invalid(f"The status '{sent['ContactStatus']}' is not valid for contacts")
    body = {"ContactStatus": "ACTIVE", **(there or {}), **sent}
    body["Phones"] = _merged((there or {}).get("Phones"), sent.get("Phones"), "PhoneType", PHONES)
    body["Addresses"] = _merged((there or {}).get("Addresses"), sent.get("Addresses"), "AddressType", ADDRESSES)
    if there is None:
        body.pop("ContactID", None)
    _checked(books, body)
    body.setdefault("IsSupplier", False)
    body.setdefault("IsCustomer", False)
    return books.keep("Contacts", body)


def named(books: Organisation, told: Body | None) -> str:
    """The id of the contact that a document names; one that is named by a new name alone is made."""
    told = told or {}
    if id_ := told.get("ContactID"):
        try:
            found = books.get("Contacts", str(id_))
        except Missing:
            raise Invalid("The Contact could not be found") from None
        if found["ContactStatus"] == "ARCHIVED":
            raise Invalid(ARCHIVED)
        return str(found["ContactID"])
    if not told.get("Name"):
        raise Invalid("A Contact must be specified for this type of transaction")
    same = (c for c in _active(books) if c["Name"].casefold() == str(told["Name"]).casefold())
    found_there = next(same, None)
    return str((found_there or write(books, {"Name": told["Name"]}, update=False))["ContactID"])


def _there(books: Organisation, sent: Body) -> Body | None:
    """What a POST changes: the contact of its id, its number or its name. Raises ``Missing`` for an unknown id."""
    if id_ := sent.get("ContactID"):
        return books.get("Contacts", str(id_))
    number, name = sent.get("ContactNumber"), str(sent.get("Name") or "").casefold()
    for each in books.kept["Contacts"].values():
        if number and each.get("ContactNumber") == number:
            return each
    return next((each for each in _active(books) if name and each["Name"].casefold() == name), None)


def _checked(books: Organisation, body: Body) -> None:
    name, number, email = str(body.get("Name") or "").strip(), body.get("ContactNumber"), body.get("EmailAddress")
    others = [each for each in books.kept["Contacts"].values() if each["ContactID"] != body.get("ContactID")]
    if not name:
        raise Invalid("The contact name must be specified.")
    if any(o["ContactStatus"] == "ACTIVE" and o["Name"].strip().casefold() == name.casefold() for o in others):
        raise Invalid(f"The contact name {name} is already assigned to another contact. The contact name must be "
                      "unique across all active contacts.")  # fmt: skip
    if number and any(o.get("ContactNumber") == number for o in others):
        raise Invalid("Another contact has this contact number. Please enter a different contact number.")
    if email and not EMAIL.fullmatch(str(email)):
        raise Invalid("Email address must be valid.")
    for address in body["Addresses"]:
        country = str(address.get("Country") or "")
        if country and not all(c.isascii() and (c.isalpha() or c == " ") for c in country):
            raise Invalid("Country must contain letters only.")


def _merged(kept: list[Body] | None, sent: list[Body] | None, by: str, types: tuple[str, ...]) -> list[Body]:
    """Each type once, as it was sent or as it was kept."""
    told = {each[by]: each for each in (kept or [])} | {each[by]: each for each in (sent or [])}
    return [told.get(each, {by: each}) for each in types]


def _active(books: Organisation) -> list[Body]:
    return [each for each in books.kept["Contacts"].values() if each["ContactStatus"] == "ACTIVE"]
