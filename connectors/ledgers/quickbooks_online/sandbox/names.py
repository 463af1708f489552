"""Customer and Vendor: one name space, at most five levels of sub-customers.

Assumptions: a name made of its parts must be free like one that is given; an inactive one keeps its name taken; one
with an open balance cannot be made inactive (6220).
"""

from __future__ import annotations

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, reference
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import settle_own
from connectors.ledgers.quickbooks_online.sandbox.refusals import name_taken, refuse

MOST_LEVELS = 5
PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
FORBIDDEN = ":\t\n"

_REFERENCES = {
    "SalesTermRef": "Term",
    "TermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
    "DefaultTaxCodeRef": "TaxCode",
    "ARAccountRef": "Account",
    "APAccountRef": "Account",
}


def prepare(company: Company, entity: str, body: Body, old: Body | None) -> None:
    """Check and complete a customer or vendor. Raises 900, 2040, 2210, 2220, 2500, 6000, 6080, 6150, 6180, 6220 and
    6240.
    """
    _name(company, entity, body, old)
    _email(body)
    for name, target in _REFERENCES.items():
        company.resolve(body, name, target)
    body.setdefault("Active", True)
    body.setdefault("PrintOnCheckName", body["DisplayName"])
    settle_own(company, body, old)
    body["Balance"] = (old or {}).get("Balance", ZERO)
    if body["Active"] is False and body["Balance"]:
        raise refuse("6220", f"{body['DisplayName']} has an open balance of {body['Balance']}", "Active")
    if entity == "Customer":
        _customer(company, body, old)
    else:
        body.setdefault("Vendor1099", False)


def _name(company: Company, entity: str, body: Body, old: Body | None) -> None:
    given = body.get("DisplayName") or " ".join(body[part] for part in PARTS if body.get(part))
    if not given.strip():
        raise refuse("6080", f"{', '.join(PARTS)}, DisplayName - one of these must be non-empty", "DisplayName")
    if set(given) & set(FORBIDDEN):
        raise refuse(
            "2040", "Names must have at least one character and cannot include tabs, newlines or ':'.", "DisplayName"
        )
    if company.named(entity, given) - {old["Id"] if old else ""}:
        raise name_taken()
    body["DisplayName"] = given


def _email(body: Body) -> None:
    address = (body.get("PrimaryEmailAddr") or {}).get("Address", "")
    if address and not ("@" in address and "." in address):
        raise refuse("2210", f"The email address does not conform to RFC 822. Supplied value:{address}", "Address")


def _customer(company: Company, body: Body, old: Body | None) -> None:
    parent = company.resolve(body, "ParentRef", "Customer")
    if body.get("Job") and parent is None:
        raise refuse("6150", "ParentRef is required if Job is true", "ParentRef")
    above = [parent, *company.ancestors("Customer", parent)] if parent else []
    if old and old["Id"] in [each["Id"] for each in above]:
        raise refuse("900", "The same object cannot be the parent or child of itself.", "ParentRef")
    if len(above) >= MOST_LEVELS:
        raise refuse("6180", f"Customers nest at most {MOST_LEVELS} levels deep.", "ParentRef")
    prefix = f"{parent['FullyQualifiedName']}:" if parent else ""
    body["FullyQualifiedName"] = f"{prefix}{body['DisplayName']}"
    body["Level"] = len(above)
    if not above:
        del body["Level"]
    body.setdefault("Job", parent is not None)
    body.setdefault("Taxable", True)
    body.setdefault("PreferredDeliveryMethod", "None")
    body["BalanceWithJobs"] = (old or {}).get("BalanceWithJobs", ZERO)


def parent_of(body: Body | None) -> str:
    """The id of the parent customer, empty when there is none."""
    return reference(body, "ParentRef")
