"""The environment's tables: their columns, rows and versions, and what of a row is refused."""

from __future__ import annotations

import itertools
import re
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from threading import RLock
from typing import Any

from connectors.sandboxes.clock import Clock

Row = dict[str, Any]
BOUND = "@odata.bind"
KINDS = {
    "identifier": "Uniqueidentifier", "text": "String", "memo": "Memo", "money": "Money", "decimal": "Decimal",
    "integer": "Integer", "boolean": "Boolean", "date": "DateTime", "datetime": "DateTime", "lookup": "Lookup",
    "choice": "Picklist",
}  # fmt: skip
OWN = {"createdon": "datetime", "modifiedon": "datetime", "versionnumber": "integer"}
"""Columns that Dataverse fills in itself."""


class Refused(Exception):
    """The environment says no: a status, its code, and its words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``of`` is what its kind needs to know: the most characters, or the table that it refers to."""

    name: str
    kind: str
    of: str = ""
    navigation: str = ""
    choices: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Table:
    """A table with its rows by identifier."""

    name: str
    set: str
    columns: dict[str, Column]
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """Its column of identifiers."""
        return next(each.name for each in self.columns.values() if each.kind == "identifier")

    def column(self, name: str) -> Column:
        """A column as it is asked for, ``_x_value`` of what refers to a row. Raises ``Refused``."""
        bare = name[1 : -len("_value")] if name.startswith("_") and name.endswith("_value") else name
        found = self.columns.get(bare)
        if found is None or (found.kind == "lookup") != (bare != name):
            text = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{self.name}'."
            raise Refused(400, "0x0", text)
        return found

    def navigated(self, name: str) -> Column:
        """The column behind the name of the row that it refers to. Raises ``Refused``."""
        for each in self.columns.values():
            if each.navigation == name:
                return each
        text = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{self.name}'."
        raise Refused(400, "0x0", text)


class Tables:
    """Everything that the environment holds; ``lock`` makes a change of it one."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.lock = clock, RLock()
        self._versions = itertools.count(1_000_001)
        self.tables = {name: _table(name, told) for name, told in described().items()}

    def of_set(self, entity_set: str) -> Table:
        """The table whose rows are asked for under this name. Raises ``Refused``."""
        for table in self.tables.values():
            if table.set == entity_set:
                return table
        raise Refused(404, "0x8006088a", f"Resource not found for the segment '{entity_set}'.")

    def row(self, table: Table, id_: str) -> Row:
        """A row. Raises ``Refused``."""
        if id_ not in table.rows:
            raise Refused(404, "0x80040217", f"{table.name} With Id = {id_} Does Not Exist")
        return table.rows[id_]

    def create(self, table: Table, sent: Row, id_: str = "") -> str:
        """A new row; its identifier. Raises ``Refused``."""
        values = self._values(table, sent)
        id_ = str(values.get(table.identifier) or id_ or uuid.uuid4())
        if id_ in table.rows:
            raise Refused(412, "0x80040237", "A record with matching key values already exists.")
        empty: Row = dict.fromkeys(table.columns)
        table.rows[id_] = {**empty, **values, table.identifier: id_, "createdon": self._now(), **self._moved()}
        return id_

    def update(self, table: Table, id_: str, sent: Row) -> None:
        """Change columns of a row. Raises ``Refused``."""
        row, values = self.row(table, id_), self._values(table, sent)
        row.update({**values, **self._moved()})

    def delete(self, table: Table, id_: str) -> None:
        """Take a row away. Raises ``Refused``."""
        self.row(table, id_)
        del table.rows[id_]

    def _moved(self) -> Row:
        return {"modifiedon": self._now(), "versionnumber": next(self._versions)}

    def _now(self) -> str:
        return self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _values(self, table: Table, sent: Row) -> Row:
        """What is sent as it is kept: a row that is referred to by its identifier. Raises ``Refused``."""
        values: Row = {}
        for name, value in sent.items():
            if name.endswith(BOUND):
                column = self._payload_column(table, name.removesuffix(BOUND), by_navigation=True)
                values[column.name] = self._bound(column, value)
            elif not name.startswith("@"):
                column = self._payload_column(table, name, by_navigation=False)
                _check(table, column, value)
                values[column.name] = value
        return values

    def _payload_column(self, table: Table, name: str, *, by_navigation: bool) -> Column:
        try:
            column = table.navigated(name) if by_navigation else table.column(name)
        except Refused:
            column = None
        if column is None or column.name in OWN or (column.kind == "lookup") != by_navigation:
            raise Refused(400, "0x80048d19", _invalid(table, name))
        return column

    def _bound(self, column: Column, value: object) -> str:
        found = re.fullmatch(r"/?(\w+)\(([0-9a-f-]{36})\)", str(value))
        if found is None or self.of_set(found[1]).name != column.of:
            raise Refused(400, "0x80048d19", f"{value} is no {column.of}")
        self.row(self.of_set(found[1]), found[2])
        return found[2]


def described() -> Mapping[str, Mapping[str, str]]:
    """The tables as they are written down beside this module."""
    return tomllib.loads(files(__package__).joinpath("environment.toml").read_text(encoding="utf-8"))


def _table(name: str, told: Mapping[str, str]) -> Table:
    columns = {column: _column(column, kind) for column, kind in {**told, **OWN}.items() if column != "set"}
    return Table(name=name, set=told["set"], columns=columns)


def _column(name: str, told: str) -> Column:
    kind, _, rest = told.partition(" ")
    match kind:
        case "lookup":
            of, _, navigation = rest.partition(" ")
            return Column(name, kind, of, navigation)
        case "choice":
            pairs: Iterable[list[str]] = (each.split("=", 1) for each in rest.split("|"))
            return Column(name, kind, choices={int(value): label for value, label in pairs})
    return Column(name, kind, rest)


def _check(table: Table, column: Column, value: object) -> None:
    """Raise ``Refused`` where a value is none of its column's."""
    if value is None:
        return
    if column.choices and value not in column.choices:
        accepted = ",".join(map(str, column.choices))
        text = f"The value {value} of '{column.name}' on record of type '{table.name}' is outside the valid range."
        raise Refused(400, "0x8004431a", f"A validation error occurred. {text} Accepted Values: {accepted}")
    if column.of and isinstance(value, str) and len(value) > int(column.of):
        text = f"The length of the '{column.name}' attribute of the '{table.name}' entity exceeded the maximum allowed"
        raise Refused(400, "0x80044331", f"A validation error occurred. {text} length of '{column.of}'.")
    if not _fits(column, value):
        raise Refused(400, "0x80048d19", _invalid(table, column.name))


def _fits(column: Column, value: object) -> bool:
    match column.kind:
        case "text" | "memo":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "choice":
            return isinstance(value, int) and not isinstance(value, bool)
        case "money" | "decimal":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case "date":
            return _is(date.fromisoformat, value)
        case "datetime":
            return _is(datetime.fromisoformat, value)
    return _is(uuid.UUID, value)


def _is(read: Any, value: object) -> bool:  # noqa: ANN401 (whatever reads a text)
    try:
        read(str(value))
    except ValueError:
        return False
    return True


def _invalid(table: Table, name: str) -> str:
    return (f"Error identified in Payload provided by the user for Entity :'{table.set}', InnerException : "
            f"Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{table.name}'.")  # fmt: skip
