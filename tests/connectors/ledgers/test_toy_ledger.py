"""What a new ledger costs: this file. One JSON line for each record, registered as an installed package would be."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from addin.usecases.connectors import ledgers
from connectors import ledger as contract
from connectors.conformance import Chart, LedgerConformance
from connectors.crediting import over_total, up_to_open
from connectors.double_entry import legs
from connectors.entries import LEDGERS
from connectors.ledger import (
    Action,
    Capabilities,
    Ledger,
    Posted,
    Posting,
    Rejected,
    Sought,
)  # fmt: skip
from connectors.problems import Problem, problem_of
from connectors.records import CREDIT_KINDS, DOCUMENT_KINDS, Customer, Kind, LedgerAccount, ListEntry
from connectors.refusals import references, refusals
from connectors.registry import ledger_type, names

CHART = ("1010", "1100", "2100", "2310", "2400", "4100", "5100")
AGES = ((0, "current"), (30, "days_30"), (60, "days_60"), (90, "days_90"))


class ToySettings(BaseModel):
    folder: Path
    closing_date: date | None = None


class ToyLedger(Ledger):
    name, label, Settings = "toy", "A file of JSON lines", ToySettings
    capabilities = Capabilities(kinds=frozenset(Kind) - {Kind.RETURNED_PAYMENT}, batch_size=7, idempotent=True,
                                sub_customers=False, searches=True, number_length=40)  # fmt: skip

    def __init__(self, settings: BaseModel) -> None:
        self.settings = ToySettings.model_validate(settings, from_attributes=True)
        self.file = self.settings.folder / "toy.jsonl"

    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def connect(self) -> contract.Connected:
        return contract.Connected(company=self.file.stem)

    def lists(self) -> contract.LedgerLists:
        latest = {row["id"]: row for row in self.rows() if row["kind"] == "customer"}
        return contract.LedgerLists(
            customers=tuple(contract.LedgerCustomer(reference=id_, **row["party"]) for id_, row in latest.items()),
            accounts=tuple(LedgerAccount(code=code, name=code) for code in CHART),
            tax_codes=(ListEntry(code="2310", name="GST"),),
            closing_date=self.settings.closing_date,
            receivable="1100", payable="2100", deposit="1010",
        )  # fmt: skip

    def post(self, postings: Sequence[Posting]) -> Iterator[contract.Outcome]:
        for posting in postings:
            if posting.key in (known := self.find([posting])):
                yield known[posting.key]
            elif problem := next(self.refused(posting), None):
                yield Rejected(key=posting.key, problem=problem)
            else:
                with self.file.open("a") as file:
                    file.write(json.dumps(self.row(posting), default=str) + "\n")
                yield _posted(self.rows()[-1], replayed=False)

    def refused(self, posting: Posting) -> Iterator[Problem]:
        record, rows, lists = posting.record, self.rows(), self.lists()
        yield from refusals(posting, self.capabilities, lists)
        for reference in set(references(posting)) - {customer.reference for customer in lists.customers}:
            yield problem_of(record, "account_unknown_in_ledger", reference=reference)
        for code in {leg.account for leg in legs(posting, lists)} - set(CHART):
            yield problem_of(record, "not_in_ledger", code=code, date=str(getattr(record, "date", "")))
        for reference in {part.ledger_id for part in posting.applied} - {row["id"] for row in rows}:
            yield problem_of(record, "deleted_in_ledger", reference=reference)
        for part in posting.applied if record.kind in CREDIT_KINDS else ():
            totals = {row["id"]: Decimal(row["total"]) for row in rows if "total" in row}
            if problem := over_total(record, part.amount, part.ledger_id, totals.get(part.ledger_id)):
                yield problem
        if record.kind in DOCUMENT_KINDS and (record.kind, record.number) in {(r["kind"], r["number"]) for r in rows}:
            yield problem_of(record, "number_taken", number=record.number)

    def row(self, posting: Posting) -> dict[str, Any]:
        record = posting.record
        row = {"key": posting.key, "id": f"T{len(self.rows()) + 1}", "kind": record.kind, "number": record.number}
        if isinstance(record, Customer):
            party = {name: getattr(record, name) for name in ("name", "number", "email", "phone")} | {"active": True}
            return row | {"party": party} | ({"id": posting.reference} if posting.action is Action.UPDATE else {})
        due = getattr(record, "due", None) or record.date
        parts = [(leg.account, leg.amount, leg.customer) for leg in legs(posting, self.lists())]
        fitting = up_to_open(posting.applied, self.left()) if record.kind in CREDIT_KINDS else posting.applied
        applied = {part.ledger_id: part.amount for part in fitting}
        total = sum(max(amount, Decimal(0)) for _, amount, _ in parts)
        row |= {"customer": posting.customer, "total": getattr(record, "total", total), "applied": applied}
        return row | {"date": record.date, "due": due, "legs": parts}

    def left(self) -> dict[str, Decimal]:
        left = {row["id"]: Decimal(row["total"]) for row in self.rows() if "total" in row}
        for reference, part in (each for row in self.rows() for each in row.get("applied", {}).items()):
            left[reference] -= Decimal(part)
        return left

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        wanted = {posting.key for posting in postings}
        return {row["key"]: _posted(row, replayed=True) for row in self.rows() if row["key"] in wanted}

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[contract.Standing]]:
        there = [_standing(row) for row in self.rows() if "date" in row]

        def bears(one: contract.Standing, each: Sought) -> bool:
            return each.reference in (one.ledger_id, one.number) if each.reference else each.is_like(one)

        return {each.name: [one for one in there if bears(one, each)] for each in sought}

    def aged_receivables(self, on: date) -> list[contract.AgedBalance]:
        return self.aged(on, "1100", 1)

    def aged_payables(self, on: date) -> list[contract.AgedBalance]:
        return self.aged(on, "2100", -1)

    def balances(self, on: date) -> list[contract.AccountBalance]:
        held: Counter[str] = Counter()
        for account, amount, _ in (
            leg for row in self.rows() if row.get("date", "9") <= str(on) for leg in row["legs"]
        ):
            held[account] += Decimal(amount)  # type: ignore[assignment] # counts money
        return [contract.AccountBalance(account=account, amount=amount) for account, amount in held.items() if amount]

    def aged(self, on: date, account: str, sign: int) -> list[contract.AgedBalance]:
        ages: dict[str, Counter[str]] = defaultdict(Counter)
        age_of: dict[str, str] = {}
        for row in (row for row in self.rows() if "date" in row and row["date"] <= str(on)):
            late = (on - date.fromisoformat(row["due"])).days
            age_of[row["id"]] = next((name for days, name in AGES if late <= days), "older")
            for _, amount, customer in (leg for leg in row["legs"] if leg[0] == account):
                owed = sign * Decimal(amount)
                ages[customer][age_of[row["id"]] if owed > 0 else "current"] += owed
                for reference, part in row["applied"].items():
                    ages[customer][age_of[reference]] -= Decimal(part)
                    ages[customer]["current"] += Decimal(part)
        names = {customer.reference: customer.name for customer in self.lists().customers}
        return [
            contract.AgedBalance(customer=c, name=names[c], **owed) for c, owed in ages.items() if any(owed.values())
        ]


def _posted(row: dict[str, Any], *, replayed: bool) -> Posted:
    return Posted(key=row["key"], ledger_id=row["id"], number=row["number"], replayed=replayed)


def _standing(row: dict[str, Any]) -> contract.Standing:
    return contract.Standing(
        ledger_id=row["id"], number=row["number"], total=Decimal(row["total"]), customer=row["customer"],
        kind=Kind(row["kind"]), date=date.fromisoformat(row["date"]), key=row["key"],
    )  # fmt: skip


class ToyHarness:
    chart = Chart(revenue="4100", deferred="2400", expense="5100", bank="1010", tax="2310")
    day, closed, foreign, refuses_taken_numbers = date(2024, 3, 15), date(2023, 12, 31), "USD", True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "toy.jsonl").touch()

    def open(self) -> Ledger:
        return ledger_type("toy")(ToySettings(folder=self.folder, closing_date=self.closed))

    def hands(self) -> "ToyHarness":
        return self

    def add(self, kind: Kind, customer: str, amount: Decimal, number: str) -> str:
        with self.open() as toy, toy.file.open("a") as file:
            row = {"key": "", "id": f"T{len(toy.rows()) + 1}", "kind": kind, "number": number, "date": self.day}
            parts = {"legs": [], "due": self.day, "applied": {}, "customer": customer, "total": amount}
            file.write(json.dumps(row | parts, default=str) + "\n")
        return row["id"]

    def retire_customer(self, reference: str) -> None:
        with self.open() as toy, toy.file.open("a") as file:
            row = next(row for row in reversed(toy.rows()) if row["id"] == reference)
            file.write(json.dumps(row | {"key": "", "party": row["party"] | {"active": False}}) + "\n")

    add_invoice = partialmethod(add, Kind.INVOICE)
    add_payment = partialmethod(add, Kind.PAYMENT)
    add_credit = partialmethod(add, Kind.CREDIT_NOTE)

    def balances(self) -> Mapping[str, Decimal]:
        sums: Counter[str] = Counter()
        for line in (self.folder / "toy.jsonl").read_text().splitlines():
            for account, amount, _ in json.loads(line).get("legs", ()):
                sums[account] += Decimal(amount)
        return sums

    def check(self) -> None:
        assert sum(self.balances().values()) == 0


class TestToy(LedgerConformance):
    @pytest.fixture
    def harness(self, tmp_path, monkeypatch):
        installed = tmp_path / "toy-1.0.dist-info"
        installed.mkdir()
        (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
        (installed / "entry_points.txt").write_text(f"[{LEDGERS}]\ntoy = {__name__}:ToyLedger\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        return ToyHarness(tmp_path)

    def test_it_is_listed_beside_the_others_and_is_short(self, harness):
        assert "toy" in names(LEDGERS)
        assert "toy" in {told["name"] for told in ledgers().facts["ledgers"]}
        assert len(Path(__file__).read_text().splitlines()) <= 225
