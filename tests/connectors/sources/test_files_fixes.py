"""What a sentence offers works: each problem of the source is provoked, done what its fix says, and pulled anew."""

from __future__ import annotations

import ast
import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ACCOUNTS, DOCUMENTS, LINES, Company
from source_workbooks import Shown, replace_parts, save, sheets

import connectors.sources as sources
from addin.texts import fix, what
from connectors.problems import OWNERS, CannotRun, Owner, Problem
from connectors.records import Kind, SyncStatus
from connectors.source import Result

Step = Callable[[Company], dict[str, object] | None]
"""What is done to a company's files; what it answers are settings that the next pull has."""

PAYMENTS = "key,date,account,amount\nP1,2025-03-01,A1,5.00\n"
ENTRY = "key,date\nE1,2025-03-01\n"
ENTRY_LINES = "entry,line,gl_account,debit,credit\nE1,1,1,5.00,\nE1,2,2,,5.00\n"
FOLDER: dict[str, object] = {}
BOOK: dict[str, object] = {"path": "data.xlsx"}


def files_of(**texts: str | bytes) -> Step:
    def write(company: Company) -> None:
        company.write(**texts)

    return write


def book_of(**cells: object) -> Step:
    def write(company: Company) -> dict[str, object]:
        save(company.folder / "data.xlsx", sheets(**cells))
        return BOOK

    return write


def text_put(old: str, new: str, name: str = "documents", base: str = DOCUMENTS) -> Step:
    assert old in base
    return files_of(**{name: base.replace(old, new)})


def content_put(content: bytes) -> Step:
    def write(company: Company) -> dict[str, object]:
        (company.folder / "data.xlsx").write_bytes(content)
        return BOOK

    return write


def a_folder_for_a_file(company: Company) -> None:
    (company.source / "payments.csv").mkdir()


def the_file_itself(company: Company) -> None:
    (company.source / "payments.csv").rmdir()
    company.write(payments=PAYMENTS)


def hidden(company: Company) -> dict[str, object]:
    import openpyxl

    save(company.folder / "data.xlsx", sheets())
    book = openpyxl.load_workbook(company.folder / "data.xlsx")
    book["lines"].sheet_state = "hidden"
    book["documents"].row_dimensions[2].hidden = True
    book.save(company.folder / "data.xlsx")
    return BOOK


def uncomputed_sums(company: Company) -> dict[str, object]:
    return book_of(balance="=100")(company) or {}


def damaged(company: Company) -> dict[str, object]:
    save(company.folder / "data.xlsx", sheets())
    replace_parts(
        company.folder / "data.xlsx", xl__worksheets__sheet2=lambda xml: xml.replace(b"<v>100</v>", b"<v>x</v>")
    )
    return BOOK


def padded(company: Company) -> dict[str, object]:
    save(company.folder / "data.xlsx", sheets())
    blanks = b" " * ((1 << 24) + (1 << 20))
    replace_parts(
        company.folder / "data.xlsx",
        xl__worksheets__sheet2=lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + blanks),
    )
    return BOOK


def many(text: str, rows: int = 60) -> str:
    head = DOCUMENTS.splitlines()[0]
    return head + "\n" + "".join(f"X{n},{text.replace('#', str(n))}\n" for n in range(rows))


