"""What the accountant added is still there, unchanged, after any write (workbook.md, "Living with…")."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from datetime import date
from decimal import Decimal

import books
import openpyxl
import pytest
import python_calamine
import rich_workbooks as rich
from openxml_audit import OpenXmlValidator

from workbook.book import Link
from workbook.file.file_book import FileBook
from workbook.layout import INVOICES, LINES
from workbook.template.template import build

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl, of its own loss


def by_openpyxl(path):
    book = openpyxl.load_workbook(path, keep_vba=True)
    return {
        (sheet.title, cell.coordinate): (_plain(cell.value), tuple(cell._style), cell.number_format)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def _plain(value):
    return value.text if hasattr(value, "text") else value


def by_calamine(path):
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    found = {}
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        for row, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
            found |= {(name, row, column): value for column, value in enumerate(values, 1) if value != ""}
    return found


def differing(before, after):
    return {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}


def changed_parts(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def raw_entries(path):
    """Every entry's bytes as they lie in the file, header and compressed content."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        entries = sorted(package.infolist(), key=lambda entry: entry.header_offset)
        ends = [entry.header_offset for entry in entries[1:]] + [package.start_dir]
    return {entry.filename: data[entry.header_offset : end] for entry, end in zip(entries, ends, strict=True)}


def findings(path):
    """What the audit finds; it counts inline strings where a package has no shared ones."""
    errors = OpenXmlValidator().validate(path).errors
    return sorted(re.sub(r"\d+ inline", "inline", f"{error.part_uri} {error.description}") for error in errors)


