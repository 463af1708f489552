"""The checks as data: each a function from a case to the problems it finds, none asking the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from addin.journal.protocol import OPEN, SETTLED, State
from addin.sync.advance import misplaced, unproven, waits_on
from addin.sync.case import Case, invoices_of
from addin.sync.deferral import entries
from addin.sync.resolve import by_account, resolve, resolved
from connectors.ledger import Posting
from connectors.problems import Problem, problem_of
from connectors.records import (
    DOCUMENT_KINDS,
    ZERO,
    CreditNote,
    Document,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    Origin,
    Payment,
    SyncStatus,
    Transferable,
)
from connectors.refusals import undeclared
from workbook.layout import ACCOUNT_MAP, LINES, PAYMENTS, Table
from workbook.review import Typed, altered, text_of
from workbook.rows import lines, names_of, shown

Check = Callable[[Case], Iterator[Problem]]


class Effect(StrEnum):
    """What a problem does to its record: refuse it (Transfer Error), hold it back as it is, or only say so."""

    REFUSE = "refuse"
    HOLD = "hold"
    NOTICE = "notice"


EFFECTS: dict[str, Effect] = {
    "account_not_linked": Effect.HOLD,
    "account_not_transferred": Effect.HOLD,
    "invoice_not_transferred": Effect.HOLD,
    "waits_for_payment": Effect.HOLD,
    "waits_for_date": Effect.HOLD,
    "deferral_not_known": Effect.HOLD,
    "not_sent": Effect.HOLD,
    "outcome_unknown": Effect.HOLD,
    "undo_unknown": Effect.HOLD,
    "undo_applied": Effect.HOLD,
    "undo_by_hand": Effect.HOLD,
    "undo_nothing": Effect.HOLD,
    "undo_unsupported": Effect.HOLD,
    "changed_in_ledger": Effect.HOLD,
    "gone_from_ledger": Effect.HOLD,
    "void_in_ledger": Effect.HOLD,
    "merged_in_ledger": Effect.HOLD,
    "undone": Effect.NOTICE,
    "change_undecided": Effect.NOTICE,
    "row_duplicated": Effect.HOLD,
    "row_missing": Effect.HOLD,
    "line_row_missing": Effect.HOLD,
    "line_code_unread": Effect.HOLD,
    "column_renamed": Effect.HOLD,
    "cell_error": Effect.HOLD,
    "cell_changed": Effect.HOLD,
    "status_missing": Effect.HOLD,
    "status_unknown": Effect.HOLD,
    "statuses_differ": Effect.HOLD,
    "status_refused": Effect.NOTICE,
    "cancelled_in_source": Effect.HOLD,
    "replaced_in_source": Effect.HOLD,
    "cancelled_after_transfer": Effect.NOTICE,
    "changed_after_transfer": Effect.NOTICE,
    "left_source": Effect.NOTICE,
    "account_linked_twice": Effect.NOTICE,
    "total_differs": Effect.NOTICE,
}


DECIDED: tuple[tuple[Table, frozenset[Kind], tuple[str, ...]], ...] = (
    (LINES, DOCUMENT_KINDS, ("ledger_account", "ledger_item", "ledger_tax")),
    (PAYMENTS, frozenset({Kind.PAYMENT}), ("deposit_account",)),
)
"""Where codes are typed that go before the mapping, and for which kinds of records."""


def effect(problem: Problem) -> Effect:
    """What a problem does to its record; what nothing is said of refuses it."""
    return EFFECTS.get(problem.code, Effect.REFUSE)


def check(case: Case) -> list[Problem]:
    """Every problem that can be seen without asking the ledger."""
    return [problem for one in CHECKS for problem in one(case)]


def cells_are_the_sources(case: Case) -> Iterator[Problem]:
    """A locked cell that someone changed all the same: what would be sent is not what is shown."""
    waiting = [key for key in case.review.rows if key in case.records and not case.settled(key)]
    names = names_of(case.called(waiting) if waiting else {}, case.language)
    for key in waiting:
        if key in case.review.unsound:
            continue
        record, typed = case.records[key], case.review.rows[key]
        expected = shown(record, names)
        for row, column in altered(typed, expected):
            wanted = next(c[column] for c in expected if text_of(c["key"]) == text_of(row.values.get("key")))
            caption = typed.table.column(column).caption
            yield problem_of(
                record, "cell_changed", column=column, column_en=caption.en, column_fr=caption.fr,
                expected=text_of(wanted), value=text_of(row.values.get(column)),
            )  # fmt: skip


def lines_are_the_sources(case: Case) -> Iterator[Problem]:
    """A line whose row was deleted or changed: what was typed for it may stand nowhere now, or on another's row."""
    for document in _documents(case):
        for cells in lines(document):
            typed = case.review.lines.get((document.key, text_of(cells["key"])))
            if typed is None:
                yield problem_of(document, "line_row_missing", column="reason", line=text_of(cells["line"]))
                continue
            for row, column in altered(typed, [cells]):
                caption = typed.table.column(column).caption
                problem = problem_of(
                    document, "cell_changed", column=column, column_en=caption.en, column_fr=caption.fr,
                    expected=text_of(cells[column]), value=text_of(row.values.get(column)),
                )  # fmt: skip
                yield replace(problem, place=typed.grid.place(row, column))


