"""What a pull changes in the Mapping and Ledger lists sheets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from addin.session import Session
from addin.sync.resolve import raised_for, sold_as, taxed_as
from addin.sync.sides import account_of, sold_to
from addin.texts import mark
from connectors.ledger import LedgerLists
from connectors.problems import Problem
from connectors.records import (
    ZERO,
    Customer,
    Document,
    Item,
    JournalEntry,
    LedgerAccount,
    ListEntry,
    Origin,
    Payment,
    Refund,
    SalesReceipt,
    Side,
    Tax,
    TaxGroup,
    Transferable,
)
from connectors.source import SourceLists
from workbook.book import Book, RowKey
from workbook.layout import (
    ACCOUNT_MAP,
    CLASS_MAP,
    DEFAULTS,
    ITEM_MAP,
    LEDGER_ACCOUNTS,
    LEDGER_CLASSES,
    LEDGER_CUSTOMERS,
    LEDGER_ITEMS,
    LEDGER_METHODS,
    LEDGER_TAXES,
    LEDGER_TERMS,
    METHOD_MAP,
    SIDED,
    TAX_MAP,
    TERM_MAP,
    Table,
    bought_as,
    is_default,
    shown_code,
)
from workbook.review import Review, Typed, read, text_of
from workbook.rows import Cells

DEFAULT = mark("Default for the unmapped")
DEFAULT_OF: dict[Side, str] = {
    Side.SALES: mark("Default for the unmapped: sales"),
    Side.PURCHASES: mark("Default for the unmapped: purchases"),
}
RECOVERED = mark("{name}: recovered on purchases; empty, as on sales")

SourceEntry = LedgerAccount | Item | ListEntry | Tax | TaxGroup
LedgerEntry = LedgerAccount | Item | ListEntry


def take_lists(session: Session, lists: LedgerLists) -> None:
    """Keep the ledger's lists; the first time they are also shown, and equal codes chosen on the Mapping sheet."""
    first = session.lists(LedgerLists()) == LedgerLists()
    session.keep_lists(lists)
    if first and session.journal.pulled():
        pull_lists(session.book, lists)
        records = [seen.record() for seen in session.journal.seen().values()]
        pull_mapping(session, read(session.book), records, first=True)


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


def pull_mapping(
    session: Session, review: Review, records: Collection[Transferable], *, first: bool = False
) -> list[Problem]:
    """Add a mapping row for every code of the source, with the ledger's own where the two name it alike.

    The ``first`` time that the ledger's lists are there, rows that have no code of the ledger yet are given it too.
    A default that is older than the sides becomes that of sales, which is told where it was set.
    """
    source, ledger = session.lists(SourceLists()), session.lists(LedgerLists())
    items = sold_to(source)
    apart = tuple(_sold_apart(source, items, records)) if session.capabilities.lines_by == "item" else ()
    rows = {item.code for item in apart}
    used = Counter(use for record in records for use in set(uses(record, items, rows)))
    recovered = _recovered(session, source, used) if session.capabilities.taxes_by == "tax" else ()
    sides: tuple[tuple[Table, tuple[SourceEntry, ...], tuple[LedgerEntry, ...]], ...] = (
        (ACCOUNT_MAP, source.accounts, ledger.accounts),
        (ITEM_MAP, (*source.items, *apart), ledger.items),
        (TAX_MAP, (*source.taxes, *source.tax_groups, *recovered), ledger.tax_codes),
        (METHOD_MAP, source.methods, ledger.methods),
        (TERM_MAP, source.terms, ledger.terms),
        (CLASS_MAP, (*source.classes, *_origins(session, used)), ledger.classes),
    )
    told = []
    for table, entries, targets in sides:
        typed, older = dict(review.maps[table.name]), None
        if table.name in SIDED and DEFAULTS[Side.SALES].en not in typed and (older := typed.pop("", None)):
            typed[DEFAULTS[Side.SALES].en] = older
        alike = {entry.code: entry.name for entry in targets}
        chosen = older.text("ledger_code") if older else ""
        both = chosen if table is TAX_MAP and session.capabilities.taxes_by == "group" else ""
        wanted = (*_defaults(session, table, both), *entries)
        _pull_table(session, table, typed, wanted, alike, used, first=first)
        if chosen and not both:
            words = {"table": table.name, "code": chosen}
            told.append(Problem(code="default_for_sales", column="ledger_code", params=words))
    return told


