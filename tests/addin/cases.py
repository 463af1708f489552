"""A company at one moment, made of records: what the checks look at, without files and without a ledger.

Every record is seen as it is, waits to be transferred, and has its rows in the sheet, unless it is said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count
from string import ascii_uppercase
from typing import Any

from addin.journal import OnDemand, RecordKey, Seen, State, Transfer
from addin.journal.rows import digest_of, payload_of
from addin.options import Options
from addin.sync.case import Case
from connectors.ledger import Capabilities, LedgerLists
from connectors.problems import Problem
from connectors.records import (
    DocumentTax,
    Invoice,
    InvoiceLine,
    SyncStatus,
    Transferable,
)
from connectors.source import SourceLists
from workbook.book import Grid, Row, Value
from workbook.layout import LINES, METHOD_MAP, STATUSES, Table
from workbook.review import Review, Typed
from workbook.rows import lines, names_of, shown, table_of

WAYS = ("deposit_account", "spending_account")
"""Where a method's money comes in and goes out."""

DAY = date(2026, 1, 5)
TODAY = date(2026, 1, 31)


def grid(table: Table, rows: Iterable[Mapping[str, Value]], without: Iterable[str] = ()) -> Grid:
    """A table of the sheet that holds these rows from its fifth line on, some columns of it gone."""
    numbers = count(5)
    kept = {column.key: _letter(n) for n, column in enumerate(table.columns) if column.key not in without}
    return Grid(table, table.caption.en, tuple(Row(next(numbers), row) for row in rows), kept)


def _letter(number: int) -> str:
    return ascii_uppercase[number] if number < 26 else f"A{ascii_uppercase[number - 26]}"


def typed(table: Table, *rows: Mapping[str, Value]) -> Typed:
    """Rows of the sheet that stand together."""
    held = grid(table, rows)
    return Typed(held, held.rows)


def line(amount: str = "100.00", **changes: Any) -> InvoiceLine:
    """A line of a document, its first."""
    made = InvoiceLine(key="I1/1", number=1, description="Cotisation", amount=Decimal(amount), gl_account="4100")
    return replace(made, **changes)


def document(key: str = "I1", net: str = "100.00", *, type_: type[Any] = Invoice, **changes: Any) -> Any:
    """A document without taxes, of one line unless others are given; an invoice if nothing else is said."""
    amount = Decimal(net)
    made = {
        "key": key, "number": f"F-{key}", "date": DAY, "customer": "A1", "currency": "CAD", "lines": (line(net),),
        "subtotal": amount, "tax": Decimal(0), "total": amount, "balance": amount,
    }  # fmt: skip
    return type_(**{**made, **changes})


def borne(**amounts: str) -> dict[str, Any]:
    """The taxes of a document of 100.00, as its fields."""
    taxes = tuple(DocumentTax(tax=code, amount=Decimal(amount)) for code, amount in amounts.items())
    tax = sum((each.amount for each in taxes), Decimal(0))
    return {"taxes": taxes, "tax": tax, "total": 100 + tax, "balance": 100 + tax}


def transfer(record: Transferable, state: State = State.POSTED, **changes: Any) -> Transfer:
    """The transfer of a record as it is."""
    made = Transfer(
        kind=record.kind, record=record.key, number=record.number, generation=0, key=f"psl-{record.key}",
        action="create", digest=digest_of(record), state=state, ledger_id=f"L-{record.key}", sent=1.0,
    )  # fmt: skip
    return replace(made, **changes)


def seen_of(record: Transferable) -> Seen:
    """A record as a pull read it, to be transferred."""
    return Seen(kind=record.kind, key=record.key, number=record.number, payload=payload_of(record),
                digest=digest_of(record), status=SyncStatus.TO_TRANSFER)  # fmt: skip