def decisions_are_read(case: Case) -> Iterator[Problem]:
    """Where a column of codes is gone, nothing leaves of what may have been decided in it."""
    for table, kinds, columns in DECIDED:
        gone = [
            problem for problem in case.review.problems
            if problem.code == "column_renamed" and problem.params["table"] == table.name and problem.column in columns
        ]  # fmt: skip
        for record in case.candidates.values() if gone else ():
            if record.kind in kinds:
                yield replace(gone[0], kind=record.kind, key=record.key, number=record.number)


def typed_codes_count(case: Case) -> Iterator[Problem]:
    """A code typed on a line counts for something.

    A ledger's lines name an account or an item; its taxes go by groups, and so by lines, or each by itself, and are
    then the document's.
    """
    for document in _documents(case):
        unread = {"ledger_item" if by_account(case, document) else "ledger_account"}
        if case.capabilities.taxes_by == "tax":
            unread.add("ledger_tax")
        for line in document.lines:
            if typed := case.review.lines.get((document.key, line.key)):
                codes = ((column, typed.text(column)) for column in sorted(unread))
                yield from (_uncounted(document, line, typed, column, code) for column, code in codes if code)


def _uncounted(document: Document, line: InvoiceLine, typed: Typed, column: str, code: str) -> Problem:
    caption = typed.table.column(column).caption
    problem = problem_of(
        document, "line_code_unread", column=column, line=str(line.number), value=code, column_en=caption.en,
        column_fr=caption.fr,
    )  # fmt: skip
    return replace(problem, place=typed.place(column))


def rows_are_there(case: Case) -> Iterator[Problem]:
    """A record whose row was deleted is not transferred and not forgotten."""
    for key in case.awake:
        if key not in case.review.rows and not case.seen[key].left_source and not case.settled(key):
            yield problem_of(case.records[key], "row_missing")


def lines_add_up(case: Case) -> Iterator[Problem]:
    """The source's total is law: lines and taxes must come to it."""
    for document in _documents(case):
        net = sum((line.amount for line in document.lines), ZERO)
        taxes = sum((tax.amount for tax in document.taxes), ZERO)
        if not document.lines:
            yield problem_of(document, "no_lines")
        elif (net, taxes, net + taxes) != (document.subtotal, document.tax, document.total):
            yield problem_of(
                document, "lines_do_not_add_up", column="total", lines=str(net), taxes=str(taxes),
                total=str(document.total),
            )  # fmt: skip
        if document.total < 0:
            yield problem_of(document, "negative_total", column="total", total=str(document.total))


