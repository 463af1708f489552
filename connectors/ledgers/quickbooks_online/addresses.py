"""Addresses on the wire, both ways; whose care mail is sent in is the first line of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from babel.core import get_global

from connectors.ledgers.quickbooks_online.queries import Body
from connectors.records import Address

STREET = ("Line1", "Line2", "Line3", "Line4", "Line5")
PLACE = (("City", "city"), ("CountrySubDivisionCode", "region"), ("PostalCode", "postal_code"), ("Country", "country"))
CARE = re.compile(r"(?:c/o|a/s)\s+(?P<name>\S.*)", re.IGNORECASE)
"""How a line says in whose care mail is sent, in English and in French; we write ``c/o``."""


def body_of_address(address: Address, care_of: str = "") -> Body:
    """Up to five lines; the rest of a longer street goes into the fifth. What is empty is not sent."""
    care = " ".join(care_of.split())
    lines = [f"c/o {care}"] if care else []
    lines += [line.strip() for line in address.street.splitlines() if line.strip()]
    if len(lines) > len(STREET):
        lines = [*lines[: len(STREET) - 1], " ".join(lines[len(STREET) - 1 :])]
    place = {wire: getattr(address, source) for wire, source in PLACE}
    return {**dict(zip(STREET, lines, strict=False)), **{wire: value for wire, value in place.items() if value}}


def read_address(body: Any) -> tuple[Address, str]:  # noqa: ANN401 (JSON is anything)
    """An address, and in whose care mail is sent there."""
    told: Body = body if isinstance(body, dict) else {}
    lines = [str(told[line]) for line in STREET if told.get(line)]
    care = CARE.fullmatch(lines[0]) if lines else None
    address = Address(
        street="\n".join(lines[1:] if care else lines),
        city=str(told.get("City") or ""),
        region=str(told.get("CountrySubDivisionCode") or ""),
        postal_code=str(told.get("PostalCode") or ""),
        country=_two_letters(str(told.get("Country") or "")),
    )
    return address, care["name"] if care else ""


def whole(body: Body) -> Body:
    """An address that replaces another whole, so that a line that is gone does not stay."""
    return {name: body.get(name, "") for name in (*STREET, *(wire for wire, _ in PLACE))}


def _two_letters(country: str) -> str:
    """A country as ISO 3166 has it in two letters: the vendor answers in three, whatever was sent (2025-10-31)."""
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return aliases[country.upper()][0] if len(country) == 3 and country.upper() in aliases else country
