"""A client of the QuickBooks Online sandbox for its own tests: plain HTTP, bodies as the vendor documents them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import requests

from connectors.ledgers.quickbooks_online.sandbox import Sandbox

GST, QST_GROUP, HST_ON, ZERO_RATED, EXEMPT = "3", "4", "5", "2", "1"


@dataclass
class Talk:
    """Speaks to one company of a running sandbox."""

    sandbox: Sandbox
    country: str = "CA"
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.company = self.sandbox.company(self.country)
        self.base = f"{self.sandbox.api}/company/{self.company.realm}"
        self.session.headers.update(
            {"Authorization": f"Bearer {self.sandbox.bearer(self.country)}", "Accept": "application/json"}
        )

    def send(self, path: str, body: Any, **query: str) -> requests.Response:
        return self.session.post(f"{self.base}/{path}", json=body, params=query, timeout=10)

    def post(self, path: str, body: Any, **query: str) -> dict[str, Any]:
        """The object written; fails on a Fault."""
        answer = self.send(path, body, **query)
        assert answer.status_code == 200, answer.text
        return next(value for key, value in read(answer).items() if key != "time")

    def fault(self, path: str, body: Any, **query: str) -> list[dict[str, str]]:
        """The errors of a refusal; fails on anything else."""
        answer = self.send(path, body, **query)
        assert answer.status_code == 400, answer.text
        fault = answer.json()["Fault"]
        assert fault["type"] == "ValidationFault"
        return fault["Error"]

    def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = self.session.get(f"{self.base}/{path}", params=query, timeout=10)
        assert answer.status_code == 200, answer.text
        return read(answer)

    def query(self, text: str) -> dict[str, Any]:
        return self.get("query", query=text)["QueryResponse"]

    def query_fault(self, text: str) -> dict[str, str]:
        answer = self.session.get(f"{self.base}/query", params={"query": text}, timeout=10)
        assert answer.status_code == 400, answer.text
        return answer.json()["Fault"]["Error"][0]

    def customer(self, name: str = "Amy", **more: Any) -> str:
        return self.post("customer", {"DisplayName": name, **more})["Id"]

    def vendor(self, name: str = "Norton") -> str:
        return self.post("vendor", {"DisplayName": name})["Id"]

    def invoice(self, customer: str, amount: float = 100, **more: Any) -> dict[str, Any]:
        return self.post("invoice", sales_form(customer, amount, **more))


def read(answer: requests.Response) -> dict[str, Any]:
    return answer.json(parse_float=Decimal)


def sale(amount: float, item: str = "1", code: str = ZERO_RATED, **more: Any) -> dict[str, Any]:
    detail = {"ItemRef": {"value": item}, "TaxCodeRef": {"value": code}, **more}
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def expense(amount: float, account: str, code: str = ZERO_RATED) -> dict[str, Any]:
    detail = {"AccountRef": {"value": account}, "TaxCodeRef": {"value": code}}
    return {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}


def sales_form(customer: str, amount: float = 100, **more: Any) -> dict[str, Any]:
    return {
        "CustomerRef": {"value": customer},
        "GlobalTaxCalculation": "TaxExcluded",
        "Line": [sale(amount)],
        **more,
    }


def bill(vendor: str, account: str, amount: float = 100, **more: Any) -> dict[str, Any]:
    return {
        "VendorRef": {"value": vendor},
        "GlobalTaxCalculation": "TaxExcluded",
        "Line": [expense(amount, account)],
        **more,
    }


def entry_line(side: str, account: str, amount: float, **detail: Any) -> dict[str, Any]:
    told = {"PostingType": side, "AccountRef": {"value": account}, **detail}
    return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": told}


def paying(invoice: str, amount: float, kind: str = "Invoice") -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": kind}]}
