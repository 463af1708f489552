"""What every Book does (workbook.book.Book), over a closed file and over a workbook open in LibreOffice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import books
import openpyxl
import pytest

from connectors.problems import CannotRun
from tests.workbook.books import PAYMENTS
from workbook.book import CellError, Link
from workbook.layout import INVOICES

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")', "'quoted", "007", "1e5", "2024-01-31"]


def filled(grid):
    """The rows of a grid by number, with the values that are there."""
    return {row.number: {k: v for k, v in row.values.items() if v is not None} for row in grid.rows}


def saved(path, table=PAYMENTS):
    """A table as a foreign reader finds it in the saved file: its sheet and the area it covers."""
    sheet = openpyxl.load_workbook(path)["Review"]
    return sheet, sheet.tables[table.name].ref


def test_every_kind_of_value_is_read_as_its_column_means_it(opening, drawn):
    row = {
        "Key": "p1",
        "Date": date(2026, 3, 1),
        "Number": 1042,
        "Amount": 10.25,
        "Account": "  Café, Ltd ",
        "Fix": "=1/0",
    }
    with opening(books.draw(drawn, [row, {}, {"Key": "p2", "Amount": "ten"}])) as book:
        grid = book.read(PAYMENTS)
    assert filled(grid) == {
        5: {
            "key": "p1",
            "date": date(2026, 3, 1),
            "number": "1042",
            "amount": Decimal("10.25"),
            "account": "  Café, Ltd ",
            "fix": CellError("#DIV/0!"),
        },
        7: {"key": "p2", "amount": "ten"},
    }
    assert grid.sheet == "Review"
    assert grid.place(grid.rows[1], "amount").cell == "I7"


def test_captions_are_found_in_either_language(opening, drawn):
    with opening(books.draw(drawn, [{"Clé": "p1", "Montant": 5}], language="fr")) as book:
        grid = book.read(PAYMENTS)
    assert grid.missing == ()
    assert filled(grid) == {5: {"key": "p1", "amount": Decimal(5)}}


def test_a_renamed_column_is_missing_and_a_moved_one_is_found(opening, drawn):
    headers = ["Status", "My notes", "Key", "Amount (CAD)", "Sync reference"]
    with opening(books.draw(drawn, [{"Key": "p1", "Status": "Stand By", "My notes": "mine"}], headers=headers)) as book:
        grid = book.read(PAYMENTS)
        assert grid.letters == {"key": "C", "status": "A", "reference": "E"}
        assert "amount" in grid.missing
        books.write_at(book, PAYMENTS, {5: {"amount": Decimal(1), "status": "Do Not Sync", "reference": "77"}})
        assert filled(book.read(PAYMENTS)) == {5: {"key": "p1", "status": "Do Not Sync", "reference": "77"}}
        book.save()
    sheet, _ = saved(drawn)
    assert [cell.value for cell in sheet[5]] == ["Do Not Sync", "mine", "p1", None, "77"]


def test_a_write_changes_its_cells_and_no_others(opening, drawn):
    rows = [{"Key": f"p{n}", "Amount": n, "Status": "Stand By", "Sync reference": f"r{n}"} for n in range(1, 9)]
    with opening(books.draw(drawn, rows)) as book:
        before = filled(book.read(PAYMENTS))
        changes = {
            6: {"status": "Transfer Error", "reason": "closed", "fix": "reopen"},
            7: {"status": "Transfer Error", "reason": "closed", "fix": "reopen"},
            9: {"reference": None},
            12: {"date": date(2026, 12, 31), "amount": Decimal("-0.05")},
        }
        books.write_at(book, PAYMENTS, changes)
        expected = {
            n: {k: v for k, v in (row | changes.get(n, {})).items() if v is not None} for n, row in before.items()
        }
        assert filled(book.read(PAYMENTS)) == expected
        book.save()
    with opening(drawn) as book:
        assert filled(book.read(PAYMENTS)) == expected


def test_text_from_outside_is_stored_as_text(opening, drawn):
    with opening(books.draw(drawn)) as book:
        book.append(PAYMENTS, [dict.fromkeys(("key", "account", "reference", "reason"), text) for text in FORMULAS])
        for key in ("key", "account", "reference", "reason"):
            assert [row.values[key] for row in book.read(PAYMENTS).rows] == FORMULAS
        book.save()
    sheet, _ = saved(drawn)
    for column in (1, 3, 13, 14):
        cells = [sheet.cell(row, column) for row in range(5, 5 + len(FORMULAS))]
        assert [cell.data_type for cell in cells] == ["s"] * len(FORMULAS)
        assert [cell.value for cell in cells] == FORMULAS


def test_a_text_in_a_column_of_amounts_or_links_stays_text_too(opening, drawn):
    with opening(books.draw(drawn, [{}], table=INVOICES)) as book:
        rows = [{"key": text, "kind": "x", "total": text, "ledger_link": text} for text in ("=1+1", "12", "@x")]
        book.append(INVOICES, [{"key": row["key"], "kind": "x"} for row in rows])
        assert not book.write(INVOICES, {("x", row["key"]): row for row in rows})
        cells = dict(enumerate(rows, 5))
        assert filled(book.read(INVOICES)) == cells
        book.save()
    with opening(drawn) as book:
        assert filled(book.read(INVOICES)) == cells


def test_a_link_shows_its_text_and_opens_only_what_may_be_opened(opening, drawn):
    links = [
        Link('https://x.test/?a="1"', 'see "it"'),
        Link("javascript:alert(1)", "no"),
        Link("#'Journal entries'!A1", "there"),
        Link("https://x.test/" + "y" * 300, "too long"),
    ]
    with opening(books.draw(drawn, table=INVOICES)) as book:
        book.append(INVOICES, [{"key": str(n), "source_link": link} for n, link in enumerate(links)])
        assert [row.values["source_link"] for row in book.read(INVOICES).rows] == [
            'see "it"',
            "no",
            "there",
            "too long",
        ]
        book.save()
    sheet, _ = saved(drawn, INVOICES)
    column = [c.key for c in INVOICES.columns].index("source_link") + 1
    assert [sheet.cell(row, column).value for row in range(5, 9)] == [
        '=HYPERLINK("https://x.test/?a=""1""","see ""it""")',
        "no",
        '=HYPERLINK("#\'Journal entries\'!A1","there")',
        "too long",
    ]


