"""Whatever a source sends ends as text in the workbook or as a problem with its line: never a formula, never damage.

Every text column of every file of the source holds each of the strings below. Formula injection: OWASP, "CSV
Injection" (cells that begin with = + - @ tab or carriage return).
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import xlwings
from openpyxl.utils.escape import unescape

from addin import ribbon
from addin.profile import load
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.init import init
from addin.usecases.pull import pull
from addin.usecases.reconcile import reconcile
from connectors.records import Document
from connectors.source import Pulled
from connectors.sources.tables import columns
from connectors.sources.tables.columns import TABLES, Column, Table, Type
from tests.addin.conftest import TODAY
from workbook import layout
from workbook.book import Book, CellError, Link, Value
from workbook.file.file_book import FileBook
from workbook.layout import LINES, LOG_TABLE, MAPPING_TABLES, PROBLEMS_TABLE, RECONCILIATION, tables
from workbook.live.live_book import LiveBook
from workbook.review import text_of
from workbook.rows import lines, names_of, shown, table_of

STARTS = ("=", "+", "-", "@", "\t=", "\n=", "\r=", " =", "'=", '"=', "＝", "%", "|", ";")
ENDS = (
    "1+1", "cmd|' /C calc'!A0", "SUM(A1:A9)", 'HYPERLINK("http://evil.example","Net")', "A1", "IMPORTXML(1)",
    'DDE("cmd";"/C calc";"x")', "WEBSERVICE(1)", "2+5+cmd|' /C calc'!A0", "A1:XFD1048576",
)  # fmt: skip
CELLS = tuple(start + end for start in STARTS for end in ENDS)
XML = tuple(f"a{chr(code)}b" for code in (*range(32), 0x7F, 0x85, 0xA0, 0x2028, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x202E))
OVERLAPPING = "_x005F_x000D_"
"""Two escapes that share a character: saving, LibreOffice escapes the first of them alone."""

MARKUP = (
    "</t></is></c>", "<![CDATA[x]]>", "&lt;&amp;&#0;", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "_x0041_", "_x000D_", OVERLAPPING, "_x000d_", "{{7*7}}", "${jndi:ldap://x}", "%s%n{0}", "../../etc/passwd",
    "NULL", "#REF!", "TRUE", "007", "1e5", "2026-01-31", "a\r\nb", "a \t b", "\u202e=1+1", "\u200f=1+1", "שלום=1+1",
    "😀" * 40, "é" * 300, "x" * 32_767, "x" * 32_768, "😀" * 16_383, "😀" * 16_384, "\ud800half", "half\udfff",
)  # fmt: skip
HOSTILE = (*CELLS, *XML, *MARKUP)
WORDS = {
    Type.AMOUNT: "100.00", Type.NUMBER: "1", Type.COUNT: "1", Type.DATE: "2026-01-15", Type.CURRENCY: "CAD",
    Type.RATE: "1", Type.SENT: "yes",
    Type.YES_NO: "yes", Type.ORIGIN: "manual", Type.DIRECTION: "to_ledger", Type.ROUNDING: "sum_of_rounded",
    Type.CATEGORY: "taxed", Type.WAY: "received",
}  # fmt: skip
NAME = "Hostile"
KINDS = ("credit_note", "supplier_invoice", "sales_receipt", "refund")
LONG = 30_000
"""What is put before a key as long as that leaves a cell no room for the rest of it."""

TYPED = {(f"{table.name}.csv", column.name) for table in TABLES for column in table.columns if column.type in WORDS}
LINE_END = re.compile("\r\n|\r|\n")
FORMULAS = 16
"""LibreOffice's com.sun.star.sheet.CellFlags.FORMULA."""

OURS = re.compile(r'=(?:HYPERLINK\("[^"]*"[,;]"[^"]*"\)|IF\(in_french[,;].*)', re.DOTALL)
"""A link between two texts, and a title of the template in both languages."""

ZEROES = (("documents", "tax"), ("document_taxes", "amount"), ("lines", "tax_amount"), ("entry_lines", "credit"))


def test_there_are_two_hundred() -> None:
    assert len(set(HOSTILE)) >= 200


# The files ----------------------------------------------------------------------------------------------------------


def rows(table: Table, text: str, number: int) -> Iterator[dict[str, str]]:
    """The rows of a table in which a string stands wherever a text can."""
    of_documents = table in (columns.DOCUMENTS, columns.LINES, columns.DOCUMENT_TAXES)
    for kind in ("invoice", KINDS[number % len(KINDS)]) if of_documents else ("",):
        cells = {column.name: cell(table, column, text, number, kind) for column in table.columns}
        if table is columns.DOCUMENTS and kind not in ("sales_receipt", "refund"):
            cells |= {"method": "", "deposit_account": ""}
        if table is columns.DOCUMENTS and kind == "invoice":
            cells["sync_reference"] = ""  # it waits for its transfer, and the check says what it lacks
        yield cells
        if table is columns.ENTRY_LINES:
            yield {**cells, "line": "2", "debit": "0.00", "credit": "100.00"}


