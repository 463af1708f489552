"""When a closed file cannot be read or written: the problem says why, and the file is as it was."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import rich_workbooks as rich

from connectors.problems import CannotRun
from tests.workbook.books import PAYMENTS
from workbook.file.file_book import FileBook
from workbook.file.package import PART_LIMIT

ROW = '<row r="5"><c r="A5"><v>1</v></c></row>'


@pytest.fixture
def path(tmp_path):
    return rich.raw(tmp_path / "Zoé's review.xlsx", ROW)


def written(path):
    book = FileBook(path)
    book._put(PAYMENTS, {5: {"key": "new"}})
    return book


def code(call):
    with pytest.raises(CannotRun) as refused:
        call()
    (problem,) = refused.value.problems
    return problem.code


def untouched(path, before):
    return path.read_bytes() == before and not [p for p in path.parent.iterdir() if p.name.endswith(".tmp")]


@pytest.mark.parametrize("owner", ["~${}", ".~lock.{}#"], ids=["Excel", "LibreOffice"])
def test_a_workbook_open_elsewhere_is_not_written(path, owner):
    before, book = path.read_bytes(), written(path)
    lock = path.with_name(owner.format(path.name))
    lock.write_bytes(b"\x05Marie")
    assert code(book.save) == "workbook_open"
    assert untouched(path, before)
    lock.unlink()
    book.save()
    assert FileBook(path).read(PAYMENTS).rows[0].values["key"] == "new"


def test_a_workbook_changed_meanwhile_is_not_written(path):
    book = written(path)
    other = FileBook(path)
    other._put(PAYMENTS, {5: {"amount": Decimal(9)}})
    other.save()
    stamp, before = path.stat(), path.read_bytes()
    assert code(book.save) == "workbook_changed_meanwhile"
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert code(book.save) == "workbook_changed_meanwhile"
    assert untouched(path, before)


def test_a_workbook_deleted_meanwhile_stays_deleted(path):
    book = written(path)
    path.unlink()
    assert code(book.save) == "workbook_missing"
    assert not path.exists()


def test_a_write_protected_file_is_not_written(path):
    before, book = path.read_bytes(), written(path)
    path.chmod(0o444)
    assert code(book.save) == "workbook_read_only"
    assert untouched(path, before)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become somebody else")
def test_a_folder_in_which_nothing_may_be_written(path):
    path.chmod(0o666)
    for folder in (path.parent, *path.parent.parents[:3]):
        folder.chmod(0o755)
    before, book = path.read_bytes(), written(path)
    os.seteuid(65_534)
    try:
        found = code(book.save)
    finally:
        os.seteuid(0)
    assert found == "workbook_read_only"
    assert untouched(path, before)


FILL = """
import resource, signal, sys
from pathlib import Path
from connectors.problems import CannotRun
from workbook.file.file_book import FileBook
from workbook.layout import PAYMENTS
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
book = FileBook(Path(sys.argv[1]))
book._put(PAYMENTS, {5: {"key": "new"}})
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    book.save()
except CannotRun as refused:
    print(refused.problems[0].code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds no process's files")
def test_a_full_disk_leaves_the_file_and_nothing_beside_it(path):
    before = path.read_bytes()
    found = subprocess.run([sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "disk_full"
    assert untouched(path, before)


@pytest.mark.skipif(sys.platform == "win32", reason="a link wants a right there, and permissions are inherited")
def test_permissions_and_a_link_to_the_file_stay(path, tmp_path):
    path.chmod(0o640)
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    written(link).save()
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert FileBook(path).read(PAYMENTS).rows[0].values["key"] == "new"


def repacked(path, **changes):
    """The package with some parts changed, by the end of their names."""
    content = rich.parts(path)
    for ending, body in changes.items():
        name = next(name for name in content if name.endswith(f"{ending}.xml"))
        content[name] = body(content[name])
    return rich.packed(path, content)


DAMAGE = {
    "not a zip": lambda path: path.write_bytes(b"PK\3\4 not a zip"),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "cut XML": lambda path: repacked(path, sheet1=lambda body: body[:-20]),
    "an entity": lambda path: repacked(
        path, sheet1=lambda body: body.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet', 1)
    ),
    "a document type in the workbook": lambda path: repacked(
        path, workbook=lambda body: b'<!DOCTYPE workbook SYSTEM "http://example.org/x">' + body
    ),
    "rows out of order": lambda path: repacked(
        path, sheet1=lambda body: body.replace(ROW.encode(), ROW.encode() + b'<row r="3"/>')
    ),
    "no number": lambda path: repacked(path, sheet1=lambda body: body.replace(b"<v>1</v>", b"<v>INF</v>")),
    "no such string": lambda path: repacked(path, sheet1=lambda body: body.replace(b"<c r=", b'<c t="s" r=')),
    "a table nowhere": lambda path: repacked(path, table1=lambda body: body.replace(b'"A4:C6"', b'"here"')),
    "no rows": lambda path: repacked(path, sheet1=lambda body: body.replace(b"sheetData", b"otherData")),
    "not UTF-8": lambda path: repacked(path, sheet1=lambda body: body.replace(b"<v>1</v>", b"<v>\xff</v>")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_no_sound_workbook_is_damaged_and_no_traceback(path, damage):
    DAMAGE[damage](path)
    assert code(lambda: FileBook(path).read(PAYMENTS)) == "workbook_damaged"


def test_a_flipped_bit_is_found_by_its_checksum(path):
    with zipfile.ZipFile(path) as package:
        entry = package.getinfo("xl/worksheets/sheet1.xml")
    data = bytearray(path.read_bytes())
    data[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0x10
    path.write_bytes(data)
    assert code(lambda: FileBook(path).read(PAYMENTS)) == "workbook_damaged"


def test_two_entries_of_one_name_are_refused(path):
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/workbook.xml", b"<workbook/>")
    assert code(lambda: FileBook(path)) == "workbook_damaged"


def bomb(path):
    """The workbook with a sheet that is 528 MiB when inflated, and half a megabyte here."""
    content = rich.parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in content.items():
            with package.open(name, "w", force_zip64=True) as part:
                for block in [bytes(1 << 24)] * 33 if name.endswith("sheet1.xml") else [body]:
                    part.write(block)
    return path


def test_a_bomb_is_refused_before_it_is_inflated(path):
    book = FileBook(bomb(path))
    assert book._package.sizes["xl/worksheets/sheet1.xml"] > PART_LIMIT
    assert code(lambda: book.read(PAYMENTS)) == "workbook_damaged"


def test_a_bomb_that_understates_its_size_is_refused_too(path):
    data = bytearray(bomb(path).read_bytes())
    size = data.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24  # where the directory's record of it keeps the size
    assert int.from_bytes(data[size : size + 4], "little") == 33 << 24
    data[size : size + 4] = (5_000).to_bytes(4, "little")
    path.write_bytes(data)
    assert code(lambda: FileBook(path).read(PAYMENTS)) == "workbook_damaged"


def test_missing_folder_and_password(path, tmp_path):
    assert code(lambda: FileBook(tmp_path / "none.xlsx")) == "workbook_missing"
    assert code(lambda: FileBook(tmp_path)) == "not_a_file"
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(512) + "EncryptedPackage".encode("utf-16-le"))
    assert code(lambda: FileBook(path)) == "workbook_encrypted"


def test_names_in_the_archive_are_data(path):
    content = rich.parts(path) | {"../../outside.xml": b"<a/>", "/etc/passwd": b"x"}
    rich.packed(path, content)
    written(path).save()
    assert rich.parts(path)["../../outside.xml"] == b"<a/>"
    assert not (path.parent.parent.parent / "outside.xml").exists()


class Unseekable(io.RawIOBase):
    """A stream that cannot go back, so that entries are written with data descriptors, as web services do."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block) -> int:
        self.data += block
        return len(block)


def test_a_package_written_as_a_stream_and_one_with_zip64_keep_their_bytes(path):
    content, stream = rich.parts(path), Unseekable()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in content.items():
            with package.open(name, "w", force_zip64=name.endswith("styles.xml")) as part:
                part.write(body)
    path.write_bytes(bytes(stream.data))
    written(path).save()
    assert zipfile.ZipFile(path).testzip() is None
    after = rich.parts(path)
    assert {name for name in after if after[name] != content[name]} == {"xl/worksheets/sheet1.xml"}
    with zipfile.ZipFile(path) as package:
        assert package.getinfo("xl/styles.xml").flag_bits & 0x08
        assert not package.getinfo("xl/worksheets/sheet1.xml").flag_bits & 0x08


def test_comment_times_and_attributes_of_the_archive_stay(path):
    before = {e.filename: e for e in zipfile.ZipFile(path).infolist()}
    comment = zipfile.ZipFile(path).comment
    written(path).save()
    with zipfile.ZipFile(path) as package:
        assert package.comment == comment
        assert [e.filename for e in package.infolist()] == list(before)
        for entry in package.infolist():
            old = before[entry.filename]
            assert (entry.date_time, entry.external_attr, entry.extra) == (old.date_time, old.external_attr, old.extra)


def test_progress_and_stop_do_nothing_unless_asked_for(path):
    book = FileBook(path)
    book.progress("step")
    assert book.stop_asked() is False
    lines: list[str] = []
    book = FileBook(path, progress=lines.append, stop=lambda: True)
    book.progress("step")
    assert (lines, book.stop_asked(), book.path) == (["step"], True, Path(path))