ACCENTS = "key,name\n" + "".join(f"A{n},é\n" for n in range(99))
BILLED = {
    "accounts": ACCOUNTS.replace("key,name", "key,is_supplier,name").replace("A1,", "A1,yes,").replace("A2,", "A2,,"),
    "payments": "key,kind,date,account,amount,invoice\nP1,,2025-03-01,A1,5.00,\n",
}
NAMED_TWICE = files_of(
    payments="key,date,account,amount,invoice\nP1,2025-03-01,A1,5.00,D1\n",
    allocations="payment,invoice,amount\nP1,D2,1.00\n",
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MANY = many("invoice,F-#,2025-01-31,A1,1.00,0.00,1.00,1.00")


@dataclass(frozen=True)
class Case:
    """A fault and its mending; ``gone`` are further codes that go with it."""

    code: str
    break_it: Step
    mend: Step


def merged(company: Company) -> dict[str, object]:
    import openpyxl

    save(company.folder / "data.xlsx", sheets(currency="USD"))
    book = openpyxl.load_workbook(company.folder / "data.xlsx")
    book["documents"].merge_cells("F2:G2")
    book.save(company.folder / "data.xlsx")
    return BOOK


CASES = (
    Case("file_missing", lambda c: (c.source / "lines.csv").unlink(), files_of(lines=LINES)),
    Case("file_missing", lambda c: {"path": "elsewhere"}, lambda c: {"path": "source"}),
    Case("file_empty", files_of(lines=""), files_of(lines=LINES)),
    Case("file_unreadable", files_of(accounts=ACCOUNTS.encode("cp1252")), files_of(accounts=ACCOUNTS)),
    Case("file_unreadable", files_of(accounts=ACCOUNTS.encode("cp1252")), lambda c: {"encoding": "cp1252"}),
    Case("file_of_another_format", content_put(b"%PDF-1.4"), book_of()),
    Case(
        "file_of_another_format",
        content_put(OLE + b"W\0o\0r\0k\0b\0o\0o\0k\0"),
        book_of(),
    ),
    Case("file_of_another_format", files_of(lines=LINES.encode("utf-16")), files_of(lines=LINES.encode("utf-8-sig"))),
    Case(
        "file_encrypted",
        content_put(OLE + "EncryptedPackage".encode("utf-16-le")),
        book_of(),
    ),
    Case("file_damaged", content_put(b"PK\x03\x04half"), book_of()),
    Case("file_too_large", padded, book_of()),
    Case("not_a_file", a_folder_for_a_file, the_file_itself),
    Case("not_a_folder", lambda c: {"path": "source/accounts.csv"}, lambda c: {"path": "source"}),
    Case("not_a_folder", lambda c: {"path": "source/accounts.csv"}, book_of()),
    Case(
        "tables_not_read",
        files_of(payment=PAYMENTS),
        lambda c: (c.source / "payment.csv").rename(c.source / "payments.csv") and None,
    ),
    Case(
        "columns_not_read",
        text_put("key,name", "key,name,fone", "accounts", ACCOUNTS),
        text_put("key,name", "key,name,phone", "accounts", ACCOUNTS),
    ),
    Case("sheet_hidden", hidden, book_of()),
    Case("rows_hidden", hidden, book_of()),
    Case("line_too_long", files_of(lines=LINES + "D2,2,x" + "y" * (1 << 20) + ",0.00\n"), files_of(lines=LINES)),
    Case("column_missing", text_put(",total,", ",totle,"), files_of(documents=DOCUMENTS)),
    Case(
        "duplicate_column",
        files_of(accounts="key,clé,name\nA1,A1,x\nA2,A2,y\n"),
        files_of(accounts="key,name\nA1,x\nA2,y\n"),
    ),
    Case(
        "quote_misplaced",
        text_put("Dues", '"Dues" twice', "lines", LINES),
        text_put("Dues", '"Dues"" twice"', "lines", LINES),
    ),
    Case("quote_misplaced", text_put("Dues", '"Dues', "lines", LINES), text_put("Dues", '"Dues"', "lines", LINES)),
    Case(
        "too_many_values",
        text_put("A2,Second", "A2,Second,Ltd", "accounts", ACCOUNTS),
        text_put("A2,Second", 'A2,"Second,Ltd"', "accounts", ACCOUNTS),
    ),
    Case("rows_unreadable", text_put("D1,2,Meal", 'D1,2,"Meal', "lines", LINES), files_of(lines=LINES)),
    Case(
        "debit_or_credit",
        files_of(journal_entries=ENTRY, entry_lines=ENTRY_LINES.replace(",1,5.00,", ",1,-5.00,")),
        files_of(entry_lines=ENTRY_LINES.replace(",1,5.00,", ",1,,5.00")),
    ),
    Case(
        "debit_or_credit",
        files_of(journal_entries=ENTRY, entry_lines=ENTRY_LINES + "E1,3,3,0.00,\n"),
        files_of(entry_lines=ENTRY_LINES),
    ),
    Case(
        "debit_or_credit",
        files_of(journal_entries=ENTRY, entry_lines=ENTRY_LINES.replace(",2,,5.00", ",2,5.00,5.00")),
        files_of(entry_lines=ENTRY_LINES),
    ),
    Case("value_missing", text_put("F-1", ""), files_of(documents=DOCUMENTS)),
    Case("value_unknown", text_put("D1,invoice", "D1,bill"), text_put("D1,invoice", "D1,facture")),
    Case("not_an_amount", text_put("115.00,115.00", "115.00 $,115.00"), files_of(documents=DOCUMENTS)),
    Case("too_many_decimals", text_put("15.00,115", "15.001,115"), files_of(documents=DOCUMENTS)),
    Case("not_a_date", text_put("2025-01-31", "Jan 31"), files_of(documents=DOCUMENTS)),
    Case("date_in_zone", text_put("2025-01-31", "2025-01-31T23:30:00Z"), files_of(documents=DOCUMENTS)),
    Case("text_forbidden", text_put("Dues", "Du\x00es", "lines", LINES), files_of(lines=LINES)),
    Case("text_reordered", text_put("F-1", "F-\u202e1"), files_of(documents=DOCUMENTS)),
    Case("line_break", text_put("F-1", '"F\n1"'), text_put("F-1", "F 1")),
    Case("error_in_cell", book_of(currency="#N/A"), book_of(currency="USD")),
    Case("formula_not_computed", uncomputed_sums, book_of(balance=100)),
    Case("cell_damaged", damaged, book_of()),
    Case("digits_lost", book_of(number=12345678901234567890), book_of(number=Shown("12345678901234567890", "@"))),
    Case("cell_merged", merged, book_of(currency="USD")),
    Case("shown_otherwise", book_of(number=Shown(12e10, "0.00E+00")), book_of(number=Shown("12E10", "@"))),
    Case(
        "payment_negative",
        files_of(payments=PAYMENTS.replace("5.00", "-5.00")),
        files_of(payments="key,date,account,amount\n"),
    ),
    Case(
        "payment_negative",
        files_of(payments=PAYMENTS.replace("5.00", "-5.00")),
        files_of(
            payments="key,date,account,amount\n",
            documents=DOCUMENTS + "R1,refund,R-1,2025-03-01,A1,5.00,0.00,5.00,0.00\n",
            lines=LINES + "R1,1,Back,5.00\n",
        ),
    ),
    Case(
        "amount_too_small",
        files_of(payments="key,date,account,amount,fee\nP1,2025-03-01,A1,5.00,-0.20\n"),
        files_of(payments="key,date,account,amount,fee\nP1,2025-03-01,A1,5.00,\n"),
    ),
    Case(
        "amount_too_small",
        files_of(payments="key,date,account,amount,currency,rate\nP1,2025-03-01,A1,5.00,USD,0\n"),
        files_of(payments="key,date,account,amount,currency,rate\nP1,2025-03-01,A1,5.00,USD,1.35\n"),
    ),
    Case(
        "allocations_differ",
        NAMED_TWICE,
        files_of(payments=PAYMENTS),
    ),
    Case(
        "allocations_differ",
        NAMED_TWICE,
        files_of(allocations="payment,invoice,amount\nP1,D2,1.00\nP1,D1,4.00\n"),
    ),
    Case("payment_way_missing", files_of(**BILLED), files_of(payments=BILLED["payments"].replace("P1,", "P1,paid"))),
    Case("payment_way_missing", files_of(**BILLED), files_of(payments=BILLED["payments"].replace(",\n", ",D1\n"))),
    Case(
        "payment_way_differs",
        files_of(payments="key,kind,date,account,amount,invoice\nP1,paid,2025-03-01,A1,5.00,D1\n"),
        files_of(payments="key,kind,date,account,amount,invoice\nP1,received,2025-03-01,A1,5.00,D1\n"),
    ),
    Case(
        "payment_of_two_ways",
        files_of(
            documents=DOCUMENTS + "B1,supplier_invoice,B-1,2025-03-01,A1,5.00,0.00,5.00,5.00\n",
            lines=LINES + "B1,1,Paper,5.00\n",
            allocations="payment,invoice,amount\nP1,B1,1.00\nP1,D1,4.00\n",
            payments=PAYMENTS,
        ),
        files_of(
            allocations="payment,invoice,amount\nP2,B1,1.00\nP1,D1,4.00\n",
            payments=PAYMENTS.replace("5.00", "4.00") + "P2,2025-03-01,A1,1.00\n",
        ),
    ),
    Case("duplicate_key", text_put("A2,Second", "A1,Second", "accounts", ACCOUNTS), files_of(accounts=ACCOUNTS)),
    Case("reference_unknown", text_put("31,A1", "31,A9"), files_of(documents=DOCUMENTS)),
    Case("reference_unknown", text_put("31,A1", "31,A9"), files_of(accounts=ACCOUNTS + "A9,Third\n")),
    Case("encoding_differs", files_of(accounts=ACCENTS.encode("cp1252")), lambda c: {"encoding": "cp1252"}),
    Case("encoding_differs", files_of(accounts=ACCENTS.encode("cp1252")), files_of(accounts=ACCENTS)),
    Case(
        "amounts_differ",
        files_of(
            documents=many('invoice,F-#,2025-01-31,A1,"1,00","0,00","1,00","1,00"'), lines="document,line,amount\n"
        ),
        lambda c: {"decimal": ","},
    ),
    Case(
        "dates_differ",
        files_of(documents=many("invoice,F-#,31/01/2025,A1,1.00,0.00,1.00,1.00"), lines="document,line,amount\n"),
        lambda c: {"date_format": "DD/MM/YYYY"},
    ),
    Case(
        "references_left_out",
        files_of(documents=MANY, accounts="key,nam\nA1,x\n", lines="document,line,amount\n"),
        files_of(accounts=ACCOUNTS),
    ),
)
CONFIRMING = (
    "not_confirmed",
    "dates_asked",
    "decimals_asked",
    "rates_asked",
    "field_needed",
    "field_twice",
    "heading_gone",
    "sheet_gone",
    "rows_left_out",
    "export_total_differs",
)
"""What may be wrong with an export before and after it is confirmed."""
ELSEWHERE = {
    "file_changing": "test_files_hostile.py::test_a_file_that_grows_while_it_is_read_gives_nothing",
    "file_not_opened": "test_files_hostile.py::test_a_file_that_we_may_not_read_is_told",
    **dict.fromkeys(CONFIRMING, "exports/test_exports_reading.py"),
    "results_wait": "a file that is open elsewhere, on Windows alone",
    "results_foreign": "below",
    "results_unwritable": "below",
    "disk_full": "below",
}


def pulled(company: Company, options: dict[str, object]) -> list[Problem]:
    try:
        return list(company.pull(**options).problems)
    except CannotRun as stopped:
        return list(stopped.problems)


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.code}" for n, case in enumerate(CASES)])
def test_what_its_fix_says_mends_it(company, case):
    options = case.break_it(company) or FOLDER
    told = [problem for problem in pulled(company, options) if problem.code == case.code]
    assert told
    for language in ("en", "fr"):
        for sentence in (what(language, told[0]), fix(language, told[0])):
            assert sentence
            assert "{" not in sentence
            assert "“”" not in sentence
            assert "«\u00a0\u00a0»" not in sentence
    assert told[0].owner in (Owner.ACCOUNTANT, Owner.ADMINISTRATOR)
    assert pulled(company, {**options, **(case.mend(company) or {})}) == []


