"""What is wrong with a body by the vendor's own schema, in a reduced form: names, types, lengths, what is read-only.

A reduced schema is, by the name of an object, its fields, each with ``type`` (string, number, integer, boolean), or
``object`` or ``list`` naming another object; ``enum``, ``most`` (characters), ``format`` and ``read`` where they apply.
What is read-only may be sent as false: a vendor's own client does so with flags that nobody set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

Schema = Mapping[str, Mapping[str, Mapping[str, Any]]]


def wrong(schema: Schema, name: str, body: object, path: str = "") -> Iterator[str]:
    """Each field that the vendor's schema does not take, in words."""
    place = path or name
    if not isinstance(body, dict):
        yield f"{place} is no object"
        return
    for field, value in body.items():
        told = schema[name].get(field)
        where = f"{place}.{field}"
        if told is None:
            yield f"{where} is not known"
        elif told.get("read") and value is not False:
            yield f"{where} is read-only"
        elif value is not None:
            yield from _of_value(schema, told, value, where)


def _of_value(schema: Schema, told: Mapping[str, Any], value: object, where: str) -> Iterator[str]:
    if "object" in told:
        yield from wrong(schema, told["object"], value, where)
    elif "list" in told:
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for place, each in enumerate(value):
            yield from wrong(schema, told["list"], each, f"{where}[{place}]")
    elif not _fits(told, value):
        yield f"{where} is not as it should be: {value!r:.60}"


def _fits(told: Mapping[str, Any], value: object) -> bool:
    if told.get("enum"):
        return value in told["enum"]
    match told["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "number" | "integer":
            return not isinstance(value, bool) and _is_number(value)
    if told.get("format") == "uuid":
        return _is_uuid(value)
    return isinstance(value, str) and len(value) <= told.get("most", len(value))


def _is_number(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
