"""Revenue received in advance: whether it stands where its monthly entries take it from, before and after it is booked.

Where a ledger's lines name items, the item decides on the account. A line that is booked on income at once, and moved
there again by its entries, is revenue counted twice, so

- a document does not leave while a line of it would not stand on the account that it waits on;
- what it left with is kept with its transfer, for mappings change and what was booked does not;
- an entry of a document that the ledger has already leaves only if the line is known to stand there: we booked it so,
  or a person booked it and says so by an item typed on the line itself. The mapping is no proof: it may have been
  corrected after the document was booked. Anything else is held, not refused: the entry is right by itself, and
  leaves as soon as that is known. Where lines name accounts, the source's own account decides for a person too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from addin.journal import State, Transfer
from addin.sync.case import Case
from addin.sync.resolve import by_account, resolved, sold_as
from addin.sync.sides import account_of
from connectors.problems import Problem, problem_of
from connectors.records import Document, InvoiceLine, JournalEntry, RevenueSchedule, Transferable
from workbook.layout import ACCOUNT_MAP, ITEM_MAP


def waits_on(case: Case, document: Document, line: InvoiceLine) -> str:
    """The source's account that a line becomes revenue from, month by month; empty where it is revenue at once.

    A sale of an item that is billed to such an account waits there even before it has a schedule, which a source may
    make only when the document is paid; what the accountant typed on that very line is left to the accountant then.
    """
    if schedule := case.schedules.by_line.get((document.key, line.number)):
        return schedule.deferred_account
    decided = by_account(case, document) or _typed_item(case, document, line)
    account = account_of(document, line, case.items)
    return "" if decided or account not in case.schedules.accounts else account


def misplaced(case: Case, document: Document) -> Iterator[Problem]:
    """A problem for each line that waits to become revenue and would be booked on another account."""
    waiting = ((line, waits) for line in document.lines if (waits := waits_on(case, document, line)))
    for each, waits in waiting:
        line = resolved(case, document, each)
        account, booked = case.review.mapped(ACCOUNT_MAP, waits), _booked_on(case, document, line)
        if not (line.ledger_account if by_account(case, document) else line.ledger_item):
            continue  # told by what is not mapped
        if not account:
            name = next((each.name for each in case.source_lists.accounts if each.code == waits), "")
            yield problem_of(document, "gl_account_not_mapped", line=str(line.number), code=waits, name=name)
        elif booked != account:
            yield _misplaced(case, document, line, account, booked)


def _misplaced(case: Case, document: Document, line: InvoiceLine, account: str, booked: str) -> Problem:
    words = {"line": str(line.number), "account": _named(case, account), "booked": _named(case, booked) or "—"}
    if by_account(case, document):
        return problem_of(document, "deferred_account_differs", **words)
    apart = sold_as(line.item, account_of(document, line, case.items))
    row = apart if apart in case.review.maps.get(ITEM_MAP.name, {}) else line.item
    return problem_of(document, "deferred_item_differs", item=line.ledger_item, code=row, **words)


def unproven(case: Case, entry: JournalEntry) -> Iterator[Problem]:
    """The problem of an entry whose line is not known to stand where the entry takes it from."""
    schedule, document = case.schedules.behind(entry.key), case.recognised(entry)
    if schedule and document and not _stands(case, schedule, document):
        account = _named(case, case.review.mapped(ACCOUNT_MAP, schedule.deferred_account))
        yield problem_of(
            entry, "deferral_not_known", column="reason", line=str(schedule.line),
            document=document.number or document.key, account=account or schedule.deferred_account,
        )  # fmt: skip


def _stands(case: Case, schedule: RevenueSchedule, document: Document) -> bool:
    """Whether the line of a schedule is known to stand there, or is judged itself before it leaves."""
    transfer = case.settled((document.kind, document.key))
    line = next((line for line in document.lines if line.number == schedule.line), None)
    if line is None or transfer is None:
        return line is not None
    if _stood(transfer).get(str(schedule.line)) == schedule.deferred_account:
        return True
    known = by_account(case, document) or (transfer.state is State.MANUAL and _typed_item(case, document, line))
    account = case.review.mapped(ACCOUNT_MAP, schedule.deferred_account)
    return bool(known) and account == _booked_on(case, document, resolved(case, document, line))


def booked_as(case: Case, record: Transferable) -> str:
    """The source's account that each line of a resolved sale of items stands on, as JSON by line number.

    Lines whose item is booked elsewhere are not in it; empty where there are none, and where lines name accounts.
    """
    if not isinstance(record, Document) or by_account(case, record):
        return ""
    stand = {}
    for line in record.lines:
        account = waits_on(case, record, line) or account_of(record, line, case.items)
        if case.review.mapped(ACCOUNT_MAP, account, side=record.side) == _booked_on(case, record, line) != "":
            stand[str(line.number)] = account
    return json.dumps(stand) if stand else ""


def _stood(transfer: Transfer) -> dict[str, str]:
    stood: dict[str, str] = json.loads(transfer.accounts or "{}")
    return stood


def _booked_on(case: Case, document: Document, line: InvoiceLine) -> str:
    """The ledger's account of a resolved line; empty where the ledger does not tell its item's."""
    return line.ledger_account if by_account(case, document) else case.sold_on.get(line.ledger_item, "")


def _typed_item(case: Case, document: Document, line: InvoiceLine) -> str:
    typed = case.review.lines.get((document.key, line.key))
    return typed.text("ledger_item") if typed else ""


def _named(case: Case, account: str) -> str:
    """An account of the ledger as people call it: its number and name, once where they are the same."""
    name = next((each.name for each in case.lists.accounts if each.code == account), "")
    return f"{account} {name}" if name not in ("", account) else account
