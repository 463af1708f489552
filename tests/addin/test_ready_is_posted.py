"""Whatever a small company holds and a ledger declares: what Check calls ready is what Sync posts.

The ledger in memory refuses by rules of its own, which share nothing with ours but what it declares.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from addin.session import Session
from addin.sync.plan import plan
from addin.usecases.check import check
from connectors.entries import LEDGERS
from connectors.ledger import (
    AccountBalance,
    AgedBalance,
    BookingPeriod,
    Capabilities,
    Connected,
    Ledger,
    LedgerCustomer,
    LedgerLists,
    Outcome,
    Posted,
    Posting,
    Rejected,
    Sought,
    Standing,
)
from connectors.problems import problem_of
from connectors.records import Customer, Document, Item, Kind, LedgerAccount, ListEntry, Payment
from tests.addin.conftest import TODAY, Association
from workbook.file.file_book import FileBook


class NoSettings(BaseModel):
    """Nothing can be set."""


@dataclass
class Memory:
    """The books of the ledger in memory, as a vendor would keep them."""

    customers: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    documents: dict[str, tuple[Kind, str, str, Decimal]] = field(default_factory=dict)
    lists: LedgerLists = field(default_factory=LedgerLists)
    keys: dict[str, Posted] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    refused: list[str] = field(default_factory=list)

    def head(self, customer: str) -> str:
        """The topmost customer above one."""
        while self.customers[customer][1]:
            customer = self.customers[customer][1]
        return customer

    def depth(self, customer: str) -> int:
        """How many customers stand above one, itself included."""
        return 1 + self.depth(self.customers[customer][1]) if customer else 0


class MemoryLedger(Ledger):
    """A ledger of whatever capabilities; its books outlive its connections."""

    name, label, Settings = "memory", "Memory", NoSettings
    capabilities = Capabilities()
    memory: ClassVar[Memory] = Memory()

    def __init__(self, settings: BaseModel) -> None:
        pass

    def connect(self) -> Connected:
        return Connected(company="memory")

    def lists(self) -> LedgerLists:
        kept, memory = self.memory.lists, self.memory
        made = tuple(LedgerCustomer(reference=r, name=n, is_supplier=s) for r, (n, _, s) in memory.customers.items())
        return replace(kept, customers=made)

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        for posting in postings:
            if why := next(self._against(posting), ""):
                self.memory.refused.append(f"{posting.record.kind} {posting.record.key}: {why}")
                yield Rejected(key=posting.key, problem=problem_of(posting.record, "ledger_refused", detail=why))
            else:
                yield self._keep(posting)

    def _keep(self, posting: Posting) -> Posted:
        record, reference = posting.record, f"M{next(self.memory.ids)}"
        if isinstance(record, Customer):
            self.memory.customers[reference] = (record.name, posting.parent, record.is_supplier)
        else:
            total = record.total if isinstance(record, Document) else Decimal(0)
            self.memory.documents[reference] = (record.kind, record.number, posting.customer, total)
        posted = Posted(key=posting.key, ledger_id=reference, number=record.number)
        self.memory.keys[posting.key] = posted
        return posted

    def _against(self, posting: Posting) -> Iterator[str]:
        """What this ledger has against a posting, in its own order."""
        record, can = posting.record, self.capabilities
        if can.number_length is not None and len(record.number) > can.number_length:
            yield "number too long"
        if any(c in record.number for c in can.forbidden_in_numbers):
            yield "number of a character"
        if isinstance(record, Customer):
            yield from self._against_customer(posting, record)
            return
        lists = self.memory.lists
        if lists.closing_date and not record.date > lists.closing_date:
            yield "closed"
        if lists.periods and not any(p.open and p.first <= record.date <= p.last for p in lists.periods):
            yield "no period"
        if record.currency != "CAD" and not can.multi_currency:
            yield "currency"
        if isinstance(record, Document):
            yield from self._against_document(posting, record)
        elif isinstance(record, Payment):
            if record.deposit_account and not self._is_account(record.deposit_account):
                yield "deposit account"
            for part in posting.applied:
                yield from self._against_target(posting, part.ledger_id)
            if sum(part.amount for part in posting.applied) > record.amount:
                yield "shared out too far"

    def _against_customer(self, posting: Posting, record: Customer) -> Iterator[str]:
        can, memory = self.capabilities, self.memory
        names = [name.lower().strip() for name, _, _ in memory.customers.values()]
        if can.unique_names and record.name.lower().strip() in names:
            yield "name taken"
        if any(c in record.name for c in can.forbidden_in_names):
            yield "name of a character"
        if can.customer_levels and posting.parent and memory.depth(posting.parent) >= can.customer_levels:
            yield "too deep"
        if can.checks_emails and record.email and not ("@" in record.email and "." in record.email.split("@")[-1]):
            yield "email"

    def _against_document(self, posting: Posting, record: Document) -> Iterator[str]:
        can, memory, items = self.capabilities, self.memory, {item.code: item for item in self.memory.lists.items}
        numbers = {(kind, number.lower()) for kind, number, *_ in memory.documents.values()}
        if record.number and (record.kind, record.number.lower()) in numbers:
            yield "number taken"
        if can.parties_apart and memory.customers[posting.customer][2] is not (record.kind is Kind.SUPPLIER_INVOICE):
            yield "party of the other side"
        for line in record.lines:
            if can.lines_by == "account" or record.kind is Kind.SUPPLIER_INVOICE:
                if not self._is_account(line.ledger_account):
                    yield "account"
            elif not (sold := items.get(line.ledger_item)) or not (sold.active and sold.account):
                yield "item"
            if can.taxes_by == "group" and line.ledger_tax not in [code.code for code in memory.lists.tax_codes]:
                yield "tax code"
        if record.kind is Kind.CREDIT_NOTE:
            for part in posting.applied:
                yield from self._against_target(posting, part.ledger_id)
                if part.amount > memory.documents[part.ledger_id][3]:
                    yield "credit of more than the invoice"
        if record.total < 0:
            yield "negative"

    def _against_target(self, posting: Posting, reference: str) -> Iterator[str]:
        billed = self.memory.documents[reference][2]
        related = self.capabilities.pays_for_family and self.memory.head(billed) == self.memory.head(posting.customer)
        if billed != posting.customer and not related:
            yield "invoice of another"

    def _is_account(self, code: str) -> bool:
        return any(account.code == code and account.active for account in self.memory.lists.accounts)

    def find(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        return {p.key: self.memory.keys[p.key] for p in postings if p.key in self.memory.keys}

    def search(self, sought: Sequence[Sought]) -> Mapping[str, Sequence[Standing]]:
        kept = self.memory.documents.items()
        there = [Standing(ledger_id=id_, number=n, customer=c, kind=kind) for id_, (kind, n, c, _) in kept]
        return {each.name: [one for one in there if each.is_like(one)] for each in sought}

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        return []

    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        return []

    def balances(self, on: date) -> Sequence[AccountBalance]:
        return []


CAPABILITIES = st.builds(
    Capabilities,
    batch_size=st.integers(1, 5), keeps_order=st.booleans(), idempotent=st.just(True), searches=st.booleans(),
    sub_customers=st.booleans(), lines_by=st.sampled_from(["account", "item"]),
    taxes_by=st.sampled_from(["tax", "group"]), multi_currency=st.booleans(),
    number_length=st.sampled_from([None, 4, 6]), forbidden_in_names=st.sampled_from(["", ":"]),
    forbidden_in_numbers=st.sampled_from(["", "/"]), unique_names=st.booleans(), parties_apart=st.booleans(),
    customer_levels=st.sampled_from([None, 1, 2]), pays_for_family=st.booleans(), checks_emails=st.booleans(),
)  # fmt: skip

LISTS = st.builds(
    LedgerLists,
    accounts=st.tuples(*(
        st.builds(LedgerAccount, code=st.just(code), name=st.just(code), active=st.sampled_from([True, True, False]))
        for code in ("4100", "4200")
    )).map(lambda some: (*some, *(LedgerAccount(code=c, name=c) for c in ("1010", "1100", "2100", "2310", "2320")))),
    items=st.tuples(
        st.builds(Item, code=st.just("DUES"), name=st.just("Dues"), account=st.just("4100")),
        st.builds(Item, code=st.just("BOOK"), name=st.just("Book"), account=st.sampled_from(["4200", ""]),
                  active=st.booleans()),
    ),
    tax_codes=st.sampled_from([(ListEntry(code="QC", name="QC"),), (ListEntry(code="ON", name="ON"),)]),
    closing_date=st.sampled_from([None, date(2024, 12, 31), date(2025, 2, 28)]),
    periods=st.sampled_from([(), (BookingPeriod(first=date(2024, 1, 1), last=date(2025, 12, 31)),)]),
    receivable=st.just("1100"), payable=st.just("2100"), deposit=st.just("1010"),
)  # fmt: skip

ACCOUNT = st.fixed_dictionaries({
    "name": st.sampled_from(["Ann", "ann ", "Bea", "Cy: shop", "Dan"]),
    "email": st.sampled_from(["", "a@b.ca", "nobody"]),
    "parent": st.sampled_from(["", "", "A0", "A1", "A2"]), "is_supplier": st.sampled_from(["", "", "", "yes"]),
})  # fmt: skip
DOCUMENT = st.fixed_dictionaries({
    "account": st.integers(0, 3), "number": st.sampled_from(["F1", "f1", "F2", "F-30000", "F/4", ""]),
    "date": st.sampled_from(["2024-06-01", "2025-02-15", "2025-06-15", "2026-01-15"]),
    "kind": st.sampled_from(["invoice", "invoice", "invoice", "supplier_invoice", "credit_note"]),
    "item": st.sampled_from(["DUES", "BOOK"]), "currency": st.sampled_from(["CAD", "CAD", "CAD", "USD"]),
    "sent": st.sampled_from(["yes", "yes", "yes", "no"]), "net": st.sampled_from(["100.00", "40.00"]),
    "credits": st.integers(0, 4),
})  # fmt: skip
PAID = st.fixed_dictionaries({
    "account": st.integers(0, 3), "invoice": st.integers(0, 4), "amount": st.sampled_from(["20.00", "60.00", "300.00"]),
})  # fmt: skip
GOODS = {"DUES": "4100", "BOOK": "4200"}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger in memory, as an installed package would bring it."""
    place = tmp_path / "memory-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: memory\nVersion: 1.0\n")
    (place / "entry_points.txt").write_text(f"[{LEDGERS}]\nmemory = {__name__}:MemoryLedger\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def company(
    folder: Path, ledger: str, accounts: list[dict[str, str]], documents: list[dict[str, object]],
    payments: list[dict[str, object]],
) -> Association:  # fmt: skip
    """A company of these records; what refers to one that is not there refers to the first."""
    made = Association(folder / "company", ledger=ledger)
    for n, account in enumerate(accounts):
        parent = account["parent"] if account["parent"] in {f"A{i}" for i in range(len(accounts))} - {f"A{n}"} else ""
        made.add("accounts", **{**account, "key": f"A{n}", "number": f"100{n}", "parent": parent})
    invoices = [f"D{n}" for n, document in enumerate(documents) if document["kind"] == "invoice"]
    for n, document in enumerate(documents):
        rest = {name: str(document[name]) for name in ("number", "date", "kind", "currency", "sent")}
        credited = invoices[int(str(document["credits"])) % len(invoices)] if invoices else ""
        made.add(
            "documents", key=f"D{n}", account=f"A{int(str(document['account'])) % len(accounts)}", tax="0.00",
            subtotal=str(document["net"]), total=str(document["net"]), balance="0.00", origin="manual", cancelled="no",
            invoice=credited if document["kind"] == "credit_note" else "", **rest,
        )  # fmt: skip
        item = str(document["item"])
        made.add("lines", document=f"D{n}", line="1", description="x", quantity="1", unit_price=str(document["net"]),
                 amount=str(document["net"]), item=item, gl_account=GOODS[item], tax_group="QC")  # fmt: skip
    for n, payment in enumerate(payments if invoices else ()):
        invoice = invoices[int(str(payment["invoice"])) % len(invoices)]
        made.add("payments", key=f"P{n}", number=f"R{n}", date="2025-07-01", currency="CAD", method="cash",
                 account=f"A{int(str(payment['account'])) % len(accounts)}", amount=str(payment["amount"]))  # fmt: skip
        made.add("allocations", payment=f"P{n}", invoice=invoice, amount=str(payment["amount"]))
    for code in ("4100", "4200"):
        made.add("gl_accounts", code=code, name=code)
    for item, account in GOODS.items():
        made.add("items", code=item, name=item, gl_account=account)
    made.add("tax_groups", code="QC", name="QC", taxes="")
    made.add("methods", code="cash", name="Cash")
    return made


