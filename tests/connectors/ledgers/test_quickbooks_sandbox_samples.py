"""The vendor's own sample bodies: each create sample is accepted, or refused for a reason written here."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.ledgers.quickbooks_online.sandbox import QuickBooks, operations, tax_service
from connectors.ledgers.quickbooks_online.sandbox.bodies import loads
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.fields import TYPES
from connectors.ledgers.quickbooks_online.sandbox.refusals import Refusal

SAMPLES = loads((Path(__file__).parent / "test_quickbooks_sandbox_samples.json").read_bytes())
CREATE = {sample["sample"]: sample for sample in SAMPLES["create"]}

REFUSED: dict[str, str] = {}
"""Code by sample, with the reason beside it; none is refused today."""


@pytest.fixture
def company() -> Company:
    """An American company, as in the samples, that has something behind every reference of theirs."""
    made = next(each for each in QuickBooks().companies.values() if each.american)
    for name in ("Customer", "Vendor"):
        operations.create(made, name, {"DisplayName": f"{name} of the samples"})
    operations.create(made, "Class", {"Name": "Europe"})
    line = {"Amount": 500, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    operations.create(made, "Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})
    account = {"AccountRef": {"value": made.special["supplies"]}}
    cost = {"Amount": 500, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": account}
    operations.create(made, "Bill", {"VendorRef": {"value": "2"}, "Line": [cost]})
    return made


def here(company: Company, sent: Any, entity: str) -> Any:
    """A sample with its ids, which are those of the vendor's sample company, put to those of ours."""
    special = company.special
    ours = {
        "CustomerRef": "1",
        "VendorRef": "2",
        "ItemRef": "1",
        "ParentRef": "1",
        "AccountRef": special["checking"] if entity == "JournalEntry" else special["supplies"],
        "BankAccountRef": special["checking"],
        "DepositToAccountRef": special["checking"],
        "IncomeAccountRef": special["sales"],
        "ExpenseAccountRef": special["cost"],
        "AssetAccountRef": special["inventory"],
        "APAccountRef": special["payable"],
    }
    if isinstance(sent, list):
        return [here(company, each, entity) for each in sent]
    if not isinstance(sent, dict):
        return sent
    placed = {name: here(company, value, entity) for name, value in sent.items()}
    for name in placed.keys() & ours.keys():
        placed[name] = {"value": ours[name]}
    if "TaxRateId" in placed:
        placed["TaxRateId"] = "1"
    if "TxnId" in placed:
        placed["TxnId"] = {"Invoice": "1", "Bill": "2"}[placed["TxnType"]]
    return placed


def refusal_of(company: Company, name: str) -> str:
    """The code under which a sample is refused; empty when it is accepted."""
    sample = CREATE[name]
    body = here(company, sample["body"], sample["entity"])
    try:
        if sample["entity"] == "taxservice/taxcode":
            tax_service.create(company, body)
        else:
            operations.create(company, sample["entity"], body)
    except Refusal as refusal:
        return refusal.errors[0].code
    return ""


@pytest.mark.parametrize("name", CREATE)
def test_create_samples(company: Company, name: str) -> None:
    assert refusal_of(company, name) == REFUSED.get(name, "")


def test_how_many_samples_are_accepted(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    """All the create bodies of the supported entities in the documentation are here; one company takes them in turn."""
    codes = [refusal_of(company, name) for name in CREATE]
    with capsys.disabled():
        print(f"\ncreate samples: {len(codes)}, accepted {codes.count('')}, refused {[code for code in codes if code]}")
    assert len(codes) == 30
    assert [code for code in codes if code] == ["6240"]  # two vendor samples bear one name


def test_answers_of_the_vendor_hold_only_properties_that_we_know() -> None:
    for sample in SAMPLES["answers"]:
        _known(sample["entity"], sample["body"], sample["sample"])


def _known(kind: str, body: dict[str, Any], where: str) -> None:
    for name, value in body.items():
        assert name in TYPES[kind], f"{where}: {kind}.{name}"
        inner = TYPES[kind][name].strip("[]")
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                _known(inner, each, f"{where}.{name}")


def test_our_answers_have_the_properties_of_the_vendors(company: Company) -> None:
    """What the vendor answers to its first invoice sample, we answer too (but for its own conveniences)."""
    theirs = next(s["body"] for s in SAMPLES["answers"] if s["sample"].startswith("invoice 2"))
    ours = operations.create(
        company, "Invoice", here(company, CREATE["invoice 1 Sample Request Body"]["body"], "Invoice")
    )
    optional = {"ProjectRef", "BillAddr", "ShipAddr", "DocNumber"}
    assert theirs.keys() - ours.keys() <= optional
    assert theirs["Line"][0].keys() <= ours["Line"][0].keys()
    assert (ours["TotalAmt"], ours["Balance"], ours["Deposit"]) == (Decimal(100), Decimal(100), 0)
