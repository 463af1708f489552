"""The Source sheet: how an export is read, shown, and taken back as a person corrected it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from addin.session import Session
from addin.texts.grounds import grounds
from connectors.problems import CannotRun, Problem
from connectors.sources.exports.fields import UNREAD
from connectors.sources.exports.reading import ASKED, ColumnRead, Reading, SheetRead, TaxRead
from connectors.sources.tables.cells import letters
from workbook.book import Value
from workbook.layout import (
    SOURCE_COLUMNS,
    SOURCE_SHEETS,
    SOURCE_STATE,
    SOURCE_TAXES,
    Language,
    Table,
    caption_of,
    code_of,
)
from workbook.review import text_of

NOT_READ = "unread"
_RATE = re.compile(r"[0-9]{1,2}([.][0-9]{1,6})?")
"""A rate in percent: below a hundred, and never below nothing."""
SIGNS: Mapping[str, str] = {".": "point", ",": "comma"}
Cells = dict[str, Value]


def name_of(sheet: SheetRead, reading: Reading) -> str:
    """How the sheet is called: by its file too, where there are several."""
    return sheet.place if len({one.file for one in reading.sheets}) > 1 or not sheet.sheet else sheet.sheet


def show(session: Session, reading: Reading) -> None:
    """Show a reading on the Source sheet; the caller saves it."""
    language = session.language
    session.book.replace(SOURCE_SHEETS, [_sheet(sheet, reading, language) for sheet in reading.sheets])
    session.book.replace(SOURCE_COLUMNS, list(_columns(reading, language)))
    session.book.replace(SOURCE_TAXES, [{"code": tax.code, "rates": _rates(tax)} for tax in reading.taxes])
    state = caption_of("source_state", "confirmed" if reading.confirmed else "waits", language)
    session.book.replace(SOURCE_STATE, [{"state": state, "on": reading.confirmed, "by": reading.by}])


def _sheet(sheet: SheetRead, reading: Reading, language: Language) -> Cells:
    def shown(choices: str, code: str) -> str:
        return caption_of(choices, code, language) if code not in ("", ASKED) else ""

    return {
        "sheet": name_of(sheet, reading),
        "kind": caption_of("source_kind", sheet.kind or NOT_READ, language),
        "dates": shown("source_dates", sheet.dates.casefold()),
        "decimal": shown("source_decimal", SIGNS.get(sheet.decimal, "")),
    }


def _columns(reading: Reading, language: Language) -> Iterator[Cells]:
    for sheet in reading.sheets:
        for at, column in enumerate(sheet.columns):
            examples = (*column.examples, "", "", "")
            yield {
                "sheet": name_of(sheet, reading),
                "letter": letters(at),
                "heading": column.heading,
                **{f"example{n}": examples[n - 1] for n in (1, 2, 3)},
                "field": caption_of("source_field", column.field or NOT_READ, language),
                "sure": caption_of("sure", column.sure or NOT_READ, language),
                "ground": grounds(language, column.grounds),
            }


def _rates(tax: TaxRead) -> str:
    return "; ".join(f"{rate.normalize():f}" for rate in tax.rates)


def as_corrected(session: Session, reading: Reading) -> Reading:
    """The reading with what a person chose on the Source sheet.

    Raises ``CannotRun`` (not_confirmed) where it does not show a column that is read, so that nobody has seen it.
    """
    sheets = {row["sheet"]: row for row in _rows(session, SOURCE_SHEETS)}
    columns = {(row["sheet"], row["letter"]): row for row in _rows(session, SOURCE_COLUMNS)}
    taxes = {row["code"]: row["rates"] for row in _rows(session, SOURCE_TAXES)}
    return reading.model_copy(
        update={
            "sheets": tuple(_corrected(sheet, name_of(sheet, reading), sheets, columns) for sheet in reading.sheets),
            "taxes": tuple(_with_rates(tax, taxes.get(tax.code, "")) for tax in reading.taxes),
        }
    )


def _rows(session: Session, table: Table) -> Iterator[dict[str, str]]:
    for row in session.book.read(table).rows:
        yield {column.key: text_of(row.values.get(column.key)) for column in table.columns}


def _corrected(
    sheet: SheetRead,
    name: str,
    sheets: Mapping[str, Mapping[str, str]],
    columns: Mapping[tuple[str, str], Mapping[str, str]],
) -> SheetRead:
    shown = [columns.get((name, letters(at))) for at in range(len(sheet.columns))]
    row, unseen = sheets.get(name), [c for c, row in zip(sheet.columns, shown, strict=True) if not _is_of(row, c)]
    if row is None or any(column.field for column in unseen):
        raise CannotRun(Problem(code="not_confirmed", params={"file": name}))
    kind = _code("source_kind", row["kind"] or NOT_READ)
    dates, sign = _code("source_dates", row["dates"]), _code("source_decimal", row["decimal"])
    marks = {code: sign for sign, code in SIGNS.items()}
    return sheet.model_copy(
        update={
            "kind": kind.replace(NOT_READ, ""),
            "dates": dates.upper() if dates else sheet.dates,
            "decimal": marks[sign] if sign else sheet.decimal,
            "columns": tuple(_chosen(c, row) for c, row in zip(sheet.columns, shown, strict=True)),
        }
    )


def _is_of(row: Mapping[str, str] | None, column: ColumnRead) -> bool:
    return row is not None and row["heading"] == column.heading


def _chosen(column: ColumnRead, row: Mapping[str, str] | None) -> ColumnRead:
    """A column with the field that its row says, none where a person emptied it; another column's row says nothing."""
    if row is None or not _is_of(row, column):
        return column
    field = _code("source_field", row["field"] or NOT_READ)
    return column.model_copy(update={"field": UNREAD if field == NOT_READ else field})


def _code(choices: str, text: str) -> str:
    """The code of what a person chose, empty where nothing is. Raises ``CannotRun`` where it is no choice."""
    code = code_of(choices, text) if text else ""
    if code is None:
        raise CannotRun(Problem(code="answer_unknown", params={"value": text}))
    return code


def _with_rates(tax: TaxRead, text: str) -> TaxRead:
    """A tax with the rates that its row says. Raises ``CannotRun`` where one is none."""
    rates = tuple(_rate(part) for part in text.split(";") if part.strip())
    return tax.model_copy(update={"rates": rates}) if rates else tax


def _rate(text: str) -> Decimal:
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if not _RATE.fullmatch(plain):
        raise CannotRun(Problem(code="answer_unknown", params={"value": text.strip()}))
    return Decimal(plain)
