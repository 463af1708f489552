"""What the accountant typed, read back from the sheets; whatever cannot be read is a problem with its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connectors.problems import Place, Problem
from connectors.records import DOCUMENT_KINDS, PAYMENT_KINDS, Kind, Side, SyncStatus
from workbook.book import Book, CellError, Grid, Link, Row, Value
from workbook.layout import (
    ACCOUNTS,
    CHOICES,
    DEFAULTS,
    ENTRIES,
    INVOICES,
    LINES,
    MAPPING_TABLES,
    PAYMENTS,
    SETTINGS_TABLE,
    SIDED,
    TAX_MAP,
    Column,
    Table,
    Type,
    bought_as,
    bought_code,
    code_of,
    default_of,
)

RecordKey = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """A record's row, or rows: where they stand and what they hold, by column key."""

    grid: Grid
    rows: tuple[Row, ...]

    @property
    def table(self) -> Table:
        """The review table."""
        return self.grid.table

    def text(self, column: str) -> str:
        """A cell's text; empty where it is empty or the column is gone."""
        return text_of(self.rows[0].values.get(column))

    def code(self, column: str) -> str | None:
        """The code of a choice, ``None`` where the cell holds none of them."""
        return code_of(self.table.column(column).choices, self.text(column))

    @property
    def status(self) -> SyncStatus | None:
        """The status, ``None`` where the cell holds none of the six."""
        code = self.code("status")
        return SyncStatus(code) if code else None

    def place(self, column: str) -> Place:
        """The cell of a column."""
        return self.grid.place(self.rows[0], column)


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that was typed: review rows by record, line rows, mappings and settings; and what was typed wrongly.

    ``maps`` is table name → source code → its row, a default under the empty code or its English caption; of a code
    that stands on several rows, none counts. A record is ``unsound`` when its own rows cannot be trusted.
    """

    rows: Mapping[RecordKey, Typed]
    lines: Mapping[tuple[str, ...], Typed]
    maps: Mapping[str, Mapping[str, Typed]]
    settings: Mapping[str, Typed]
    problems: tuple[Problem, ...]
    unsound: frozenset[RecordKey] = field(default_factory=frozenset)

    def mapped(self, table: Table, *codes: str, side: Side | None = None, column: str = "ledger_code") -> str:
        """The ledger's code for the first of the source codes that has one, else the table's default, else empty.

        ``column`` is where the code stands. Where sales and purchases have a default each, it is that of ``side``, and
        none without one: an entry's account is its own. A code that stands on several rows stops the search: which of
        them counts is not known.
        """
        row = self.mapping(table, *codes, side=side, column=column)
        return row.text(column) if row else ""

    def mapping(self, table: Table, *codes: str, side: Side | None = None, column: str = "ledger_code") -> Typed | None:
        """The row of a mapping whose code counts, as ``mapped`` says."""
        rows = self.maps.get(table.name, {})
        for code in (*(code for code in codes if code), *_defaults(table, side)):
            if code in rows and rows[code].rows[1:]:
                return None
            if code in rows and rows[code].text(column):
                return rows[code]
        return None


def _defaults(table: Table, side: Side | None) -> tuple[str, ...]:
    """The default rows of a table that count for a side; one that is older than the sides counts for sales."""
    if table.name not in SIDED:
        return ("",)
    older = ("",) if side is Side.SALES else ()
    return (DEFAULTS[side].en, *older) if side else ()


def text_of(value: Value) -> str:
    """A cell's value as text, as a person sees it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case CellError() | Link():
            return value.text
        case date():
            return value.isoformat()
        case Decimal():
            return format(value.normalize(), "f")
        case _:
            return value.strip()


def read(book: Book) -> Review:
    """Read every table in which something can be typed. Never raises for what a person typed."""
    grids = {table.name: book.read(table) for table in (ACCOUNTS, INVOICES, PAYMENTS, ENTRIES, LINES, SETTINGS_TABLE)}
    maps = {table.name: book.read(table) for table in MAPPING_TABLES}
    problems = [problem for grid in (*grids.values(), *maps.values()) for problem in _structure(grid)]
    rows: dict[RecordKey, Typed] = {}
    unsound: set[RecordKey] = set()
    for table in (ACCOUNTS, INVOICES, PAYMENTS, ENTRIES):
        found, wrong, untrusted = _records(grids[table.name])
        rows.update(found)
        problems += wrong
        unsound |= untrusted
    lines = _grouped(grids[LINES.name], "invoice", "key")
    copied = list(_copied_lines(lines, {key: kind for kind, key in rows if kind in DOCUMENT_KINDS}))
    mapped = {name: _mapping(grid) for name, grid in maps.items()}
    return Review(
        rows=rows,
        lines=lines,
        maps=mapped,
        settings={name: typed for (name,), typed in _grouped(grids[SETTINGS_TABLE.name], "key").items()},
        problems=(*problems, *copied, *(p for codes in mapped.values() for p in _mapped_twice(codes.values()))),
        unsound=frozenset(unsound | {(p.kind, p.key) for p in copied if p.kind}),
    )


def settings_of(book: Book) -> Mapping[str, Typed]:
    """The rows of the Settings sheet by the setting that each holds."""
    return {name: typed for (name,), typed in _grouped(book.read(SETTINGS_TABLE), "key").items()}


def _grouped(grid: Grid, *columns: str) -> dict[tuple[str, ...], Typed]:
    """The rows of a table by what some of its columns show; rows that show the same stand together."""
    rows: dict[tuple[str, ...], list[Row]] = {}
    for row in grid.rows:
        rows.setdefault(tuple(text_of(row.values.get(column)) for column in columns), []).append(row)
    return {shown: Typed(grid, tuple(held)) for shown, held in rows.items()}


