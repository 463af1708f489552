"""The properties each entity knows, their types and lengths; anything else in a request is refused.

``fields.json`` holds the properties of the vendor's sample bodies, those that a client library in wide use
(python-quickbooks) declares, and those that the documentation names beside; lengths, read-only and filterable
properties are the documentation's. A type is a name of ``types``, ``[type]`` for a list, ``string N`` with a longest
length or ``enum NAME``.

Assumptions: an empty string or null is as good as an absent property on create and clears it on a sparse update (a
client library in wide use sends empty strings for every unset property); a read-only property that is sent is
ignored, as documented for TotalAmt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import cast

from connectors.ledgers.quickbooks_online.sandbox.bodies import Body, Json
from connectors.ledgers.quickbooks_online.sandbox.refusals import Error, Refusal

_TABLE = json.loads(files(__package__).joinpath("fields.json").read_text("utf-8"))
TYPES: dict[str, dict[str, str]] = _TABLE["types"]
READ_ONLY: dict[str, frozenset[str]] = {entity: frozenset(names) for entity, names in _TABLE["read_only"].items()}
FILTERABLE: dict[str, frozenset[str]] = {entity: frozenset(names) for entity, names in _TABLE["filterable"].items()}
ENUMERATIONS: dict[str, list[str]] = _TABLE["enumerations"]

ABSENT = (None, "")
NEVER_EMPTY = frozenset({"PhysicalAddress", "EmailAddress", "TelephoneNumber"})
"""Objects that are not to be sent without anything in them (addresses, such as ``ShipAddr: {}``)."""
LARGEST = Decimal(10) ** 11
"""UnitPrice and PurchaseCost are documented up to 99999999999; assumed for every amount."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T.*)?")


class _Wrong(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def read(entity: str, sent: object, *, latin: bool = False) -> Body:
    """A request's body with every value in its type; a property sent empty is ``None``.

    ``latin`` refuses what ISO-8859-1 lacks (companies in the US). Raises ``Refusal`` with every error found.
    """
    errors: list[Error] = []
    body = cast(Body, _object(entity, sent, entity, latin, errors))
    if errors:
        raise Refusal(errors)
    cleared = {name: None for name, value in cast(Body, sent).items() if value in ABSENT}
    unwritable = READ_ONLY[entity]
    return {name: value for name, value in {**body, **cleared}.items() if name not in unwritable}


def typed(entity: str, kept: Body) -> Body:
    """A body out of a snapshot, with every value in its type again."""
    errors: list[Error] = []
    body = _object(entity, kept, entity, False, errors)
    if errors or body is None:
        raise Refusal(errors)
    return body


def _object(type_: str, sent: object, path: str, latin: bool, errors: list[Error]) -> Body | None:
    if not isinstance(sent, dict):
        errors.append(_unknown(path))
        return None
    if not sent and type_ in NEVER_EMPTY:
        errors.append(_unknown(path))
    known = TYPES[type_]
    errors += [_unknown(name) for name in sent if name not in known]
    return dict(_values(known, sent, latin, errors))


def _values(known: dict[str, str], sent: Body, latin: bool, errors: list[Error]) -> Iterator[tuple[str, Json]]:
    for name, value in sent.items():
        if name not in known or value in ABSENT:
            continue
        kind = known[name]
        if kind.startswith("["):
            yield name, _list(kind.strip("[]"), value, name, latin, errors)
        else:
            yield name, _value(kind, value, name, latin, errors)


def _list(kind: str, sent: object, name: str, latin: bool, errors: list[Error]) -> list[Json]:
    if not isinstance(sent, list):
        errors.append(_unknown(name))
        return []
    return [_value(kind, value, name, latin, errors) for value in sent]


def _value(kind: str, sent: object, name: str, latin: bool, errors: list[Error]) -> Json:
    word, _, bound = kind.partition(" ")
    if word not in _READERS:
        return _object(word, sent, name, latin, errors)
    try:
        value = _READERS[word](sent, bound)
        if latin and isinstance(value, str):
            _latin(value)
    except _Wrong as wrong:
        errors.append(Error(code=wrong.code, detail=str(wrong), element=name))
        return None
    return value


def _unknown(name: str) -> Error:
    return Error(code="2010", detail=f"Property Name:{name} specified is unsupported or invalid", element=name)


def _string(sent: object, bound: str) -> str:
    if isinstance(sent, bool) or not isinstance(sent, str | int | Decimal):
        raise _Wrong(
            "2010", "Property Name:failed to parse json object; a property specified is unsupported or invalid"
        )
    text = str(sent)
    if _CONTROL.search(text):
        raise _Wrong("2040", "Invalid String : Element contains invalid characters")
    if bound and len(text) > int(bound):
        raise _Wrong(
            "2050",
            "String length specified does not match the supported length."
            f" Min:0 Max:{int(bound):,} supported. Supplied length:{len(text):,}",
        )
    return text


def _latin(text: str) -> None:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError as found:
        raise _Wrong("2040", f"Invalid String : Element contains invalid characters: {text[found.start]}") from found


def _decimal(sent: object, _: str) -> Decimal:
    if isinstance(sent, bool) or not isinstance(sent, str | int | Decimal):
        raise _Wrong("2080", f"Invalid Number Format. Supplied value:{sent}")
    try:
        number = Decimal(sent)
    except InvalidOperation as wrong:
        raise _Wrong("2080", f"Invalid Number Format. Supplied value:{sent}") from wrong
    if not number.is_finite() or abs(number) >= LARGEST:
        raise _Wrong("2090", f"Invalid Number. Supplied value:{sent}")
    return number


def _integer(sent: object, bound: str) -> int:
    number = _decimal(sent, bound)
    if number != number.to_integral_value():
        raise _Wrong("2080", f"Invalid Number Format. Supplied value:{sent}")
    return int(number)


def _boolean(sent: object, _: str) -> bool:
    words = {"true": True, "false": False}
    if isinstance(sent, bool):
        return sent
    if isinstance(sent, str) and sent.lower() in words:
        return words[sent.lower()]
    raise _Wrong("2230", f"Invalid Boolean. Supplied value:{sent}")


def _date(sent: object, _: str) -> str:
    match = _DAY.fullmatch(sent) if isinstance(sent, str) else None
    if match is None:
        raise _Wrong("2060", f"Invalid Date Format. Supplied value:{sent}")
    try:
        return date.fromisoformat(match[1]).isoformat()
    except ValueError as wrong:
        raise _Wrong("2070", f"Invalid Date. Supplied value:{sent}") from wrong


def _enum(sent: object, bound: str) -> str:
    if sent not in ENUMERATIONS[bound]:
        raise _Wrong("2170", f"Invalid Enumeration : {sent}")
    return str(sent)


_READERS: dict[str, Callable[[object, str], Json]] = {
    "string": _string,
    "decimal": _decimal,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "enum": _enum,
}