def cell(table: Table, column: Column, text: str, number: int, kind: str) -> str:
    if column.type is Type.KIND:
        return kind
    if (table.name, column.name) in ZEROES:
        return "0.00"
    if column.name == "cancelled":
        return "no"
    of_documents = column.refers == "documents" or (table is columns.DOCUMENTS and column.name == "key")
    if column.type is Type.CODES:
        return ""  # a code that holds what joins several can stand in no such list
    if table is columns.PAYMENTS and column.name == "invoice":
        return ""  # allocations say it
    if column.name == "parent" or (column.name == "invoice" and kind not in ("", "credit_note", "refund")):
        return ""
    if column.refers or column.name in ("key", "code"):
        its = kind if column.name in ("key", "document") else "invoice"
        return f"{fitting(text, column) if len(text) < LONG else ''} {number}{its if of_documents else ''}"
    return fitting(text, column) if column.type in (Type.TEXT, Type.CODE) else WORDS[column.type]


def fitting(text: str, column: Column) -> str:
    """A text that a column takes: codes and names have one line, and no code is shown from right to left."""
    if column.type is Type.CODE:
        text = re.sub("[\u202e\u200f\ufeff]", "", text).replace("\t", " ").replace("\u00a0", " ")
    return text if column.long else " ".join(text.splitlines())


def write(folder: Path) -> dict[tuple[str, int], dict[str, str]]:
    """The source's files; each row by its file and line. What is no UTF-8 is written as the bytes it would be."""
    folder.mkdir(parents=True)
    written: dict[tuple[str, int], dict[str, str]] = {}
    for table in TABLES:
        text, line = io.StringIO(newline=""), 1
        writer = csv.DictWriter(
            text, [column.name for column in table.columns], lineterminator="\n", quoting=csv.QUOTE_ALL
        )
        writer.writeheader()
        content = text.getvalue()
        for number, string in enumerate(HOSTILE):
            for cells in rows(table, string, number):
                line += 1
                written[f"{table.name}.csv", line] = cells
                text.seek(0)
                text.truncate()
                writer.writerow(cells)
                line += len(LINE_END.findall(text.getvalue())) - 1
                content += text.getvalue()
        (folder / f"{table.name}.csv").write_bytes(content.encode("utf-8", "surrogatepass"))
    return written


# The company --------------------------------------------------------------------------------------------------------


@dataclass
class Company:
    """A company whose source holds every string everywhere; what was written, and what the source makes of it."""

    written: dict[tuple[str, int], dict[str, str]]
    pulled: Pulled
    workbook: Path


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company, not yet pulled."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(folder / "home"))
        patch.setenv("PASSERELLE_LANGUAGE", "en")
        written = write(folder / "company" / "source")
        init(folder / "company", NAME, "files", "beancount", {}, FileBook)
        with load(NAME).open_source() as source:
            source.connect()
            yield Company(written, source.pull(), load(NAME).workbook)


@pytest.fixture(scope="module")
def closed(company: Company) -> Path:
    """The workbook, pulled, checked and reconciled while it lies on disk; a new journal and workbook are left."""
    profile, workbook = load(NAME), company.workbook
    new, done = workbook.read_bytes(), workbook.with_name("closed.xlsm")
    for use_case in (pull, check, reconcile):
        with Session.open(profile, FileBook(workbook), use_case.__name__, TODAY) as session:
            use_case(session)
    workbook.rename(done)
    workbook.write_bytes(new)
    (profile.place / "journal.sqlite").unlink()
    return done


# What a cell can hold -----------------------------------------------------------------------------------------------


