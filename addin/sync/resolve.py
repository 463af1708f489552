"""A record in the ledger's words: accounts, items, taxes, methods and classes as typed or mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from addin.sync.case import Case
from addin.sync.sides import account_of
from connectors.problems import Place, Problem, problem_of
from connectors.records import (
    PURCHASES,
    Customer,
    Document,
    DocumentTax,
    EntryLine,
    InvoiceLine,
    Item,
    JournalEntry,
    LedgerAccount,
    ListEntry,
    Origin,
    Payment,
    Refund,
    ReturnedPayment,
    SalesReceipt,
    Side,
    Tax,
    TaxGroup,
    Transferable,
)
from connectors.tax_codes import name_of
from workbook.layout import ACCOUNT_MAP, CLASS_MAP, ITEM_MAP, METHOD_MAP, TAX_MAP, TERM_MAP, Table, bought_as
from workbook.review import Typed

Paid = TypeVar("Paid", Payment, SalesReceipt, Refund)
Coded = LedgerAccount | Item | ListEntry | Tax | TaxGroup


@dataclass(frozen=True, slots=True)
class Resolved:
    """The record with every ``ledger_…`` field filled, and a problem for each that could not be."""

    record: Transferable
    problems: tuple[Problem, ...]


def resolve(case: Case, record: Transferable) -> Resolved:
    """Fill in what the ledger calls each of the source's codes; a line's own typed cells win over the mapping."""
    problems: list[Problem] = []
    match record:
        case Customer():
            mapped = case.review.mapped(TERM_MAP, record.terms) if record.terms else ""
            record = replace(record, terms=mapped or record.terms, currency=_currency_of(case, record))
        case Document():
            record = _document(case, record, problems)
        case Payment():
            record = _by_method(case, _as_its_payment(case, record), problems)
        case JournalEntry() if payment := case.payment_of(record):
            record = _fee(case, record, payment, problems)
        case JournalEntry():
            lines = tuple(_entry_line(case, record, n, line, problems) for n, line in enumerate(record.lines, 1))
            record = replace(record, lines=lines)
    return Resolved(record, tuple(problems))


def _currency_of(case: Case, account: Customer) -> str:
    """The currency that an account is made in: where the ledger keeps it for ever, that of all that is to leave."""
    billed = case.billed_in.get(account.key, frozenset()) if case.capabilities.currency_by_party else ()
    return next(iter(billed)) if len(billed) == 1 else account.currency


def resolved(case: Case, document: Document, line: InvoiceLine) -> InvoiceLine:
    """A line of a document in the ledger's words, as far as it is mapped."""
    return _line(case, document, line, [])


def _document(case: Case, document: Document, problems: list[Problem]) -> Transferable:
    resolved = replace(
        document,
        lines=(lines := tuple(_line(case, document, line, problems) for line in document.lines)),
        taxes=tuple(_tax(case, document, tax, lines, problems) for tax in document.taxes),
        ledger_terms=case.review.mapped(TERM_MAP, document.terms) if document.terms else "",
    )
    if isinstance(resolved, SalesReceipt):
        return _by_method(case, resolved, problems)
    if isinstance(resolved, Refund):
        return _by_method(case, resolved, problems)
    return resolved  # type: ignore[return-value] # every concrete Document is Transferable


def _line(case: Case, document: Document, line: InvoiceLine, problems: list[Problem]) -> InvoiceLine:
    codes = {column: _code_of(case, document, line, column) for column in MAPS}
    account, item = codes["ledger_account"], codes["ledger_item"]
    if not by_account(case, document):
        codes["ledger_account"] = case.sold_on.get(item) or account
    resolved = replace(
        line,
        ledger_account=codes["ledger_account"],
        ledger_item=item,
        ledger_tax=codes["ledger_tax"],
        ledger_class=codes["ledger_class"],
        tax_category=case.rates.category(line.tax_group),
    )
    for problem, wanted, code, names in _gaps(case, document, resolved):
        if wanted:
            name = _name(names, code)
            problems.append(problem_of(document, problem, line=str(line.number), code=code, name=name))
    return resolved


MAPS: dict[str, Table] = {
    "ledger_account": ACCOUNT_MAP,
    "ledger_item": ITEM_MAP,
    "ledger_tax": TAX_MAP,
    "ledger_class": CLASS_MAP,
}
"""Where the codes of a line are mapped, by its field; one that is typed on the Lines sheet goes before."""


def _code_of(case: Case, document: Document, line: InvoiceLine, column: str) -> str:
    typed = case.review.lines.get((document.key, line.key))
    if typed and (told := typed.text(column) if column in typed.table else ""):
        return told
    row = _mapping_of(case, document, line, column)
    return row.text("ledger_code") if row else ""