@dataclass(kw_only=True)
class Company:
    """What is known of a company; ``typed`` are cells of the sheet by record, ``lines`` those of the Lines sheet.

    ``gone`` are records without a row, ``seen`` changes what was seen of a record, ``maps`` says table by table what a
    code is mapped to, ``accounts_of_methods`` where the money of a payment method goes. Everything else is the case's
    own.
    """

    records: tuple[Transferable, ...]
    transfers: tuple[Transfer, ...] = ()
    statuses: dict[str, SyncStatus] = field(default_factory=dict)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    typed: dict[str, dict[str, Value]] = field(default_factory=dict)
    lines: dict[str, dict[str, Value]] = field(default_factory=dict)
    accounts_of_methods: dict[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    unsound: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    maps: dict[str, dict[str, str]] = field(default_factory=dict)
    of_the_case: dict[str, Any] = field(default_factory=dict)

    def case(self) -> Case:
        """The case."""
        records = {(record.kind, record.key): record for record in self.records}
        histories: dict[RecordKey, tuple[Transfer, ...]] = {}
        for each in self.transfers:
            histories[each.id] = (*histories.get(each.id, ()), each)
        known = {key: self._seen(record) for key, record in records.items()}
        given = {
            "company": "c", "ledger": "beancount", "language": "en", "today": TODAY, "options": Options(),
            "awake": tuple(records), "seen": OnDemand(_reading(known)), "transfers": OnDemand(_reading(histories)),
            "numbers": lambda: {key: record.number for key, record in records.items()},
            "statuses": {key: self.statuses.get(key[1], SyncStatus.TO_TRANSFER) for key in records},
            "review": self._review(records), "lists": LedgerLists(), "source_lists": SourceLists(),
            "capabilities": Capabilities(),
        }  # fmt: skip
        return Case(**{**given, **self.of_the_case})

    def _seen(self, record: Transferable) -> Seen:
        return replace(seen_of(record), **self.seen.get(record.key, {}))

    def _review(self, records: Mapping[RecordKey, Transferable]) -> Review:
        names = names_of(records, "en")
        rows = {
            key: typed(table_of(key[0]), *({"status": STATUSES["to_transfer"].en, "new_account": "Yes", **cells,
                                            **self.typed.get(key[1], {})} for cells in shown(record, names)))
            for key, record in records.items() if key[1] not in self.gone
        }  # fmt: skip
        documents = [record for record in records.values() if hasattr(record, "lines") and hasattr(record, "total")]
        of_lines = {(each.key, str(cells["key"])): typed(LINES, {**cells, **self.lines.get(str(cells["key"]), {})})
                    for each in documents for cells in lines(each) if str(cells["key"]) not in self.gone}  # fmt: skip
        maps = {
            name: {code: typed(_mapping(name), {"code": code, "ledger_code": told}) for code, told in codes.items()}
            for name, codes in self.maps.items()
        }
        for code, account in self.accounts_of_methods.items():
            maps.setdefault(METHOD_MAP.name, {})[code] = typed(
                METHOD_MAP, {"code": code, **dict.fromkeys(WAYS, account)}
            )
        unsound = frozenset(key for key in records if key[1] in self.unsound)
        return Review(rows, of_lines, maps, {}, self.problems, unsound)


def _reading(known: Mapping[RecordKey, Any]) -> Callable[[Any], Mapping[RecordKey, Any]]:
    return lambda keys: dict(known) if keys is None else {key: known[key] for key in keys if key in known}


def _mapping(name: str) -> Table:
    from workbook.layout import MAPPING_TABLES

    return next(table for table in MAPPING_TABLES if table.name == name)


def company(*records: Transferable, **given: Any) -> Company:
    """A company of these records; what is no field of ours is the case's."""
    ours = {name: value for name, value in given.items() if name in Company.__dataclass_fields__}
    return Company(records=records, **ours, of_the_case={n: v for n, v in given.items() if n not in ours})


Check = Callable[[Case], Iterator[Problem]]
Told = tuple[str, str, str, dict[str, str]]


def told(check: Check, moment: Company) -> list[Told]:
    """What a check says of a company: each problem's code, its record, its column, and what its sentence shows."""
    return told_in(check, moment.case())


def told_in(check: Check, case: Case) -> list[Told]:
    """What a check says of a case, which is made already."""
    return [(p.code, f"{p.kind}/{p.key}" if p.kind else "", p.column, dict(p.params)) for p in check(case)]
