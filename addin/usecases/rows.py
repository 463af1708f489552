"""What a pull changes in the review sheets: new rows, rows whose source moved, rows whose record left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from addin.journal import RecordKey, Seen
from addin.journal.rows import settled
from addin.options import Options
from addin.session import Session
from addin.sync.accepted import as_shown, kept
from addin.sync.amendments import follows
from addin.sync.case import Case
from addin.texts import mark
from addin.usecases.moved import changed_text
from connectors.ledger import LedgerLists
from connectors.records import Customer, Document, Kind, SyncStatus, Transferable
from connectors.source import Decided
from workbook.book import RowKey, Value
from workbook.layout import INVOICES, LINES, REVIEW_TABLES, Table
from workbook.review import Review, Typed, altered, text_of
from workbook.row_keys import keyed, row_key
from workbook.rows import Cells, Names, lines, shown, table_of


def pull_rows(
    session: Session,
    review: Review,
    before: Mapping[RecordKey, Seen],
    seen: Mapping[RecordKey, Seen],
    records: Mapping[RecordKey, Transferable],
    options: Options,
    decided: Mapping[RecordKey, Decided],
) -> list[Kind]:
    """Bring the review sheets up to date; the kinds of the records whose rows are new.

    What the source remembers of a former transfer is written as if it had been typed: it is looked up like that. What
    is ``decided`` there of an account, whether it is new, counts for its first row.
    """
    known = {key: records.get(key) or each.record() for key, each in seen.items()}
    names = session.names(known)
    new = [key for key in records if key not in review.rows]
    _append(session, [(key, records[key]) for key in new], seen, names, options, decided)
    _update(session, review, seen, known, names, _remembered_anew(session, before, records))
    _pull_lines(session, review, records, names)
    return [key[0] for key in new]


def _append(
    session: Session,
    new: list[tuple[RecordKey, Transferable]],
    seen: Mapping[RecordKey, Seen],
    names: Names,
    options: Options,
    decided: Mapping[RecordKey, Decided],
) -> None:
    transfers = session.journal.transfers()
    payments = kept(session.journal)
    flag = _NewAccounts(session, [record for _, record in new], names, options)
    rows: dict[str, tuple[Table, list[Cells]]] = {}
    for key, record in new:
        booked = settled(transfers.get(key, ()))
        typed: Cells = {"status": names.choice("status", seen[key].status)}
        if booked and (key[0] is not Kind.CUSTOMER or booked.digest == seen[key].digest):
            typed["status"] = names.choice("status", SyncStatus.COMPLETED)
        if booked or record.sync_reference:
            typed["reference"] = booked.shown if booked else record.sync_reference
        if isinstance(record, Customer):
            typed["new_account"] = flag(record, "reference" in typed, decided.get(key, Decided()).new_account)
        table = table_of(key[0])
        told = shown(as_shown(record, payments), names)
        rows.setdefault(table.name, (table, []))[1].extend({**cells, **typed} for cells in told)
    for table, cells in rows.values():
        session.book.append(table, cells)


OFFERED = mark("It was refused; what refused it is gone, so it is offered again.")


def offer_again(session: Session, case: Case, mended: Sequence[RecordKey]) -> tuple[Case, list[RecordKey]]:
    """Have refused records leave with the next Sync, or be reviewed first, and say so in their rows; which they are."""
    review, names = session.in_force.review, session.names({})
    status = {key: SyncStatus.IN_REVIEW if key[0] in review else SyncStatus.TO_TRANSFER for key in mended}
    said: Cells = {"reason": session.say(OFFERED), "fix": None}
    offered: list[RecordKey] = []
    for table in REVIEW_TABLES:
        records = [key for key in mended if table_of(key[0]) is table]
        rows = {row: key for key in records for row, _ in keyed(table, case.review.rows[key].rows)}
        cells = {row: {"status": names.choice("status", status[key]), **said} for row, key in rows.items()}
        left = {rows[row] for row in session.book.write(table, cells)}
        offered += [key for key in records if key not in left]
    seen = {key: replace(case.seen[key], status=status[key]) for key in offered}
    session.journal.see(seen.values())
    statuses = {**case.statuses, **{key: status[key] for key in offered}}
    return replace(case, seen=case.seen.having(seen), statuses=statuses), offered


class _NewAccounts:
    """Which accounts start as new: those the source or else the option says, unless their name is taken here or in the
    ledger."""

    def __init__(self, session: Session, records: list[Transferable], names: Names, options: Options) -> None:
        customers = session.lists(LedgerLists()).customers
        self._wanted, self._names = options.new_account_default, names
        self._taken = [customer.name.casefold() for customer in customers]
        self._taken += [name for key, name in _shared_names(records)]

    def __call__(self, customer: Customer, linked: bool, told: bool | None) -> Value:
        wanted = self._wanted if told is None else told
        new = wanted and not linked and customer.name.casefold() not in self._taken
        return self._names.yes_no(new)


def _shared_names(records: list[Transferable]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    shared = []
    for record in records:
        if isinstance(record, Customer):
            name = record.name.casefold()
            if first.setdefault(name, record.key) != record.key:
                shared.append((record.key, name))
    return shared


def _update(
    session: Session,
    review: Review,
    seen: Mapping[RecordKey, Seen],
    records: Mapping[RecordKey, Transferable],
    names: Names,
    remembered: Mapping[RecordKey, str],
) -> None:
    changes: dict[str, tuple[Table, dict[RowKey, Cells]]] = {}
    payments, goes_again = kept(session.journal), _goes_again(session, seen, records)
    for key, typed in review.rows.items():
        if key not in seen or key in review.unsound:
            continue
        cells = _moved(typed, shown(as_shown(records[key], payments), names))
        for key_of_row, row in keyed(typed.table, typed.rows):
            row_cells = cells.get(key_of_row, {})
            changed = changed_text(session, seen[key], names, payments)
            if "changed" in typed.table and changed != text_of(row.values.get("changed")):
                row_cells["changed"] = changed
            waits = seen[key].status in (SyncStatus.TO_TRANSFER, SyncStatus.IN_REVIEW)
            again = typed.status is SyncStatus.COMPLETED and waits
            if key in goes_again and again and changed:
                row_cells["status"] = names.choice("status", seen[key].status)
            if key in remembered and not typed.text("reference"):
                row_cells["reference"] = remembered[key]
            if row_cells:
                changes.setdefault(typed.table.name, (typed.table, {}))[1][key_of_row] = row_cells
    for table, rows in changes.values():
        session.book.write(table, rows)


def _goes_again(
    session: Session, seen: Mapping[RecordKey, Seen], records: Mapping[RecordKey, Transferable]
) -> set[RecordKey]:
    """The accounts, and the booked records of which the ledger is to be told more and that wait for it."""
    waits = (SyncStatus.TO_TRANSFER, SyncStatus.IN_REVIEW)
    waiting = [key for key, each in seen.items() if key[0] is not Kind.CUSTOMER and each.status in waits]
    histories, can = session.journal.transfers(only=waiting) if waiting else {}, session.capabilities
    booked = {key: settled(history) for key, history in histories.items()}
    changed = {key: each for key, each in booked.items() if each and each.digest != seen[key].digest}
    more = (key for key, each in changed.items() if follows(each, records[key], can.applies_later, can.amends))
    return {*(key for key in seen if key[0] is Kind.CUSTOMER), *more}


def _remembered_anew(
    session: Session, before: Mapping[RecordKey, Seen], records: Mapping[RecordKey, Transferable]
) -> dict[RecordKey, str]:
    """The former transfers that the source remembers since the last pull, of what we never transferred."""
    told = {key: record.sync_reference for key, record in records.items() if record.sync_reference}
    sent = session.journal.transfers(only=told.keys()) if told else {}
    new = (key for key in told if key in before and key not in sent)
    return {key: told[key] for key in new if before[key].record().sync_reference != told[key]}


def _moved(typed: Typed, expected: list[Cells]) -> dict[RowKey, Cells]:
    by_key = {text_of(cells["key"]): cells for cells in expected}
    moved: dict[RowKey, Cells] = {}
    for row, column in altered(typed, expected):
        for key_of_row, _ in keyed(typed.table, [row]):
            moved.setdefault(key_of_row, {})[column] = by_key[text_of(row.values.get("key"))][column]
    return moved


def _pull_lines(session: Session, review: Review, records: Mapping[RecordKey, Transferable], names: Names) -> None:
    new: list[Cells] = []
    changes: dict[RowKey, Cells] = {}
    for record in records.values():
        if not isinstance(record, Document):
            continue
        for cells in lines(record):
            typed = review.lines.get((record.key, text_of(cells["key"])))
            if typed is None:
                new.append(cells)
            else:
                changes.update(_moved(typed, [cells]))
    session.book.write(LINES, changes)
    session.book.append(LINES, new)


def show_balances(session: Session, invoices: Collection[str]) -> None:
    """Show in some invoices' rows what is left of them once the accepted payments are taken off."""
    seen = session.journal.seen(only=[(Kind.INVOICE, key) for key in invoices])
    payments, names = kept(session.journal), session.names({})
    changes: dict[RowKey, Cells] = {}
    for each in seen.values():
        cells = shown(as_shown(each.record(), payments), names)[0]
        changed: Cells = {"changed": changed_text(session, each, names, payments)}
        if key := row_key(INVOICES, cells):
            changes[key] = {name: cells[name] for name in ("balance", "paid")} | changed
    session.book.write(INVOICES, changes)
