"""How a record would be booked: its codes in the ledger, and whether its time has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from addin.options import Options
from addin.sync.advance import misplaced, unproven, waits_on
from addin.sync.case import Case, References
from addin.sync.resolve import by_account, placed_code, resolve, resolved
from addin.sync.sides import account_of, side_of
from connectors.ledger import Action, Posting, same_name
from connectors.problems import Problem, problem_of
from connectors.records import (
    Document,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    LedgerAccount,
    Origin,
)
from connectors.refusals import undeclared
from workbook.layout import ACCOUNT_MAP


def codes_are_mapped(case: Case) -> Iterator[Problem]:
    """Every account, item, tax, method and class has its code in the ledger (AutoVu, checks 5 and 6; MMS, mapping)."""
    for record in case.candidates.values():
        yield from resolve(case, record).problems


def items_book_as_mapped(case: Case) -> Iterator[Problem]:
    """Where a sale names items, the item decides on the account; told once for each that decides on another.

    What waits to become revenue is not only told of, but refused (``revenue_waits``).
    """
    found: Counter[tuple[str, str]] = Counter()
    for document in case.documents():
        for line in document.lines if not by_account(case, document) else ():
            item = resolved(case, document, line).ledger_item
            account = case.review.mapped(ACCOUNT_MAP, account_of(document, line, case.items), side=document.side)
            differs = item in case.sold_on and account not in ("", case.sold_on[item])
            if differs and not waits_on(case, document, line):
                found[item, account] += 1
    for (item, account), count in found.items():
        words = {"item": item, "booked": case.sold_on[item], "account": account, "count": str(count)}
        yield Problem(code="item_account_differs", params=words)


def accounts_are_of_the_side(case: Case) -> Iterator[Problem]:
    """A sale on an account of purchases, or a purchase on one of sales, is told of, once for each account."""
    ledger, source = ({a.code: a for a in lists.accounts} for lists in (case.lists, case.source_lists))
    for document in case.documents():
        lines: dict[LedgerAccount, InvoiceLine] = {}
        for line in document.lines:
            named = source.get(account_of(document, line, case.items))
            booked = ledger.get(resolved(case, document, line).ledger_account)
            account = booked if booked and side_of(booked) else named
            if account and side_of(account) not in (None, document.side):
                lines.setdefault(account, line)
        for account, line in lines.items():
            words = {"line": str(line.number), "account": account.code, "name": account.name, "type": account.type}
            yield problem_of(document, "account_crosses_sides", **words)


def revenue_waits(case: Case) -> Iterator[Problem]:
    """What becomes revenue month by month is booked on the account that its entries take it from, or not at all."""
    for record in case.candidates.values():
        if isinstance(record, Document):
            yield from misplaced(case, record)
        elif isinstance(record, JournalEntry):
            yield from unproven(case, record)


def settings_allow(case: Case) -> Iterator[Problem]:
    """Documents may have to be sent, and invoices paid, before they leave (AutoVu, check 1; Membri 365, settings).

    A draft of a credit note or of a bill is as wrong in the books as one of an invoice.
    """
    for document in case.documents():
        if case.options.require_sent and not document.sent:
            yield problem_of(document, "not_sent", column="sent")
        if isinstance(document, Invoice) and waits_until_paid(case.options, document) and not document.paid:
            yield problem_of(document, "waits_for_payment", column="paid")


def waits_until_paid(options: Options, invoice: Invoice) -> bool:
    """Whether the settings ask that an invoice be paid first."""
    dues = options.dues_when_paid and invoice.origin in (Origin.MEMBERSHIP, Origin.RENEWAL)
    return dues or options.all_when_paid


def entries_are_due(case: Case) -> Iterator[Problem]:
    """Each entry of deferred revenue is transferred at its own date (Membri 365, step 6)."""
    until = case.options.entries_until or case.today
    for entry in case.candidates.values():
        if isinstance(entry, JournalEntry) and entry.date > until:
            yield problem_of(entry, "waits_for_date", column="date", date=entry.date.isoformat())


def ledger_can(case: Case) -> Iterator[Problem]:
    """What the ledger is known not to take (its capabilities, its lists, its periods) is refused before it is sent."""
    for record in case.candidates.values():
        booked = Posting(key="", record=resolve(case, record).record)
        for problem in undeclared(booked, case.capabilities, case.lists):
            yield placed_code(case, record, problem)
    for record in case.applications.values():
        yield from undeclared(Posting(key="", record=record, action=Action.APPLY), case.capabilities, case.lists)
    for each in case.amendments.values():
        posting = Posting(key="", record=each.record, action=Action.AMEND, before=each.before)
        yield from undeclared(posting, case.capabilities, case.lists)
    for posting in _accounts(case):
        yield from undeclared(posting, case.capabilities, case.lists)


def _accounts(case: Case) -> Iterator[Posting]:
    """The accounts that are to leave; one that was sent before may be there already, and the ledger knows it again."""
    for key, account in case.new_accounts.items():
        latest = case.latest((Kind.CUSTOMER, key))
        there = case.lists.named.get(same_name(account.name), ()) if latest and latest.sent else ()
        yield Posting(key="", record=account, reference=there[0] if len(there) == 1 else "")
    for key, account in case.changed_accounts.items():
        reference = References(case, but=())[Kind.CUSTOMER, key]
        yield Posting(key="", record=account, action=Action.UPDATE, reference=reference)
