"""What is asked of a table: columns, conditions, order, rows that it refers to, and one page of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from connectors.sandboxes.server import Request
from connectors.sources.membri.sandbox.tables import Refused, Row, Table, Tables

PAGE = 5000
"""Rows of a page at most, and where nobody asks for fewer (query/page-results)."""
LABEL = "OData.Community.Display.V1.FormattedValue"
KNOWN = frozenset({"$select", "$filter", "$orderby", "$expand", "$top", "$count", "$skiptoken"})
CONDITION = re.compile(r"([\w/]+) (eq|ne|gt|ge|lt|le) ('(?:[^']|'')*'|[^ ']+)")
EXPANDED = re.compile(r"(\w+)\(\$select=([\w,]+)\)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a column, of this row or of one that it refers to, with a value."""

    path: str
    operator: str
    value: Any

    def holds(self, kept: Tables, table: Table, row: Row) -> bool:
        """Whether it does of a row. Raises ``Refused``."""
        found = _at(kept, table, row, self.path)
        if self.operator in ("eq", "ne"):
            return bool(found == self.value) is (self.operator == "eq")
        if found is None or self.value is None:
            return False
        order = int(found > self.value) - int(found < self.value)
        return {"gt": order > 0, "ge": order >= 0, "lt": order < 0, "le": order <= 0}[self.operator]


def page(kept: Tables, table: Table, request: Request) -> dict[str, Any]:
    """One page of rows, with the address of the next where there is one. Raises ``Refused``."""
    query = request.query
    if strange := {name for name in query if name.startswith("$")} - KNOWN:
        raise Refused(400, "0x80060888", f"The query parameter {min(strange)} is not supported")
    rows = _ordered(table, [row for row in table.rows.values() if _wanted(kept, table, row, query)], query)
    size = _size(request)
    if "$skiptoken" in query:
        last = json.loads(query["$skiptoken"])["last"]
        rows = [row for row in rows if _key(row, _order(table, query)) > tuple(map(tuple, last))]
    shown = rows[: size or int(query.get("$top") or PAGE)]
    body: dict[str, Any] = {
        "@odata.context": f"{_root(request)}$metadata#{table.set}",
        **({"@odata.count": min(len(rows), PAGE)} if query.get("$count") == "true" else {}),
        "value": [told(kept, table, row, query, request) for row in shown],
    }
    if len(rows) > len(shown) and (size or "$top" not in query):
        token = json.dumps({"last": _key(shown[-1], _order(table, query))})
        body["@odata.nextLink"] = f"{_root(request)}{table.set}?{urlencode({**query, '$skiptoken': token})}"
    return body


def told(kept: Tables, table: Table, row: Row, query: Mapping[str, str], request: Request) -> Row:
    """A row as it is answered, with its version and, where they are asked for, the labels of choices."""
    names = query["$select"].split(",") if query.get("$select") else [_asked(table, name) for name in table.columns]
    body = {"@odata.etag": version(row), table.identifier: row[table.identifier]}
    body |= dict(_columns(table, row, names, labels="odata.include-annotations" in request.headers.get("prefer", "")))
    for navigation, columns in _expanded(query.get("$expand", "")):
        column = table.navigated(navigation)
        other = kept.tables[column.of]
        referred = other.rows.get(row[column.name]) if row[column.name] else None
        for name in columns:
            other.column(name)
        body[navigation] = referred and {"@odata.etag": version(referred), other.identifier: referred[other.identifier],
                                         **dict(_columns(other, referred, columns, labels=True))}  # fmt: skip
    return body


def version(row: Row) -> str:
    """A row's version, as it is sent back."""
    return f'W/"{row["versionnumber"]}"'


def _columns(table: Table, row: Row, names: list[str], *, labels: bool) -> Iterator[tuple[str, Any]]:
    for name in names:
        column = table.column(name)
        yield name, row[column.name]
        if labels and column.choices and row[column.name] is not None:
            yield f"{name}@{LABEL}", column.choices[row[column.name]]


def _expanded(text: str) -> Iterator[tuple[str, list[str]]]:
    if text and not re.fullmatch(rf"{EXPANDED.pattern}(,{EXPANDED.pattern})*", text):
        raise Refused(400, "0x80060888", f"Syntax error in '{text}'")
    yield from ((found[1], found[2].split(",")) for found in EXPANDED.finditer(text))


def _wanted(kept: Tables, table: Table, row: Row, query: Mapping[str, str]) -> bool:
    return all(condition.holds(kept, table, row) for condition in _conditions(query.get("$filter", "")))


def _conditions(text: str) -> list[Condition]:
    """Comparisons joined by ``and``; nothing else is asked here."""
    if text and not re.fullmatch(rf"{CONDITION.pattern}( and {CONDITION.pattern})*", text):
        raise Refused(400, "0x80060888", f"Syntax error in '{text}'")
    return [Condition(found[1], found[2], _literal(found[3])) for found in CONDITION.finditer(text)]


def _literal(text: str) -> Any:  # noqa: ANN401 (a value of a column)
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    named = {"null": None, "true": True, "false": False}
    return named[text] if text in named else int(text) if text.lstrip("-").isdigit() else text


def _at(kept: Tables, table: Table, row: Row, path: str) -> Any:  # noqa: ANN401 (a value of a column)
    first, _, rest = path.partition("/")
    if not rest:
        return row[table.column(first).name]
    column = table.navigated(first)
    other = kept.tables[column.of]
    other.column(rest)
    referred = other.rows.get(row[column.name]) if row[column.name] else None
    return _at(kept, other, referred, rest) if referred else None


def _order(table: Table, query: Mapping[str, str]) -> list[str]:
    """The columns of the order; what nobody ordered comes by its identifier."""
    asked = [part.split()[0] for part in query.get("$orderby", "").split(",") if part]
    return [*(table.column(name).name for name in asked), table.identifier]


def _ordered(table: Table, rows: list[Row], query: Mapping[str, str]) -> list[Row]:
    return sorted(rows, key=lambda row: _key(row, _order(table, query)))


def _key(row: Row, order: list[str]) -> tuple[tuple[bool, str], ...]:
    return tuple((row[name] is not None, str(row[name])) for name in order)


def _size(request: Request) -> int:
    """How many rows a page is asked to have; where that is said, ``$top`` does not count."""
    found = re.search(r"odata\.maxpagesize=(\d+)", request.headers.get("prefer", ""))
    return min(int(found[1]), PAGE) if found else 0


def _root(request: Request) -> str:
    return f"{request.base}/api/data/v9.2/"


def _asked(table: Table, name: str) -> str:
    return f"_{name}_value" if table.columns[name].kind == "lookup" else name
