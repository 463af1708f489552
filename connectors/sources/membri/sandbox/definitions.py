"""What the environment says of its own tables: ``EntityDefinitions``, attributes, relationships and option sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from connectors.sandboxes.server import Request
from connectors.sources.membri.sandbox.tables import KINDS, Column, Refused, Table, Tables

Body = dict[str, Any]
NAMED = re.compile(r"EntityDefinitions\((?:LogicalName='(\w+)'|([0-9a-f-]{36}))\)(?:/Attributes(?:/(.+))?)?")
CAST = re.compile(r"Microsoft\.Dynamics\.CRM\.(\w+)AttributeMetadata")
EXPANDED = re.compile(r"(\w+)\(\$select=([\w,]+)\)")
FILTER = re.compile(r"LogicalName eq '(\w+)'")
CLASSES = {"Picklist": "Picklist", "String": "String", "Memo": "Memo", "Status": "Status", "State": "State"}


def answer(kept: Tables, path: str, request: Request) -> Body:
    """The answer to a path that begins with ``EntityDefinitions``. Raises ``Refused``."""
    select = request.query.get("$select", "").split(",")
    if path == "EntityDefinitions":
        wanted = FILTER.search(request.query.get("$filter", ""))
        tables = [each for each in kept.tables.values() if wanted is None or each.name == wanted[1]]
        return {"value": [_chosen(_entity(each), select) for each in tables]}
    found = NAMED.fullmatch(path)
    if found is None:
        raise Refused(404, "0x8006088a", f"Resource not found for the segment '{path}'.")
    table = _named(kept, found[1], found[2])
    if "/Attributes" in path:
        return {"value": list(_attributes(table, found[3], select, request.query.get("$expand", "")))}
    body = _chosen(_entity(table), select)
    for name, columns in (
        (each[1], each[2].split(",")) for each in EXPANDED.finditer(request.query.get("$expand", ""))
    ):
        told = _relationships(table) if name == "ManyToOneRelationships" else map(_attribute, table.columns.values())
        body[name] = [_chosen(each, columns) for each in told]
    return body


def _named(kept: Tables, name: str | None, id_: str | None) -> Table:
    for table in kept.tables.values():
        if table.name == name or (id_ and _id(table.name) == id_):
            return table
    raise Refused(404, "0x80060888", f"Could not find an entity with name {name or id_}.")


def _entity(table: Table) -> Body:
    return {
        "LogicalName": table.name, "SchemaName": table.name, "EntitySetName": table.set, "MetadataId": _id(table.name),
        "PrimaryIdAttribute": table.identifier, "PrimaryNameAttribute": next(iter(table.columns)),
        "IsOptimisticConcurrencyEnabled": True, "ChangeTrackingEnabled": True, "IsPrivate": False,
    }  # fmt: skip


def _attributes(table: Table, cast: str | None, select: list[str], expand: str) -> Iterator[Body]:
    kind = CAST.fullmatch(cast) if cast else None
    if cast and (kind is None or kind[1] not in CLASSES):
        raise Refused(404, "0x8006088a", f"Resource not found for the segment '{cast}'.")
    for column in table.columns.values():
        if kind is None or KINDS[column.kind] == kind[1]:
            sets = {"OptionSet": {"Options": list(_options(column))}} if "OptionSet" in expand else {}
            yield {**_chosen(_attribute(column), select), **sets}


def _attribute(column: Column) -> Body:
    most = {"MaxLength": int(column.of)} if column.kind in ("text", "memo") else {}
    return {"LogicalName": column.name, "SchemaName": column.name, "AttributeType": KINDS[column.kind],
            "MetadataId": _id(column.name), **most}  # fmt: skip


def _options(column: Column) -> Iterable[Body]:
    for value, label in column.choices.items():
        localized = {"Label": label, "LanguageCode": 1033}
        yield {"Value": value, "Label": {"LocalizedLabels": [localized], "UserLocalizedLabel": localized}}


def _relationships(table: Table) -> Iterator[Body]:
    for column in table.columns.values():
        if column.kind == "lookup":
            yield {"ReferencingAttribute": column.name, "ReferencedEntity": column.of,
                   "ReferencingEntityNavigationPropertyName": column.navigation,
                   "SchemaName": f"{table.name}_{column.name}"}  # fmt: skip


def _chosen(body: Body, names: list[str]) -> Body:
    """The properties that were asked for; the identifier comes always."""
    return {name: value for name, value in body.items() if names == [""] or name in names or name == "MetadataId"}


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))
