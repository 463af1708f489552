"""What a pull changes in the Mapping and Ledger lists sheets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from addin.session import Session
from addin.sync.resolve import sold_as
from addin.texts import mark
from connectors.ledger import LedgerLists
from connectors.records import (
    Document,
    InvoiceLine,
    Item,
    JournalEntry,
    Kind,
    LedgerAccount,
    ListEntry,
    Payment,
    Refund,
    SalesReceipt,
    Tax,
    TaxGroup,
    Transferable,
)
from connectors.source import SourceLists
from workbook.book import Book, RowKey
from workbook.layout import (
    ACCOUNT_MAP,
    CLASS_MAP,
    ITEM_MAP,
    LEDGER_ACCOUNTS,
    LEDGER_CLASSES,
    LEDGER_CUSTOMERS,
    LEDGER_ITEMS,
    LEDGER_METHODS,
    LEDGER_TAXES,
    LEDGER_TERMS,
    METHOD_MAP,
    TAX_MAP,
    TERM_MAP,
    Table,
)
from workbook.review import Review, Typed, text_of
from workbook.rows import Cells

DEFAULT = mark("Default for the unmapped")

SourceEntry = LedgerAccount | Item | ListEntry | Tax | TaxGroup
LedgerEntry = LedgerAccount | Item | ListEntry


def pull_lists(book: Book, lists: LedgerLists) -> None:
    """Show the ledger's own lists."""
    book.replace(
        LEDGER_CUSTOMERS,
        [
            {"reference": c.reference, "name": c.name, "number": c.number, "email": c.email, "phone": c.phone}
            for c in lists.customers
            if c.active
        ],
    )
    book.replace(
        LEDGER_ACCOUNTS,
        [{"code": a.code, "name": a.name, "type": a.type} for a in lists.accounts if a.active],
    )
    book.replace(
        LEDGER_ITEMS, [{"code": i.code, "name": i.name, "account": i.account} for i in lists.items if i.active]
    )
    for table, entries in (
        (LEDGER_TAXES, lists.tax_codes),
        (LEDGER_TERMS, lists.terms),
        (LEDGER_METHODS, lists.methods),
        (LEDGER_CLASSES, lists.classes),
    ):
        book.replace(table, [{"code": entry.code, "name": entry.name} for entry in entries])


def pull_mapping(session: Session, review: Review, records: Collection[Transferable]) -> None:
    """Add a mapping row for every code of the source, with the ledger's own where the two name it alike."""
    source, ledger = session.lists(SourceLists()), session.lists(LedgerLists())
    apart = tuple(_sold_apart(source, records)) if session.capabilities.lines_by == "item" else ()
    rows = {item.code for item in apart}
    used = Counter(use for record in records for use in set(_uses(record, rows)))
    sides: tuple[tuple[Table, tuple[SourceEntry, ...], tuple[LedgerEntry, ...]], ...] = (
        (ACCOUNT_MAP, source.accounts, ledger.accounts),
        (ITEM_MAP, (*source.items, *apart), ledger.items),
        (TAX_MAP, (*source.taxes, *source.tax_groups), ledger.tax_codes),
        (METHOD_MAP, source.methods, ledger.methods),
        (TERM_MAP, source.terms, ledger.terms),
        (CLASS_MAP, source.classes, ledger.classes),
    )
    for table, entries, targets in sides:
        _pull_table(
            session, table, review.maps[table.name], entries, {entry.code: entry.name for entry in targets}, used
        )


def _pull_table(
    session: Session,
    table: Table,
    rows: Mapping[str, Typed],
    entries: Iterable[SourceEntry],
    targets: Mapping[str, str],
    used: Mapping[tuple[str, str], int],
) -> None:
    new: list[Cells] = []
    if "" not in rows:
        new.append({"code": "", "name": session.say(DEFAULT), "used": None})
    changes: dict[RowKey, Cells] = {}
    first: dict[str, SourceEntry] = {}
    for entry in entries:
        first.setdefault(entry.code, entry)  # a tax and a group of taxes may have one code, and then have one row
    for entry in first.values():
        count = Decimal(used.get((table.name, entry.code), 0))
        if entry.code not in rows:
            target = _alike(entry, targets)
            new.append(
                {"code": entry.code, "name": entry.name, "ledger_code": target or None,
                 "ledger_name": targets.get(target), "used": count}
            )  # fmt: skip
            continue
        typed = rows[entry.code]
        expected: Cells = {
            "name": entry.name, "used": count, "ledger_name": targets.get(typed.text("ledger_code"), ""),
        }  # fmt: skip
        moved = {key: value for key, value in expected.items() if text_of(value) != typed.text(key)}
        if moved:
            changes[entry.code,] = moved
    session.book.write(table, changes)
    session.book.append(table, new)


def _alike(entry: SourceEntry, targets: Mapping[str, str]) -> str:
    """The ledger's code that the source itself names, or the very same code; else none: the accountant chooses."""
    named = getattr(entry, "sync_reference", "")
    return named if named in targets else entry.code if entry.code in targets else ""


def _sold_apart(source: SourceLists, records: Iterable[Transferable]) -> Iterator[Item]:
    """A row for each product on each account it is sold to besides its own: the ledger takes the account of its item.

    Of a product whose own account the source does not say, every account is another as soon as there are two.
    """
    sold: defaultdict[str, dict[str, InvoiceLine]] = defaultdict(dict)
    for record in records:
        if isinstance(record, Document) and record.kind is not Kind.SUPPLIER_INVOICE:
            for line in record.lines:
                sold[line.item][line.gl_account] = line
    names = {account.code: account.name for account in source.accounts}
    for item in source.items:
        accounts = (sold[item.code].keys() | {item.account}) - {""}
        for account in sorted(accounts - {item.account}) if len(accounts) > 1 else ():
            name = f"{item.name} · {names.get(account, account)}"
            yield Item(code=sold_as(sold[item.code][account]), name=name, account=account)


def _uses(record: Transferable, apart: Collection[str]) -> Iterator[tuple[str, str]]:
    """Which mapping rows a record needs."""
    if isinstance(record, Document):
        for line in record.lines:
            yield ACCOUNT_MAP.name, line.gl_account
            yield ITEM_MAP.name, sold_as(line) if sold_as(line) in apart else line.item
            yield TAX_MAP.name, line.tax_group
            yield CLASS_MAP.name, line.class_code
        yield from ((TAX_MAP.name, tax.tax) for tax in record.taxes)
        yield TERM_MAP.name, record.terms
    if isinstance(record, Payment | SalesReceipt | Refund):
        yield METHOD_MAP.name, record.method
    if isinstance(record, JournalEntry):
        yield from ((ACCOUNT_MAP.name, line.account) for line in record.lines)
