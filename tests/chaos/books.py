"""What stands in a ledger, read without our own code, and what a person keys in there by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount import loader
from beancount.core import data
from requests import RequestException

from connectors import exact_json
from connectors.records import Kind
from tests.connectors.ledgers.quickbooks_harness import QuickBooksHarness

RECEIVABLE, PAYABLE = "Assets:AccountsReceivable:", "Liabilities:AccountsPayable:"
MONEY = ("Assets:Bank", "Assets:UndepositedFunds")
NOTE = "for "
"""How the note begins in which a person wrote for which record of the source a document is, if it is for one."""

TRIES = 9
"""How often a person presses Save where the network is bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that stands in the ledger; ``record`` is the source's key of what it is, empty where it is another.

    ``due`` is the day on which it is to be paid, where the ledger says. ``names`` is what a row may call it by,
    ``typed`` what a person would type, ``customer`` that customer's name.
    """

    kind: Kind
    record: str
    by_hand: bool
    names: frozenset[str]
    typed: str
    customer: str
    total: Decimal
    day: str
    due: str = ""

    @property
    def about(self) -> tuple[str, str]:
        """Kind and key of the record it is."""
        return self.kind.value, self.record

    def is_called(self, reference: str) -> bool:
        """Whether a row means it; what a book has without a number is known by its day and a digest."""
        return reference in self.names or reference.startswith(f"{self.day}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger's journal, debits positive, of a record of ours; accounts go by the source's codes."""

    about: tuple[str, str]
    account: str
    amount: Decimal
    party: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What a person keys in: ``word`` says it even where there is no number; ``plain`` without any metadata of ours."""

    kind: Kind
    record: str
    customer: str
    total: Decimal
    day: str
    number: str
    word: str
    plain: bool


class Book:
    """A plain-text book."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "book.beancount"

    def customers(self) -> dict[str, str]:
        """The references of the customers and suppliers there are, by name."""
        opened = (entry for entry in self._entries() if isinstance(entry, data.Open))
        return {each.meta["name"]: each.account.rpartition(":")[2] for each in opened
                if each.account.startswith((RECEIVABLE, PAYABLE))}  # fmt: skip

    def open_customer(self, reference: str, name: str) -> None:
        """Open a customer."""
        self._append(f'2000-01-01 open {RECEIVABLE}{reference}\n  name: "{name}"\n')

    def documents(self) -> list[Document]:
        """What stands; what was reversed does not."""
        entries = self._entries()
        names = {each.account: each.meta.get("name", "") for each in entries if isinstance(each, data.Open)}
        return [_written(each, names) for each in _standing(entries)]

    def lines(self) -> Iterator[Line]:
        """What our documents that stand post."""
        entries = self._entries()
        opened = {each.account: each.meta for each in entries if isinstance(each, data.Open)}
        for entry in _standing(entries):
            for leg in entry.postings if "key" in entry.meta else ():
                own, above = opened[leg.account], opened.get(leg.account.rpartition(":")[0], {})
                code, party = (own["code"], "") if "code" in own else (above["code"], own["name"])
                assert leg.units is not None
                assert leg.units.number is not None
                assert leg.units.currency == "CAD"
                about = entry.meta["kind"], entry.meta["source"]
                yield Line(about=about, account=code, amount=leg.units.number, party=party)

    def key_in(self, slip: Slip) -> None:
        """Write a transaction, durably, as an editor does."""
        receivable = f"{RECEIVABLE}{self.customers()[slip.customer]}"
        legs = {Kind.PAYMENT: ("Assets:UndepositedFunds", receivable)}.get(slip.kind, (receivable, "Income:Dues"))
        told = (
            "" if slip.plain else f'  kind: "{slip.kind}"\n' + (f'  number: "{slip.number}"\n' if slip.number else "")
        )
        self._append(
            f'{slip.day} * "{slip.customer}" "{slip.number or slip.word}"\n  note: "{NOTE}{slip.kind}/{slip.record}"\n'
            f"{told}  {legs[0]}  {slip.total} CAD\n  {legs[1]}  -{slip.total} CAD\n"
        )

    def _entries(self) -> data.Entries:
        entries, errors, _ = loader.load_file(str(self._file))
        assert errors == []
        return entries

    def _append(self, text: str) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}")
            file.flush()
            os.fsync(file.fileno())