@cache
def holdable(text: str) -> bool:
    """Whether a cell can hold a text: characters of XML, no control but tab and line ends, 32,767 UTF-16 units."""
    forbidden = any(
        (unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n\r") or c in "\ufffe\uffff" for c in text
    )
    return not forbidden and len(text.encode("utf-16-le", "surrogatepass")) <= 2 * 32_767


def readable(text: str) -> bool:
    """Whether a text is taken: a cell can hold it, and it is no error that a program wrote in its place."""
    return holdable(text) and text != "#REF!"


def as_kept(text: str) -> str:
    """A text as a cell keeps it: line ends are line feeds, and blanks around it say nothing."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(" \u00a0\u202f\t\n")


def strings(value: object) -> set[str]:
    """Every text within a value."""
    if isinstance(value, str):
        return {str(value)}
    if dataclasses.is_dataclass(value):
        return set().union(*(strings(getattr(value, field.name)) for field in dataclasses.fields(value)))
    return set().union(*map(strings, value)) if isinstance(value, tuple) else set()


def test_every_string_comes_through_the_source_or_is_named_with_its_line_and_column(company: Company) -> None:
    named = {(p.provenance.place, p.provenance.line, p.column) for p in company.pulled.problems}
    held = strings(company.pulled)
    for (file, line), cells in company.written.items():
        for column, text in cells.items():
            if not readable(text):
                assert (file, line, column) in named
            elif all(map(readable, cells.values())) and (file, column) not in TYPED:
                assert as_kept(text) in held


# What stands in the sheets ------------------------------------------------------------------------------------------

Texts = dict[str, dict[str, str]]
"""The texts of a table: key → column → text. Documents go by their kind and key, for several may share a key."""


def expected(pulled: Pulled) -> dict[str, Texts]:
    """What the review and mapping sheets have to show, by table."""
    names = names_of({(record.kind, record.key): record for record in pulled.records}, "en")
    rows: dict[str, list[Mapping[str, Value]]] = {LINES.name: []}
    for record in pulled.records:
        rows.setdefault(table_of(record.kind).name, []).extend(shown(record, names))
        rows[LINES.name] += lines(record) if isinstance(record, Document) else ()
    lists = pulled.lists
    taxes = (*lists.taxes, *lists.tax_groups)
    entries = (lists.accounts, lists.items, taxes, lists.methods, lists.terms, lists.classes)
    for table, listed in zip(MAPPING_TABLES, entries, strict=True):
        rows[table.name] = [{"code": entry.code, "name": entry.name} for entry in listed]
    return {name: {key_of(cells): texts_of(cells) for cells in found} for name, found in rows.items()}


def key_of(cells: Mapping[str, Value]) -> str:
    return spelled(cells.get("kind")) + (spelled(cells.get("key")) or spelled(cells.get("code")))


def texts_of(cells: Mapping[str, Value]) -> dict[str, str]:
    """The cells of a row that hold text; one that spells an error value is taken for one in an open workbook."""
    return {key: text for key, value in cells.items() if (text := spelled(value))}


def spelled(value: Value) -> str:
    if isinstance(value, Link | CellError):
        return value.text
    return value if isinstance(value, str) else ""


def in_book(book: Book, table: layout.Table) -> Texts:
    """The texts of a table as a book reads them."""
    return {key_of(row.values): texts_of(row.values) for row in book.read(table).rows}


def in_openpyxl(book: openpyxl.Workbook, table: layout.Table) -> Texts:
    """The texts of a table as openpyxl reads them."""
    sheet = next(sheet for sheet in book if table.name in sheet.tables)
    rows = sheet[sheet.tables[table.name].ref][1:]
    found = [
        {
            column.key: literally(cell.value)
            for column, cell in zip(table.columns, row, strict=True)
            if cell.data_type in ("s", "inlineStr") and cell.value
        }
        for row in rows
    ]
    return {key_of(cells): cells for cells in found}


def literally(text: str) -> str:
    """A text as it is meant: openpyxl takes ``x005F_`` out of shared strings, and leaves inline ones as they stand."""
    return unescape(text) if "_x005F_" in text else text


def compare(found: Texts, wanted: Texts) -> None:
    """Every text that has to be there is there, in its row and column, to the letter."""
    for key, cells in wanted.items():
        assert {column: found[key].get(column) for column in cells} == cells


def compare_all(book: Book, path: Path, wanted: dict[str, Texts]) -> None:
    """A book, and the file that it is, for every table."""
    opened = openpyxl.load_workbook(path)
    for _, table in tables():
        compare(in_book(book, table), wanted.get(table.name, {}))
        compare(in_openpyxl(opened, table), wanted.get(table.name, {}))
    for cell in (cell for sheet in opened for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
        assert OURS.fullmatch(str(cell.value)), cell


def compare_in_office(opened: xlwings.Book, wanted: dict[str, Texts]) -> None:
    """Every table as LibreOffice has it in memory, computed."""
    book = LiveBook(opened)
    for _, table in tables():
        compare(in_book(book, table), wanted.get(table.name, {}))
    for sheet in opened.sheets:
        for cells in sheet.api.queryContentCells(FORMULAS).getCells():
            assert OURS.fullmatch(cells.getFormula()), cells.AbsoluteName


def test_in_a_closed_workbook_it_is_text_to_every_reader(company: Company, closed: Path, office: xlwings.App) -> None:
    wanted = expected(company.pulled)
    compare_all(FileBook(closed), closed, wanted)
    opened = office.books.open(str(closed))
    compare_in_office(opened, wanted)
    opened.close()


@pytest.mark.long
def test_in_an_open_workbook_it_is_text_to_every_reader(company: Company, closed: Path, office: xlwings.App) -> None:
    wanted = expected(company.pulled)
    opened = office.books.open(str(company.workbook))
    opened.set_mock_caller()
    ribbon.pull()
    compare_in_office(opened, wanted)
    opened.close()
    saved = {name: {k: cells for k, cells in texts.items() if OVERLAPPING not in k} for name, texts in wanted.items()}
    compare_all(FileBook(company.workbook), company.workbook, saved)


def test_the_dashboard_the_reconciliation_and_the_log_show_it_as_text(closed: Path) -> None:
    book, kept = FileBook(closed), {as_kept(text) for text in HOSTILE}
    for table, column, starts in ((PROBLEMS_TABLE, "number", "=+-@"), (RECONCILIATION, "account", "=")):
        found = {text_of(row.values[column]) for row in book.read(table).rows}
        assert {text[:1] for text in found & kept} >= set(starts)
    assert book.read(LOG_TABLE).rows
