"""The stand-in in the demo: a chapter that holds what the sample association's files hold, as Membri would keep it.

Sales receipts, entries by hand, what suppliers bill and a payment that the bank returned are no part of Membri.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from connectors.demonstration import Demonstration
from connectors.secrets.store import new_key, variable
from connectors.sources.membri.sandbox.standin import CHAPTER, TENANT, Sandbox

Cells = dict[str, str]
FIRST = 282_210_000
"""The publisher's first value of any choice."""
TYPES = {
    "membership": 0, "order": 3, "donation": 4, "event": 5, "manual": 7, "sponsorship": 9, "renewal": 11,
    "opening_balance": 12,
}  # fmt: skip
KINDS = {"refund": 10, "credit_note": 14}
METHODS = {"CARD": 0, "CHEQUE": 1, "TRANSFER": 2}
WAITING, PAID, TO_TRANSFER = FIRST + 1, FIRST + 2, FIRST + 1
ROUNDING = {"sum_of_rounded": FIRST, "rounded_sum": FIRST + 1}
FREE = "GST0"
"""The tax of 0 % of what is sold outside Canada."""
ACCOUNT = {
    "number": "accountnumber", "name": "name", "first_name": "cdc_firstname", "last_name": "cdc_lastname",
    "contact": "cdc_billingcontact", "email": "emailaddress1", "phone": "telephone1", "mobile": "telephone2",
    "website": "websiteurl", "billing_street": "address1_line1", "billing_city": "address1_city",
    "billing_region": "address1_stateorprovince", "billing_postal_code": "address1_postalcode",
    "billing_country": "address1_country", "shipping_street": "address2_line1", "shipping_city": "address2_city",
    "shipping_region": "address2_stateorprovince", "shipping_postal_code": "address2_postalcode",
    "shipping_country": "address2_country", "exempt_reason": "cdc_exemptreason", "notes": "description",
    "sync_reference": "cdc_syncreference",
}  # fmt: skip


@contextmanager
def demonstrate(folder: Path, sample: Path) -> Iterator[Demonstration]:
    """Run the stand-in in a thread on a free port, filled from a folder of files; ``folder`` keeps what it held."""
    with Sandbox() as sandbox:
        fill(sandbox, sample)
        app = sandbox.dataverse.app
        try:
            yield Demonstration(
                settings={"url": sandbox.url, "tenant": TENANT, "client_id": app.id, "chapter": CHAPTER,
                          "login_url": sandbox.url},
                environment={**new_key(), variable(f"membri.{app.id}.client-secret"): app.secret},
                port=urlsplit(sandbox.url).port or 0,
            )  # fmt: skip
        finally:
            folder.mkdir(parents=True, exist_ok=True)
            sandbox.dataverse.save(folder / "environment.json")


def fill(sandbox: Sandbox, sample: Path) -> None:
    """Enter the chapter with what the files of a folder say."""
    _Filling(sandbox, sample).all()


def id_of(table: str, key: str) -> str:
    """The identifier of a record of the files in this environment."""
    return str(uuid5(NAMESPACE_URL, f"{table} {key}"))


