"""What QuickBooks Online documents of a request, and how a request of ours is held to it.

``test_quickbooks_samples.json`` are the sample bodies of the vendor's entity reference. What the reference lists and no
sample shows stands below with where it is listed.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors import exact_json
from connectors.http import session
from connectors.http.attempt import Call
from connectors.ledgers.quickbooks_online.sandbox.fields import READ_ONLY

SAMPLES = json.loads((Path(__file__).parent / "test_quickbooks_samples.json").read_text(encoding="utf-8"))["samples"]
ENTITIES = {
    name.lower(): name
    for name in ("Customer", "Vendor", "Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Payment", "Bill",
                 "VendorCredit", "BillPayment", "JournalEntry")
}  # fmt: skip
QUERIED = {"CompanyInfo", "Preferences", "Account", "Item", "TaxRate", "TaxCode", "Term", "PaymentMethod", "Class"}
"""Lists that are only read; each has a page of its own in the reference."""
QUERIED_BY = {"Purchase": {"Id", "DocNumber"}}
"""Transactions that are only read, and what their pages call filterable of them."""

LINES = ("SalesItemLineDetail", "AccountBasedExpenseLineDetail")
ADDRESS = (*(f"Line{number}" for number in range(1, 6)), "City", "CountrySubDivisionCode", "PostalCode", "Country")
PARTIES = ("Customer", "Vendor")  # of CurrencyRef: "once set, it cannot be changed"
LISTED = {
    "Customer": (  # Customer, attributes
        "Mobile.FreeFormNumber", "Fax.FreeFormNumber", "WebAddr.URI", "Notes", "SalesTermRef.value",
        "TaxExemptionReasonId",
        *(f"{side}.{part}" for side in ("BillAddr", "ShipAddr") for part in ADDRESS),
    ),
    "Vendor": ("Mobile.FreeFormNumber", "Fax.FreeFormNumber", "TermRef.value", "AcctNum"),  # Vendor, attributes
    "Invoice": ("GlobalTaxCalculation",),  # Invoice, required outside the US
    "CreditMemo": ("GlobalTaxCalculation", "PrivateNote"),
    "SalesReceipt": ("GlobalTaxCalculation", "BillEmail.Address"),  # SalesReceipt, attributes
    "RefundReceipt": ("GlobalTaxCalculation",),
    "Bill": ("GlobalTaxCalculation", "Line.LineNum"),
    "VendorCredit": ("GlobalTaxCalculation", "DocNumber", "PrivateNote", "Line.LineNum", "Line.Description"),
    "Payment": ("PaymentRefNum",),  # Payment, attributes
    "BillPayment": ("DocNumber", "CreditCardPayment.CCAccountRef.value"),  # BillPayment, attributes
    "JournalEntry": (),
}  # fmt: skip
ON_EVERY_DOCUMENT = (
    *(f"Line.{detail}.ClassRef.value" for detail in LINES),  # SalesItemLineDetail, AccountBasedExpenseLineDetail
    *(f"TxnTaxDetail.{path}" for path in (  # TxnTaxDetail, shown on the sample invoice
        "TotalTax", "TaxLine.Amount", "TaxLine.DetailType", "TaxLine.TaxLineDetail.TaxRateRef.value",
        "TaxLine.TaxLineDetail.PercentBased", "TaxLine.TaxLineDetail.TaxPercent",
        "TaxLine.TaxLineDetail.NetAmountTaxable",
    )),
)  # fmt: skip
IN_A_CURRENCY = ("CurrencyRef.value", "ExchangeRate")  # Transaction: CurrencyRef, ExchangeRate; on every one of them
NO_DOCUMENTS = ("Customer", "Vendor", "Payment", "BillPayment", "JournalEntry")

ENUMERATIONS = {
    "DetailType": {*LINES, "JournalEntryLineDetail", "TaxLineDetail", "SubTotalLineDetail", "DiscountLineDetail"},
    "GlobalTaxCalculation": {"TaxExcluded", "TaxInclusive", "NotApplicable"},  # Invoice, GlobalTaxCalculation
    "PostingType": {"Debit", "Credit"},  # JournalEntry, PostingType
    "PayType": {"Check", "CreditCard"},  # BillPayment, PayType
    "Type": {"Customer", "Vendor", "Employee"},  # JournalEntry, Entity
    "TxnType": {"Invoice", "CreditMemo", "JournalEntry", "Bill", "VendorCredit"},  # Payment and BillPayment, LinkedTxn
    "TaxExemptionReasonId": {str(number) for number in range(1, 16)},  # Customer, TaxExemptionReasonId
    "PreferredDeliveryMethod": {"Print", "Email", "None"},  # Customer, PreferredDeliveryMethod
}
NUMBERS = {
    "Amount",
    "ExchangeRate",
    "TotalAmt",
    "TotalTax",
    "TaxPercent",
    "NetAmountTaxable",
    "LineNum",
    "Qty",
    "UnitPrice",
}
BOOLEANS = {"sparse", "PercentBased", "Taxable", "Job", "Active"}
"""By the last part of a path; every other value is a text (Finance.xsd)."""

OPERATIONS = {"create", "update", "delete"}  # Batch, operation
REPORTS = {
    "AgedReceivables": {"report_date", "aging_method", "minorversion"},  # AgedReceivables, query parameters
    "AgedPayables": {"report_date", "aging_method", "minorversion"},  # AgedPayables, query parameters
    "AgedReceivableDetail": {"report_date", "columns", "minorversion"},  # AgedReceivableDetail, query parameters
    "AgedPayableDetail": {"report_date", "columns", "minorversion"},  # AgedPayableDetail, query parameters
    "TrialBalance": {"start_date", "end_date", "accounting_method", "minorversion"},  # TrialBalance, query parameters
}
PARAMETERS = {"minorversion", "requestid", "operation", "include"}
WANTED = {"create": set(), "update": {"Id", "SyncToken"}, "delete": {"Id", "SyncToken"}, "void": {"Id", "SyncToken"}}

_WORD = r"[A-Za-z]+(?:\.[A-Za-z]+)?"
_TEXT = r"'(?:[^'\\]|\\.)*'"
_VALUE = rf"(?:{_TEXT}|true|false)"
_CONDITION = rf"{_WORD} (?:(?:=|<|>|<=|>=|like) {_VALUE}|in \({_VALUE}(?:, {_VALUE})*\))"
QUERY = re.compile(
    rf"select \* from ([A-Za-z]+)(?: where {_CONDITION}(?: and {_CONDITION})*)?"
    r"(?: startposition [1-9]\d*)?(?: maxresults (?:[1-9]\d{0,2}|1000))?",
    re.DOTALL,
)
"""The query language (data queries): no projection, no OR, no more than 1,000 rows."""


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted paths of the values of a body."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, path)
    else:
        yield path, value


@cache
def known(entity: str) -> frozenset[str]:
    """The paths that the samples of an entity show, or its reference lists."""
    paths = {*LISTED[entity], *(("CurrencyRef.value",) if entity in PARTIES else IN_A_CURRENCY)}
    for body in SAMPLES[entity.lower()]:
        content = body.get("QueryResponse", body).get(entity, body)
        paths |= {path for path, _ in leaves(content)}
    return frozenset(paths | (set(ON_EVERY_DOCUMENT) if entity not in NO_DOCUMENTS else set()))


def wrong(entity: str, body: Any, operation: str = "create") -> list[str]:
    """What is not as documented in a body."""
    found = [f"{entity}.{name} is missing" for name in sorted(WANTED[operation] - body.keys())]
    found += [f"{entity}.{name} is read only" for name in sorted(body.keys() & READ_ONLY[entity])]
    for path, value in leaves(body):
        last = path.rpartition(".")[2]
        if path not in known(entity):
            found.append(f"{entity}.{path} is not documented")
        elif not isinstance(value, _type(last)) or (last not in BOOLEANS and isinstance(value, bool)):
            found.append(f"{entity}.{path} is a {type(value).__name__}")
        elif last in ENUMERATIONS and value not in ENUMERATIONS[last]:
            found.append(f"{entity}.{path} is {value}")
    return found + [f"{entity}: {reference}" for reference in _references(body)]


def _type(last: str) -> type | tuple[type, ...]:
    return bool if last in BOOLEANS else (int, Decimal) if last in NUMBERS else str


def _references(value: Any, path: str = "") -> Iterator[str]:
    """A reference is an id: a text, and not an empty one, unless a sparse update clears the field."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            here = f"{path}.{name}"
            if name.endswith("Ref") and not (isinstance(part, Mapping) and part.keys() <= {"value", "name"} and part):
                yield f"{here} is no reference: {part}"
            if name == "LinkedTxn" and not all(each.keys() == {"TxnId", "TxnType"} and each["TxnId"] for each in part):
                yield f"{here} is no link: {part}"
            yield from _references(part, here)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part, path)


