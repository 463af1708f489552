"""Rows sorted, inserted, deleted and copied while a Sync runs: a result goes to its own record's row, or waits.

The rule is the last of section 3 of the design page on trust: three documents that never left once stood as Transfer
Completed, with the references of others, because rows had been reversed meanwhile.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import xlwings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addin.journal import RecordKey
from addin.journal.rows import settled
from addin.session import Session
from addin.usecases.pull import pull
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors.ledger import Outcome, Posting
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.records import Kind
from tests.addin.conftest import TODAY, Association, add_invoice, documents_in
from tests.sampled import examples, sampled
from workbook.book import Book, Row
from workbook.layout import ACCOUNTS, INVOICES, PAYMENTS, PROBLEMS_TABLE, Table
from workbook.live.live_book import LiveBook
from workbook.review import read, text_of

Move = Callable[[list[Row]], list[Row]]


def reversed_rows(rows: list[Row]) -> list[Row]:
    return rows[::-1]


def by_column(key: str, rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: text_of(row.values.get(key)), reverse=True)


def first_deleted(rows: list[Row]) -> list[Row]:
    return rows[1:]


def first_twice(rows: list[Row]) -> list[Row]:
    return [*rows, rows[0]]


MOVES: dict[str, Move] = {
    "reversed": reversed_rows,
    **{f"by {column.key}": partial(by_column, column.key) for column in INVOICES.columns},
}
LOSING: dict[str, Move] = {"deleted": first_deleted, "copied": first_twice}


@pytest.fixture
def four(association: Association) -> Association:
    """Four invoices; one cannot leave, for its revenue account is mapped to nothing. Pulled, and marked to leave."""
    for number in (2, 3, 4):
        add_invoice(association, f"I{number}", f"F-{number}")
    association.files["lines"][-1]["gl_account"] = "4999"
    association.add("gl_accounts", code="4999", name="Divers")
    association.init()
    association.pull()
    return association


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Have something happen once while the ledger is being posted to."""
    post, acts = BeancountLedger.post, list[Callable[[], None]]()

    def posting(self: BeancountLedger, postings: Sequence[Posting]) -> Iterator[Outcome]:
        while acts:
            acts.pop()()
        yield from post(self, postings)

    monkeypatch.setattr(BeancountLedger, "post", posting)
    return acts.append


def run_sync(company: Association, book: Book) -> Report:
    with Session.open(company.profile, book, "sync", TODAY) as session:
        return sync(session)


def moved(book: Book, table: Table, move: Move) -> None:
    book.replace(table, [row.values for row in move(list(book.read(table).rows))])


def all_moved(book: Book, move: Move) -> None:
    for table in (ACCOUNTS, INVOICES, PAYMENTS):
        moved(book, table, move)


def references(company: Association) -> dict[RecordKey, str]:
    """What the journal knows each record by in the ledger."""
    with Session.open(company.profile, company.book, "log") as session:
        histories = session.journal.transfers()
    return {key: booked.shown for key, history in histories.items() if (booked := settled(history))}


def assert_no_row_is_untrue(company: Association, book: Book) -> None:
    booked = references(company)
    for key, typed in read(book).rows.items():
        for row in typed.rows:
            shown = text_of(row.values["reference"])
            assert shown in ("", booked.get(key)), (key, shown)
            assert text_of(row.values["status"]) != "Transfer Completed" or key in booked, key


def assert_everything_is_shown(company: Association) -> None:
    booked = references(company)
    rows = read(company.book).rows
    assert {key for key in booked if key[0] is Kind.INVOICE} == {(Kind.INVOICE, f"I{n}") for n in (1, 2, 3)}
    assert {key: rows[key].text("reference") for key in booked} == booked
    assert {rows[key].text("status") for key in booked} == {"Transfer Completed"}
    assert rows[Kind.INVOICE, "I4"].text("reference") == ""
    assert rows[Kind.INVOICE, "I4"].text("status") != "Transfer Completed"
    assert set(documents_in(company.folder / "book.beancount").values()) == {1}


@pytest.mark.parametrize("move", sampled(MOVES, "reversed", "by number", "by status"))
def test_rows_moved_during_a_sync_get_their_own_results(
    four: Association, meanwhile: Callable[[Callable[[], None]], None], move: str
) -> None:
    book = four.book
    meanwhile(partial(all_moved, book, MOVES[move]))
    report = run_sync(four, book)
    assert report.counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 3, Kind.PAYMENT: 1}
    assert "result_not_written" not in {problem.code for problem in report.problems}
    assert_no_row_is_untrue(four, four.book)
    assert_everything_is_shown(four)


@pytest.mark.parametrize("move", sampled(MOVES, "reversed", "by number", "by status"))
def test_the_dashboard_leads_to_where_rows_stand_when_it_is_written(
    four: Association, meanwhile: Callable[[Callable[[], None]], None], move: str
) -> None:
    book = four.book
    meanwhile(partial(all_moved, book, MOVES[move]))
    run_sync(four, book)
    numbers = {text_of(row.values["number"]): row.number for row in four.book.read(INVOICES).rows}
    told = {text_of(row.values["number"]): row.values["place"] for row in four.book.read(PROBLEMS_TABLE).rows}
    assert "F-4" in told
    for number in numbers.keys() & told.keys():
        assert re.split("[A-Z]+", text_of(told[number]))[-1] == str(numbers[number])


