"""What the Reason column of the Mapping sheet says: which codes hold records back, and which lists the ledger lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from addin.journal import RecordKey
from addin.session import Session
from addin.sync.advance import misplaced
from addin.sync.case import Case
from addin.sync.resolve import resolve
from addin.texts import mark
from connectors.problems import Problem
from connectors.records import Document, SyncStatus
from workbook.book import RowKey
from workbook.layout import (
    ACCOUNT_MAP,
    CLASS_MAP,
    DEFAULTS,
    ITEM_MAP,
    METHOD_MAP,
    SIDED,
    TAX_MAP,
    TERM_MAP,
    Table,
    is_default,
)
from workbook.review import Typed, text_of
from workbook.rows import Cells

TABLE_OF: dict[str, Table] = {
    "gl_account_not_mapped": ACCOUNT_MAP,
    "item_not_mapped": ITEM_MAP,
    "deferred_item_differs": ITEM_MAP,
    "tax_not_mapped": TAX_MAP,
    "method_not_mapped": METHOD_MAP,
    "class_not_mapped": CLASS_MAP,
}
"""Where the code that a problem names is mapped."""

AT_REST = (SyncStatus.COMPLETED, SyncStatus.DO_NOT_SYNC)
WANTED = mark("Held back for want of a ledger code: {count}. Choose one here.")
ABSENT = mark("The ledger does not have this code, as last pulled. Choose another.")
NO_LIST = mark("The ledger has no such list: leave the ledger codes of this table empty.")


def explain_mapping(session: Session, case: Case) -> None:
    """Say in each row of the Mapping sheet what is wanted there, and clear what no longer is."""
    wanted = _wanted(case)
    for table, offered in _offered(case):
        changes: dict[RowKey, Cells] = {}
        for code, typed in case.review.maps[table.name].items():
            reason = _reason(session, typed, code, wanted[table.name, code], offered)
            if any(text_of(row.values.get("reason")) != reason for row in typed.rows):
                changes[typed.text("code"),] = {"reason": reason}
        session.book.write(table, changes, every=True)


def _wanted(case: Case) -> Counter[tuple[str, str]]:
    """How many records wait for each code; those in error too, which the check passes over."""
    waiting = [key for key in case.awake if case.statuses.get(key) not in AT_REST and not case.settled(key)]
    found: Counter[tuple[str, str]] = Counter()
    for key in waiting:
        found.update({_row(case, key, problem) for problem in _problems(case, key) if problem.code in TABLE_OF})
    return found


def _row(case: Case, key: RecordKey, problem: Problem) -> tuple[str, str]:
    """The table and the code where a problem's code is mapped; what has none is mapped by the default of its side."""
    table, code, record = TABLE_OF[problem.code].name, problem.params["code"], case.records[key]
    if not code and table in SIDED and isinstance(record, Document):
        return table, DEFAULTS[record.side].en
    return table, code


def _problems(case: Case, key: RecordKey) -> Iterator[Problem]:
    record = case.records[key]
    yield from resolve(case, record).problems
    if isinstance(record, Document):
        yield from misplaced(case, record)


def _offered(case: Case) -> Iterable[tuple[Table, frozenset[str] | None]]:
    """The codes that the ledger has for each table; none of any where it was never asked."""
    lists = case.lists
    for table, entries in (
        (ACCOUNT_MAP, lists.accounts),
        (ITEM_MAP, lists.items),
        (TAX_MAP, lists.tax_codes),
        (METHOD_MAP, lists.methods),
        (TERM_MAP, lists.terms),
        (CLASS_MAP, lists.classes),
    ):
        yield table, frozenset(entry.code for entry in entries) if lists.accounts else None


def _reason(session: Session, typed: Typed, code: str, waiting: int, offered: frozenset[str] | None) -> str:
    chosen = typed.text("ledger_code")
    if waiting and not chosen:
        return session.say(WANTED, count=waiting)
    if chosen and offered and chosen not in offered:
        return session.say(ABSENT)
    if is_default(typed.table, code) and not chosen and offered == frozenset():
        return session.say(NO_LIST)
    return ""