def test_every_code_that_the_source_raises_is_walked():
    folders = [Path(sources.__file__).parent / name for name in ("files", "exports", "tables")]
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]
    said = {node.value for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    words = {"not_sent"}  # what a column "sent" may say, and by chance a code of the checks
    assert said & OWNERS.keys() - words == {case.code for case in CASES} | ELSEWHERE.keys()


RESULT = Result(kind=Kind.INVOICE, key="D1", number="F-1", status=SyncStatus.COMPLETED)


def refused(company: Company) -> str:
    with pytest.raises(CannotRun) as stopped:
        company.open().acknowledge([RESULT])
    return stopped.value.problems[0].code


@pytest.mark.parametrize("make", [lambda path: os.mkfifo(path), Path.mkdir, lambda path: path.write_text("mine\n")])
def test_what_stands_where_the_results_go_is_never_replaced_nor_waited_for(company, make):
    path = company.source / "results.csv"
    make(path)
    assert refused(company) == "results_foreign"
    path.rename(company.folder / "renamed")
    company.open().acknowledge([RESULT])
    assert path.is_file()


@pytest.mark.parametrize("beside", [lambda path: os.mkfifo(path), lambda path: path.symlink_to("accounts.csv")])
def test_what_stands_where_results_are_prepared_is_not_followed(company, beside):
    before = (company.source / "accounts.csv").read_bytes()
    beside(company.source / "results.csv.new")
    company.open().acknowledge([RESULT])
    assert (company.source / "results.csv").is_file()
    assert (company.source / "accounts.csv").read_bytes() == before


def test_a_place_that_takes_no_file_does_not_pass_by_itself(company):
    (company.source / "results.csv.new").mkdir()
    assert refused(company) == "results_unwritable"
    assert OWNERS["results_unwritable"] is not Owner.LATER
    (company.source / "results.csv.new").rmdir()
    company.open().acknowledge([RESULT])
    assert (company.source / "results.csv").is_file()


def test_a_full_disk_is_told_as_that(company):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert refused(company) == "disk_full"
    assert not list(company.source.glob("results*"))
    company.open().acknowledge([RESULT])
