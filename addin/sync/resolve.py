"""A record in the ledger's words: accounts, items, taxes, methods and classes as typed or mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from addin.sync.case import Case
from addin.sync.sides import account_of
from connectors.problems import Problem, problem_of
from connectors.records import (
    Customer,
    Document,
    DocumentTax,
    EntryLine,
    InvoiceLine,
    Item,
    JournalEntry,
    LedgerAccount,
    ListEntry,
    Payment,
    Record,
    Refund,
    SalesReceipt,
    Side,
    Tax,
    TaxGroup,
    Transferable,
)
from workbook.layout import ACCOUNT_MAP, CLASS_MAP, ITEM_MAP, METHOD_MAP, TAX_MAP, TERM_MAP, Table, bought_as

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
            record = replace(record, terms=mapped or record.terms)
        case Document():
            record = _document(case, record, problems)
        case Payment():
            record = _with_method(case, _with_deposit(case, record), problems)
        case JournalEntry():
            lines = tuple(_entry_line(case, record, n, line, problems) for n, line in enumerate(record.lines, 1))
            record = replace(record, lines=lines)
    return Resolved(record, tuple(problems))


def resolved(case: Case, document: Document, line: InvoiceLine) -> InvoiceLine:
    """A line of a document in the ledger's words, as far as it is mapped."""
    return _line(case, document, line, [])


def _document(case: Case, document: Document, problems: list[Problem]) -> Transferable:
    resolved = replace(
        document,
        lines=tuple(_line(case, document, line, problems) for line in document.lines),
        taxes=tuple(_tax(case, document, tax, problems) for tax in document.taxes),
        ledger_terms=case.review.mapped(TERM_MAP, document.terms) if document.terms else "",
    )
    if isinstance(resolved, SalesReceipt):
        return _with_method(case, resolved, problems)
    if isinstance(resolved, Refund):
        return _with_method(case, resolved, problems)
    return resolved  # type: ignore[return-value] # every concrete Document is Transferable


def _line(case: Case, document: Document, line: InvoiceLine, problems: list[Problem]) -> InvoiceLine:
    typed = case.review.lines.get((document.key, line.key))

    def found(column: str, table: Table, *codes: str) -> str:
        return (typed.text(column) if typed else "") or case.review.mapped(table, *codes, side=document.side)

    source = account_of(document, line, case.items)
    account = found("ledger_account", ACCOUNT_MAP, source)
    item = found("ledger_item", ITEM_MAP, sold_as(line.item, source), line.item)
    resolved = replace(
        line,
        ledger_account=account if by_account(case, document) else case.sold_on.get(item) or account,
        ledger_item=item,
        ledger_tax=found("ledger_tax", TAX_MAP, *taxed_as(document.side, line.tax_group)),
        ledger_class=case.review.mapped(CLASS_MAP, line.class_code) if line.class_code else "",
    )
    for problem, wanted, code, names in _gaps(case, document, resolved):
        if wanted:
            name = _name(names, code)
            problems.append(problem_of(document, problem, line=str(line.number), code=code, name=name))
    if not by_account(case, document) and item and case.lists.items and item not in case.items_in_use:
        problems.append(problem_of(document, "item_not_in_ledger", line=str(line.number), code=item))
    if by_account(case, document) and resolved.ledger_account:
        problems.extend(_absent(case, document, document.date, resolved.ledger_account))
    return resolved


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


def _tax(case: Case, document: Document, tax: DocumentTax, problems: list[Problem]) -> DocumentTax:
    code = case.review.mapped(TAX_MAP, *taxed_as(document.side, tax.tax), side=document.side)
    if not code and case.capabilities.taxes_by == "tax":
        name = _name(case.source_lists.taxes, tax.tax)
        problems.append(problem_of(document, "tax_not_mapped", code=tax.tax, name=name))
    return replace(tax, ledger_tax=code)


def _entry_line(case: Case, entry: JournalEntry, number: int, line: EntryLine, problems: list[Problem]) -> EntryLine:
    account = case.review.mapped(ACCOUNT_MAP, line.account)
    if not account:
        name = _name(case.source_lists.accounts, line.account)
        problems.append(
            problem_of(entry, "gl_account_not_mapped", column="account", line=str(number), code=line.account, name=name)
        )
    else:
        problems.extend(_absent(case, entry, entry.date, account))
    return replace(line, ledger_account=account)


def _with_deposit(case: Case, payment: Payment) -> Payment:
    typed = case.review.rows.get((payment.kind, payment.key))
    return replace(payment, deposit_account=(typed.text("deposit_account") if typed else "") or payment.deposit_account)


def _with_method(case: Case, record: Paid, problems: list[Problem]) -> Paid:
    method = case.review.mapped(METHOD_MAP, record.method) if record.method else ""
    if case.lists.methods and record.method and not method:
        name = _name(case.source_lists.methods, record.method)
        problems.append(problem_of(record, "method_not_mapped", column="method", code=record.method, name=name))
    return replace(record, ledger_method=method)


def _absent(case: Case, record: Record, on: date, account: str) -> Iterator[Problem]:
    known = {entry.code for entry in case.lists.accounts if entry.active}
    if known and account not in known:
        yield problem_of(record, "not_in_ledger", code=account, date=on.isoformat())


def _name(entries: Iterable[Coded], code: str) -> str:
    return next((entry.name for entry in entries if entry.code == code), "")
