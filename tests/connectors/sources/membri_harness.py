"""A chapter of Membri in the sandbox: filled and looked at without the connector, which signs in as an application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import count
from pathlib import Path

import pytest

from connectors.conformance import Told, Trouble
from connectors.pace import Clock, Pacer
from connectors.records import Kind
from connectors.sandboxes.faults import Fault, FaultKind
from connectors.secrets.store import KEY, variable
from connectors.sources.membri.connector import MembriSource
from connectors.sources.membri.sandbox import CHAPTER, TENANT, App, Sandbox
from connectors.sources.membri.settings import MembriSettings

SECRETS = {
    variable(KEY): "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    variable(f"membri.{App().id}.client-secret"): App().secret,
}
"""What the environment gives: the key of the sealed files, and the application's secret."""
TO_TRANSFER, COMPLETED = 282210001, 282210002
TABLES = {Kind.CUSTOMER: "account", Kind.INVOICE: "cdc_invoice", Kind.PAYMENT: "cdc_payment"}
OURS = ("cdc_syncstatus", "cdc_syncreference", "cdc_accountingnumber", "cdc_syncerror", "modifiedon", "versionnumber")
"""The columns that Membri is told into, and those that Dataverse changes itself."""
NUMBERS = count(1)
FAULTS = {
    Trouble.HALF_AN_ANSWER: {"kind": FaultKind.HALF},
    Trouble.THROTTLED: {"kind": FaultKind.REFUSE, "status": 429, "headers": {"Retry-After": "7"}},
    Trouble.SIGNED_OUT: {"kind": FaultKind.REFUSE, "status": 401},
    Trouble.NO_ANSWER: {"kind": FaultKind.DROP_AFTER},
    Trouble.DOWN: {"kind": FaultKind.REFUSE, "status": 503, "times": 0},
}