@pytest.mark.parametrize("move", LOSING)
def test_a_row_gone_or_copied_during_a_sync_waits_and_is_told(
    four: Association, meanwhile: Callable[[Callable[[], None]], None], move: str
) -> None:
    book = four.book
    meanwhile(lambda: moved(book, INVOICES, LOSING[move]))
    report = run_sync(four, book)
    assert [(p.code, p.key) for p in report.problems if p.code == "result_not_written"] == [
        ("result_not_written", "I1")
    ]
    assert_no_row_is_untrue(four, four.book)
    if move == "copied":
        book = four.book
        moved(book, INVOICES, lambda rows: rows[:-1])
        book.save()
    four.run(pull)
    assert "status_refused" not in {problem.code for problem in four.sync().problems}
    assert_everything_is_shown(four)


@settings(max_examples=examples(12), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_becomes_of_the_rows_no_row_shows_another_s_result(
    four: Association, meanwhile: Callable[[Callable[[], None]], None], tmp_path: Path, data: st.DataObject
) -> None:
    """Any selection of the rows, each any number of times, in any order, with empty rows between."""
    pulled = tmp_path.with_name(f"{tmp_path.name}-pulled")
    if pulled.exists():
        shutil.rmtree(tmp_path)
        shutil.copytree(pulled, tmp_path)
    else:
        shutil.copytree(tmp_path, pulled)

    def shuffled(rows: list[Row]) -> list[Row]:
        return data.draw(st.lists(st.sampled_from([*rows, Row(0, {})]), max_size=2 * len(rows)))

    book = four.book
    meanwhile(partial(all_moved, book, shuffled))
    assert run_sync(four, book).counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 3, Kind.PAYMENT: 1}
    assert_no_row_is_untrue(four, four.book)
    assert set(documents_in(four.folder / "book.beancount").values()) == {1}


# --- on the workbook that is open in front of a person


@pytest.fixture
def opened(four: Association, office: xlwings.App) -> Iterator[LiveBook]:
    book = office.books.open(str(four.profile.workbook))
    yield LiveBook(book)
    book.close()


def sorted_rows(book: LiveBook, table: Table, column: str) -> None:
    """Sort the rows from Z to A, as LibreOffice's menu does."""
    uno = sys.modules["uno"]
    by, fields, header = (uno.createUnoStruct(f"com.sun.star.{name}") for name in SORTING)
    by.Field, by.IsAscending = [each.key for each in table.columns].index(column), False
    fields.Name, fields.Value = "SortFields", uno.Any("[]com.sun.star.table.TableSortField", (by,))
    header.Name, header.Value = "ContainsHeader", False
    uno.invoke(cells_of(book, table), "sort", ((fields, header),))


SORTING = ("table.TableSortField", "beans.PropertyValue", "beans.PropertyValue")


def cells_of(book: LiveBook, table: Table) -> Any:
    """The data cells of a table on its sheet, whose protection a person lifted."""
    rows = [row.number for row in book.read(table).rows]
    sheet = book.book.sheets[book.read(table).sheet].api
    sheet.unprotect("")
    return sheet.getCellRangeByPosition(0, rows[0] - 1, len(table.columns) - 1, rows[-1] - 1)


def inserted_above(book: LiveBook) -> None:
    """A row above the table and one within it."""
    first = cells_of(book, INVOICES).getRangeAddress().StartRow
    rows = book.book.sheets[book.read(INVOICES).sheet].api.Rows
    rows.insertByIndex(first + 2, 1)
    rows.insertByIndex(0, 1)


def deleted_and_copied(book: LiveBook) -> None:
    """The second row deleted, and the first copied below the last."""
    cells = cells_of(book, INVOICES)
    area = cells.getRangeAddress()
    sheet = book.book.sheets[book.read(INVOICES).sheet].api
    sheet.Rows.removeByIndex(area.StartRow + 1, 1)
    book.append(INVOICES, [book.read(INVOICES).rows[0].values])


@pytest.mark.parametrize("column", sampled(["key", "number", "total", "status", "reference"], "number"))
def test_rows_sorted_in_libreoffice_during_a_sync_get_their_own_results(
    four: Association, opened: LiveBook, meanwhile: Callable[[Callable[[], None]], None], column: str
) -> None:
    meanwhile(partial(sorted_rows, opened, INVOICES, column))
    before = [row.values["key"] for row in opened.read(INVOICES).rows]
    run_sync(four, opened)
    assert sorted(before) == sorted(row.values["key"] for row in opened.read(INVOICES).rows)
    assert_no_row_is_untrue(four, opened)
    assert_everything_is_shown(four)


def test_rows_inserted_in_libreoffice_during_a_sync_move_no_result(
    four: Association, opened: LiveBook, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    meanwhile(partial(inserted_above, opened))
    run_sync(four, opened)
    assert_no_row_is_untrue(four, opened)
    assert_everything_is_shown(four)


def test_rows_deleted_and_copied_in_libreoffice_during_a_sync_wait(
    four: Association, opened: LiveBook, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    meanwhile(partial(deleted_and_copied, opened))
    report = run_sync(four, opened)
    assert [p.key for p in report.problems if p.code == "result_not_written"] == ["I1", "I2"]
    assert_no_row_is_untrue(four, opened)