def test_rows_appended_extend_the_table_and_take_its_formats(opening, drawn):
    with opening(books.draw(drawn, [{"Key": "p1", "Amount": 1}])) as book:
        book.append(PAYMENTS, [{"key": "p2", "amount": Decimal("2.50"), "date": date(2026, 1, 2)}, {"key": "p3"}])
        assert filled(book.read(PAYMENTS)) == {
            5: {"key": "p1", "amount": Decimal(1)},
            6: {"key": "p2", "amount": Decimal("2.5"), "date": date(2026, 1, 2)},
            7: {"key": "p3"},
        }
        book.save()
    sheet, area = saved(drawn)
    assert area == "A4:P7"
    assert [sheet.cell(row, 9).number_format for row in (5, 6, 7)] == ["#,##0.00"] * 3
    assert [sheet.cell(row, 11).protection.locked for row in (5, 6, 7)] == [False] * 3


def test_the_first_rows_appended_fill_the_empty_row(opening, drawn):
    with opening(books.draw(drawn)) as book:
        book.append(PAYMENTS, [{"key": "p1"}])
        book.append(PAYMENTS, [])
        assert filled(book.read(PAYMENTS)) == {5: {"key": "p1"}}
        book.save()
    assert saved(drawn)[1] == "A4:P5"


@pytest.mark.parametrize("count", [0, 2, 5])
def test_replace_gives_a_table_this_content_and_keeps_one_row(opening, drawn, count):
    old = [{"Key": f"old{n}", "Reason": "left over"} for n in range(3)]
    new = [{"key": f"new{n}", "amount": Decimal(n)} for n in range(count)]
    with opening(books.draw(drawn, old)) as book:
        book.replace(PAYMENTS, new)
        assert filled(book.read(PAYMENTS)) == dict(enumerate(new, 5))
        book.save()
    sheet, area = saved(drawn)
    assert area == f"A4:P{4 + max(1, count)}"
    assert sheet.cell(5 + max(1, count), 1).value is None


def test_a_row_in_which_a_person_typed_stays_in_the_table(opening, drawn):
    rows = [{"Key": "p1"}, {"Key": "p2", "My notes": "ask Zoé"}, {"Key": "p3"}]
    with opening(books.draw(drawn, rows, headers=["Key", "My notes", "Amount"])) as book:
        book.replace(PAYMENTS, [{"key": "new"}])
        book.append(PAYMENTS, [{"key": "next"}])
        assert filled(book.read(PAYMENTS)) == {5: {"key": "new"}, 7: {"key": "next"}}
        book.save()
    sheet, area = saved(drawn)
    assert (area, sheet["B6"].value) == ("A4:C7", "ask Zoé")


def test_a_totals_row_stays_below_the_rows_and_is_none_of_them(opening, drawn):
    rows, beside = [{"Key": "p1", "Amount": 1}, {"Key": "p2", "Amount": 2}], {"R7": "was beside it", "R9": "is now"}
    with opening(books.draw(drawn, rows, totals=True, beside=beside)) as book:
        assert sorted(filled(book.read(PAYMENTS))) == [5, 6]
        book.append(PAYMENTS, [{"key": "p3", "amount": Decimal(3)}, {"key": "p4", "amount": Decimal(4)}])
        assert [row.values["key"] for row in book.read(PAYMENTS).rows] == ["p1", "p2", "p3", "p4"]
        book.save()
    sheet, area = saved(drawn)
    assert area == "A4:P9"
    assert sheet["I9"].value.startswith("=SUBTOTAL(109")
    assert {cell: sheet[cell].value for cell in beside} == beside
    assert [sheet.cell(row, 1).value for row in range(5, 9)] == ["p1", "p2", "p3", "p4"]


