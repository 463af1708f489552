"""Workbooks as accountants leave them: everything Excel, LibreOffice and openpyxl put beside and over our tables."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import xlsxwriter

from workbook.layout import INVOICES, LINES, Table, Type

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OFFICE = "http://schemas.microsoft.com/office"
ROWS = 12
TOP = 5
OWN = ("My notes", "Twice", "Mark")
FORMATS = {Type.AMOUNT: "#,##0.00", Type.QUANTITY: "0.00", Type.RATE: "0.00", Type.COUNT: "0", Type.DATE: "yyyy-mm-dd"}


def png() -> io.BytesIO:
    """A picture of one point."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">2I5B", 1, 1, 8, 2, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
        + chunk(b"IEND", b"")
    )


def value(table: Table, key: str, row: int) -> object:
    """What a cell of the drawn tables holds."""
    column = table.column(key)
    match column.type:
        case Type.AMOUNT | Type.QUANTITY | Type.RATE:
            return row * 10.25
        case Type.COUNT:
            return row
        case Type.DATE:
            return date(2026, 1, 1 + row)
        case _:
            return f"{column.caption.en} œuvre {row}"


def drawn(path: Path, *, below: bool = False) -> Path:
    """Invoices with a person's columns, chart, picture, notes, sparklines, formats; lines; a sheet of theirs."""
    with xlsxwriter.Workbook(path) as book:
        forms = {t: book.add_format({"num_format": FORMATS.get(t, "@")}) for t in Type}
        red = book.add_format({"bg_color": "#FFC7CE", "bold": True})
        sheet = book.add_worksheet("Invoices")
        width = len(INVOICES.columns)
        table(book, sheet, INVOICES, forms, OWN)
        last = TOP + ROWS - 1
        for row in range(TOP, last + 1):
            sheet.write_string(row - 1, width, f"note {row}", red if row % 3 else None)
            sheet.write_formula(row - 1, width + 1, "=tblInvoices[[#This Row],[Total]]*2", None, 20.5 * (row - TOP))
        sheet.data_validation(f"Q{TOP}:Q{last}", {"validate": "list", "source": ["Stand By", "To Be Transferred"]})
        sheet.conditional_format(f"M{TOP}:M{last}", {"type": "cell", "criteria": ">", "value": 50, "format": red})
        sheet.conditional_format(f"N{TOP}:N{last}", {"type": "data_bar", "data_bar_2010": True})
        sheet.conditional_format(f"A{last}", {"type": "blanks", "format": red})
        sheet.conditional_format("A1:XFD1", {"type": "no_blanks", "format": red})
        sheet.ignore_errors({"number_stored_as_text": f"C{TOP}:C{last}"})
        sheet.add_sparkline(f"Z{TOP}", {"range": f"Invoices!K{TOP}:N{TOP}"})
        sheet.write_comment("B6", "Ask Zoé", {"author": "Zoé"})
        sheet.write_url("A2", "https://example.org/?a=1&b=2", None, "Open")
        sheet.insert_image("AC2", "dot.png", {"image_data": png()})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": f"=Invoices!$L${TOP}:$L${last}", "categories": f"=Invoices!$A${TOP}:$A${last}"})
        sheet.insert_chart("AC10", chart)
        sheet.set_row(6, 30, None, {"level": 1})
        sheet.set_row(7, None, None, {"level": 1, "hidden": True})
        sheet.set_column("B:B", 18, red)
        sheet.freeze_panes(4, 1)
        sheet.set_landscape()
        sheet.set_header("&L&D&RPage &P")
        sheet.print_area(0, 0, 30, 12)
        sheet.merge_range("AC1:AD1", "merged", red)
        sheet.protect("", {"sort": True})
        if below:
            sheet.write_string(last + 2, 2, "my own total")
        lines = book.add_worksheet("Lines")
        table(book, lines, LINES, forms)
        own = book.add_worksheet("Zoé’s sheet")
        own.write_formula("A1", "=SUM(tblInvoices[Total])", None, 676.5)
        own.write_rich_string("A2", "plain ", red, "bold", " _x0041_ end")
        own.add_table("C3:D6", {"name": "Own", "style": "Table Style Dark 3"})
        own.write_array_formula("F1:F3", "{=ROW(A1:A3)}", None, 1)
        own.activate()
        book.define_name("Rate", "=0.05")
        book.define_name("Totals", f"=Invoices!$L${TOP}:$L${last}")
        book.set_properties({"author": "Zoé", "company": "Œuvres"})
        book.set_custom_property("Checked", True)
    return path


