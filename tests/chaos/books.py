"""What stands in a ledger, read without our own code, and what a person keys in there by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount import loader
from beancount.core import data
from requests import RequestException

from connectors import exact_json
from connectors.records import Kind
from tests.connectors.ledgers.quickbooks_harness import QuickBooksHarness

RECEIVABLE = "Assets:AccountsReceivable:"
NOTE = "for "
"""How the note begins in which a person wrote for which record of the source a document is, if it is for one."""

TRIES = 9
"""How often a person presses Save where the network is bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that stands in the ledger; ``record`` is the source's key of what it is, empty where it is another.

    ``names`` is what a row may call it by, ``typed`` what a person would type, ``customer`` that customer's name.
    """

    kind: Kind
    record: str
    by_hand: bool
    names: frozenset[str]
    typed: str
    customer: str
    total: Decimal
    day: str

    @property
    def about(self) -> tuple[str, str]:
        """Kind and key of the record it is."""
        return self.kind.value, self.record

    def is_called(self, reference: str) -> bool:
        """Whether a row means it; what a book has without a number is known by its day and a digest."""
        return reference in self.names or reference.startswith(f"{self.day}/")


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
        """The references of the customers there are, by name."""
        opened = (entry for entry in self._entries() if isinstance(entry, data.Open))
        return {each.meta["name"]: each.account.removeprefix(RECEIVABLE) for each in opened
                if each.account.startswith(RECEIVABLE)}  # fmt: skip

    def open_customer(self, reference: str, name: str) -> None:
        """Open a customer."""
        self._append(f'2000-01-01 open {RECEIVABLE}{reference}\n  name: "{name}"\n')

    def documents(self) -> list[Document]:
        """What stands; what was reversed does not."""
        entries = self._entries()
        names = {each.account: each.meta.get("name", "") for each in entries if isinstance(each, data.Open)}
        written = [each for each in entries if isinstance(each, data.Transaction)]
        gone = {each.meta["voids"] for each in written if "voids" in each.meta}
        standing = (each for each in written if "voids" not in each.meta and each.meta.get("key", "") not in gone)
        return [_written(each, names) for each in standing]

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


def _written(entry: data.Transaction, names: dict[str, str]) -> Document:
    meta, ours = entry.meta, "key" in entry.meta
    leg = next(leg for leg in entry.postings if leg.account.startswith(RECEIVABLE))
    kind, record = (meta["kind"], meta["source"]) if ours else meta["note"].removeprefix(NOTE).split("/")
    typed = meta.get("number") or entry.narration
    assert leg.units is not None
    assert leg.units.number is not None
    return Document(
        kind=Kind(kind), record=record, by_hand=not ours, typed=typed, names=frozenset({typed, meta.get("key", typed)}),
        customer=names[leg.account], total=abs(leg.units.number), day="" if ours else entry.date.isoformat(),
    )  # fmt: skip


class NotReached(Exception):
    """The network was bad for as long as a person tried."""


class Online:
    """A company of QuickBooks Online's stand-in; ``numbers`` say of which record each number of ours is."""

    def __init__(self, company: QuickBooksHarness, numbers: dict[str, str]) -> None:
        self._company, self._numbers = company, numbers

    def customers(self) -> dict[str, str]:
        """The ids of the customers there are, by name."""
        return {each["DisplayName"]: each["Id"] for each in self._query("Customer")}

    def open_customer(self, reference: str, name: str) -> None:
        """Make a customer; the vendor gives its id."""
        self._company.make("Customer", DisplayName=name)

    def documents(self) -> list[Document]:
        """What stands; what is void is kept at zero."""
        return [*self._of("Invoice", Kind.INVOICE, "DocNumber"), *self._of("Payment", Kind.PAYMENT, "PaymentRefNum")]

    def _of(self, entity: str, kind: Kind, field: str) -> Iterator[Document]:
        for body in self._query(entity):
            note, number, bare = str(body.get("PrivateNote", "")), str(body.get(field, "")), str(body["Id"])
            by_hand = note.startswith(NOTE)
            if body["TotalAmt"]:
                yield Document(
                    kind=kind, record=note.rpartition("/")[2] if by_hand else self._numbers.get(number, number),
                    by_hand=by_hand, names=frozenset({number, bare, f"{entity}:{bare}"} - {""}),
                    typed=number or f"{entity}:{bare}", customer=body["CustomerRef"]["name"].rpartition(":")[2],
                    total=Decimal(str(body["TotalAmt"])), day="-",
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


def _entity(slip: Slip) -> tuple[str, dict[str, object]]:
    if slip.kind is Kind.PAYMENT:
        return "payment", {"TotalAmt": slip.total, **({"PaymentRefNum": slip.number} if slip.number else {})}
    line = {"Amount": slip.total, "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}  # fmt: skip
    return "invoice", {"Line": [line], "GlobalTaxCalculation": "NotApplicable", "DocNumber": slip.number}