def test_rows_that_a_filter_hides_are_read_and_written(opening, drawn):
    rows = [{"Key": "p1"}, {"Key": "p2"}, {"Key": "p3"}, {"Key": "p4"}]
    with opening(books.draw(drawn, rows, hidden_rows=[6, 7])) as book:
        assert sorted(filled(book.read(PAYMENTS))) == [5, 6, 7, 8]
        books.write_at(book, PAYMENTS, {n: {"status": f"s{n}"} for n in (5, 6, 7, 8)})
        book.append(PAYMENTS, [{"key": "p5"}])
        shown = {n: row.get("status") for n, row in filled(book.read(PAYMENTS)).items()}
        assert shown == {5: "s5", 6: "s6", 7: "s7", 8: "s8", 9: None}
        book.save()
    sheet, area = saved(drawn)
    assert area == "A4:P9"
    assert sheet.row_dimensions[6].hidden
    assert not sheet.row_dimensions[8].hidden


def test_a_missing_table_reads_as_not_found_and_takes_no_write(opening, drawn):
    with opening(books.draw(drawn)) as book:
        assert not book.read(INVOICES).found
        for write in (
            lambda: book.write(INVOICES, {("invoice", "x"): {"status": "x"}}),
            lambda: book.append(INVOICES, [{"key": "x"}]),
            lambda: book.replace(INVOICES, []),
        ):
            with pytest.raises(CannotRun) as refused:
                write()
            assert [p.code for p in refused.value.problems] == ["table_missing"]


def test_a_row_that_is_not_there_or_stands_twice_is_left_alone_and_said(opening, drawn):
    """A result goes to its own record's row, or waits: never into a row of another key (trust.md, section 3)."""
    rows = [{"Key": "p1"}, {"Key": "twice"}, {}, {"Key": "twice"}]
    with opening(books.draw(drawn, rows)) as book:
        wanted = {(key,): {"status": "x"} for key in ("p1", "gone", "twice", "Key", "P1", "")}
        assert book.write(PAYMENTS, wanted) == wanted.keys() - {("p1",)}
        shown = [(row.values["key"], row.values["status"]) for row in book.read(PAYMENTS).rows]
        assert shown == [("p1", "x"), ("twice", None), ("twice", None)]
        assert book.write(PAYMENTS, {("twice",): {"status": "y"}}, every=True) == frozenset()
        assert [row.values["status"] for row in book.read(PAYMENTS).rows] == ["x", "y", "y"]


def test_rows_of_two_kinds_may_bear_one_key(opening, drawn):
    rows = [{"Key": "1", "Kind": "Invoice"}, {"Key": "1", "Kind": "Note de crédit"}, {"Key": "1", "Kind": "Bill"}]
    with opening(books.draw(drawn, rows, table=INVOICES)) as book:
        cells = {(kind, "1"): {"status": said} for kind, said in (("credit_note", "x"), ("Bill", "y"), ("refund", "z"))}
        assert book.write(INVOICES, cells) == {("refund", "1")}
        assert [row.values["status"] for row in book.read(INVOICES).rows] == [None, "x", "y"]


def test_without_the_column_that_says_whose_row_it_is_nothing_is_written(opening, drawn):
    with opening(books.draw(drawn, [{"Key": "1"}], table=INVOICES, headers=["Key", "Status"])) as book:
        assert book.write(INVOICES, {("invoice", "1"): {"status": "x"}}) == {("invoice", "1")}
        assert [row.values["status"] for row in book.read(INVOICES).rows] == [None]


def test_a_text_no_cell_can_hold_is_named_with_its_cell(opening, drawn):
    with opening(books.draw(drawn, [{"Key": "p1"}])) as book:
        with pytest.raises(CannotRun) as refused:
            books.write_at(book, PAYMENTS, {5: {"reason": "x" * 32_768}})
        (problem,) = refused.value.problems
        assert (problem.code, problem.place.cell) == ("text_forbidden", "N5")
        books.write_at(book, PAYMENTS, {5: {"reason": "x" * 32_767}})
        assert len(filled(book.read(PAYMENTS))[5]["reason"]) == 32_767


def test_lines_and_accents_come_back_as_they_were(opening, drawn):
    text = "Première ligne\nDeuxième\tœuvre – “ok” 🙂"
    with opening(books.draw(drawn, [{"Key": "p1"}])) as book:
        books.write_at(book, PAYMENTS, {5: {"reason": text}})
        book.save()
    with opening(drawn) as book:
        assert filled(book.read(PAYMENTS))[5]["reason"] == text


def test_five_thousand_rows_come_back_as_they_were(opening, drawn):
    rows = [{"key": f"p{n}", "date": date(2026, 1, 1 + n % 28), "amount": Decimal(n) / 4} for n in range(5_000)]
    with opening(books.draw(drawn)) as book:
        book.append(PAYMENTS, rows)
        assert filled(book.read(PAYMENTS)) == dict(enumerate(rows, 5))
