"""What is no source file, or was made to harm: each is told as what it is, and nothing waits, grows or breaks."""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import sys
import threading
import zipfile
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from conftest import ACCOUNTS, keys, told
from source_workbooks import PART, replace_parts, save, sheets

from addin.sync.effects import Effect, effect
from addin.texts import fix, what
from connectors.problems import CannotRun, Owner
from connectors.sources.files import regular
from connectors.sources.files.connector import FilesSource
from connectors.sources.files.refusals import FileRefused
from connectors.sources.files.settings import FilesSettings
from connectors.sources.files.xlsx import package


def problems_of(company, **options) -> list:
    """What a pull says, whether it could run or not."""
    try:
        return list(company.pull(**options).problems)
    except CannotRun as stopped:
        return list(stopped.problems)


def in_workbook(company, **changes) -> list:
    """What a pull says of a sound workbook some of whose parts were changed."""
    save(company.folder / "data.xlsx", sheets())
    replace_parts(company.folder / "data.xlsx", **changes)
    return problems_of(company, path="data.xlsx")


def codes(problems) -> list[str]:
    return [problem.code for problem in problems if effect(problem) is not Effect.NOTICE]


# What is no file ----------------------------------------------------------------------------------------------------


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endpoint(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path)[-100:] if len(str(path)) < 100 else os.path.relpath(path))


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def nowhere(path: Path) -> None:
    path.symlink_to("not-there")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [pipe, endpoint, loop, nowhere, device, Path.mkdir])
@pytest.mark.parametrize("name", ["documents.csv", "payments.csv"])
def test_what_is_no_file_is_told_and_never_waited_for(company, make, name):
    """An optional file that is a broken link is not an absent one: its payments would be gone."""
    path = company.source / name
    path.unlink(missing_ok=True)
    make(path)
    assert ("not_a_file", name, "", "") in told(company.pull())


@pytest.mark.parametrize("make", [pipe, loop, nowhere, device, Path.mkdir])
def test_what_is_no_workbook_file_cannot_run(company, make):
    make(company.folder / "data.xlsx")
    assert codes(problems_of(company, path="data.xlsx")) == ["not_a_file"]


def test_a_file_in_the_folders_place_is_told(company):
    assert codes(problems_of(company, path="source/accounts.csv")) == ["not_a_folder"]
    loop(company.folder / "around")
    assert codes(problems_of(company, path="around")) == ["not_a_file"]


def test_a_file_that_we_may_not_read_is_told(company):
    """As somebody who is not root, whom nothing is forbidden."""
    (company.source / "payments.csv").write_text("key\n")
    (company.source / "payments.csv").chmod(0)
    if os.geteuid():
        assert codes(problems_of(company)) == ["file_not_opened"]
        return
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        for folder in (company.source, *company.source.parents):
            if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
                folder.chmod(folder.stat().st_mode | 0o055)
        os.setresuid(65534, 65534, 65534)
        os.write(writing, ",".join(codes(problems_of(company))).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert os.read(reading, 1000) == b"file_not_opened"


def test_a_folder_that_vanishes_while_it_is_read_cannot_run(company, monkeypatch):
    """Files that were there a moment ago are no sign that their records left."""
    read = regular.opened

    def and_vanish(path):
        if path.name == "payments.csv" and company.source.exists():
            company.source.rename(company.folder / "elsewhere")
        return read(path)

    monkeypatch.setattr("connectors.sources.files.opening.opened", and_vanish)
    assert codes(problems_of(company)) == ["file_missing"]


def test_a_file_that_grows_while_it_is_read_gives_nothing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 100)
    opening = regular.opened(path)
    stream = opening.__enter__()
    with path.open("ab") as more:
        more.write(b"y" * 100)
    assert stream.read() == b"x" * 100
    with pytest.raises(FileRefused) as grown:
        opening.__exit__(None, None, None)
    assert grown.value.code == "file_changing"


def test_a_file_that_is_being_written_is_named_and_gives_nothing(company, monkeypatch):
    read = regular.opened

    @contextmanager
    def written_meanwhile(path):
        with read(path) as stream:
            if path.name == "accounts.csv":
                with path.open("ab") as more:
                    more.write(b"A9,Sept\n")
            yield stream

    monkeypatch.setattr("connectors.sources.files.opening.opened", written_meanwhile)
    assert "file_changing" in codes(problems_of(company))