def _standing(entries: data.Entries) -> list[data.Transaction]:
    written = [each for each in entries if isinstance(each, data.Transaction)]
    gone = {each.meta["voids"] for each in written if "voids" in each.meta}
    return [each for each in written if "voids" not in each.meta and each.meta.get("key", "") not in gone]


def _written(entry: data.Transaction, names: dict[str, str]) -> Document:
    meta, ours = entry.meta, "key" in entry.meta
    kind, record = (meta["kind"], meta["source"]) if ours else meta["note"].removeprefix(NOTE).split("/")
    typed = meta.get("number") or entry.narration
    whose = [leg.account for leg in entry.postings if leg.account.startswith((RECEIVABLE, PAYABLE))]
    return Document(
        kind=Kind(kind), record=record, by_hand=not ours, typed=typed, names=frozenset({typed, meta.get("key", typed)}),
        customer=names[whose[0]] if whose else "", total=_total(entry), day="" if ours else entry.date.isoformat(),
        due=str(meta.get("due", "")),
    )  # fmt: skip


def _total(entry: data.Transaction) -> Decimal:
    """What a document bills, or the money that moves; gain and loss are in neither."""
    owed = [leg for leg in entry.postings if leg.account.startswith((RECEIVABLE, PAYABLE))]
    money = [leg for leg in entry.postings if leg.account.startswith(MONEY)]
    return abs(sum((leg.units.number for leg in money or owed if leg.units and leg.units.number), Decimal(0)))


class NotReached(Exception):
    """The network was bad for as long as a person tried."""


CODES = {
    "Accounts Receivable (A/R)": "1100", "Accounts Payable (A/P)": "2100", "Checking": "1010",
    "Undeposited Funds": "1050", "Canada Revenue Agency Payable": "2310", "Revenu Québec Payable": "2320",
    "Deferred Revenue": "2400", "Membership Dues": "4100", "Sales of Product Income": "4900", "Office Supplies": "5200",
    "Bank Charges": "5300",
}  # fmt: skip
"""The source's codes of the accounts that the accountant mapped."""

ENTITIES = ("Invoice", "Payment", "CreditMemo", "RefundReceipt", "Bill", "VendorCredit", "BillPayment", "JournalEntry")