@dataclass
class Recorder:
    """Every request that left our HTTP session, by kind, and what was not as documented in it."""

    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def take(self, call: Call) -> None:
        parts = urlsplit(call.url)
        if "/v3/company/" not in parts.path:
            self._sign_in(call, parts.path)
            return
        resource = parts.path.split("/v3/company/")[1].partition("/")[2]
        if resource == "query":
            self._query(call.content.decode())
        elif resource == "batch":
            self._batch(exact_json.loads(call.content))
        elif resource.startswith("reports/"):
            name = resource.removeprefix("reports/")
            strange = set(call.query) - REPORTS.get(name, set()) or {name} - REPORTS.keys()
            self._seen(f"report {name}", sorted(strange))
        elif resource == "cdc":
            entities = set(call.query["entities"].split(","))
            self._seen("change data capture", [f"cdc {e}" for e in entities if e.lower() not in SAMPLES_OF_CHANGES])
        else:
            self._entity(call, *resource.split("/"))

    def _seen(self, kind: str, wrong: list[str]) -> None:
        self.kinds[kind] += 1
        self.wrong += [f"{kind}: {each}" for each in wrong]

    def _sign_in(self, call: Call, path: str) -> None:
        forms = {"authorization_code": {"code", "redirect_uri"}, "refresh_token": {"refresh_token"}, "": {"token"}}
        grant = str(call.form.get("grant_type", ""))
        strange = set(call.form) ^ ({"grant_type"} & set(call.form) | forms.get(grant, set()))
        self._seen(f"sign-in {grant or path.rpartition('/')[2]}", [f"{name} in the form" for name in sorted(strange)])

    def _query(self, statement: str) -> None:
        matched = QUERY.fullmatch(statement)
        entity = matched[1] if matched else ""
        if entity not in {*ENTITIES.values(), *QUERIED, *QUERIED_BY}:
            self._seen("query", [f"not the vendor's: {statement}"])
            return
        conditions = {condition[0] for condition in re.finditer(rf"{_WORD}(?= (?:=|<|>|in|like))", _bare(statement))}
        of_entity = {path.split(".")[0] for path in known(entity)} | {"Active", "MetaData.LastUpdatedTime"} \
            if entity in ENTITIES.values() else QUERIED_BY.get(entity, {"Active"})  # fmt: skip
        self._seen(f"query {entity}", [f"{name} is not documented" for name in sorted(conditions - of_entity)])

    def _batch(self, body: Any) -> None:
        items = body.get("BatchItemRequest", [])
        if body.keys() != {"BatchItemRequest"} or not 0 < len(items) <= 30:
            self.wrong.append(f"batch of {len(items)}: {sorted(body)}")
        for item in items:
            operation, names = item.get("operation"), item.keys() - {"bId", "operation"}
            [entity] = names if len(names) == 1 else [""]
            if operation not in OPERATIONS or entity not in ENTITIES.values() or not item.get("bId"):
                self.wrong.append(f"batch item: {sorted(item)}, {operation}")
            else:
                self._seen(f"{operation} {entity}", wrong(entity, item[entity], operation))

    def _entity(self, call: Call, word: str, *rest: str) -> None:
        entity, operation = ENTITIES.get(word, ""), call.query.get("operation", "create")
        strange = [f"?{name}" for name in set(call.query) - PARAMETERS]
        if not entity or len(rest) > 1 or bool(rest) is not (call.method == "GET"):
            self._seen(f"{call.method} {word}", ["no such resource"])
        elif call.method == "GET":
            self._seen(f"read {entity}", strange)
        else:
            operation = "void" if call.query.get("include") == "void" else operation
            self._seen(f"{operation} {entity}", strange + wrong(entity, exact_json.loads(call.content), operation))


SAMPLES_OF_CHANGES = {*ENTITIES, "purchase", "vendorcredit", "billpayment"}
"""Entities of change data capture (changedatacapture: "all entities except JournalCode, TaxAgency, TimeActivity …")."""


def _bare(statement: str) -> str:
    """A statement without its values."""
    return re.sub(_TEXT, "''", statement)


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Whatever leaves our HTTP session, retries included; fails when anything in it is not as documented."""
    recorder, attempted = Recorder(), session.attempt

    def seen(one: object, call: Call, *rest: Any) -> Any:
        recorder.take(call)
        return attempted(one, call, *rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "attempt", seen)
        yield recorder
    assert not recorder.wrong, "\n".join(recorder.wrong)
