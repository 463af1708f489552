"""What stands in the sheet is what the source says, and what was typed there counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from addin.sync.accepted import as_shown
from addin.sync.case import Case
from addin.sync.resolve import by_account
from connectors.problems import Problem, problem_of
from connectors.records import (
    DOCUMENT_KINDS,
    PAYMENT_KINDS,
    Document,
    InvoiceLine,
    Kind,
)
from workbook.layout import LINES, METHOD_MAP, PAYMENTS, Table
from workbook.review import Typed, altered, text_of
from workbook.rows import lines, names_of, shown

DECIDED: tuple[tuple[Table, frozenset[Kind], tuple[str, ...]], ...] = (
    (LINES, DOCUMENT_KINDS, ("ledger_account", "ledger_item", "ledger_tax")),
    (PAYMENTS, PAYMENT_KINDS, ("deposit_account",)),
    (METHOD_MAP, frozenset({Kind.PAYMENT, Kind.SALES_RECEIPT, Kind.REFUND}), ("deposit_account",)),
    (METHOD_MAP, frozenset({Kind.SUPPLIER_PAYMENT}), ("spending_account",)),
)
"""Where codes are typed that decide what is booked where, and for which kinds of records."""


def cells_are_the_sources(case: Case) -> Iterator[Problem]:
    """A locked cell that someone changed all the same: what would be sent is not what is shown."""
    waiting = [key for key in case.review.rows if key in case.records and not case.settled(key)]
    names = names_of(case.called(waiting) if waiting else {}, case.language)
    for key in waiting:
        if key in case.review.unsound:
            continue
        record, typed = case.records[key], case.review.rows[key]
        expected = shown(as_shown(record, case.accepted), names)
        for row, column in altered(typed, expected):
            wanted = next(c[column] for c in expected if text_of(c["key"]) == text_of(row.values.get("key")))
            caption = typed.table.column(column).caption
            yield problem_of(
                record, "cell_changed", column=column, column_en=caption.en, column_fr=caption.fr,
                expected=text_of(wanted), value=text_of(row.values.get(column)),
            )  # fmt: skip


def rows_are_there(case: Case) -> Iterator[Problem]:
    """A record whose row was deleted is not transferred and not forgotten."""
    for key in case.awake:
        if key not in case.review.rows and not case.seen[key].left_source and not case.settled(key):
            yield problem_of(case.records[key], "row_missing")


def lines_are_the_sources(case: Case) -> Iterator[Problem]:
    """A line whose row was deleted or changed: what was typed for it may stand nowhere now, or on another's row."""
    for document in case.documents():
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
    for document in case.documents():
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
