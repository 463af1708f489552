"""A workbook that lies closed on disk: fast to read, and written so that only the cells meant to change do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import starmap
from pathlib import Path

from connectors.problems import CannotRun, Place, Problem
from workbook.addresses import letters
from workbook.book import Grid, Row, RowKey, Value
from workbook.cells import EMPTY, TEXTS, Content, ForbiddenText, as_text, content_of
from workbook.file.extent import (
    calculated,
    column_formulas,
    empty,
    last_filled,
    move_totals,
    new_row_styles,
    obstacle,
    resized,
    resized_part,
    stretch,
)
from workbook.file.outline import CONTENT_TYPES, Standing, outline, relations_part
from workbook.file.package import Package
from workbook.file.recalculation import calculating_on_load, computes, without_relation, without_type
from workbook.file.row import new_row
from workbook.file.sheet import Sheet, values_in
from workbook.file.stored_values import Values, formats, shared_strings
from workbook.layout import Language, Table, Type, tables
from workbook.markup import BrokenMarkup, encoded
from workbook.row_keys import columns_to_find, row_numbers
from workbook.speaking import Renaming, headers_renamed, sheets_renamed


class FileBook:
    """The Book over a closed file; writes are held back until ``save``, which makes them in one pass.

    Of the package, ``save`` changes the sheets written to and the parts of tables that became longer or shorter.
    It also asks for a computation on opening (in the workbook's part) where any formula other than a link stands in
    the workbook; and where a formula was overwritten it drops the calculation chain, which Excel makes anew. Every
    other part keeps its bytes: charts and names that hold a range by its address keep that range, and a pivot table
    shows the new figures once it is refreshed. Formats are the person's and the template's: in a column formatted as
    text, what we write stays text even when a person edits it.

    ``progress`` and ``stop`` are what to call instead of doing nothing.
    """

    def __init__(
        self,
        path: Path,
        *,
        progress: Callable[[str], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.path = path
        self._progress, self._stop = progress, stop
        self._package = Package(path)
        with self._sound():
            self._outline = outline(self._package)
        self._standing = dict(self._outline.tables)
        self._sheets: dict[str, tuple[Sheet, str]] = {}
        self._parts: dict[str, tuple[bytes, str]] = {}

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """What contradicts itself in the file is damage, and told as such."""
        try:
            yield
        except BrokenMarkup as wrong:
            raise self._package.damaged(wrong) from wrong
        except MemoryError as full:
            raise self._package.damaged("more than the memory of this computer holds") from full

    def read(self, table: Table) -> Grid:
        """The table as it stands, unsaved writes included."""
        standing = self._standing.get(table.name.casefold())
        if standing is None:
            return Grid(table, "", (), {}, found=False)
        found = {key: letters(column) for key, column in standing.places(table).items()}
        return Grid(table, standing.sheet, self._rows(table, found), found)

    def _rows(self, table: Table, columns: Iterable[str]) -> tuple[Row, ...]:
        """The rows that hold anything in some columns."""
        standing = self._standing[table.name.casefold()]
        places = standing.places(table)
        wanted = {letters(places[key]): (key, table.column(key).type) for key in columns if key in places}
        with self._sound():
            return tuple(starmap(Row, self._read(standing, wanted)))

    def _read(
        self, standing: Standing, wanted: Mapping[str, tuple[str, Type]]
    ) -> Iterator[tuple[int, dict[str, Value]]]:
        if standing.sheet_part in self._sheets:
            return self._sheets[standing.sheet_part][0].values(standing.data, wanted, self._values)
        body, _ = self._package.markup(standing.sheet_part)
        return values_in(body, standing.data, wanted, self._values)

    @cached_property
    def _values(self) -> Values:
        where = self._outline
        strings = shared_strings(self._package.text(where.strings)) if where.strings else []
        styles = formats(self._package.text(where.styles)) if where.styles else []
        return Values(strings, styles, from_1904=where.from_1904)

    def _changing(self, table: Table) -> tuple[Sheet, Standing]:
        standing = self._standing.get(table.name.casefold())
        if standing is None:
            raise CannotRun(Problem(code="table_missing", params={"table": table.name}))
        if standing.sheet_part not in self._sheets:
            body, encoding = self._package.markup(standing.sheet_part)
            with self._sound():
                self._sheets[standing.sheet_part] = Sheet(body), encoding
        return self._sheets[standing.sheet_part][0], standing

    def standing(self, table: Table, rows: Collection[RowKey]) -> Mapping[RowKey, Sequence[int]]:
        """At which row numbers rows stand now; those that are gone are left out."""
        if table.name.casefold() not in self._standing:
            return {}
        return row_numbers(table, self._rows(table, columns_to_find(table, rows)), rows, every=True)

    def write(
        self, table: Table, cells: Mapping[RowKey, Mapping[str, Value]], *, every: bool = False
    ) -> frozenset[RowKey]:
        """Change cells of the rows that bear these keys; answers whose rows are not there, or stand several times."""
        if not cells:
            return frozenset()
        self._changing(table)
        numbers = row_numbers(table, self._rows(table, columns_to_find(table, cells)), cells, every=every)
        self._put(table, {number: cells[key] for key, found in numbers.items() for number in found})
        return frozenset(cells.keys() - numbers.keys())

    def _put(self, table: Table, cells: Mapping[int, Mapping[str, Value]]) -> None:
        """Change cells: row number → column key → value."""
        sheet, standing = self._changing(table)
        places = _places(table, standing)
        contents = {number: self._contents(standing, places, number, row) for number, row in cells.items()}
        with self._sound():
            styles = sheet.column_styles(column for column, _ in places.values())
            for number, row in contents.items():
                sheet.put(number, row, styles)

    def append(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        """Add rows after the last that holds anything; raises ``CannotRun(table_blocked)`` when there is no room."""
        if not rows:
            return
        sheet, standing = self._changing(table)
        with self._sound():
            start = last_filled(sheet, standing, set(standing.places(table).values())) + 1
        self._fill(table, start, rows, max(standing.data.bottom, start + len(rows) - 1))

    def replace(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        """Give a table this content; it keeps one row, and every row in which a person typed in a column of theirs.

        Raises ``CannotRun(table_blocked)`` when there is no room.
        """
        sheet, standing = self._changing(table)
        ours = set(standing.places(table).values())
        with self._sound():
            typed = last_filled(sheet, standing, ours, theirs_alone=True)
        rows = rows or [{}]
        bottom = max(standing.data.top + len(rows) - 1, typed)
        padding: list[Mapping[str, Value]] = [{}] * (bottom - standing.data.top + 1 - len(rows))
        self._fill(table, standing.data.top, [*rows, *padding], bottom)

    def _fill(self, table: Table, start: int, rows: Sequence[Mapping[str, Value]], bottom: int) -> None:
        """Write whole rows from a row on, into a table that then ends at ``bottom``."""
        sheet, standing = self._changing(table)
        places = _places(table, standing)
        changed: dict[int, dict[int, Content]] = {}
        new: dict[int, bytes] = {}
        with self._sound():
            styles, formulas = new_row_styles(sheet, standing), column_formulas(sheet, standing)
            blank, blanks = dict.fromkeys(styles, EMPTY), dict.fromkeys(places)
            for number, row in enumerate(rows, start):
                there = number <= standing.data.bottom
                contents = self._contents(standing, places, number, {**blanks, **row} if there else row)
                if not there:
                    contents = blank | calculated(formulas, number, sheet.words.prefix) | _filled(contents, formulas)
                if there or number in sheet.rows:
                    changed[number] = contents
                else:
                    new[number] = new_row(number, contents, styles, sheet.words)
            self._resize(table, bottom)
            sheet.rows.update(new)
            for number, contents in changed.items():
                sheet.put(number, contents, styles)

    def _resize(self, table: Table, bottom: int) -> None:
        sheet, standing = self._changing(table)
        if bottom == standing.data.bottom:
            return
        if bottom > standing.data.bottom:
            self._check_room(table, bottom)
            stretch(sheet, standing, bottom)
        else:
            empty(sheet, standing, range(bottom + 1, standing.data.bottom + 1))
        move_totals(sheet, standing, bottom)
        body, encoding = self._part(standing.part)
        self._parts[standing.part] = resized_part(body, standing, bottom), encoding
        self._standing[table.name.casefold()] = resized(standing, bottom)

    def _check_room(self, table: Table, bottom: int) -> None:
        sheet, standing = self._changing(table)
        others = [
            other.area
            for other in self._standing.values()
            if other.sheet_part == standing.sheet_part and other.part != standing.part
        ]
        blocking = obstacle(sheet, standing, others, bottom)
        if blocking:
            place = Place(sheet=standing.sheet, cell=blocking)
            params = {"table": table.name, "sheet": standing.sheet, "cell": blocking}
            raise CannotRun(Problem(code="table_blocked", params=params, place=place))

    def _contents(
        self, standing: Standing, places: Mapping[str, tuple[int, Type]], number: int, values: Mapping[str, Value]
    ) -> dict[int, Content]:
        """The contents of a row by sheet column; columns that the table no longer has are passed over."""
        prefix, from_1904 = self._sheets[standing.sheet_part][0].words.prefix, self._outline.from_1904
        contents: dict[int, Content] = {}
        for key, value in values.items():
            if key not in places:
                continue
            column, type_ = places[key]
            try:
                stored = as_text(value) if type_ in TEXTS else value
                contents[column] = content_of(stored, prefix, from_1904=from_1904)
            except ForbiddenText as wrong:
                raise self._forbidden(standing, column, number, key, wrong) from wrong
        return contents

    def _forbidden(self, standing: Standing, column: int, number: int, key: str, why: ForbiddenText) -> CannotRun:
        caption = standing.columns[column - standing.area.left].caption
        return CannotRun(
            Problem(
                code="text_forbidden",
                column=key,
                params={"file": self.path.name, "line": str(number), "column": caption},
                place=Place(sheet=standing.sheet, cell=f"{letters(column)}{number}"),
                detail=str(why),
            )
        )

    def speak(self, language: Language) -> None:
        """Give sheets and headers their captions in a language; formulas, names, links and charts follow them.

        Fields of a person's pivot table keep the old captions: at its next refresh Excel asks for the new ones, as it
        does for any header that is renamed.
        """
        headers = {table.name: self._headers(table, language) for _, table in tables()}
        standing = {name: self._standing[name.casefold()] for name, new in headers.items() if new}
        columns = {
            name: {table.columns[at - table.area.left].caption.casefold(): text for at, text in headers[name].items()}
            for name, table in standing.items()
        }
        renaming = Renaming(
            sheets_renamed(self._outline.sheets, language), {name.casefold(): new for name, new in columns.items()}
        )
        with self._sound():
            for part in self._package.sizes:
                if part.endswith(".xml") and part not in (self._outline.strings, self._outline.styles):
                    self._follow(part, renaming)
            body, encoding = self._part(self._outline.workbook)
            self._parts[self._outline.workbook] = renaming.workbook(body), encoding
            for name, table in standing.items():
                self._head(table, name, headers[name], renaming)
        self._outline = self._outline.renamed(renaming.sheets)
        self._standing = {name: table.renamed(renaming, name) for name, table in self._standing.items()}

    def _headers(self, table: Table, language: Language) -> dict[int, str]:
        """Sheet column → new caption, for the headers of a table that change."""
        standing = self._standing.get(table.name.casefold())
        if standing is None or not standing.header:
            return {}
        places = standing.places(table)
        new = headers_renamed([column.caption for column in standing.columns], table, language)
        return {places[key]: caption for key, caption in new.items()}

    def _follow(self, part: str, renaming: Renaming) -> None:
        """Let what a part refers to bear its new name; a part that refers to nothing renamed is left alone."""
        sheet, encoding = self._sheets.get(part, (None, ""))
        if sheet is None:
            body, encoding = self._part(part)
        else:
            body = b"".join(sheet.pieces())
        renamed = renaming.part(body)
        if renamed == body:
            return
        if part in self._outline.sheets.values():
            changed = Sheet(renamed)
            changed.lost_formula = sheet is not None and sheet.lost_formula
            self._sheets[part] = changed, encoding
        else:
            self._parts[part] = renamed, encoding

    def _head(self, standing: Standing, name: str, captions: Mapping[int, str], renaming: Renaming) -> None:
        if standing.sheet_part not in self._sheets:
            body, encoding = self._part(standing.sheet_part)
            self._sheets[standing.sheet_part] = Sheet(body), encoding
        sheet, _ = self._sheets[standing.sheet_part]
        sheet.put(standing.area.top, {at: content_of(text, sheet.words.prefix) for at, text in captions.items()})
        body, encoding = self._part(standing.part)
        self._parts[standing.part] = renaming.table(body, name), encoding

    def _part(self, name: str) -> tuple[bytes, str]:
        return self._parts.get(name) or self._package.markup(name)

    def save(self) -> None:
        """Write what changed and move it in place; raises ``CannotRun`` and writes nothing when it cannot."""
        if not self._sheets and not self._parts:
            return
        parts = dict(self._parts)
        removed = self._without_chain(parts)
        body, encoding = self._part(self._outline.workbook)
        computing = calculating_on_load(body)
        if computing != body and self._computes():
            parts[self._outline.workbook] = computing, encoding
        small = {name: encoded(*part) for name, part in parts.items()}
        changed: dict[str, Iterable[bytes]] = {
            name: (body,) for name, body in small.items() if body != self._package.raw(name)
        }
        for name, (sheet, encoding) in self._sheets.items():
            whole = encoding == "utf-8"
            changed[name] = sheet.pieces() if whole else (encoded(b"".join(sheet.pieces()), encoding),)
        self._package.save(changed, removed)
        self._sheets.clear()
        self._parts.clear()
        if removed:
            self._outline = replace(self._outline, chain="")

    def _without_chain(self, parts: dict[str, tuple[bytes, str]]) -> list[str]:
        """Excel takes a calculation chain that names a cell without a formula for damage; it makes a missing one."""
        workbook, chain = self._outline.workbook, self._outline.chain
        if not chain or not any(sheet.lost_formula for sheet, _ in self._sheets.values()):
            return []
        related = relations_part(workbook)
        body, encoding = self._part(related)
        parts[related] = without_relation(body, workbook, chain), encoding
        body, encoding = self._part(CONTENT_TYPES)
        parts[CONTENT_TYPES] = without_type(body, chain), encoding
        return [chain]

    def _computes(self) -> bool:
        """Whether any formula of the workbook may depend on what we wrote; the small sheets are looked at first."""
        names = sorted(self._outline.sheets.values(), key=lambda name: self._package.sizes.get(name, 0))
        changed = {name: sheet for name, (sheet, _) in self._sheets.items()}
        return any(
            computes(changed[name].pieces() if name in changed else self._package.blocks(name)) for name in names
        )

    def selected(self, table: Table) -> tuple[RowKey, ...]:
        """Nothing is selected in a closed workbook."""
        return ()

    def progress(self, text: str) -> None:
        """Tell whoever asked for it what is going on."""
        if self._progress:
            self._progress(text)

    def stop_asked(self) -> bool:
        """Whether whoever can stop us asked for it."""
        return self._stop is not None and self._stop()


def _places(table: Table, standing: Standing) -> dict[str, tuple[int, Type]]:
    """Sheet column and type of each column of the layout that the table has, by key."""
    return {key: (column, table.column(key).type) for key, column in standing.places(table).items()}


def _filled(row: Mapping[int, Content], formulas: Mapping[int, object]) -> dict[int, Content]:
    """A new row's contents without the empty ones that a calculated column fills."""
    return {column: content for column, content in row.items() if content.inner or column not in formulas}