# What is another format ---------------------------------------------------------------------------------------------


def converted(tmp_path: Path, ending: str) -> bytes:
    """A sound workbook as LibreOffice saves it in another format."""
    save(tmp_path / "made.xlsx", sheets())
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", ending,
         "--outdir", str(tmp_path), str(tmp_path / "made.xlsx")],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return (tmp_path / f"made.{ending}").read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_what_libreoffice_saves_in_another_format_says_what_it_is(company, tmp_path, ending):
    content = converted(tmp_path, ending)
    for name in ("data.xlsx", f"data.{ending}"):
        (company.folder / name).write_bytes(content)
        [problem] = problems_of(company, path=name)
        assert (problem.code, problem.params["value"]) == ("file_of_another_format", f".{ending}")
    company.write(payments=content)
    assert ("file_of_another_format", "payments.csv", "", "") in told(company.pull())


def zipped(**parts: bytes) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), part)
    return content.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
OTHERS = {
    "xls": (OLE + "Workbook".encode("utf-16-le"), "file_of_another_format", ".xls"),
    "excel 5": (OLE + "Book".encode("utf-16-le"), "file_of_another_format", ".xls"),
    "excel 4": (b"\x09\x04\x06\x00" + bytes(60), "file_of_another_format", ".xls"),
    "word": (OLE + "WordDocument".encode("utf-16-le"), "file_of_another_format", "OLE"),
    "encrypted": (OLE + "EncryptedPackage".encode("utf-16-le"), "file_encrypted", ""),
    "ods": (zipped(mimetype=b"x", content_dot_xml=b"<a/>"), "file_of_another_format", ".ods"),
    "xlsb": (zipped(**{"[Content_Types].xml": b"", "xl/workbook.bin": b""}), "file_of_another_format", ".xlsb"),
    "docx": (zipped(**{"[Content_Types].xml": b"", "word/document.xml": b""}), "file_of_another_format", ".docx"),
    "zip": (zipped(**{"documents.csv": b"key\n"}), "file_of_another_format", ".zip"),
    "half a zip": (zipped(a=b"b" * 500)[:60], "file_damaged", ""),
    "pdf": (b"%PDF-1.7\n", "file_of_another_format", ".pdf"),
    "page": (b"\xef\xbb\xbf<!DOCTYPE html><table><tr><td>key", "file_of_another_format", ".html"),
    "page named xls": (b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'>", "file_of_another_format", ".html"),
    "excel 2003 xml": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
        "file_of_another_format", "XML (Excel 2003)",
    ),
    "utf-16": ("key,name\nA1,x\n".encode("utf-16"), "file_of_another_format", "UTF-16"),
    "utf-16 without a mark": ("key,name\nA1,x\n".encode("utf-16-le"), "file_of_another_format", "UTF-16"),
    "big-endian": ("key,name\nA1,x\n".encode("utf-16-be"), "file_of_another_format", "UTF-16"),
    "gzip": (b"\x1f\x8b\x08" + bytes(60), "file_of_another_format", ".gz"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("ending", ["xlsx", "csv", "xls"])
def test_another_format_under_any_ending_says_what_it_is(company, name, ending):
    content, code, value = OTHERS[name]
    if ending == "csv":
        company.write(accounts=content)
        problem = next(p for p in company.pull().problems if p.params["file"] == "accounts.csv")
    else:
        (company.folder / f"data.{ending}").write_bytes(content)
        [problem] = problems_of(company, path=f"data.{ending}")
    assert (problem.code, problem.params["value"]) == (code, value)


def test_a_workbook_named_csv_is_told(company):
    save(company.source / "accounts.csv", sheets())
    assert ("file_of_another_format", "accounts.csv", "", "") in told(company.pull())


@pytest.mark.parametrize("ending", ["xlsm", "xltx"])
def test_a_workbook_with_macros_is_a_workbook(company, ending):
    save(company.folder / "data.xlsx", sheets())
    (company.folder / "data.xlsx").rename(company.folder / f"data.{ending}")
    assert len(company.pull(path=f"data.{ending}").records) == 2


# Packages that are damaged or made to harm --------------------------------------------------------------------------

NO_INVOICE = {"A1"}


def change(old: bytes, new: bytes):
    def changed(xml: bytes) -> bytes:
        assert old in xml
        return xml.replace(old, new)

    return changed


HEAD = b'<?xml version="1.0"?>'
CELLS = {
    "a text that is not there": (b't="inlineStr"><is><t>F-1</t></is>', b't="s"><v>99999999</v>', "cell_damaged"),
    "a text before the first": (b't="inlineStr"><is><t>F-1</t></is>', b't="s"><v>-1</v>', "cell_damaged"),
    "a text of no number": (b't="inlineStr"><is><t>F-1</t></is>', b't="s"><v>x</v>', "cell_damaged"),
    "a number without bounds": (b"<v>100</v>", b"<v>1e400</v>", "cell_damaged"),
    "a number that is none": (b"<v>100</v>", b"<v>nan</v>", "cell_damaged"),
    "a number of words": (b"<v>100</v>", b"<v>1_00</v>", "cell_damaged"),
    "a format that is not there": (b'<c r="G2" t="n">', b'<c r="G2" s="4000" t="n">', "cell_damaged"),
    "a date that is none": (
        b'<c r="D2" s="1" t="n"><v>46032</v>',
        b'<c r="D2" t="d"><v>2026-13-01</v>',
        "cell_damaged",
    ),
    "a date beyond all": (b"<v>46032</v>", b"<v>99999999999</v>", "not_a_date"),
    "a date before all": (b"<v>46032</v>", b"<v>-5</v>", "not_a_date"),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_cell_that_holds_what_none_can_is_a_problem_of_its_cell(company, case):
    old, new, code = CELLS[case]
    save(company.folder / "data.xlsx", sheets())
    replace_parts(company.folder / "data.xlsx", xl__worksheets__sheet2=change(old, new))
    found = company.pull(path="data.xlsx")
    problem = found.problems[0]
    assert (problem.code, problem.key) == (code, "D1")
    assert re.fullmatch(r"2 \([A-K]2\)", problem.params["line"])
    assert keys(found) == NO_INVOICE


DAMAGED = {
    "cut off": lambda xml: xml[: len(xml) // 2],
    "no xml": lambda xml: b"\x00\x01\x02",
    "empty": lambda xml: b"",
    "a document type": lambda xml: HEAD + b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 9 + b'">]>' + xml.partition(b"?>")[2],
    "a billion laughs": lambda xml: HEAD + b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
    "an outer entity": lambda xml: HEAD + b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "an unknown encoding": lambda xml: b'<?xml version="1.0" encoding="klingon"?><x/>',
    "a row beyond all": change(b'<row r="2">', b'<row r="1048577">'),
    "a row of no number": change(b'<row r="2">', b'<row r="two">'),
    "a row before the last": change(b'<row r="2">', b'<row r="1">'),
    "a cell of another row": change(b'r="A2"', b'r="A7"'),
    "a cell twice": change(b'r="B2"', b'r="A2"'),
    "a cell beyond all": change(b'r="K2"', b'r="XFE2"'),
    "a cell of no place": change(b'r="A2"', b'r="2A"'),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_sheet_is_told_by_its_name(company, case):
    [problem] = in_workbook(company, xl__worksheets__sheet2=DAMAGED[case])[:1]
    assert (problem.code, problem.params["file"]) == ("file_damaged", "data.xlsx, documents")
    assert problem.detail


@pytest.mark.parametrize("part", ["xl__workbook", "xl__styles", "_rels__", "xl___rels__workbook"])
def test_a_damaged_part_that_all_sheets_need_cannot_run(company, part):
    name = {"_rels__": "_rels/.rels"}.get(part, part)
    save(company.folder / "data.xlsx", sheets())
    path = company.folder / "data.xlsx"
    old, new = zipfile.ZipFile(BytesIO(path.read_bytes())), BytesIO()
    with zipfile.ZipFile(new, "w") as made:
        for each in old.namelist():
            broken = each in (name, f"{part.replace('___', '/_').replace('__', '/')}.xml") or (
                part == "xl___rels__workbook" and each == "xl/_rels/workbook.xml.rels"
            )
            made.writestr(each, b"<broken" if broken else old.read(each))
    path.write_bytes(new.getvalue())
    assert codes(problems_of(company, path="data.xlsx")) == ["file_damaged"]


def test_a_sheet_whose_part_is_missing_is_told(company):
    [problem] = in_workbook(company, xl__worksheets__sheet2=lambda _: None)[:1]
    assert (problem.code, problem.params["file"]) == ("file_damaged", "data.xlsx, documents")


def test_without_styles_a_cell_that_names_one_is_told_and_others_are_read(company):
    """A workbook may do without styles; then no cell may name one."""
    found = in_workbook(company, xl__styles=lambda _: None)
    assert {(p.code, p.column) for p in found} == {("cell_damaged", "date")}


def test_two_parts_of_one_name_are_told(company):
    path = company.folder / "data.xlsx"
    save(path, sheets())
    with zipfile.ZipFile(path, "a") as made, pytest.warns(UserWarning, match="Duplicate name"):
        made.writestr(PART, b"<x/>")
    assert codes(problems_of(company, path="data.xlsx")) == ["file_damaged"]


def test_a_part_under_a_password_is_told(company):
    path = company.folder / "data.xlsx"
    save(path, sheets())
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet2.xml"))
    content[at + 8] |= 1
    path.write_bytes(content)
    assert "file_encrypted" in codes(problems_of(company, path="data.xlsx"))


# What takes all memory ----------------------------------------------------------------------------------------------


BLANKS = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row></sheetData>'
FORMATTED = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'


@pytest.mark.parametrize("stray", [BLANKS, FORMATTED])
def test_a_stray_blank_in_the_last_cell_costs_nothing(company, stray):
    assert in_workbook(company, xl__worksheets__sheet2=change(b"</sheetData>", stray)) == []


@pytest.mark.parametrize("extent", [b"A0:AZ48943", b"A0", b"A1:XFD1048576", b"A1", b"", b"nonsense", b"B7:A1"])
def test_what_a_sheet_says_of_its_extent_changes_nothing(company, extent):
    assert in_workbook(company, xl__worksheets__sheet2=change(b'ref="A1:K2"', b'ref="' + extent + b'"')) == []


def padded(size: int):
    return lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + b" " * size)


def test_a_part_that_unpacks_to_far_more_than_it_is_packed_is_refused(company):
    """A megabyte of deflated blanks is a gigabyte."""
    [problem] = in_workbook(company, xl__worksheets__sheet2=padded(package.FREE + (1 << 20)))[:1]
    assert problem.code == "file_too_large"


@pytest.mark.parametrize(
    "bomb",
    [
        lambda xml: xml.replace(b"<sheetData>", b"<!--" + os.urandom(2 << 20).hex().encode() + b"--><sheetData>"),
        lambda xml: xml.replace(b"<sheetData>", b'<sheetData x="' + os.urandom(2 << 20).hex().encode() + b'">'),
    ],
    ids=["comment", "attribute"],
)
def test_a_comment_or_attribute_without_end_is_refused(company, bomb):
    [problem] = in_workbook(company, xl__worksheets__sheet2=bomb)[:1]
    assert problem.code == "file_too_large"


def test_depth_and_text_without_end_cost_little(company):
    """A hundred thousand levels and a cell of megabytes, within the memory of a small process."""
    deep = change(b"</sheetData>", b"</sheetData>" + b"<x>" * 100_000 + b"</x>" * 100_000)
    assert in_workbook(company, xl__worksheets__sheet2=deep) == []
    wide = change(b"<t>F-1</t>", b"<t>" + b"F" * 3_000_000 + b"</t>")
    found = in_workbook(company, xl__worksheets__sheet2=wide)
    assert [(p.code, p.column) for p in found] == [("text_forbidden", "number")]


def test_more_parts_sheets_or_formats_than_anyone_has_are_refused(company):
    path = company.folder / "data.xlsx"
    save(path, sheets())
    with zipfile.ZipFile(path, "a") as made:
        for number in range(package.MAX_PARTS):
            made.writestr(f"xl/media/{number}.png", b"")
    assert codes(problems_of(company, path="data.xlsx")) == ["file_too_large"]


def test_strays_in_the_last_column_of_many_rows_are_bounded(company):
    """Each is 16,384 cells wide: a thousand rows of them are as much as anyone has."""
    strays = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(3, 1003)).encode()
    [problem] = in_workbook(company, xl__worksheets__sheet2=change(b"</sheetData>", strays + b"</sheetData>"))[:1]
    assert (problem.code, problem.params["file"]) == ("file_too_large", "data.xlsx, documents")


def test_the_whole_of_it_stays_within_a_small_memory(company):
    """The stray cell took every byte there was: a process that may have 400 MB reads it."""
    save(company.folder / "data.xlsx", sheets())
    replace_parts(company.folder / "data.xlsx", xl__worksheets__sheet2=change(b"</sheetData>", BLANKS))
    child = (
        "import sys;from pathlib import Path;"
        "from connectors.sources.files.connector import FilesSource;"
        "from connectors.sources.files.settings import FilesSettings;"
        "print(len(FilesSource(FilesSettings(folder=Path(sys.argv[1]), path='data.xlsx')).pull().records))"
    )

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))

    done = subprocess.run(
        [sys.executable, "-c", child, str(company.folder)], preexec_fn=small, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2"


# Text ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code"),
    [("1e400", "not_an_amount"), ("nan", "not_an_amount"), ("inf", "not_an_amount"), ("1\x00", "text_forbidden"),
     ("9" * 400, "not_an_amount"), ("١٢", "not_an_amount")],
)  # fmt: skip
def test_an_amount_of_a_strangers_file_is_a_number_or_refused(company, value, code):
    company.write(payments=f"key,date,account,amount\nP1,2025-03-01,A1,{value}\n")
    assert [(p.code, p.column, p.key) for p in company.pull().problems] == [(code, "amount", "P1")]


def test_a_name_of_250_characters_is_read_and_one_with_a_line_break_is_told(company):
    company.write(accounts=f'key,name\nA1,{"n" * 250}\nA2,"one\ntwo"\n')
    found = company.pull()
    assert found.records[0].name == "n" * 250
    assert told(found)[0] == ("line_break", "accounts.csv", "3", "name")


def test_line_ends_of_every_system_in_one_file_are_line_ends(company):
    company.write(accounts=b"key,name\r\nA1,x\rA2,y\n")
    assert not company.pull().problems


def test_a_quoted_megabyte_costs_its_line(company):
    company.write(accounts='key,name\nA1,"' + "x" * (1 << 20) + '"\nA2,y\n')
    assert told(company.pull())[0][:3] == ("line_too_long", "accounts.csv", "2")


def test_a_merged_heading_leaves_a_column_without_a_title_which_is_named(company):
    import openpyxl

    path = company.folder / "data.xlsx"
    save(path, sheets())
    book = openpyxl.load_workbook(path)
    book["accounts"]["C1"] = "phone"
    book["accounts"].merge_cells("C1:D1")
    book.save(path)
    assert [(p.code, p.params["columns"]) for p in company.pull(path="data.xlsx").problems] == [
        ("columns_not_read", "D")
    ]


# Fuzzing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_a_workbook_with_bytes_turned_is_read_or_told_and_never_breaks(company, seed):
    """Bytes of the package and of its parts, turned at random: a defect would be an exception of another kind."""
    import random

    turned = random.Random(seed)
    path = company.folder / "data.xlsx"
    save(path, sheets())
    if seed % 2:
        content = bytearray(path.read_bytes())
        for _ in range(turned.randint(1, 20)):
            content[turned.randrange(len(content))] = turned.randrange(256)
        path.write_bytes(content)
    else:

        def mess(xml: bytes) -> bytes:
            content = bytearray(xml)
            for _ in range(turned.randint(1, 6)):
                content[turned.randrange(len(content))] = turned.choice(b'<>&"/ 0a')
            return bytes(content)

        part = turned.choice(["xl__worksheets__sheet2", "xl__workbook", "xl__styles", "xl__worksheets__sheet1"])
        replace_parts(path, **{part: mess})
    for problem in problems_of(company, path="data.xlsx"):
        assert problem.owner not in (Owner.DEFECT, Owner.LATER)
        assert "{" not in what("en", problem) + fix("fr", problem)


def test_endless_growth_ends_where_the_file_ended(company):
    """Somebody writes on and on; a pull reads what was there when it began, and says so."""
    path, stop = company.source / "payments.csv", threading.Event()
    path.write_text("key,date,account,amount\n")

    def grow() -> None:
        with path.open("a") as file:
            while not stop.is_set():
                file.write("P,2025-01-01,A1,1\n" * 200)
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        found = FilesSource(FilesSettings(folder=company.folder)).pull()
    finally:
        stop.set()
        writer.join()
    assert {p.code for p in found.problems if p.params["file"] == "payments.csv"} <= {
        "file_changing", "duplicate_key", "file_empty", "value_missing", "too_many_values", "column_missing",
    }  # fmt: skip
    assert "A1" in keys(found)
    assert ACCOUNTS