def _mapping(grid: Grid) -> dict[str, Typed]:
    """The rows of a mapping by their source code; a default row by its English caption, in whichever language it is."""
    rows: dict[str, list[Row]] = {}
    for row in grid.rows:
        code = text_of(row.values.get("code"))
        side = default_of(code) if grid.table.name in SIDED else None
        bought = bought_code(code) if grid.table is TAX_MAP else None
        found = DEFAULTS[side].en if side else bought_as(bought) if bought else code
        rows.setdefault(found, []).append(row)
    return {code: Typed(grid, tuple(held)) for code, held in rows.items()}


def _twice(typed: Typed, *columns: str) -> bool:
    """Whether rows that show the same do so because it was typed, and not because a column is gone."""
    return len(typed.rows) > 1 and typed.grid.letters.keys() >= set(columns)


def _copied_lines(lines: Mapping[tuple[str, ...], Typed], kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    """Every row of a line that stands there twice: what is typed on one may contradict the other."""
    for (document, key), typed in lines.items():
        for row in typed.rows if key and _twice(typed, "invoice", "key") else ():
            yield Problem(
                code="row_duplicated", kind=kinds.get(document), key=document, column="key",
                place=typed.grid.place(row, "key"), params={"value": key},
            )  # fmt: skip


def _mapped_twice(codes: Iterable[Typed]) -> Iterator[Problem]:
    for typed in codes:
        for row in typed.rows if _twice(typed, "code") else ():
            yield Problem(
                code="code_mapped_twice", column="code", place=typed.grid.place(row, "code"),
                params={"value": typed.text("code") or typed.text("name"), "table": typed.table.name},
            )  # fmt: skip


def _structure(grid: Grid) -> Iterator[Problem]:
    if not grid.found:
        yield Problem(code="table_missing", params={"table": grid.table.name})
        return
    for key in grid.missing:
        caption = grid.table.column(key).caption
        yield Problem(
            code="column_renamed",
            column=key,
            params={"table": grid.table.name, "column_en": caption.en, "column_fr": caption.fr},
            place=Place(sheet=grid.sheet, cell=grid.table.anchor),
        )


def _records(grid: Grid) -> tuple[dict[RecordKey, Typed], list[Problem], set[RecordKey]]:
    rows: dict[RecordKey, list[Row]] = {}
    problems: list[Problem] = []
    for row in grid.rows:
        try:
            rows.setdefault(_identify(grid.table, row), []).append(row)
        except ValueError:
            problems.append(
                Problem(code="row_unknown", place=grid.place(row, "key"), params={"table": grid.table.name})
            )
    unsound: set[RecordKey] = set()
    for key, held in rows.items():
        wrong = [*_duplicates(grid, key, held), *_errors(grid, key, held)]
        problems += wrong
        if wrong:
            unsound.add(key)
    return {key: Typed(grid, tuple(held)) for key, held in rows.items()}, problems, unsound


def _identify(table: Table, row: Row) -> RecordKey:
    key = text_of(row.values.get("key"))
    if not key:
        raise ValueError
    if table is ACCOUNTS:
        return Kind.CUSTOMER, key
    if table is ENTRIES:
        return Kind.JOURNAL_ENTRY, key.rpartition("#")[0] or key
    kind = Kind(code_of("kind", text_of(row.values.get("kind"))) or "")
    if kind not in (PAYMENT_KINDS if table is PAYMENTS else DOCUMENT_KINDS):
        raise ValueError
    return kind, key


def _duplicates(grid: Grid, key: RecordKey, rows: list[Row]) -> Iterator[Problem]:
    keys = [text_of(row.values.get("key")) for row in rows]
    for row, shown in zip(rows, keys, strict=True):
        if keys.count(shown) > 1:
            yield Problem(
                code="row_duplicated", kind=key[0], key=key[1], column="key", place=grid.place(row, "key"),
                params={"value": shown},
            )  # fmt: skip


def _errors(grid: Grid, key: RecordKey, rows: list[Row]) -> Iterator[Problem]:
    for row in rows:
        for column in grid.table.columns:
            value = row.values.get(column.key)
            if isinstance(value, CellError) and (column.editable or column.type is not Type.LINK):
                yield Problem(
                    code="cell_error", kind=key[0], key=key[1], column=column.key, place=grid.place(row, column.key),
                    params={"value": value.text},
                )  # fmt: skip


def altered(typed: Typed, expected: Iterable[Mapping[str, Value]]) -> Iterator[tuple[Row, str]]:
    """The cells that no longer show what the record says, as row and column key; links and missing columns apart."""
    by_key = {text_of(row.values.get("key")): row for row in typed.rows}
    for cells in expected:
        row = by_key.get(text_of(cells["key"]))
        if row is None:
            continue
        for key, value in cells.items():
            column = typed.table.column(key)
            if column.type is Type.LINK or key not in typed.grid.letters:
                continue
            if not _same(column, value, row.values.get(key)):
                yield row, key


def _same(column: Column, expected: Value, found: Value) -> bool:
    if column.choices in CHOICES:
        return code_of(column.choices, text_of(expected)) == code_of(column.choices, text_of(found))
    if isinstance(expected, Decimal):
        return isinstance(found, Decimal) and _rounded(found) == _rounded(expected)
    return _folded(expected) == _folded(found)


def _rounded(value: Decimal) -> Decimal:
    return Decimal(format(value, ".12g"))


def _folded(value: Value) -> str:
    return " ".join(text_of(value).split())
