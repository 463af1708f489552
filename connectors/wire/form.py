"""A table of fields between a record of ours and a body of a ledger's, read both ways.

A field names its place on the wire and what of ours goes there; what comes back is read from the same table. The names
of ours are checked against the record's class when the table is made, which no type checker sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Protocol, get_type_hints

from connectors.ledger import Posting
from connectors.records import TYPES, Address, CodeTax, EntryLine, InvoiceLine, Kind
from connectors.tax_codes import TaxesOf
from connectors.wire.keys import note, texts_in
from connectors.wire.paths import Body, at, put

OF_POSTING = frozenset({"customer", "parent"})
"""What a posting says in the ledger's words beside its record."""

Convert = Callable[[Any], Any]


def _no_taxes(_: str) -> Sequence[CodeTax]:
    return ()


class Listed(Protocol):
    """A company's lists, as a table asks them: from our code to the ledger's word, and back."""

    def word(self, listed: str, code: str) -> str:
        """The ledger's word for a code; empty where its list has none."""

    def code(self, listed: str, word: str) -> str:
        """The code of a ledger's word; empty where nothing has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The company's lists: our codes and the ledger's words for them, by the list's name; and its tax codes' taxes.

    What stands for no code at all is under the empty one.
    """

    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    taxes_of: TaxesOf = _no_taxes

    def word(self, listed: str, code: str) -> str:
        """The ledger's word for a code; empty where its list has none."""
        return self.tables.get(listed, {}).get(code, "")

    def code(self, listed: str, word: str) -> str:
        """The code of a ledger's word; empty where nothing has it."""
        return next((code for code, each in self.tables.get(listed, {}).items() if each == word), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place on the wire and what of ours stands there.

    ``ours`` is a field of the record (``billing.city`` of an address), several joined by blanks for a note that holds
    them all, or what the posting says (``customer``). ``always`` is sent whatever the record. ``listed`` names the
    company's list that turns a code into the ledger's word. ``keyed`` puts our key at the end of a text of at most
    ``most`` characters. ``gives`` computes what is sent out of the posting, the record or its line, and the company's
    lists: ``None`` says nothing of this place, where an empty text clears it. ``there`` and ``back`` turn a value into
    the ledger's form and out of it. ``way`` says that it is only sent, or only read.
    """

    wire: str
    ours: str = ""
    always: object = None
    listed: str = ""
    keyed: bool = False
    most: int = 0
    gives: Callable[[Posting, Any, Any], Any] | None = None
    there: Convert | None = None
    back: Convert | None = None
    way: Literal["both", "there", "back"] = "both"

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of ours that stand here."""
        return tuple(self.ours.split())

    def sent(self, posting: Posting, of: Any, codes: Listed) -> Any:  # noqa: ANN401 (JSON is anything)
        """What goes to this place."""
        if self.always is not None:
            return self.always
        if self.gives:
            return self.gives(posting, of, codes)
        if self.keyed:
            return note(tuple(str(_of(posting, of, name) or "") for name in self.names), posting.key, self.most)
        value = _of(posting, of, self.ours)
        if self.listed:
            value = codes.word(self.listed, str(value or ""))
        if isinstance(value, str):
            value = value.strip()
        if self.there and value not in (None, ""):
            value = self.there(value)
        return value.isoformat() if isinstance(value, date) else value

    def told(self, body: Body, codes: Listed, types: Mapping[str, Any], day: Convert) -> Iterator[tuple[str, Any]]:
        """What this place says of our fields, by their names; nothing where a text may have lost its end."""
        value = at(body, self.wire)
        if self.back and value is not None:
            value = self.back(value)
        if self.keyed or len(self.names) > 1:
            texts = texts_in(value, len(self.names))
            cut = self.most and len(str(value or "")) >= self.most
            yield from zip(self.names[:-1] if cut else self.names, texts, strict=False)
            return
        if self.listed:
            value = codes.code(self.listed, str(value or ""))
        elif self.back and value is not None:
            yield self.ours, value
            return
        yield self.ours, _typed(value, types.get(self.ours, str), day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How records of one kind look in one entity of the ledger's.

    ``id`` is the field of the ledger's own id, ``lines`` the place of its lines, ``untold`` what of ours it shows and
    cannot be believed. ``day`` reads a date as the ledger writes it.
    """

    kind: Kind
    entity: str
    id: str
    fields: tuple[Field, ...]
    lines: str = ""
    line: tuple[Field, ...] = ()
    untold: frozenset[str] = frozenset()
    day: Convert = date.fromisoformat

    def __post_init__(self) -> None:
        known = _types_of(self.kind)
        for each in self.fields:
            for name in each.names:
                if name not in known and name not in OF_POSTING:
                    raise AttributeError(f"{self.kind} has no {name}")
        of_line = _types_of(self.kind, lines=True)
        for each in self.line:
            for name in each.names:
                if name not in of_line:
                    raise AttributeError(f"a line has no {name}")

    def body(self, posting: Posting, codes: Listed) -> Body:
        """A new body; what is empty is not sent."""
        body: Body = {}
        for path, value in self.wanted(posting, codes):
            if value is not None and value != "":
                put(body, path, value)
        if self.lines:
            put(body, self.lines, [self.of_line(posting, each, codes) for each in getattr(posting.record, "lines", ())])
        return body

    def wanted(self, posting: Posting, codes: Listed) -> Iterator[tuple[str, Any]]:
        """Every place that is sent and what goes there, empty ones too."""
        for each in self.fields:
            if each.way != "back":
                yield each.wire, each.sent(posting, posting.record, codes)

    def read(self, body: Body, codes: Listed) -> tuple[dict[str, Any], frozenset[str]]:
        """Our fields as the ledger has them, lines among them, and the names of those that it tells."""
        values = _read(self.fields, body, codes, _types_of(self.kind), self.day)
        told = {name.partition(".")[0] for name in values} - self.untold
        if self.lines:
            types = _types_of(self.kind, lines=True)
            rows = at(body, self.lines) or []
            values["lines"] = [_read(self.line, row, codes, types, self.day) for row in rows]
            told |= {"lines"}
        return values, frozenset(told)

    def of_line(self, posting: Posting, line: InvoiceLine | EntryLine, codes: Listed) -> Body:
        """A line of it; what is empty is not sent."""
        body: Body = {}
        for each in self.line:
            value = each.sent(posting, line, codes) if each.way != "back" else None
            if value is not None and value != "":
                put(body, each.wire, value)
        return body


def addresses(values: dict[str, Any]) -> dict[str, Any]:
    """Values whose dotted names are put together as the addresses they are parts of."""
    flat = {name: value for name, value in values.items() if "." not in name}
    parts: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        whole, dot, part = name.partition(".")
        if dot:
            parts.setdefault(whole, {})[part] = value
    return flat | {name: Address(**told) for name, told in parts.items()}


def _read(
    fields: tuple[Field, ...], body: Body, codes: Listed, types: Mapping[str, Any], day: Convert
) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for each in fields:
        if each.ours and each.way != "there":
            read |= dict(each.told(body, codes, types, day))
    return read


def _of(posting: Posting, of: Any, name: str) -> Any:  # noqa: ANN401 (a record or a line of one)
    if name in OF_POSTING and of is posting.record:
        return getattr(posting, name)
    value = of
    for part in name.split("."):
        value = getattr(value, part)
    return value


@cache
def _types_of(kind: Kind, *, lines: bool = False) -> Mapping[str, Any]:
    """The types of the fields of a kind's records, or of their lines."""
    if not lines:
        return _types(TYPES[kind])
    return _types(EntryLine if kind is Kind.JOURNAL_ENTRY else InvoiceLine)


def _types(of: type) -> dict[str, Any]:
    """The types of a record's fields, with those of its addresses by dotted names."""
    types = dict(get_type_hints(of))
    for name, each in list(types.items()):
        if each is Address:
            types |= {f"{name}.{part}": str for part in get_type_hints(Address)}
    return types


def _typed(value: Any, wanted: Any, day: Convert) -> Any:  # noqa: ANN401 (JSON is anything)
    if wanted is Decimal:
        return Decimal(str(value)) if value not in (None, "") else Decimal(0)
    if wanted is date or wanted == date | None:
        return day(value) if value else None
    if wanted is bool:
        return value is True
    if wanted is int:
        return int(value) if value else 0
    return str(value if value is not None else "") if wanted is str else value
