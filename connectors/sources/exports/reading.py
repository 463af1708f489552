"""How a company's export is read, as a person confirmed it: data, kept beside the company's settings."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from connectors.sources.exports.fields import KINDS, TAX, TAXES, TYPES, UNREAD

ASKED = "?"
"""What stands where a person must say it."""
FILE, DRAFT = "source-reading.toml", "source-reading.draft.toml"
"""The files of a confirmed reading and of one that waits to be confirmed."""


def _field(name: str) -> str:
    if name != UNREAD and name not in TYPES:
        raise ValueError(f"no field: {name}")
    return name


def _kind(name: str) -> str:
    if name and name not in KINDS:
        raise ValueError(f"no kind of sheet: {name}")
    return name


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnRead(_Data):
    """A column by its heading, and the field that it is; ``sure``, ``ground`` and ``examples`` say why."""

    heading: str
    field: Annotated[str, AfterValidator(_field)] = UNREAD
    sure: str = ""
    grounds: tuple[dict[str, str], ...] = ()
    examples: tuple[str, ...] = ()


class SheetRead(_Data):
    """A sheet, what it holds, its columns, and how its dates and amounts are written."""

    file: str
    sheet: str = ""
    kind: Annotated[str, AfterValidator(_kind)] = ""
    dates: Literal["", "?", "YMD", "DMY", "MDY"] = ""
    decimal: Literal["", "?", ".", ","] = ""
    columns: tuple[ColumnRead, ...] = ()

    @property
    def place(self) -> str:
        """How a person names it."""
        return f"{self.file}, {self.sheet}" if self.sheet else self.file

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are read of it."""
        return tuple(column.field for column in self.columns if column.field)


def taxes_of(sheet: SheetRead) -> tuple[str, ...]:
    """The fields of a sheet that are a tax: one of its own each, or all of them together."""
    if not sheet.kind:
        return ()
    return tuple(f for f in sheet.fields if f.startswith(TAXES)) or tuple(f for f in sheet.fields if f == TAX)


class TaxRead(_Data):
    """A tax that has a column: the field, the code by which it is known, and the rates that it has (in percent)."""

    field: Annotated[str, AfterValidator(_field)]
    code: str
    rates: tuple[Decimal, ...] = ()


class Reading(_Data):
    """How an export is read; ``confirmed`` is the day on which ``by`` confirmed it, and empty before."""

    confirmed: date | None = None
    by: str = ""
    sheets: tuple[SheetRead, ...] = ()
    taxes: tuple[TaxRead, ...] = ()

    def text(self) -> str:
        """The reading as TOML."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True, exclude_defaults=True))


def reading_of(text: str) -> Reading:
    """The reading that a TOML text is; raises ``ValueError``."""
    try:
        return Reading.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as wrong:
        raise ValueError(str(wrong)) from wrong