def table(book, sheet, layout: Table, forms, own=()) -> None:
    """A table of the layout on a sheet, filled; a person's columns stand right of ours."""
    columns = [{"header": column.caption.en} for column in layout.columns]
    columns += [{"header": name} for name in own]
    if own:
        columns[-2]["formula"] = f"={layout.name}[[#This Row],[Total]]*2"
    sheet.add_table(3, 0, 3 + ROWS, len(columns) - 1, {"name": layout.name, "columns": columns})
    for row in range(ROWS):
        for place, column in enumerate(layout.columns):
            sheet.write(3 + 1 + row, place, value(layout, column.key, row), forms[column.type])


GRAFTS: dict[str, bytes] = {
    "xl/threadedComments/threadedComment1.xml": b'<?xml version="1.0"?><ThreadedComments xmlns="http://schemas.microsoft'
    b'.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="C6" dT="2026-01-01T00:00:00.00" '
    b'personId="{8D4B0C6A-0000-4000-8000-000000000001}" id="{8D4B0C6A-0000-4000-8000-000000000002}"><text>Why?</text>'
    b"</threadedComment></ThreadedComments>",
    "xl/persons/person.xml": b'<?xml version="1.0"?><personList xmlns="http://schemas.microsoft.com/office/spreadsheetml'
    b'/2018/threadedcomments"><person displayName="Zo\xc3\xa9" id="{8D4B0C6A-0000-4000-8000-000000000001}" '
    b'userId="z" providerId="None"/></personList>',
    "xl/slicers/slicer1.xml": b'<?xml version="1.0"?><slicers xmlns="http://schemas.microsoft.com/office/spreadsheetml'
    b'/2009/9/main"><slicer name="Status" cache="Slicer_Status" caption="Status" rowHeight="241300"/></slicers>',
    "xl/slicerCaches/slicerCache1.xml": b'<?xml version="1.0"?><slicerCacheDefinition xmlns="http://schemas.microsoft.com'
    b'/office/spreadsheetml/2009/9/main" name="Slicer_Status" sourceName="Status"/>',
    "xl/pivotCache/pivotCacheDefinition1.xml": b'<?xml version="1.0"?><pivotCacheDefinition xmlns="http://schemas.'
    b'openxmlformats.org/spreadsheetml/2006/main" recordCount="0"><cacheSource type="worksheet"><worksheetSource '
    b'name="tblInvoices"/></cacheSource><cacheFields count="1"><cacheField name="Key" numFmtId="0"/></cacheFields>'
    b"</pivotCacheDefinition>",
    "customXml/item1.xml": b'<b:Sources xmlns:b="http://example.org/b"><!-- theirs --><b:S a=">"/></b:Sources>',
    "xl/printerSettings/printerSettings1.bin": bytes(range(256)) * 4,
    "xl/mystery/part1.dat": b"\0\1nobody knows\xff",
    "customUI/customUI14.xml": b'<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"/>',
    "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(2_000),
}
_OWNERS = {
    "xl/threadedComments/threadedComment1.xml": (
        "xl/worksheets/sheet1.xml",
        f"{OFFICE}/2017/10/relationships/threadedComment",
    ),
    "xl/persons/person.xml": ("xl/workbook.xml", f"{OFFICE}/2017/10/relationships/person"),
    "xl/slicers/slicer1.xml": ("xl/worksheets/sheet1.xml", f"{OFFICE}/2007/relationships/slicer"),
    "xl/slicerCaches/slicerCache1.xml": ("xl/workbook.xml", f"{OFFICE}/2007/relationships/slicerCache"),
    "xl/pivotCache/pivotCacheDefinition1.xml": ("xl/workbook.xml", f"{RELATED}/pivotCacheDefinition"),
    "customXml/item1.xml": ("xl/workbook.xml", f"{RELATED}/customXml"),
    "xl/printerSettings/printerSettings1.bin": ("xl/worksheets/sheet1.xml", f"{RELATED}/printerSettings"),
    "xl/mystery/part1.dat": ("xl/workbook.xml", "http://example.org/mystery"),
    "xl/vbaProject.bin": ("xl/workbook.xml", f"{OFFICE}/2006/relationships/vbaProject"),
}