def lines_have_text(case: Case) -> Iterator[Problem]:
    """Each detail line has text (AutoVu, check 7)."""
    for document in _documents(case):
        for line in document.lines:
            if not line.description.strip():
                yield problem_of(document, "line_without_text", line=str(line.number))


def entries_balance(case: Case) -> Iterator[Problem]:
    """Debits equal credits in every journal entry."""
    for entry in case.candidates.values():
        if isinstance(entry, JournalEntry):
            debit = sum((line.debit for line in entry.lines), ZERO)
            credit = sum((line.credit for line in entry.lines), ZERO)
            if debit != credit or not entry.lines:
                yield problem_of(entry, "entry_not_balanced", debit=str(debit), credit=str(credit))


def numbers_are_unique(case: Case) -> Iterator[Problem]:
    """No two documents of a kind carry one number (AutoVu, check 4)."""
    documents = list(_documents(case))
    numbers = case.numbers() if documents else {}
    counts = Counter((kind, number.casefold()) for (kind, _), number in numbers.items() if number)
    for document in documents:
        others = counts[document.kind, document.number.casefold()]
        count = others + ((document.kind, document.key) not in numbers) if others else 0
        if count > 1:
            yield problem_of(document, "duplicate_number", column="number", count=str(count), number=document.number)


def payments_fit(case: Case) -> Iterator[Problem]:
    """An invoice is not paid beyond its total, nor a payment shared out beyond its amount.

    What the ledger has counts first, then what leaves, in order of date; what stays here pays nothing there.
    """
    if not any(isinstance(record, Payment) for record in case.candidates.values()):
        return
    paid: dict[str, Decimal] = {}
    for payment in sorted(case.payments(), key=lambda each: (each.kind, each.key) in case.candidates):
        leaves, latest = (payment.kind, payment.key) in case.candidates, case.latest((payment.kind, payment.key))
        if not leaves and not (latest and latest.state in SETTLED | OPEN):
            continue
        allocated = sum((part.amount for part in payment.allocations), ZERO)
        if leaves and allocated > payment.amount:
            yield problem_of(
                payment, "payment_over_allocated", column="amount", allocated=str(allocated), amount=str(payment.amount)
            )
        for part in payment.allocations:
            invoice = case.invoice(part.invoice) if leaves else None
            paid[part.invoice] = so_far = paid.get(part.invoice, ZERO) + part.amount
            if invoice and so_far > invoice.total:
                yield problem_of(
                    payment, "payment_over_balance", column="amount", invoice=invoice.number or invoice.key,
                    paid=str(so_far), total=str(invoice.total),
                )  # fmt: skip


def currencies_agree(case: Case) -> Iterator[Problem]:
    """What pays an invoice, or is taken off it, is in its currency: amounts of two do not settle each other."""
    for record in case.candidates.values():
        for key in invoices_of(record) if isinstance(record, Payment | CreditNote) else ():
            invoice = case.invoice(key)
            if invoice and invoice.currency != record.currency:
                yield problem_of(
                    record, "currency_differs", column="currency", invoice=invoice.number or invoice.key,
                    currency=record.currency, other=invoice.currency,
                )  # fmt: skip


def parents_end(case: Case) -> Iterator[Problem]:
    """No account is its own ancestor."""
    for key, customer in case.customers.items():
        chain = case.ancestors(key)
        last = case.customers.get(chain[-1]) if chain else customer
        if last and last.parent == key:
            names = [case.customers[each].name for each in (*chain, key)]
            yield problem_of(customer, "parent_circular", column="parent", chain=" → ".join(names))


def accounts_are_linked(case: Case) -> Iterator[Problem]:
    """A billed account is linked to the ledger or flagged as new (Membri 365, "Create new customer accounts")."""
    for key, customer in case.billed.items():
        typed = case.review.rows.get((Kind.CUSTOMER, key))
        latest = case.latest((Kind.CUSTOMER, key))
        merged = latest is not None and latest.state is State.GONE
        if typed and not merged and not case.settled((Kind.CUSTOMER, key)) and typed.code("new_account") != "yes":
            yield problem_of(customer, "account_not_linked", column="new_account")