def from_libreoffice(path):
    soffice = shutil.which("soffice")
    if not soffice:
        pytest.skip("needs soffice")
    source = path.with_name("source.xlsx")
    rich.drawn(source)
    profile = path.with_name("profile").as_uri()
    subprocess.run(
        [soffice, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
         "--outdir", str(path.with_name("out")), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return path.with_name("out") / "source.xlsx"


def from_openpyxl(path):
    book = openpyxl.load_workbook(rich.drawn(path))
    book.save(path)
    return path


def from_template(path):
    target = path.with_suffix(".xlsm")
    build(target, language="en")
    book = FileBook(target)
    book.append(INVOICES, [{"key": f"k{n}", "total": Decimal(n), "status": "Stand By"} for n in range(rich.ROWS)])
    book.save()
    return target


MAKERS = {
    "drawn and grafted": rich.rich,
    "openpyxl": from_openpyxl,
    "template": from_template,
    "LibreOffice": from_libreoffice,
}


@pytest.fixture(params=MAKERS)
def path(request, tmp_path):
    return MAKERS[request.param](tmp_path / "rich.xlsx")


def sheet_part(path, name):
    return next(s.sheet_part for s in FileBook(path)._standing.values() if s.sheet == name)


def test_a_write_changes_its_cells_its_sheet_and_nothing_else(path):
    before, entries = rich.parts(path), raw_entries(path)
    seen, counted, audited = by_openpyxl(path), by_calamine(path), findings(path)
    book = FileBook(path)
    place = book.read(INVOICES).letters
    books.write_at(
        book,
        INVOICES,
        {
            6: {"status": "Transfer Completed", "reference": "=cmd|' /C calc'!A0", "reason": None},
            9: {"total": Decimal("99.95"), "date": date(2026, 12, 31), "reason": "a\nb <&> \x07 _x0041_"},
        },
    )
    book.save()
    after = rich.parts(path)
    meant = {"xl/workbook.xml"} if changed_parts(before, after) & {"xl/workbook.xml"} else set()
    assert changed_parts(before, after) - meant == {sheet_part(path, "Invoices")}
    if meant:
        assert b"fullCalcOnLoad" in after["xl/workbook.xml"]
        assert b"fullCalcOnLoad" not in before["xl/workbook.xml"]
    untouched = before.keys() - changed_parts(before, after)
    now = raw_entries(path)
    assert {name: now[name] for name in untouched} == {name: entries[name] for name in untouched}
    assert list(after) == list(before)
    cells = {(6, "status"), (6, "reference"), (6, "reason"), (9, "total"), (9, "date"), (9, "reason")}
    changed = differing(seen, by_openpyxl(path))
    assert changed <= {("Invoices", f"{place[key]}{row}") for row, key in cells}
    assert {("Invoices", f"{place['status']}6"), ("Invoices", f"{place['total']}9")} <= changed
    assert {(sheet, row) for sheet, row, _ in differing(counted, by_calamine(path))} == {
        ("Invoices", 6),
        ("Invoices", 9),
    }
    assert findings(path) == audited


def test_new_rows_leave_every_old_cell_alone(path):
    before, seen, audited = rich.parts(path), by_openpyxl(path), findings(path)
    book = FileBook(path)
    standing = book._standing["tblinvoices"]
    links = {"source_link": Link("https://example.org/?a=1&b=2", "Open")}
    book.append(
        INVOICES, [{"key": f"new {n}", "total": Decimal("1.10"), "date": date(2026, 2, 1)} | links for n in (1, 2)]
    )
    book.save()
    after, now = rich.parts(path), by_openpyxl(path)
    assert changed_parts(before, after) - {"xl/workbook.xml"} == {standing.part, standing.sheet_part}
    assert {row for place, row in ((p, int("".join(filter(str.isdigit, p[1])))) for p in differing(seen, now))} == {
        standing.data.bottom + 1,
        standing.data.bottom + 2,
    }
    grid = FileBook(path).read(INVOICES)
    assert [row.values["key"] for row in grid.rows[-2:]] == ["new 1", "new 2"]
    assert (
        now["Invoices", f"{grid.letters['total']}{standing.data.bottom + 2}"][2]
        == (now["Invoices", f"{grid.letters['total']}{standing.data.bottom}"][2])
    )
    assert findings(path) == audited


def test_a_table_on_another_sheet_keeps_its_part(tmp_path):
    path = rich.rich(tmp_path / "rich.xlsx")
    before = rich.parts(path)
    book = FileBook(path)
    lines = book.read(LINES)
    books.write_at(book, LINES, {row.number: {"reason": "unmapped"} for row in lines.rows})
    book.save()
    changed = changed_parts(before, rich.parts(path))
    assert changed == {"xl/worksheets/sheet2.xml"}
    assert [row.values["reason"] for row in FileBook(path).read(LINES).rows] == ["unmapped"] * rich.ROWS


def test_a_save_without_a_write_does_not_touch_the_file(tmp_path):
    path = rich.rich(tmp_path / "rich.xlsx")
    before = path.read_bytes(), path.stat().st_mtime_ns
    book = FileBook(path)
    book.read(INVOICES)
    book.save()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_two_saves_of_one_book_are_as_one(tmp_path):
    path = rich.rich(tmp_path / "rich.xlsx")
    book = FileBook(path)
    for status in ("one", "two"):
        book.append(INVOICES, [{"key": status}])
        book.save()
    assert [row.values["key"] for row in FileBook(path).read(INVOICES).rows][-2:] == ["one", "two"]
    assert FileBook(path)._standing["tblinvoices"].data.bottom == rich.TOP + rich.ROWS + 1


def test_libreoffice_reads_what_was_written_as_text(tmp_path):
    soffice = shutil.which("soffice")
    if not soffice:
        pytest.skip("needs soffice")
    path = rich.rich(tmp_path / "rich.xlsx")
    texts = ["=1+1", "+1", "-1", "@x", "007", "é<&>", "  two  spaces "]
    book = FileBook(path)
    book.replace(INVOICES, [{"key": text, "total": Decimal("1.25")} for text in texts])
    book.save()
    subprocess.run(
        [soffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "ods",
         "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    sheet = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "rich.ods")).get_sheet_by_name("Invoices")
    rows = sheet.to_python(skip_empty_area=False)[4 : 4 + len(texts)]
    key, total = ([column.key for column in INVOICES.columns].index(name) for name in ("key", "total"))
    assert [row[key] for row in rows] == texts
    assert [row[total] for row in rows] == [1.25] * len(texts)
