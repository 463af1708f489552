"""A workbook: its sheets by name, with the texts and formats that their cells refer to."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from connectors.sources.files.refusals import FileRefused
from connectors.sources.files.xlsx.package import Package
from connectors.sources.files.xlsx.worksheet import MAX_TEXT, Shared, Worksheet, names, unescaped
from connectors.sources.tables.number_format import BUILT_IN, GENERAL, NumberFormat, number_format

MAX_SHEETS, MAX_TEXTS, MAX_FORMATS, MAX_CODE = 1_000, 5_000_000, 65_536, 255
"""Sheets, shared texts, cell formats and characters of a format's code (Microsoft, "Excel specifications and limits";
the numbers of sheets and of texts are ours)."""

_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_IDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_ROOT = "_rels/.rels"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name, the part that holds it, and whether a person sees it."""

    name: str
    part: str
    hidden: bool


class Workbook:
    """An open workbook. Raises ``FileRefused`` where it is damaged or too large."""

    def __init__(self, stream: BinaryIO) -> None:
        self._package = Package(stream)
        main = next((part for kind, part in self._relations("", _ROOT).values() if kind == "officeDocument"), "")
        if main not in self._package:
            raise FileRefused("file_damaged", detail="no workbook in it")
        folder, name = posixpath.split(main)
        relations = self._relations(folder, posixpath.join(folder, "_rels", f"{name}.rels"))
        parts = dict(relations.values())
        self._since_1904 = False
        self.sheets = tuple(self._read_sheets(main, {key: part for key, (_, part) in relations.items()}))
        self._shared = Shared(
            self._read_texts(parts.get("sharedStrings", "")),
            self._read_formats(parts.get("styles", "")),
            self._since_1904,
        )

    def worksheet(self, sheet: Sheet) -> Worksheet:
        """What a sheet holds, to be read."""
        if sheet.part not in self._package:
            raise FileRefused("file_damaged", detail=f"{sheet.name}: {sheet.part} is missing")
        return Worksheet(self._package, sheet.part, self._shared)

    def _parse(
        self, part: str, start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] = lambda _: None
    ) -> None:
        """Parse a part whole; one that is not there holds nothing."""
        for _ in self._package.elements(part, start, end):
            pass

    def _relations(self, folder: str, part: str) -> dict[str, tuple[str, str]]:
        """The last word of each relation's type, and the part it leads to within the package, by its id."""
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == _RELATION and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, posixpath.normpath(path))

        self._parse(part, start)
        return found

    def _read_sheets(self, part: str, parts: dict[str, str]) -> list[Sheet]:
        found: list[Sheet] = []
        tags = names("sheet", "workbookPr")

        def start(name: str, attributes: dict[str, str]) -> None:
            match tags.get(name):
                case "workbookPr":
                    self._since_1904 = attributes.get("date1904") in ("1", "true")
                case "sheet":
                    held = next((parts[attributes[key]] for key in _IDS if attributes.get(key) in parts), "")
                    found.append(Sheet(attributes.get("name", ""), held, attributes.get("state", "") not in _SHOWN))

        self._parse(part, start)
        if len(found) > MAX_SHEETS:
            raise FileRefused("file_too_large", f"{len(found)} > {MAX_SHEETS}")
        return found

    def _read_texts(self, part: str) -> list[str]:
        """The texts that cells share, without what tells how Japanese is spoken."""
        found: list[str] = []
        tags = names("si", "t", "rPh")
        pieces: list[str] = []
        reading, phonetic = False, False

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal reading, phonetic
            tag = tags.get(name)
            phonetic = phonetic or tag == "rPh"
            reading = tag == "t" and not phonetic

        def end(name: str) -> None:
            nonlocal reading, phonetic
            reading = False
            match tags.get(name):
                case "rPh":
                    phonetic = False
                case "si":
                    found.append(unescaped("".join(pieces)))
                    pieces.clear()

        def text(piece: str) -> None:
            if reading and len(pieces) < MAX_TEXT:
                pieces.append(piece)

        for _ in self._package.elements(part, start, end, text):
            if len(found) > MAX_TEXTS:
                raise FileRefused("file_too_large", f"{MAX_TEXTS} → {part}")
        return found

    def _read_formats(self, part: str) -> list[NumberFormat]:
        """The format of each style that a cell may name."""
        codes: dict[str, str] = {}
        ids: list[str] = []
        tags = names("numFmt", "xf", "cellXfs")
        in_cells = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal in_cells
            match tags.get(name):
                case "numFmt":
                    codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[: MAX_CODE + 1]
                case "cellXfs":
                    in_cells = True
                case "xf" if in_cells:
                    ids.append(attributes.get("numFmtId", "0"))

        def end(name: str) -> None:
            nonlocal in_cells
            in_cells = in_cells and tags.get(name) != "cellXfs"

        self._parse(part, start, end)
        if max(len(ids), len(codes)) > MAX_FORMATS:
            raise FileRefused("file_too_large", f"{len(ids)} > {MAX_FORMATS} → {part}")
        known = {str(number): code for number, code in BUILT_IN.items()} | codes
        return [number_format(known[number]) if number in known else GENERAL for number in ids]


_SHOWN = ("", "visible")