def links_are_known(case: Case) -> Iterator[Problem]:
    """A typed sync reference names a customer of the ledger, and one account alone."""
    known = {customer.reference for customer in case.lists.customers}
    transfers = {key: case.settled((Kind.CUSTOMER, key)) for key in case.customers}
    linked = Counter(transfer.ledger_id for transfer in transfers.values() if transfer)
    for key, customer in case.customers.items():
        transfer = transfers[key]
        if transfer and transfer.action == "link":
            if known and transfer.ledger_id not in known:
                yield problem_of(
                    customer, "account_unknown_in_ledger", column="reference", reference=transfer.ledger_id
                )
            if linked[transfer.ledger_id] > 1:
                yield problem_of(
                    customer, "account_linked_twice", column="reference", reference=transfer.ledger_id,
                    count=str(linked[transfer.ledger_id]),
                )  # fmt: skip


def changes_are_decided(case: Case) -> Iterator[Problem]:
    """What a person changed of an account in the ledger is not written over before the accountant has decided."""
    for key in sorted(case.undecided):
        waits = key[0] is Kind.CUSTOMER and case.statuses.get(key) is SyncStatus.TO_TRANSFER and case.settled(key)
        if waits and key in case.records:
            yield problem_of(case.records[key], "change_undecided", column="status")


def codes_are_mapped(case: Case) -> Iterator[Problem]:
    """Every account, item, tax, method and class has its code in the ledger (AutoVu, checks 5 and 6; MMS, mapping)."""
    for record in case.candidates.values():
        yield from resolve(case, record).problems


def items_book_as_mapped(case: Case) -> Iterator[Problem]:
    """Where a sale names items, the item decides on the account; told once for each that decides on another.

    What waits to become revenue is not only told of, but refused (``revenue_waits``).
    """
    found: Counter[tuple[str, str]] = Counter()
    for document in _documents(case):
        for line in document.lines if not by_account(case, document) else ():
            item = resolved(case, document, line).ledger_item
            account = case.review.mapped(ACCOUNT_MAP, line.gl_account)
            differs = item in case.sold_on and account not in ("", case.sold_on[item])
            if differs and not waits_on(case, document, line):
                found[item, account] += 1
    for (item, account), count in found.items():
        words = {"item": item, "booked": case.sold_on[item], "account": account, "count": str(count)}
        yield Problem(code="item_account_differs", params=words)


def revenue_waits(case: Case) -> Iterator[Problem]:
    """What becomes revenue month by month is booked on the account that its entries take it from, or not at all."""
    for record in case.candidates.values():
        if isinstance(record, Document):
            yield from misplaced(case, record)
        elif isinstance(record, JournalEntry):
            yield from unproven(case, record)


def settings_allow(case: Case) -> Iterator[Problem]:
    """Invoices may have to be sent, or to be paid, before they leave (AutoVu, check 1; Membri 365, settings)."""
    for invoice in case.candidates.values():
        if not isinstance(invoice, Invoice):
            continue
        if case.options.require_sent and not invoice.sent:
            yield problem_of(invoice, "not_sent", column="sent")
        dues = case.options.dues_when_paid and invoice.origin in (Origin.MEMBERSHIP, Origin.RENEWAL)
        if (dues or case.options.all_when_paid) and not invoice.paid:
            yield problem_of(invoice, "waits_for_payment", column="paid")


def entries_are_due(case: Case) -> Iterator[Problem]:
    """Each entry of deferred revenue is transferred at its own date (Membri 365, step 6)."""
    until = case.options.entries_until or case.today
    for entry in case.candidates.values():
        if isinstance(entry, JournalEntry) and entry.date > until:
            yield problem_of(entry, "waits_for_date", column="date", date=entry.date.isoformat())