def _mapping_of(case: Case, document: Document, line: InvoiceLine, column: str) -> Typed | None:
    """The row of the Mapping sheet that says a code of a line."""
    if column == "ledger_class":
        return case.review.mapping(CLASS_MAP, line.class_code) if line.class_code else _class_of_origin(case, document)
    source = account_of(document, line, case.items)
    codes = {
        "ledger_account": (source,),
        "ledger_item": (sold_as(line.item, source), line.item),
        "ledger_tax": taxed_as(document.side, line.tax_group),
    }
    return case.review.mapping(MAPS[column], *codes[column], side=document.side)


def _class_of_origin(case: Case, document: Document) -> Typed | None:
    """The row of what a document was raised for, where a class was chosen for that; the default is not for it."""
    row = case.review.maps.get(CLASS_MAP.name, {}).get(raised_for(document.origin))
    return row if row and row.text("ledger_code") and not row.rows[1:] else None


def raised_for(origin: Origin) -> str:
    """The code in the class map of what a document was raised for: it gives lines without a class of their own one."""
    return f"origin: {origin}"


def placed_code(case: Case, record: Transferable, problem: Problem) -> Problem:
    """A problem with a code of the ledger, at the cell where that was typed or mapped."""
    place = next(iter(_cells(case, record, problem)), None)
    return replace(problem, place=place) if place else problem


def _cells(case: Case, record: Transferable, problem: Problem) -> Iterator[Place]:
    column, number, review = problem.column, problem.params.get("line", ""), case.review
    rows: list[Typed | None] = []
    if isinstance(record, Document):
        for line in (each for each in record.lines if str(each.number) == number and column in MAPS):
            typed = review.lines.get((record.key, line.key))
            if typed and column in typed.table and typed.text(column):
                yield typed.place(column)
            rows.append(_mapping_of(case, record, line, column))
        taxes = record.taxes if column == "ledger_tax" and not number else ()
        found = (review.mapping(TAX_MAP, *taxed_as(record.side, tax.tax)) for tax in taxes)
        rows += [row for row in found if row and row.text("ledger_code") == problem.params["code"]]
    elif isinstance(record, JournalEntry) and (payment := case.payment_of(record)):
        by_method = review.mapping(METHOD_MAP, payment.method, column="fee_account") if number == "1" else None
        if by_method:
            yield by_method.place("fee_account")
    elif isinstance(record, JournalEntry) and column == "ledger_account":
        rows.append(review.mapping(ACCOUNT_MAP, record.lines[int(number) - 1].account))
    heads = {"terms": TERM_MAP, "method": METHOD_MAP}
    if column in heads and (code := str(getattr(record, column, ""))):
        rows.append(review.mapping(heads[column], code))
    yield from (row.place("ledger_code") for row in rows if row)
    if column == "deposit_account" and (row := _method_of_account(case, record)):
        yield row.place(_column_of_account(record))


def taxed_as(side: Side, code: str) -> tuple[str, ...]:
    """The codes of a tax in the tax map, the first that is mapped counts: what is recovered may have a row apart."""
    return (bought_as(code), code) if side is Side.PURCHASES else (code,)


def sold_as(item: str, account: str) -> str:
    """The code in the item map of what is sold to another account than its product's own, such as dues in advance.

    Where the ledger's lines name items, the item decides on the account: one product then takes an item for each of its
    accounts. Without a row of this code, or with an empty one, the product's own row counts.
    """
    return f"{item} / {account}"


def by_account(case: Case, document: Document) -> bool:
    """A purchase names accounts on every ledger; a sale where the ledger's lines do."""
    return case.capabilities.lines_by == "account" or document.side is Side.PURCHASES


def _gaps(case: Case, document: Document, line: InvoiceLine) -> Iterator[tuple[str, bool, str, Iterable[Coded]]]:
    accounts, lists = by_account(case, document), case.source_lists
    account = account_of(document, line, case.items)
    yield "gl_account_not_mapped", accounts and not line.ledger_account, account, lists.accounts
    yield "item_not_mapped", not accounts and not line.ledger_item, line.item, lists.items
    by_group = case.capabilities.taxes_by == "group"
    yield "tax_not_mapped", by_group and not line.ledger_tax, line.tax_group, lists.tax_groups
    classed = bool(case.lists.classes and line.class_code)
    yield "class_not_mapped", classed and not line.ledger_class, line.class_code, lists.classes