class _Filling:
    def __init__(self, sandbox: Sandbox, sample: Path) -> None:
        self._sandbox, self._sample = sandbox, sample
        self._chapter = id_of("cdc_chapter", CHAPTER)
        self._billed = [row for row in self._rows("documents") if row["kind"] in {"invoice", *KINDS}]
        self._lines = {(row["document"], row["line"]): row for row in self._rows("lines")}
        returned = {row["payment"] for row in self._rows("payments") if row["payment"]}
        parts = [row for row in self._rows("allocations") if row["payment"] in returned]
        self._open_again = {row["invoice"]: Decimal(row["amount"]) for row in parts}

    def all(self) -> None:
        self._add("cdc_chapter", CHAPTER, cdc_name=CHAPTER)
        self._add("cdc_accountingsettings", CHAPTER, cdc_chapterid=self._chapter, cdc_synchronize=True,
                  cdc_newaccountdefault=True, cdc_synchronizewhenpaid=False,
                  cdc_synchronizerenewalswhenpaid=False)  # fmt: skip
        for code in ("CAD", "USD"):
            self._add("transactioncurrency", code, isocurrencycode=code, currencyname=code)
        self._lists()
        self._accounts()
        self._documents()
        self._payments()
        self._contributions()

    def _rows(self, name: str) -> list[Cells]:
        with (self._sample / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def _add(self, table: str, key: str, **values: Any) -> None:  # noqa: ANN401 (columns of any kind)
        of = self._sandbox.dataverse.kept.tables[table]
        self._sandbox.add(table, **{of.identifier: id_of(table, key), **values})

    def _lists(self) -> None:
        for row in self._rows("terms"):
            self._add("cdc_terms", row["code"], cdc_code=row["code"], cdc_name=row["name"])
        for row in self._rows("gl_accounts"):
            self._add("cdc_glaccount", row["code"], cdc_code=row["code"], cdc_name=row["name"])
        for row in self._rows("items"):
            self._add("cdc_product", row["code"], cdc_code=row["code"], cdc_name=row["name"],
                      cdc_glaccountid=_refers("cdc_glaccount", row["gl_account"]))  # fmt: skip
        taxes = {row["code"]: row for row in self._rows("taxes")}
        taxes[FREE] = dict.fromkeys(("registration", "sync_reference"), "") | {"code": FREE, "rate": "0"}
        for row in self._rows("tax_groups"):
            codes = row["taxes"].split("+") if row["taxes"] else [FREE] if row["category"] else []
            named = dict(zip(("gst", "pst"), codes, strict=False))
            told = {name: value for side, code in named.items() for name, value in _tax(side, taxes[code]).items()}
            self._add("cdc_taxgroup", row["code"], cdc_name=row["code"], cdc_taxexempt=not codes,
                      cdc_taxcalculation=ROUNDING[row["rounding"]], cdc_applygst="gst" in named,
                      cdc_applypst="pst" in named, **told)  # fmt: skip

    def _accounts(self) -> None:
        for row in self._rows("accounts"):
            if row["is_supplier"] != "yes":
                own = {theirs: row[ours] or None for ours, theirs in ACCOUNT.items()}
                self._add(
                    "account", row["key"], **own, cdc_chapterid=self._chapter, cdc_isperson=row["is_person"] == "yes",
                    parentaccountid=_refers("account", row["parent"]), cdc_termsid=_refers("cdc_terms", row["terms"]),
                    cdc_careof=self._care_of(row), cdc_taxexempt=row["tax_exempt"] == "yes",
                    cdc_syncstatus=TO_TRANSFER, cdc_newaccountforsync=not row["sync_reference"],
                )  # fmt: skip

    def _care_of(self, row: Cells) -> str | None:
        """The account in whose care mail is sent, by its identifier, or a name."""
        keys = {each["key"] for each in self._rows("accounts")} if row["care_of"] else set()
        return id_of("account", row["care_of"]) if row["care_of"] in keys else row["care_of"] or None

    def _documents(self) -> None:
        taxes: defaultdict[str, list[Cells]] = defaultdict(list)
        for tax in self._rows("document_taxes"):
            taxes[tax["document"]].append(tax)
        for row in self._billed:
            key, open_ = row["key"], Decimal(row["balance"]) - self._open_again.get(row["key"], 0)
            type_ = KINDS.get(row["kind"], TYPES.get(row["origin"], TYPES["manual"]))
            group = next((line["tax_group"] for (of, _), line in self._lines.items() if of == key), "")
            self._add(
                "cdc_invoice", key, cdc_invoicetype=FIRST + type_, cdc_number=row["number"],
                cdc_chapterid=self._chapter, cdc_accountid=id_of("account", row["account"]),
                cdc_invoicedate=row["date"], cdc_duedate=row["due"] or None, **_money(row),
                cdc_subtotal=Decimal(row["subtotal"]), cdc_totaltax=Decimal(row["tax"]),
                cdc_total=Decimal(row["total"]), cdc_balance=open_, cdc_careof=self._care_of(row),
                cdc_taxgroupid=_refers("cdc_taxgroup", group), **_taxes(taxes[key]),
                cdc_termsid=_refers("cdc_terms", row["terms"]), cdc_sent=row["sent"] == "yes",
                cdc_cancelled=row["cancelled"] == "yes", cdc_originalinvoiceid=_refers("cdc_invoice", row["invoice"]),
                cdc_paymentmethod=_method(row), cdc_description=row["memo"] or None,
                cdc_status=WAITING if open_ else PAID, cdc_syncstatus=TO_TRANSFER,
                cdc_syncreference=row["sync_reference"] or None,
            )  # fmt: skip
        keys = {row["key"] for row in self._billed}
        for (key, number), row in self._lines.items():
            if key in keys:
                self._add("cdc_invoiceline", f"{key}/{number}", **_line(row))

    def _payments(self) -> None:
        for row in self._rows("payments"):
            if not row["kind"]:
                self._add(
                    "cdc_payment", row["key"], cdc_number=row["number"], cdc_chapterid=self._chapter,
                    cdc_accountid=id_of("account", row["account"]), cdc_paymentdate=row["date"], **_money(row),
                    cdc_amount=Decimal(row["amount"]), cdc_fee=Decimal(row["fee"] or 0),
                    cdc_paymentmethod=_method(row), cdc_description=row["memo"] or None, cdc_syncstatus=TO_TRANSFER,
                )  # fmt: skip
        for row in self._rows("allocations"):
            self._add("cdc_paymentallocation", f"{row['payment']}/{row['invoice']}",
                      cdc_paymentid=id_of("cdc_payment", row["payment"]),
                      cdc_invoiceid=id_of("cdc_invoice", row["invoice"]), cdc_amount=Decimal(row["amount"]),
                      cdc_discount=Decimal(row["discount"] or 0))  # fmt: skip

    def _contributions(self) -> None:
        for row in self._rows("schedules"):
            self._add("cdc_contribution", row["key"], cdc_invoiceid=id_of("cdc_invoice", row["invoice"]),
                      cdc_invoicelineid=id_of("cdc_invoiceline", f"{row['invoice']}/{row['line']}"),
                      cdc_startdate=row["start"], cdc_months=int(row["months"]), cdc_amount=Decimal(row["amount"]),
                      cdc_deferredaccountid=_refers("cdc_glaccount", row["deferred_account"]),
                      cdc_revenueaccountid=_refers("cdc_glaccount", row["revenue_account"]))  # fmt: skip


def _refers(table: str, key: str) -> str | None:
    return id_of(table, key) if key else None


def _tax(side: str, row: Cells) -> dict[str, Any]:
    return {f"cdc_{side}name": row["code"], f"cdc_{side}rate": Decimal(row["rate"]),
            f"cdc_{side}number": row["registration"], f"cdc_{side}syncreference": row["sync_reference"]}  # fmt: skip


def _taxes(rows: list[Cells]) -> dict[str, Any]:
    """What the first and the second tax of a document come to."""
    sides = dict(zip(("gst", "pst"), rows, strict=False))
    return {f"cdc_{side}{name}": Decimal(row[name]) for side, row in sides.items() for name in ("amount", "base")}


def _money(row: Cells) -> dict[str, Any]:
    return {"transactioncurrencyid": _refers("transactioncurrency", row["currency"]),
            "cdc_exchangerate": Decimal(row["rate"]) if row["rate"] else None,
            "cdc_exchangeratedate": row["rate_date"] or None,
            "cdc_exchangeratesource": row["rate_source"] or None}  # fmt: skip


def _method(row: Cells) -> int | None:
    return FIRST + METHODS[row["method"]] if row["method"] else None


def _line(row: Cells) -> dict[str, Any]:
    amount = Decimal(row["amount"])
    return {"cdc_invoiceid": id_of("cdc_invoice", row["document"]), "cdc_linenumber": int(row["line"]),
            "cdc_description": row["description"] or None, "cdc_quantity": Decimal(row["quantity"] or 1),
            "cdc_unitprice": Decimal(row["unit_price"]) if row["unit_price"] else None, "cdc_amount": amount,
            "cdc_taxamount": Decimal(row["tax_amount"] or 0), "cdc_productid": _refers("cdc_product", row["item"]),
            "cdc_glaccountid": _refers("cdc_glaccount", row["gl_account"]),
            "cdc_taxgroupid": _refers("cdc_taxgroup", row["tax_group"]), "cdc_class": row["class"] or None}  # fmt: skip