def parts(path: Path) -> dict[str, bytes]:
    """Every part of a package, in its order."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(path: Path, content: Mapping[str, bytes]) -> Path:
    """A package of these parts; every other one is stored uncompressed, as some programs do."""
    with zipfile.ZipFile(path, "w") as package:
        for number, (name, body) in enumerate(content.items()):
            entry = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            entry.compress_type = zipfile.ZIP_STORED if number % 3 == 2 else zipfile.ZIP_DEFLATED
            package.writestr(entry, body)
        package.comment = "an archive's comment"[:20].encode()
    return path


def rich(path: Path) -> Path:
    """The drawn workbook with what XlsxWriter cannot draw: threaded comments, slicers, pivots, unknown parts."""
    content = parts(drawn(path)) | GRAFTS
    for number, (name, (owner, kind)) in enumerate(_OWNERS.items()):
        folder, _, leaf = owner.rpartition("/")
        related = f"{folder}/_rels/{leaf}.rels"
        relation = f'<Relationship Id="rIdGraft{number}" Type="{kind}" Target="/{name}"/></Relationships>'
        content[related] = content[related].replace(b"</Relationships>", relation.encode())
    types = (
        b'<Default Extension="dat" ContentType="application/x-own"/>'
        b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
    )
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(b"</Types>", types)
    return packed(path, content)


def raw(
    path: Path,
    rows: str,
    *,
    area: str = "A4:C6",
    captions: tuple[str, ...] = ("Key", "Amount", "Date"),
    name: str = "tblPayments",
    prefix: str = "",
    head: str = "",
    tail: str = "",
    strings: str = "",
    formats: tuple[str, ...] = ("0", "14"),
    properties: str = "",
    settings: str = "",
    table: str = "",
    body: bytes = b"",
    more: Mapping[str, bytes] | None = None,
) -> Path:
    """A package written by hand: one sheet of these rows (as XML), one table; ``body`` replaces the sheet's part."""
    space = f'xmlns{":" if prefix else ""}{prefix.rstrip(":")}="{MAIN}" xmlns:r="{RELATED}"'
    sheet = (
        f"<{prefix}worksheet {space}>{head}<{prefix}sheetData>{rows}</{prefix}sheetData>{tail}"
        f'<{prefix}tableParts count="1"><{prefix}tablePart r:id="rId1"/></{prefix}tableParts></{prefix}worksheet>'
    )
    columns = "".join(f'<tableColumn id="{n}" name="{c}"/>' for n, c in enumerate(captions, 1))
    xfs = "".join(f'<xf numFmtId="{number}"/>' for number in formats)
    content = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">{properties}<sheets>'
        f'<sheet name="S" sheetId="1" r:id="rId1"/></sheets>{settings}</workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "/xl/sharedStrings.xml")
        ),
        "xl/worksheets/sheet1.xml": body or f'<?xml version="1.0" encoding="UTF-8"?>\r\n{sheet}',
        "xl/worksheets/_rels/sheet1.xml.rels": _relations(("table", "../tables/table1.xml")),
        "xl/tables/table1.xml": table
        or f'<table xmlns="{MAIN}" id="1" name="{name}" displayName="{name}" ref="{area}"><autoFilter ref="{area}"/>'
        f'<tableColumns count="{len(captions)}">{columns}</tableColumns></table>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="{len(formats)}">{xfs}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
    } | dict(more or {})
    return packed(path, {n: b if isinstance(b, bytes) else b.encode() for n, b in content.items()})


def _relations(*related: tuple[str, str]) -> str:
    lines = (
        f'<Relationship Id="rId{number}" Type="{RELATED}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(related, 1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{"".join(lines)}</Relationships>'


def _types() -> str:
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kinds = {
        "/xl/workbook.xml": f"{office}.sheet.main+xml",
        "/xl/worksheets/sheet1.xml": f"{office}.worksheet+xml",
        "/xl/tables/table1.xml": f"{office}.table+xml",
        "/xl/styles.xml": f"{office}.styles+xml",
        "/xl/sharedStrings.xml": f"{office}.sharedStrings+xml",
        "/xl/calcChain.xml": f"{office}.calcChain+xml",
    }
    lines = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{space}"><Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'
    )
