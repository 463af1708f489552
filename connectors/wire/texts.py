"""Characters that no service keeps which holds its texts as XML behind the JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from connectors.records import Provenance

LINE_ENDS = "\n\r\t"


def unsendable(text: str) -> set[str]:
    """The characters of a text that are none of XML 1.0."""
    return {c for c in text if c not in LINE_ENDS and unicodedata.category(c) in ("Cc", "Cs")}


def texts(value: object) -> Iterator[str]:
    """Every text of a record."""
    match value:
        case Provenance():
            return
        case str():
            yield value
        case tuple():
            for part in value:
                yield from texts(part)
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from texts(getattr(value, field.name))