class Register:
    """Of which record each number of ours is, by the source's files."""

    def __init__(self, files: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        self._about = {row["number"]: (row["kind"], row["key"]) for row in files["documents"]}
        self._schedules: dict[str, str] = {}
        numbers = {row["key"]: row["number"] for row in files["documents"]}
        for row in files["schedules"]:
            self._schedules[numbers[row["invoice"]]] = row["key"]
        for row in files["payments"]:
            self._about[row["number"]] = PAID[row.get("kind", "")], row["key"]
            if row.get("fee"):
                self._about[f"{row['number']}-fee"] = "journal_entry", f"{row['key']}/fee"
        for row in files["allocations"]:
            if row.get("discount"):
                of = next(each["number"] for each in files["payments"] if each["key"] == row["payment"])
                self._about[f"{of}-discount"] = "credit_note", f"{row['payment']}/{row['invoice']}"

    def about(self, number: str) -> tuple[str, str]:
        """Kind and key; what is no number of the source's is an entry of a schedule."""
        if number in self._about:
            return self._about[number]
        of = next(of for of in self._schedules if number.startswith(f"{of}-"))
        return "journal_entry", f"{self._schedules[of]}/{number.removeprefix(of + '-')}"


PAID = {"": "payment", "received": "payment", "paid": "supplier_payment", "returned": "returned_payment"}


class Online:
    """A company of QuickBooks Online's stand-in, and the numbers of ours."""

    def __init__(self, company: QuickBooksHarness, register: Register) -> None:
        self._company, self._register = company, register

    def customers(self) -> dict[str, str]:
        """The ids of the customers and suppliers there are, by name."""
        return {each["DisplayName"]: f"{begins}{each['Id']}" for entity, begins in (("Customer", ""), ("Vendor", "V"))
                for each in self._query(entity)}  # fmt: skip

    def open_customer(self, reference: str, name: str) -> None:
        """Make a customer; the vendor gives its id."""
        self._company.make("Customer", DisplayName=name)

    def documents(self) -> list[Document]:
        """What stands; what is void is kept at zero."""
        return [each for entity in ENTITIES for each in self._of(entity)]

    def lines(self) -> Iterator[Line]:
        """What our documents that stand post."""
        books = self._company.sandbox.company()
        about = {name: each.about for each in self.documents() if not each.by_hand for name in each.names}
        names = {account["Id"]: account["Name"] for account in books.every("Account")}
        parties = {body["Id"]: body["DisplayName"] for name in ("Customer", "Vendor") for body in books.every(name)}
        for each in books.books.until(date.max):
            for leg in each.legs if (id_ := f"{each.entity}:{each.id}") in about else ():
                code = CODES.get(names[leg.account], names[leg.account])
                yield Line(about=about[id_], account=code, amount=leg.amount, party=parties.get(leg.name, ""))

    def _of(self, entity: str) -> Iterator[Document]:
        for body in self._query(entity):
            note, bare, total = str(body.get("PrivateNote", "")), str(body["Id"]), _whole(body)
            number = str(body.get("PaymentRefNum" if entity == "Payment" else "DocNumber", ""))
            if not total:
                continue
            by_hand = note.startswith(NOTE)
            kind, record = note.removeprefix(NOTE).split("/") if by_hand else self._register.about(number)
            yield Document(
                kind=Kind(kind), record=record, by_hand=by_hand,
                names=frozenset({number, bare, f"{entity}:{bare}"} - {""}), typed=number or f"{entity}:{bare}",
                customer=_whose(body), total=total, day="-", due=str(body.get("DueDate", "")),
            )  # fmt: skip

    def key_in(self, slip: Slip) -> None:
        """Save a document; pressed again and again where the network is bad, saved once. Raises ``NotReached``."""
        entity, more = _entity(slip)
        body = {"CustomerRef": {"value": self.customers()[slip.customer]}, "TxnDate": slip.day,
                "PrivateNote": f"{NOTE}{slip.kind}/{slip.record}", **more}  # fmt: skip
        self._pressed("POST", entity, data=exact_json.dumps(body).encode(), params={"requestid": slip.word})

    def _query(self, entity: str) -> list[dict[str, Any]]:
        query = {"query": f"select * from {entity} maxresults 1000"}
        rows: list[dict[str, Any]] = self._pressed("GET", "query", params=query)["QueryResponse"].get(entity, [])
        return rows

    def _pressed(self, method: str, path: str, **options: object) -> dict[str, Any]:
        for _ in range(TRIES):
            with suppress(AssertionError, RequestException, ValueError, TypeError):
                answer: dict[str, Any] = self._company.call(method, path, **options)
                return answer
        raise NotReached


def _whole(body: Mapping[str, Any]) -> Decimal:
    """What a document comes to; an entry, the sum of its debits."""
    debits = (line["Amount"] for line in body["Line"] if _side(line) == "Debit") if "Line" in body else ()
    return Decimal(str(body["TotalAmt"])) or sum(map(Decimal, map(str, debits)), Decimal(0))


def _side(line: Mapping[str, Any]) -> str:
    return str(line.get("JournalEntryLineDetail", {}).get("PostingType", ""))


def _whose(body: Mapping[str, Any]) -> str:
    """The name of the customer or vendor; of an entry, of the first line that has one."""
    entities = (line.get("JournalEntryLineDetail", {}).get("Entity") for line in body.get("Line", ()))
    of_lines = (each["EntityRef"] for each in entities if each)
    reference = body.get("CustomerRef") or body.get("VendorRef") or next(of_lines, {})
    return str(reference.get("name", "")).rpartition(":")[2]


def _entity(slip: Slip) -> tuple[str, dict[str, object]]:
    if slip.kind is Kind.PAYMENT:
        return "payment", {"TotalAmt": slip.total, **({"PaymentRefNum": slip.number} if slip.number else {})}
    line = {"Amount": slip.total, "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}  # fmt: skip
    return "invoice", {"Line": [line], "GlobalTaxCalculation": "NotApplicable", "DocNumber": slip.number}
