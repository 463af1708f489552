"""What a reading still lacks before a person may confirm it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.sources.exports.fields import title_of
from connectors.sources.exports.reading import ASKED, Reading, SheetRead, taxes_of

_ACCOUNT = ("accounts.name", "accounts.number", "accounts.key")
_DOCUMENT = ("documents.number", "documents.key")
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "accounts": (("accounts.name", "accounts.last_name"),),
    "documents": (_DOCUMENT, ("documents.date",), _ACCOUNT, ("documents.total", "documents.subtotal")),
    "lines": (_DOCUMENT, ("lines.amount", "lines.unit_price")),
    "payments": (("payments.date",), ("payments.amount",), (*_ACCOUNT, *_DOCUMENT)),
}
"""The fields that a sheet of each kind must have: one of each."""
OF_ITS_DOCUMENTS = (("documents.date",), _ACCOUNT)
"""What lines must say besides, where no sheet has their documents."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What a sheet lacks: a code of a problem, and the field or tax that it is about."""

    code: str
    place: str
    name: str = ""


def lacking(reading: Reading) -> Iterator[Lack]:
    """Everything that keeps a reading from being confirmed."""
    kinds = {sheet.kind for sheet in reading.sheets}
    if not kinds & {"documents", "lines", "accounts", "payments"}:
        yield Lack("field_needed", reading.sheets[0].file if reading.sheets else "", title_of("documents.number"))
    for sheet in reading.sheets:
        if sheet.kind:
            yield from _of_sheet(sheet, alone=sheet.kind == "lines" and "documents" not in kinds)
    codes = {tax.field: tax.code for tax in reading.taxes}
    told = {tax.field for tax in reading.taxes if tax.rates}
    for field in sorted({field for sheet in reading.sheets for field in taxes_of(sheet)} - told):
        yield Lack("rates_asked", codes.get(field, field), codes.get(field, title_of(field)))


def _of_sheet(sheet: SheetRead, alone: bool) -> Iterator[Lack]:
    for field, count in Counter(sheet.fields).items():
        if count > 1:
            yield Lack("field_twice", sheet.place, title_of(field))
    for fields in (*NEEDED[sheet.kind], *(OF_ITS_DOCUMENTS if alone else ())):
        if not set(fields) & set(sheet.fields):
            yield Lack("field_needed", sheet.place, title_of(fields[0]))
    if sheet.dates == ASKED:
        yield Lack("dates_asked", sheet.place)
    if sheet.decimal == ASKED:
        yield Lack("decimals_asked", sheet.place)