@dataclass
class MembriHarness:
    """One chapter beside another, which is nobody's business."""

    sandbox: Sandbox
    folder: Path
    source: type[MembriSource] = MembriSource
    page: int = 4
    slept: list[float] = field(default_factory=list)
    networked = True
    pause = 7.0
    beside = False

    def __post_init__(self) -> None:
        self.chapter = self.sandbox.add("cdc_chapter", cdc_name=CHAPTER)
        self.elsewhere = self.sandbox.add("cdc_chapter", cdc_name="Section Montréal")
        self.sandbox.add("account", name="Membre d'ailleurs", cdc_chapterid=self.elsewhere)

    @property
    def settings(self) -> MembriSettings:
        return MembriSettings(
            folder=self.folder, url=self.sandbox.url, tenant=TENANT, client_id=App().id, chapter=CHAPTER,
            page_size=self.page, login_url=self.sandbox.url,
        )  # fmt: skip

    def open(self) -> MembriSource:
        return _quick(self.source, self.slept)(self.settings)

    def add_accounts(self, count: int) -> list[str]:
        return [self.sandbox.add("account", name=f"Membre {next(NUMBERS)}", cdc_chapterid=self.chapter,
                                 cdc_syncstatus=TO_TRANSFER) for _ in range(count)]  # fmt: skip

    def add_invoice(self, account: str, amount: Decimal) -> str:
        key = self.sandbox.add(
            "cdc_invoice", cdc_invoicetype=282210007, cdc_number=f"F-{next(NUMBERS)}", cdc_invoicedate="2026-01-15",
            cdc_accountid=account, cdc_chapterid=self.chapter, cdc_subtotal=amount, cdc_totaltax=Decimal(0),
            cdc_total=amount, cdc_balance=amount, cdc_sent=True, cdc_status=282210001, cdc_syncstatus=TO_TRANSFER,
        )  # fmt: skip
        self.sandbox.add("cdc_invoiceline", cdc_invoiceid=key, cdc_linenumber=1, cdc_description="Cotisation",
                         cdc_amount=amount)  # fmt: skip
        return key

    def add_payment(self, account: str, invoice: str, amount: Decimal) -> str:
        return self.sandbox.add(
            "cdc_payment", cdc_paymentdate="2026-01-20", cdc_accountid=account, cdc_chapterid=self.chapter,
            cdc_amount=amount, cdc_invoiceid=invoice, cdc_syncstatus=TO_TRANSFER,
        )  # fmt: skip

    def change_invoice(self, key: str, amount: Decimal) -> None:
        kept, tables = self.sandbox.dataverse.kept, self.sandbox.dataverse.kept.tables
        kept.update(tables["cdc_invoice"], key, dict.fromkeys(("cdc_subtotal", "cdc_total", "cdc_balance"), amount))
        for id_, line in self.sandbox.rows("cdc_invoiceline").items():
            if line["cdc_invoiceid"] == key:
                kept.update(tables["cdc_invoiceline"], id_, {"cdc_amount": amount})

    def delete_invoice(self, key: str) -> None:
        del self.sandbox.rows("cdc_invoice")[key]
        lines = self.sandbox.rows("cdc_invoiceline")
        for id_ in [id_ for id_, line in lines.items() if line["cdc_invoiceid"] == key]:
            del lines[id_]

    def type_reference(self, key: str, reference: str) -> None:
        kept = self.sandbox.dataverse.kept
        kept.update(kept.tables["cdc_invoice"], key, {"cdc_syncreference": reference})

    def rename_column(self) -> str:
        self.rename("cdc_invoice", "cdc_total", "cdc_grandtotal")
        return "cdc_total"

    def rename(self, table: str, name: str, new: str) -> None:
        """Give a column another name, as a new release of Membri might."""
        of = self.sandbox.dataverse.kept.tables[table]
        of.columns[new] = replace(of.columns.pop(name), name=new)
        for row in of.rows.values():
            row[new] = row.pop(name)

    def told(self, kind: Kind, key: str) -> Told | None:
        row = self.sandbox.rows(TABLES[kind]).get(key)
        if row is None or (row["cdc_syncstatus"] == TO_TRANSFER and not row["cdc_syncreference"]):
            return None
        number = row.get("cdc_accountingnumber") or (f"N-{key[-6:]}" if kind is Kind.CUSTOMER else "")
        return Told(status=str(row["cdc_syncstatus"]), reference=row["cdc_syncreference"] or "", number=number,
                    reason=row["cdc_syncerror"] or "")  # fmt: skip

    def content(self) -> Mapping[str, object]:
        tables = deepcopy(self.sandbox.dataverse.kept.tables)
        return {name: {id_: {column: value for column, value in row.items() if column not in OURS}
                       for id_, row in table.rows.items()} for name, table in tables.items()}  # fmt: skip

    def provoke(self, trouble: Trouble, nth: int = 1) -> None:
        self.sandbox.faults.add(Fault(path="/api/data/v9.2/", nth=nth, **FAULTS[trouble]))

    def is_over(self) -> None:
        self.sandbox.faults.clear()

    def waited(self) -> float:
        return sum(self.slept)


def _quick(source: type[MembriSource], slept: list[float]) -> type[MembriSource]:
    """A source like the one given, whose waits for its limits are noted in ``slept`` and take no time."""

    class Quick(source):  # type: ignore[misc,valid-type]
        @cached_property
        def _pacer(self) -> Pacer:
            moved = [0.0]

            def sleep(seconds: float) -> None:
                slept.append(seconds)
                moved[0] += seconds

            return Pacer(label=self.label, clock=Clock(now=lambda: moved[0], sleep=sleep))

    return Quick


@contextmanager
def membri(folder: Path, monkeypatch: pytest.MonkeyPatch, page: int = 4) -> Iterator[MembriHarness]:
    """A chapter of its own, signed in to."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with Sandbox() as sandbox:
        yield MembriHarness(sandbox, folder, page=page)
