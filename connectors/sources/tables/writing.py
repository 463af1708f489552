"""How amounts and dates are written in tables of text, and the currency of a row that names none."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

_TOKENS = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{2})", "DD": r"(?P<day>\d{2})"}
_LOOSE = {"M": r"(?P<month>\d{1,2})", "D": r"(?P<day>\d{1,2})"}
_TOKEN = re.compile("YYYY|MM|DD|M|D")
ISO = "iso"


@cache
def date_pattern(date_format: str) -> re.Pattern[str]:
    """The pattern of a date format, with groups ``year``, ``month``, ``day``; raises ``ValueError``.

    ``iso`` is YYYY-MM-DD. MM and DD are exactly two digits, M and D one or two; the year is always four digits,
    because two of them would have to be guessed at.
    """
    wanted = "YYYY-MM-DD" if date_format == ISO else date_format
    pattern = _TOKEN.sub(lambda token: (_TOKENS | _LOOSE)[token.group()], re.sub(r"([^\w])", r"\\\1", wanted))
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error as twice:
        raise ValueError(f"a date format names year, month and day once each: {date_format}") from twice
    if set(compiled.groupindex) != {"year", "month", "day"} or re.search("[A-Za-z]", _TOKEN.sub("", wanted)):
        raise ValueError(f"a date format is made of YYYY, MM or M, DD or D and punctuation: {date_format}")
    return compiled


def _checked(date_format: str) -> str:
    try:
        date_pattern(date_format)
    except ValueError as wrong:
        raise PydanticCustomError("date_format", "no date format") from wrong
    return date_format


class Writing(BaseModel):
    """How a table's texts are read: the sign before decimals, the order of a date, the currency where none is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decimal: Literal[".", ","] = Field(
        default=".", title="Decimal sign", description="What stands before the cents of CSV files."
    )
    date_format: Annotated[str, AfterValidator(_checked)] = Field(
        default=ISO,
        title="Date format",
        description="How dates are written: YYYY, MM or M, DD or D; iso is YYYY-MM-DD.",
        examples=["DD/MM/YYYY"],
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field(
        default="CAD", title="Currency", description="Of amounts that name none."
    )