def _tax(
    case: Case, document: Document, tax: DocumentTax, lines: Iterable[InvoiceLine], problems: list[Problem]
) -> DocumentTax:
    """A tax with the ledger's word for it: as mapped or, where the ledger books tax codes, its name in those of lines.

    No default counts for a single tax: it would stand under the name of another.
    """
    if case.capabilities.taxes_by == "group":
        return replace(tax, ledger_tax=_name_in_codes(case, document, tax, lines))
    row = case.review.mapping(TAX_MAP, *taxed_as(document.side, tax.tax))
    if row is None:
        name = _name(case.source_lists.taxes, tax.tax)
        problems.append(problem_of(document, "tax_not_mapped", code=tax.tax, name=name))
    return replace(tax, ledger_tax=row.text("ledger_code") if row else "")


def _name_in_codes(case: Case, document: Document, tax: DocumentTax, lines: Iterable[InvoiceLine]) -> str:
    """What the tax codes of the lines that bear a tax call it; of a line without a known group it may be any."""
    bearing = [
        line
        for line in lines
        if line.tax_group not in (groups := case.rates.groups) or tax.tax in groups[line.tax_group].taxes
    ]
    among = {each for line in bearing for each in case.lists.taxes_of(line.ledger_tax) if each.side is document.side}
    known = case.rates.taxes.get(tax.tax)
    return name_of(known, among) if known else ""


def _entry_line(case: Case, entry: JournalEntry, number: int, line: EntryLine, problems: list[Problem]) -> EntryLine:
    account = case.review.mapped(ACCOUNT_MAP, line.account)
    if not account:
        name = _name(case.source_lists.accounts, line.account)
        problems.append(
            problem_of(entry, "gl_account_not_mapped", column="account", line=str(number), code=line.account, name=name)
        )
    return replace(line, ledger_account=account)


def _fee(case: Case, entry: JournalEntry, payment: Payment, problems: list[Problem]) -> JournalEntry:
    """The fee of a payment: from the account of the money to that of its method's fees."""
    payment = _as_its_payment(case, payment)
    charged = case.review.mapped(METHOD_MAP, payment.method, column="fee_account")
    if not charged:
        name = _name(case.source_lists.methods, payment.method)
        problems.append(problem_of(entry, "fee_account_missing", column="account", code=payment.method, name=name))
    accounts = (charged, _money_account(case, payment) or case.lists.deposit)
    sides = zip(entry.lines, accounts, strict=True)
    return replace(entry, lines=tuple(replace(line, ledger_account=account) for line, account in sides))


def _as_its_payment(case: Case, record: Payment) -> Payment:
    """A returned payment goes the way of the payment that it gives back, where nothing else is said of it."""
    payment = case.payment_of(record) if isinstance(record, ReturnedPayment) else None
    if payment is None:
        return record
    account = record.deposit_account or _own_account(case, payment)
    return replace(record, method=record.method or payment.method, deposit_account=account)


def _by_method(case: Case, record: Paid, problems: list[Problem]) -> Paid:
    method = case.review.mapped(METHOD_MAP, record.method) if record.method else ""
    if case.lists.methods and record.method and not method:
        name = _name(case.source_lists.methods, record.method)
        problems.append(problem_of(record, "method_not_mapped", column="method", code=record.method, name=name))
    return replace(record, ledger_method=method, deposit_account=_money_account(case, record))


def _money_account(case: Case, record: Paid) -> str:
    """The account that money goes to or comes from: its own, else its method's; empty for what the ledger takes."""
    column = _column_of_account(record)
    return _own_account(case, record) or case.review.mapped(METHOD_MAP, record.method, column=column)


def _method_of_account(case: Case, record: Transferable) -> Typed | None:
    """The row of the method that decides on a record's account; none where the record has its own."""
    record = _as_its_payment(case, record) if isinstance(record, Payment) else record
    if not isinstance(record, Payment | SalesReceipt | Refund) or _own_account(case, record):
        return None
    return case.review.mapping(METHOD_MAP, record.method, column=_column_of_account(record))


def _column_of_account(record: Transferable) -> str:
    """What is paid to suppliers leaves from elsewhere than where the same way of paying brings money in."""
    return "spending_account" if record.kind in PURCHASES else "deposit_account"


def _own_account(case: Case, record: Payment | SalesReceipt | Refund) -> str:
    """The account that was typed for this record or, where none was, that the source names."""
    typed = case.review.rows.get((record.kind, record.key))
    return (typed.text("deposit_account") if typed else "") or record.deposit_account


def _name(entries: Iterable[Coded], code: str) -> str:
    return next((entry.name for entry in entries if entry.code == code), "")
