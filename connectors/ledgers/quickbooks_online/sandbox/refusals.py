"""What the server refuses, in the vendor's codes and words.

Codes: the vendor's error code page (specs/quickbooks-online/error_codes.json). Messages and details of 610, 2010,
2050, 2500, 3001, 3200, 4001, 5010, 6000, 6140, 6210 and 6240 are recorded answers; the others are put together from
that page and only their code is established.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MADE_INACTIVE = (
    "Something you're trying to use has been made inactive."
    " Check the fields with accounts, customers, items, vendors or employees."
)

MESSAGES = {
    "500": "Unsupported Operation",
    "610": "Object Not Found",
    "620": "Txn ID Cannot Be Linked",
    "700": "Parent Reference Invalid",
    "900": "Parent cannot be child",
    "1040": "Batch size exceeds allowed limit",
    "1050": "Invalid Content Type",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String",
    "2050": "String length is either shorter or longer than supported by specification",
    "2060": "Invalid Date Format",
    "2070": "Invalid Date",
    "2080": "Invalid Number Format",
    "2090": "Invalid Number",
    "2120": "Invalid Type",
    "2130": "Invalid Request Id Format",
    "2170": "Invalid Enumeration",
    "2190": "Invalid Date Range",
    "2210": "Invalid Email Address format",
    "2220": "Invalid Currency Type",
    "2230": "Invalid Boolean",
    "2240": "Invalid Number Range",
    "2250": "Missing lines",
    "2260": "Missing Posting Type",
    "2270": "Missing TaxApplicableOn",
    "2280": "Missing Tax Amount",
    "2290": "Negative Amount",
    "2300": "Amount on debits not equal to credits",
    "2410": "Curreny, ExchangeRate is missing.",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "5030": "Feature Not Supported Error",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Invalid Account.AccountType && Account.SubType",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No Name Provided",
    "6090": "Discount Line missing required info",
    "6100": "Invalid Line TaxCode in the request",
    "6140": "Duplicate Document Number Error",
    "6150": "ParentRef Required Validation Error",
    "6160": "Invalid TaxCodeRef Error",
    "6170": "Invalid TxnTaxDetail Error",
    "6180": "Sub Level Limit",
    "6190": "Invalid Company Status",
    "6200": "Account Period Closed, Cannot Update Through Services API",
    "6210": "Account Period Closed",
    "6220": "Delete Entity Has Balance Error",
    "6240": "Duplicate Name Exists Error",
    "6430": "Invalid account type used",
    "10000": "An application error has occurred while processing your request",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """One entry of a Fault: the code is a string on the wire, ``element`` the property it concerns."""

    code: str
    detail: str
    element: str = ""

    def body(self) -> dict[str, str]:
        """As it stands on the wire."""
        return {"Message": MESSAGES[self.code], "Detail": self.detail, "code": self.code, "element": self.element}


class Refusal(Exception):
    """The request is refused and changed nothing; ``status`` is the HTTP status outside a batch."""

    def __init__(self, errors: Sequence[Error], status: int = 400, fault_type: str = "ValidationFault") -> None:
        super().__init__("; ".join(f"{error.code} {error.detail} [{error.element}]" for error in errors))
        self.errors = tuple(errors)
        self.status = status
        self.fault_type = fault_type

    def fault(self) -> dict[str, object]:
        """The ``Fault`` object, as in a batch item."""
        return {"Error": [error.body() for error in self.errors], "type": self.fault_type}


class Unreadable(Refusal):
    """The service fails to tell an entity: its Fault stands within the answer, where the objects would."""

    def __init__(self) -> None:
        super().__init__([Error(code="10000", detail="System Failure Error: the objects cannot be read")])


def refuse(code: str, detail: str, element: str = "") -> Refusal:
    """A refusal of one error."""
    return Refusal([Error(code=code, detail=detail, element=element)])


def missing(name: str) -> Refusal:
    """A required property is not there."""
    return refuse("2020", f"Required parameter {name} is missing in the request", name)


def not_found() -> Refusal:
    """No such object, or one that was made inactive: the vendor words both alike."""
    return refuse("610", f"Object Not Found : {MADE_INACTIVE}")


def unsupported(operation: str) -> Refusal:
    """The entity does not know this operation."""
    return refuse("500", f"Operation {operation} is not supported.")


def business(detail: str) -> Refusal:
    """A business rule without a code of its own."""
    return refuse("6000", f"Business Validation Error: {detail}")


def name_taken(others: str = "customer, vendor or employee") -> Refusal:
    """Another object bears this name."""
    return refuse(
        "6240",
        f"The name supplied already exists. : Another {others} is already using this name."
        " Please use a different name.",
    )