def _defaults(session: Session, table: Table, both: str) -> Iterator[Tax | ListEntry]:
    """The default rows of a table; ``both`` is a ledger's tax code that counted for both sides and goes on to."""
    if table.name not in SIDED:
        yield ListEntry(code="", name=session.say(DEFAULT))
        return
    for side, caption in DEFAULTS.items():
        name, mapped = session.say(DEFAULT_OF[side]), both if side is Side.PURCHASES else ""
        yield Tax(code=caption.en, name=name, rate=ZERO, sync_reference=mapped)


def _recovered(session: Session, source: SourceLists, used: Mapping[tuple[str, str], int]) -> tuple[ListEntry, ...]:
    """A row for each tax that is on purchases: what is recovered of it may have an account of its own."""
    bought = ((bought_as(tax.code), tax.name) for tax in source.taxes)
    return tuple(
        ListEntry(code=code, name=session.say(RECOVERED, name=name))
        for code, name in bought
        if (TAX_MAP.name, code) in used
    )


def _origins(session: Session, used: Mapping[tuple[str, str], int]) -> Iterator[ListEntry]:
    """A row for each thing that documents without classes were raised for, where the ledger has classes."""
    for origin in Origin if session.lists(LedgerLists()).classes else ():
        if (CLASS_MAP.name, code := raised_for(origin)) in used:
            yield ListEntry(code=code, name=session.names({}).choice("origin", origin))


def _pull_table(
    session: Session,
    table: Table,
    rows: Mapping[str, Typed],
    entries: Iterable[SourceEntry],
    targets: Mapping[str, str],
    used: Mapping[tuple[str, str], int],
    *,
    first: bool,
) -> None:
    new: list[Cells] = []
    changes: dict[RowKey, Cells] = {}
    each: dict[str, SourceEntry] = {}
    for entry in entries:
        each.setdefault(entry.code, entry)  # a tax and a group of taxes may have one code, and then have one row
    for entry in each.values():
        shown = shown_code(table, entry.code, session.language)
        count = None if is_default(table, entry.code) else Decimal(used.get((table.name, entry.code), 0))
        if entry.code not in rows:
            target = _alike(entry, targets)
            new.append(
                {"code": shown, "name": entry.name, "ledger_code": target or None,
                 "ledger_name": targets.get(target), "used": count}
            )  # fmt: skip
            continue
        typed = rows[entry.code]
        chosen = typed.text("ledger_code") or (_alike(entry, targets) if first else "")
        expected: Cells = {
            "code": shown, "name": entry.name, "used": count, "ledger_code": chosen,
            "ledger_name": targets.get(chosen, ""),
        }  # fmt: skip
        moved = {key: value for key, value in expected.items() if text_of(value) != typed.text(key)}
        if moved:
            changes[typed.text("code"),] = moved
    session.book.write(table, changes)
    session.book.append(table, new)


def _alike(entry: SourceEntry, targets: Mapping[str, str]) -> str:
    """The ledger's code that the source itself names, or the very same code; else none: the accountant chooses."""
    named = getattr(entry, "sync_reference", "")
    return named if named in targets else entry.code if entry.code in targets else ""


def _sold_apart(
    source: SourceLists, items: Mapping[str, LedgerAccount], records: Iterable[Transferable]
) -> Iterator[Item]:
    """A row for each product on each account it is sold to besides its own: the ledger takes the account of its item.

    Of a product whose own account the source does not say, every account is another as soon as there are two.
    """
    sold: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        if isinstance(record, Document) and record.side is Side.SALES:
            for line in record.lines:
                sold[line.item].add(account_of(record, line, items))
    names = {account.code: account.name for account in source.accounts}
    for item in source.items:
        accounts = (sold[item.code] | {item.account}) - {""}
        for account in sorted(accounts - {item.account}) if len(accounts) > 1 else ():
            name = f"{item.name} · {names.get(account, account)}"
            yield Item(code=sold_as(item.code, account), name=name, account=account)


def uses(
    record: Transferable, items: Mapping[str, LedgerAccount], apart: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Which mapping rows a record needs."""
    if isinstance(record, Document):
        for line in record.lines:
            account = account_of(record, line, items)
            sold = sold_as(line.item, account)
            yield ACCOUNT_MAP.name, account
            yield ITEM_MAP.name, sold if sold in apart else line.item
            yield TAX_MAP.name, line.tax_group
            yield CLASS_MAP.name, line.class_code or raised_for(record.origin)
        yield from ((TAX_MAP.name, code) for tax in record.taxes for code in taxed_as(record.side, tax.tax))
        yield TERM_MAP.name, record.terms
    if isinstance(record, Customer):
        yield TERM_MAP.name, record.terms
    if isinstance(record, Payment | SalesReceipt | Refund):
        yield METHOD_MAP.name, record.method
    if isinstance(record, JournalEntry):
        yield from ((ACCOUNT_MAP.name, line.account) for line in record.lines)