def compare(made: Association) -> None:
    """Check, and what a Sync right after it posts."""
    made.init()
    made.pull()
    report = made.run(check)
    with Session.open(made.profile, FileBook(made.profile.workbook), "preview", TODAY) as session:
        case, standing = session.case()
        ready = {each.id for each in plan(case, standing)}
    assert sum(sum(kinds.values()) for kinds in (report.counts["ready"],)) == len(ready)
    synced = made.sync()
    with Session.open(made.profile, FileBook(made.profile.workbook), "log", TODAY) as session:
        transfers = session.journal.transfers()
    posted = {key for key, history in transfers.items() if history[-1].state == "posted"}
    event(f"{len(ready)} ready")
    assert ready == posted, (MemoryLedger.memory.refused, [(p.code, p.key) for p in synced.problems])


RECORDS = st.lists(ACCOUNT, min_size=1, max_size=4), st.lists(DOCUMENT, max_size=6), st.lists(PAID, max_size=3)


def over_memory(capabilities, lists, accounts, documents, payments) -> None:  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(Path(place) / "home"))
        patch.setenv("PASSERELLE_LANGUAGE", "en")
        patch.setattr(MemoryLedger, "capabilities", capabilities)
        patch.setattr(MemoryLedger, "memory", Memory(lists=lists))
        compare(company(Path(place), "memory", accounts, documents, payments))


def over_a_book(accounts, documents, payments) -> None:  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(Path(place) / "home"))
        patch.setenv("PASSERELLE_LANGUAGE", "en")
        compare(company(Path(place), "beancount", accounts, documents, payments))


def run(examples: int, test, *given_of) -> None:  # type: ignore[no-untyped-def]
    settings(max_examples=examples, suppress_health_check=list(HealthCheck))(given(*given_of)(test))()


@pytest.mark.usefixtures("installed")
def test_what_is_ready_is_posted_whatever_the_ledger_declares() -> None:
    run(4, over_memory, CAPABILITIES, LISTS, *RECORDS)


@pytest.mark.long
@pytest.mark.usefixtures("installed")
def test_what_is_ready_is_posted_over_many_ledgers() -> None:
    run(60, over_memory, CAPABILITIES, LISTS, *RECORDS)


@pytest.mark.long
def test_what_is_ready_is_posted_in_many_books() -> None:
    run(25, over_a_book, *RECORDS)