def ledger_can(case: Case) -> Iterator[Problem]:
    """What the ledger is known not to take (its capabilities, its closing date) is refused before it is sent."""
    for record in (*case.candidates.values(), *case.billed.values()):
        yield from undeclared(Posting(key="", record=record), case.capabilities, case.lists)


def transferred_stays(case: Case) -> Iterator[Problem]:
    """What the source changed or cancelled after its transfer is told, never sent again."""
    for key in case.awake:
        seen, transfer = case.seen[key], case.settled(key)
        if transfer is None or key[0] is Kind.CUSTOMER or not (seen.cancelled or seen.digest != transfer.digest):
            continue
        record = case.records[key]
        reference = transfer.ledger_number or transfer.ledger_id
        if isinstance(record, Document) and record.cancelled:
            yield problem_of(record, "cancelled_after_transfer", column="status", reference=reference)
        elif seen.digest != transfer.digest:
            yield problem_of(record, "changed_after_transfer", column="changed", reference=reference)


def source_has_it(case: Case) -> Iterator[Problem]:
    """A record that left the source is told of before it leaves for the ledger; what something took the place of stays.

    A file may show a part of the source only, so that what left it may still be owed.
    """
    for key, record in case.candidates.items():
        if case.seen[key].left_source:
            code = "replaced_in_source" if _replaced(case, record) else "left_source"
            yield problem_of(record, code, column="status")
        elif isinstance(record, Document) and record.cancelled:
            yield problem_of(record, "cancelled_in_source", column="status")


def _replaced(case: Case, record: Transferable) -> bool:
    """Whether the source has the record as another kind of document, or its schedule no longer makes the entry."""
    if isinstance(record, Document):
        others = [(kind, record.key) for kind in DOCUMENT_KINDS - {record.kind}]
        case.seen.fetch(others)
        return any(other in case.seen and not case.seen[other].left_source for other in others)
    schedule = case.schedules.behind(record.key) if isinstance(record, JournalEntry) else None
    document = case.recognised(record) if isinstance(record, JournalEntry) else None
    if schedule is None or document is None:
        return False
    alone = [each for each in case.schedules.known if (each.invoice, each.line) == (schedule.invoice, schedule.line)]
    return alone != [schedule] or record.key not in {entry.key for entry in entries(schedule, document)}


def _documents(case: Case) -> Iterator[Document]:
    return (record for record in case.candidates.values() if isinstance(record, Document))


def answers_arrived(case: Case) -> Iterator[Problem]:
    """What may or may not be in the ledger is looked up, and never leaves before that is known, nor does its change."""
    for record in (*case.candidates.values(), *case.customers.values()):
        latest = case.latest((record.kind, record.key))
        if latest and latest.state in (State.INTENT, State.UNKNOWN):
            yield problem_of(record, "outcome_unknown")


def what_was_booked_is_there(case: Case) -> Iterator[Problem]:
    """What is being undone, or a person deleted in the ledger, is told and never booked again by itself."""
    for key in case.awake:
        latest = case.latest(key)
        if latest and latest.state is State.UNDOING:
            yield problem_of(case.records[key], "undo_unknown", column="reference", reference=latest.shown)
        elif latest and latest.state is State.GONE and latest.problem:
            yield latest.problem


CHECKS: tuple[Check, ...] = (
    answers_arrived,
    what_was_booked_is_there,
    rows_are_there,
    cells_are_the_sources,
    lines_are_the_sources,
    decisions_are_read,
    typed_codes_count,
    lines_add_up,
    lines_have_text,
    entries_balance,
    numbers_are_unique,
    payments_fit,
    currencies_agree,
    parents_end,
    accounts_are_linked,
    links_are_known,
    changes_are_decided,
    codes_are_mapped,
    items_book_as_mapped,
    revenue_waits,
    settings_allow,
    entries_are_due,
    ledger_can,
    transferred_stays,
    source_has_it,
)
