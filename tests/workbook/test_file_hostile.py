"""A stranger's closed workbook costs bounded time and memory, and is refused by its own sentence, never a traceback.

Sources: ECMA-376, part 2 (packages); XML 1.0; what attacks those who read them: CWE-409 (bombs), CWE-674 (depth),
CWE-776 (entities), CWE-22 (names), CWE-129 (indexes).
"""

from __future__ import annotations

import os
import re
import socket
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.problems import CannotRun
from tests.sampled import examples
from tests.workbook.books import PAYMENTS, draw
from workbook.file.file_book import FileBook
from workbook.markup import BrokenMarkup, check, decoded, elements

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
SHEET, STRINGS, TABLE = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/tables/table1.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return draw(tmp_path / "book.xlsm", [{"Key": "P1", "Number": "R-1"}, {"Key": "P2", "Number": "R-2"}])


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def looked_at(path: Path) -> str:
    """The code with which a workbook is refused, or nothing; it is written to as well, where it is not."""
    try:
        book = FileBook(path)
        book.read(PAYMENTS)
        book.append(PAYMENTS, [{"key": "P3", "reason": "x"}])
        book.save()
    except CannotRun as refused:
        [problem] = refused.problems
        return problem.code
    return ""


def part(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """A workbook of which one part is changed."""

    def make(path: Path) -> None:
        parts = parts_of(path)
        assert change(parts[name]) != parts[name]
        packed(path, {**parts, name: change(parts[name])})

    return make


def _without(name: str) -> Callable[[Path], object]:
    return lambda path: packed(path, {part: body for part, body in parts_of(path).items() if part != name})


def _beside(name: str) -> Callable[[Path], object]:
    return lambda path: packed(path, {**parts_of(path), name: b"x"})


def _twice(path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as package:
        package.writestr(WORKBOOK, b"<a/>")


def _says_it_is_small(path: Path) -> None:
    """300 MB of spaces that the directory calls 100 bytes."""
    parts = parts_of(path)
    packed(path, {**parts, SHEET: parts[SHEET] + b" " * 300_000_000})
    data = bytearray(path.read_bytes())
    entry = data.index(SHEET.encode(), data.index(b"PK\1\2")) - 46
    struct.pack_into("<L", data, entry + 24, 100)
    path.write_bytes(data)


def _cells(value: bytes, kind: bytes = b"s") -> Callable[[Path], object]:
    return part(SHEET, lambda body: re.sub(rb't="s"><v>\d+', b't="%b"><v>%b' % (kind, value), body))


def _written(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _ole(*names: str) -> bytes:
    return OLE + b"\0" * 504 + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in names)


def _there(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def instead(path: Path) -> None:
        path.unlink()
        make(path)

    return instead


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


DTD = b'<!DOCTYPE a [<!ENTITY x "y">]>'
ENCODINGS = ("utf-7", "hex_codec", "unicode_escape", "undefined", "punycode", "idna", "no-such")
MANY = 8_000_000


def _declaring(encoding: str) -> Callable[[Path], object]:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    return part(WORKBOOK, lambda body: head + body[body.index(b"?>") + 2 :])


def _binary(path: Path) -> None:
    parts = parts_of(path)
    packed(path, {**{n: b for n, b in parts.items() if n != WORKBOOK}, "xl/workbook.bin": b"x"})


DAMAGED: dict[str, Callable[[Path], object]] = {
    "elements in each other": part(WORKBOOK, lambda _: b"<a>" * MANY),
    "the same with comments": part(WORKBOOK, lambda _: b"<!---->" + b"<a>" * 200_000),
    "the same with decoys in its text": part(WORKBOOK, lambda _: b"<a>/>" * 200_000),
    "the same with decoys in CDATA": part(WORKBOOK, lambda _: b"<a><![CDATA[/>]]>" * 200_000),
    "attributes without end": part(WORKBOOK, lambda _: b"<a %s/>" % b" ".join(b'a%d=""' % n for n in range(MANY // 8))),
    "an attribute without end": part(WORKBOOK, lambda _: b'<a b="' + b"x" * MANY + b'"/>'),
    "a comment without end": part(WORKBOOK, lambda _: b"<!--" + b"x" * MANY + b"--><a/>"),
    "a text without end": part(STRINGS, lambda body: body.replace(b"<t>", b"<t>" + b"x" * MANY, 1)),
    "elements without end": part(WORKBOOK, lambda _: b"<a>" + b"<b/>" * 300_000 + b"</a>"),
    "entities": part(WORKBOOK, lambda body: DTD + body),
    "entities in UTF-16": part(WORKBOOK, lambda _: (DTD + b"<a>&x;</a>").decode().encode("utf-16")),
    **{f"the encoding {name}": _declaring(name) for name in ENCODINGS},
    "a part that says it is small": _says_it_is_small,
    "two parts of one name": _twice,
    "no workbook part": _without(WORKBOOK),
    "no sheet": _without(SHEET),
    "no shared texts": _without(STRINGS),
    "no table": _without(TABLE),
    "no relations": _without("_rels/.rels"),
    "two sheets of one part": part(RELATIONS, lambda body: body.replace(b"sheet2.xml", b"sheet1.xml")),
    "a workbook somewhere above": part("_rels/.rels", lambda b: b.replace(b"xl/workbook.xml", b"../../../etc/passwd")),
    "a shared text beyond the last": _cells(b"99999"),
    "a shared text before the first": _cells(b"-1"),
    "a shared text of many digits": _cells(b"9" * 5000),
    "a number of 1e400": _cells(b"1e400", b"n"),
    "a number of 1e300000000": _cells(b"1e300000000", b"n"),
    "no number": _cells(b"NaN", b"n"),
    "a number as Python writes it": _cells(b"1_0", b"n"),
    "a style that is none": part(SHEET, lambda body: re.sub(rb' s="\d+"', b' s="x"', body)),
    "a row beyond the last": part(SHEET, lambda body: body.replace(b'<row r="5"', b'<row r="1099511627776"')),
    "nothing": _written(b""),
    "half of it": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
}  # fmt: skip

OTHER_FORMAT: dict[str, Callable[[Path], object]] = {
    "an old workbook": _written(_ole("Root Entry", "Workbook")),
    "a very old workbook": _written(b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 600),
    "an OpenDocument": lambda path: packed(path, {"mimetype": b"application/vnd.oasis", "content.xml": b"<a/>"}),
    "a binary workbook": _binary,
    "another archive": lambda path: packed(path, {"readme.txt": b"hello"}),
    "a web page": _written(b"<html><table><tr><td>1"),
    "a workbook of 2003 in XML": _written(b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
    "text": _written(b"Number;Date\r\n1;2025-01-01\r\n"),
}

NO_FILE: dict[str, Callable[[Path], object]] = {
    "a folder": _there(lambda path: path.mkdir()),
    "a pipe": _there(os.mkfifo),
    "a socket": _there(_socket),
    "a device": _there(lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": _there(lambda path: path.symlink_to(path)),
}

HARMLESS: dict[str, Callable[[Path], object]] = {
    "a name that leads upwards": _beside("../../evil"),
    "a name from the root": _beside("/tmp/evil"),
    "a name of a drive": _beside("C:\\evil"),
    "a style before the first": part(SHEET, lambda body: re.sub(rb' s="\d+"', b' s="-1"', body)),
}
"""Nothing of these is ever unpacked to a place, or reached."""

REFUSED = {
    **dict.fromkeys(DAMAGED, "workbook_damaged"), **dict.fromkeys(OTHER_FORMAT, "workbook_of_another_format"),
    **dict.fromkeys(NO_FILE, "not_a_file"), **dict.fromkeys(HARMLESS, ""),
    "an encrypted workbook": "workbook_encrypted", "a link that leads nowhere": "workbook_missing",
}  # fmt: skip
MAKERS = {
    **DAMAGED, **OTHER_FORMAT, **NO_FILE, **HARMLESS,
    "an encrypted workbook": _written(_ole("Root Entry", "EncryptedPackage")),
    "a link that leads nowhere": _there(lambda path: path.symlink_to(path.with_name("gone"))),
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_a_hostile_workbook_is_refused_by_its_own_sentence(path: Path, name: str) -> None:
    MAKERS[name](path)
    assert looked_at(path) == REFUSED[name]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [(rb'ref="A4:', b'ref="A4:ZZZZZZZ'), (rb'ref="A4:([A-Z]+)\d+', rb'ref="A4:\g<1>99999999999'),
     (rb"<table ", b'<table headerRowCount="1000000000" '), (rb"<table ", b'<table headerRowCount="-7" ')],
)  # fmt: skip
def test_a_table_that_stands_nowhere_ends_in_a_sentence(path: Path, attribute: bytes, value: bytes) -> None:
    part(TABLE, lambda body: re.sub(attribute, value, body))(path)
    assert looked_at(path) == "workbook_damaged"


@pytest.mark.parametrize(
    ("name", "code"),
    [("x" * 300 + ".xlsm", "workbook_missing"), ("a\0b.xlsm", "file_not_opened"), ("\udcff.xlsm", "workbook_missing"),
     ("book.xlsm/book.xlsm", "workbook_missing"), ("none.xlsm", "workbook_missing")],
)  # fmt: skip
def test_a_name_that_no_file_has_is_told(path: Path, name: str, code: str) -> None:
    assert looked_at(path.parent / name) == code


PUT_IN = [b"", b"-1", b"1e400", b"<", b'"', b"&#0;", b"<a>", b"\xff", b"9" * 30]
SMALL = ("_rels/.rels", RELATIONS, WORKBOOK, SHEET, STRINGS, TABLE, "xl/styles.xml")


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_cut_doubled_or_put_into_a_part_nothing_but_a_sentence_comes_of_it(
    path: Path, data: st.DataObject
) -> None:
    parts = parts_of(path)
    name = data.draw(st.sampled_from(SMALL))
    body = parts[name]
    start = data.draw(st.integers(0, len(body)))
    stop = data.draw(st.integers(start, min(len(body), start + 60)))
    new = data.draw(st.sampled_from([*PUT_IN, body[start:stop] * 2]))
    target = packed(path.with_name("other.xlsm"), {**parts, name: body[:start] + new + body[stop:]})
    looked_at(target)


# the bounds of XML by themselves


@given(st.recursive(st.just("<a/>"), lambda inner: st.lists(inner, max_size=3).map(lambda e: f"<a>{''.join(e)}</a>")))
def test_the_counted_depth_is_the_depth(document: str) -> None:
    """Where tags alone stand, counting bounds what hearing of each element bounds; neither refuses what is flat."""
    check(document.encode())


@pytest.mark.parametrize("around", ["{}", "<!-- -->{}", "<r>a > b{}</r>"], ids=["counted", "a comment", "a bare sign"])
@pytest.mark.parametrize(("depth", "refused"), [(150, False), (100_000, True)])
def test_both_ways_bound_the_depth(around: str, depth: int, refused: bool) -> None:
    document = around.format("<a>" * depth + "</a>" * depth).encode()
    if refused:
        with pytest.raises(BrokenMarkup, match="within each other"):
            check(document)
    else:
        check(document)
        assert len(elements(document)) in (depth, depth + 1)


@given(st.binary(max_size=200), st.sampled_from([b"", b"<?xml version='1.0' encoding='%b'?>"]), st.binary(max_size=12))
def test_bytes_that_are_no_xml_are_told_as_that(body: bytes, head: bytes, encoding: bytes) -> None:
    raw = head.replace(b"%b", encoding) + body
    try:
        check(decoded(raw)[0])
    except BrokenMarkup:
        return
