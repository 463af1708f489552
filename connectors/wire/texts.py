"""Characters that no service keeps which holds its texts as XML behind the JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from connectors.problems import Problem, problem_of
from connectors.records import Provenance, Transferable

LINE_ENDS = "\n\r\t"


def unsendable(text: str) -> set[str]:
    """The characters of a text that are none of XML 1.0."""
    return {c for c in text if c not in LINE_ENDS and unicodedata.category(c) in ("Cc", "Cs")}


def characters_refused(record: Transferable) -> Iterator[Problem]:
    """Every text of a record that holds one: what it would come to without, and which they are."""
    for text in _texts(record):
        if odd := unsendable(text):
            shown = ", ".join(sorted(f"U+{ord(c):04X}" for c in odd))
            value = "".join(c for c in text if c not in odd)
            yield problem_of(record, "character_forbidden", value=value, characters=shown)


def _texts(value: object) -> Iterator[str]:
    """Every text of a record."""
    match value:
        case Provenance():
            return
        case str():
            yield value
        case tuple():
            for part in value:
                yield from _texts(part)
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from _texts(getattr(value, field.name))
