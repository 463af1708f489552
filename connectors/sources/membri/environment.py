"""What an environment says of itself: its tables, their columns, what these refer to, and the values of its choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from connectors.rest.pages import Body
from connectors.sources.membri.service import Api

REFERENCES = frozenset({"Lookup", "Customer", "Owner"})
CHOICES = frozenset({"Picklist", "State", "Status"})
TEXTS = ("StringAttributeMetadata", "MemoAttributeMetadata")
KIND = "Microsoft.Dynamics.CRM"


@dataclass(frozen=True, slots=True)
class Reference:
    """A table that a column refers to, and the name under which the row itself is asked for."""

    table: str
    navigation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One table: the name that its rows are asked for under, its identifier, and its columns by their type.

    ``versioned`` says that a change can be made to depend on a row's version. ``choices`` are the values and labels of
    its columns of choices, ``lengths`` how many characters its columns of text take.
    """

    name: str
    entity_set: str
    identifier: str
    versioned: bool
    columns: Mapping[str, str]
    references: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)

    def is_reference(self, column: str) -> bool:
        """Whether a column refers to a row."""
        return self.columns.get(column) in REFERENCES

    def is_choice(self, column: str) -> bool:
        """Whether a column is one of a list of values."""
        return self.columns.get(column) in CHOICES


class Environment:
    """Asks each thing once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._entities: dict[str, Entity] = {}

    @cached_property
    def tables(self) -> Mapping[str, Body]:
        """Every table by its logical name."""
        query = {"$select": "LogicalName,EntitySetName,PrimaryIdAttribute,IsOptimisticConcurrencyEnabled"}
        body = self._api.definitions("", query) or {}
        return {str(each["LogicalName"]): each for each in body.get("value", ())}

    def entity(self, name: str) -> Entity | None:
        """A table with its columns; nothing where there is none of this name."""
        if name not in self.tables:
            return None
        if name not in self._entities:
            self._entities[name] = self._asked(name, self.tables[name])
        return self._entities[name]

    def _asked(self, name: str, head: Body) -> Entity:
        references = "ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName"
        query = {
            "$select": "LogicalName",
            "$expand": f"Attributes($select=LogicalName,AttributeType),ManyToOneRelationships($select={references})",
        }
        body = self._api.definitions(f"(LogicalName='{name}')", query) or {}
        columns = {str(each["LogicalName"]): str(each["AttributeType"]) for each in body.get("Attributes", ())}
        return Entity(
            name=name,
            entity_set=str(head["EntitySetName"]),
            identifier=str(head["PrimaryIdAttribute"]),
            versioned=head.get("IsOptimisticConcurrencyEnabled") is not False,
            columns=columns,
            references=_references(body),
            choices=self._choices(name, columns),
            lengths=self._lengths(name),
        )

    def _choices(self, name: str, columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for kind in sorted(CHOICES & set(columns.values())):
            query = {"$select": "LogicalName", "$expand": "OptionSet($select=Options)"}
            for each in self._attributes(name, f"{kind}AttributeMetadata", query):
                options = (each.get("OptionSet") or {}).get("Options", ())
                found[str(each["LogicalName"])] = {str(option["Value"]): _label(option) for option in options}
        return found

    def _lengths(self, name: str) -> dict[str, int]:
        return {str(each["LogicalName"]): int(each["MaxLength"]) for kind in TEXTS
                for each in self._attributes(name, kind, {"$select": "LogicalName,MaxLength"})
                if isinstance(each.get("MaxLength"), int)}  # fmt: skip

    def _attributes(self, name: str, kind: str, query: Mapping[str, str]) -> list[Body]:
        body = self._api.definitions(f"(LogicalName='{name}')/Attributes/{KIND}.{kind}", query) or {}
        found: list[Body] = body.get("value", [])
        return found


def _references(body: Body) -> dict[str, tuple[Reference, ...]]:
    found: dict[str, tuple[Reference, ...]] = {}
    for each in body.get("ManyToOneRelationships", ()):
        column = str(each["ReferencingAttribute"])
        reference = Reference(str(each["ReferencedEntity"]), str(each["ReferencingEntityNavigationPropertyName"]))
        found[column] = (*found.get(column, ()), reference)
    return found


def _label(option: Body) -> str:
    label = (option.get("Label") or {}).get("UserLocalizedLabel") or {}
    return str(label.get("Label", ""))
