"""Whatever records there are, in whatever dialect they are written, they read back as they were."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.records import (
    TYPES,
    Address,
    Allocation,
    Customer,
    Direction,
    Document,
    DocumentTax,
    EntryLine,
    InvoiceLine,
    JournalEntry,
    Kind,
    Origin,
    Payment,
    decimals,
)
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.settings import FilesSettings
from connectors.sources.tables.columns import TABLES, Table, Type
from tests.sampled import examples

DATE_FORMATS = {"iso": "%Y-%m-%d", "DD/MM/YYYY": "%d/%m/%Y", "MM/DD/YYYY": "%m/%d/%Y", "YYYYMMDD": "%Y%m%d"}
SPACES = " \u00a0\u202f\t\n"

# Letters of cp1252, so that every text can be written in either encoding.
lines_of_text = st.text(st.sampled_from("abcÉéçœ€'\"=+-@;,.|<&0 \n\t"), max_size=12).map(
    lambda text: text.strip(SPACES)
)
texts = lines_of_text.map(lambda text: " ".join(text.split()))
words = texts.filter(bool)
dates = st.dates(date(1900, 1, 1), date(9999, 12, 31))
currencies = st.sampled_from(["CAD", "USD", "JPY", "TND"])


def amounts(currency: str, least: int = -(10**9)) -> st.SearchStrategy[Decimal]:
    return st.decimals(least, 10**9, places=decimals(currency))


numbers = st.decimals(-(10**6), 10**6, places=4)
addresses = st.builds(Address, street=lines_of_text, city=texts, region=texts, postal_code=texts, country=texts)


@st.composite
def customers(draw: st.DrawFn) -> list[Customer]:
    keys = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    made = st.builds(
        Customer, key=st.just(""), number=texts, sync_reference=texts, url=texts, name=words, is_person=st.booleans(),
        is_supplier=st.booleans(), first_name=texts, last_name=texts, contact=texts, email=texts, phone=texts,
        mobile=texts, fax=texts, website=texts, billing=addresses, shipping=addresses, care_of=texts, terms=texts,
        parent=st.sampled_from(["", *keys]), tax_exempt=st.booleans(), exempt_reason=lines_of_text, notes=lines_of_text,
        currency=currencies,
    )  # fmt: skip
    return [replace(draw(made), key=key) for key in keys]


@st.composite
def documents(draw: st.DrawFn, accounts: list[Customer]) -> list[Document]:
    found: list[Document] = []
    for key in draw(st.lists(words, max_size=3, unique=True)):
        currency = draw(currencies)
        kind = draw(st.sampled_from([TYPES[k] for k in Kind if issubclass(TYPES[k], Document)]))
        of, earlier = amounts(currency), st.sampled_from(["", *(document.key for document in found)])
        lines = [
            InvoiceLine(
                key=f"{key}/{n}", number=n, description=draw(lines_of_text), amount=draw(of), quantity=draw(numbers),
                unit_price=draw(numbers), item=draw(texts), gl_account=draw(texts), class_code=draw(texts),
                tax_amount=draw(of),
            )
            for n in range(1, draw(st.integers(1, 3)) + 1)
        ]  # fmt: skip
        taxes = draw(st.lists(st.sampled_from(["GST", "QST"]), unique=True))
        own = {"method": texts, "deposit_account": texts, "invoice": earlier}
        names = {field.name for field in fields(kind)}
        found.append(
            draw(
                st.builds(
                    kind, key=st.just(key), number=words, sync_reference=texts, url=texts, date=dates,
                    customer=st.sampled_from([account.key for account in accounts]), currency=st.just(currency),
                    lines=st.just(tuple(lines)), subtotal=of, tax=of, total=of, balance=of,
                    taxes=st.tuples(*(st.builds(DocumentTax, tax=st.just(t), amount=of, base=of) for t in taxes)),
                    due=st.none() | dates, care_of=texts, origin=st.sampled_from(Origin), terms=texts,
                    sent=st.booleans(), cancelled=st.booleans(), memo=lines_of_text,
                    **{name: strategy for name, strategy in own.items() if name in names},
                )
            )
        )  # fmt: skip
    return found


@st.composite
def payments(draw: st.DrawFn, accounts: list[Customer], documents: list[Document]) -> list[Payment]:
    found = []
    for key in draw(st.lists(words, max_size=2, unique=True)):
        currency, kind = draw(currencies), draw(st.sampled_from(sorted(WAYS)))
        invoices = [document.key for document in documents if document.kind is TYPES[kind].pays]
        paid = draw(st.lists(st.sampled_from(invoices), unique=True)) if invoices else []
        parts = tuple(Allocation(invoice=invoice, amount=draw(amounts(currency))) for invoice in paid)
        found.append(
            draw(
                st.builds(
                    TYPES[kind], key=st.just(key), number=texts, sync_reference=texts, url=texts, date=dates,
                    customer=st.sampled_from([account.key for account in accounts]), currency=st.just(currency),
                    amount=amounts(currency, 0), allocations=st.just(parts), method=texts, deposit_account=texts,
                    direction=st.sampled_from(Direction), memo=lines_of_text,
                )
            )
        )  # fmt: skip
    return found


@st.composite
def entries(draw: st.DrawFn, accounts: list[Customer], keys: list[str]) -> list[JournalEntry]:
    found = []
    for key in draw(st.lists(words, max_size=2, unique=True)):
        currency = draw(currencies)
        positive = amounts(currency, 0).filter(bool)
        known = st.sampled_from(["", *(account.key for account in accounts)])
        line = st.builds(EntryLine, account=words, debit=positive, memo=lines_of_text, customer=known) | st.builds(
            EntryLine, account=words, credit=positive, memo=lines_of_text, customer=known
        )
        found.append(
            draw(
                st.builds(
                    JournalEntry, key=st.just(key), number=texts, sync_reference=texts, url=texts, date=dates,
                    currency=st.just(currency), lines=st.lists(line, max_size=3).map(tuple), memo=lines_of_text,
                    invoice=st.sampled_from(["", *keys]),
                )
            )
        )  # fmt: skip
    return found


@st.composite
def everything(draw: st.DrawFn) -> list[object]:
    accounts = draw(customers())
    made = draw(documents(accounts))
    return [
        *accounts,
        *made,
        *draw(payments(accounts, made)),
        *draw(entries(accounts, [document.key for document in made])),
    ]


WAYS = {Kind.PAYMENT: "received", Kind.SUPPLIER_PAYMENT: "paid"}
RENAMED = {"account": "customer", "class": "class_code"}


def of_record(record: object, name: str) -> object:
    """The value of a record's column; addresses are a record's own."""
    head, _, rest = name.partition("_")
    if head in ("billing", "shipping"):
        return getattr(getattr(record, head), rest)
    return getattr(record, RENAMED.get(name, name), "")


def rows_of(records: Iterable[object]) -> dict[str, list[dict[str, object]]]:
    """Records as rows by table: what the source reads, written the other way round."""
    rows: dict[str, list[dict[str, object]]] = {table.name: [] for table in TABLES}
    tables = {table.name: table for table in TABLES}

    def add(name: str, record: object, **given: object) -> None:
        row = {column.name: of_record(record, column.name) for column in tables[name].columns}
        rows[name].append(row | given)

    for record in records:
        match record:
            case Customer():
                add("accounts", record)
            case Document():
                add("documents", record)
                for line in record.lines:
                    add("lines", line, document=record.key, line=line.number)
                for tax in record.taxes:
                    add("document_taxes", tax, document=record.key)
            case Payment():
                add("payments", record, kind=WAYS[record.kind])
                for part in record.allocations:
                    add("allocations", part, payment=record.key)
            case JournalEntry():
                add("journal_entries", record)
                for n, side in enumerate(record.lines, 1):
                    add("entry_lines", side, entry=record.key, line=n, gl_account=side.account, account=side.customer)
    rows["taxes"] = [{"code": code, "name": code, "rate": Decimal(5)} for code in ("GST", "QST")]
    return rows


def written(value: object, kind: Type, decimal: str, grouped: bool, date_format: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "no"
        case Decimal():
            space = "\u00a0" if grouped else ""
            return f"{value:,f}".replace(",", space).replace(".", decimal)
        case date():
            text = value.strftime(DATE_FORMATS[date_format])
            return text if value.year > 999 else text.zfill(10)
        case _:
            return str(value)


def write(table: Table, rows: list[dict[str, object]], chosen: FilesSettings, grouped: bool, french: bool) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if chosen.delimiter == ";" else ",", lineterminator="\r\n")
    writer.writerow(column.french if french else column.name for column in table.columns)
    for row in rows:
        writer.writerow(
            written(row.get(c.name, ""), c.type, chosen.decimal, grouped, chosen.date_format) for c in table.columns
        )
    return text.getvalue()


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(
    records=everything(),
    encoding=st.sampled_from([("auto", "utf-8"), ("auto", "utf-8-sig"), ("utf-8", "utf-8"), ("cp1252", "cp1252")]),
    delimiter=st.sampled_from([",", ";"]),
    decimal=st.sampled_from([".", ","]),
    date_format=st.sampled_from(sorted(DATE_FORMATS)),
    grouped=st.booleans(),
    french=st.booleans(),
)
def test_records_read_back_from_every_dialect(records, encoding, delimiter, decimal, date_format, grouped, french):
    with tempfile.TemporaryDirectory() as folder:
        chosen = FilesSettings(
            folder=Path(folder), path=".", encoding=encoding[0], delimiter=delimiter, decimal=decimal,
            date_format=date_format,
        )  # fmt: skip
        rows = rows_of(records)
        for table in TABLES:
            text = write(table, rows[table.name], chosen, grouped, french)
            (Path(folder) / f"{table.name}.csv").write_bytes(text.encode(encoding[1]))
        pulled = FilesSource(chosen).pull()
    assert not pulled.problems
    assert list(pulled.records) == records
