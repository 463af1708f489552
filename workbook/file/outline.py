"""What stands where in a workbook's package: its sheets, the tables on them, and the parts that belong to all."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from workbook.addresses import Area
from workbook.file.package import Package
from workbook.file.stored_values import unescaped
from workbook.found import columns_found
from workbook.layout import Table
from workbook.markup import Element, elements, text_of
from workbook.speaking import Renaming

CONTENT_TYPES = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of an Excel table: its caption, and the formula of its cells if it is a calculated one."""

    caption: str
    formula: str = ""
    array: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """An Excel table where it stands: its part, its sheet's part and name, its area with header and totals rows."""

    part: str
    sheet_part: str
    sheet: str
    area: Area
    header: int
    totals: int
    columns: tuple[TableColumn, ...]

    @property
    def data(self) -> Area:
        """The area of its data rows."""
        return replace(self.area, top=self.area.top + self.header, bottom=self.area.bottom - self.totals)

    def places(self, table: Table) -> dict[str, int]:
        """Column key → sheet column, for every column whose caption is found in either language."""
        found = columns_found([column.caption for column in self.columns], table)
        return {key: self.area.left + position for key, position in found.items()}

    def renamed(self, renaming: Renaming, name: str) -> Standing:
        """The table under the new names of its sheet and columns."""
        new = renaming.columns.get(name, {})
        columns = tuple(
            replace(c, caption=new.get(c.caption.casefold(), c.caption), formula=renaming.formula(c.formula))
            for c in self.columns
        )
        return replace(self, sheet=renaming.sheets.get(self.sheet, self.sheet), columns=columns)


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a workbook by what they are; ``tables`` are by folded name. An absent part is the empty text."""

    workbook: str
    sheets: Mapping[str, str]
    tables: Mapping[str, Standing]
    strings: str
    styles: str
    chain: str
    from_1904: bool

    def renamed(self, sheets: Mapping[str, str]) -> Outline:
        """The outline with sheets under their new names."""
        return replace(self, sheets={sheets.get(name, name): part for name, part in self.sheets.items()})


def outline(package: Package) -> Outline:
    """The outline of a package; raises ``CannotRun`` (``workbook_damaged``) when it is no workbook."""
    found = [target for kind, target in relations(package, "").values() if kind == "officeDocument"]
    if not found:
        raise package.foreign("no office document in the package")
    workbook = found[0]
    if workbook not in package:
        raise package.foreign(f"no part {workbook}")
    related = relations(package, workbook)
    kinds = dict(related.values())
    parts = elements(package.text(workbook))
    sheets = {
        part.attributes.get("name", ""): related[part.attributes["id"]][1]
        for part in parts
        if part.path == "workbook/sheets/sheet" and related.get(part.attributes.get("id", ""), ("",))[0] == "worksheet"
    }
    if not sheets:
        raise package.foreign("no sheets")
    if len(set(sheets.values())) < len(sheets):
        raise package.damaged("two sheets of one part")
    properties = [part.attributes for part in parts if part.path == "workbook/workbookPr"]
    return Outline(
        workbook,
        sheets,
        {name: standing for sheet, part in sheets.items() for name, standing in _tables(package, sheet, part)},
        kinds.get("sharedStrings", ""),
        kinds.get("styles", ""),
        kinds.get("calcChain", ""),
        any(p.get("date1904") in ("1", "true") for p in properties),
    )


def relations_part(part: str) -> str:
    """Where the relations of a part are kept; the package itself is the empty name."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → its kind (the last word of its type) and the part it leads to, of one part."""
    where = relations_part(part)
    if where not in package:
        return {}
    return {
        element.attributes.get("Id", ""): (
            element.attributes.get("Type", "").rpartition("/")[2],
            resolved(part, element.attributes.get("Target", "")),
        )
        for element in elements(package.text(where))
        if element.path == "Relationships/Relationship" and element.attributes.get("TargetMode") != "External"
    }


def resolved(part: str, target: str) -> str:
    """The name of the entry that a relation's target means."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), unquote(target))).lstrip("/")


def _tables(package: Package, sheet: str, sheet_part: str) -> list[tuple[str, Standing]]:
    parts = [target for kind, target in relations(package, sheet_part).values() if kind == "table"]
    return [_standing(package, part, sheet, sheet_part) for part in parts]


def _standing(package: Package, part: str, sheet: str, sheet_part: str) -> tuple[str, Standing]:
    body = package.text(part)
    found = elements(body)
    root = found[0].attributes
    try:
        area = Area.of(root["ref"])
        header, totals = int(root.get("headerRowCount", "1")), int(root.get("totalsRowCount", "0"))
    except (KeyError, ValueError) as wrong:
        raise package.damaged(f"{part}: {wrong}") from wrong
    if min(header, totals) < 0 or header + totals > area.bottom - area.top + 1:
        raise package.damaged(f"{part}: more headers and totals than rows")
    formulas = [
        element for element in found if element.path == "table/tableColumns/tableColumn/calculatedColumnFormula"
    ]
    columns = tuple(
        _column(element, formulas, body) for element in found if element.path == "table/tableColumns/tableColumn"
    )
    name = root.get("displayName") or root.get("name", "")
    return name.casefold(), Standing(part, sheet_part, sheet, area, header, totals, columns)


def _column(column: Element, formulas: list[Element], body: bytes) -> TableColumn:
    caption = unescaped(column.attributes.get("name", ""))
    for formula in formulas:
        if column.start < formula.start < column.end:
            array = formula.attributes.get("array") in ("1", "true")
            return TableColumn(caption, text_of(body[formula.inner : formula.close]), array)
    return TableColumn(caption)
