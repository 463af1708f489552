"""A mapping held against an environment: every name that is not there, once, with the nearest that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz import process

from connectors.problems import CannotRun, Problem
from connectors.sources.membri.environment import Entity, Environment, Reference
from connectors.sources.membri.mapping import Done, Names, TableMap, Told
from connectors.sources.membri.service import SHOWN
from connectors.sources.web.reading import Part, Reading

NEAREST, NEAR = 3, 60.0
"""So many names are told beside one that is not there, of those that are so much alike (0 to 100)."""
LISTED, OPTIONS = 60, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the mapping as it is asked for: which table, what of it, on which conditions, read how.

    ``chapter`` is where its rows say their chapter; empty where they are of all.
    """

    entity: Entity
    reading: Reading
    query: Mapping[str, str]
    conditions: tuple[str, ...] = ()
    chapter: str = ""
    told: Told | None = None

    def of_chapter(self, identifier: str) -> dict[str, str]:
        """The question for the rows of one chapter, in an order that does not change while pages are read."""
        of_it = [f"{self.chapter} eq {identifier}"] if self.chapter else []
        conditions = " and ".join((*of_it, *self.conditions))
        return {**self.query, "$orderby": self.entity.identifier, **({"$filter": conditions} if conditions else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The whole mapping, every name of which is there."""

    sections: Mapping[str, Section]
    chapters: Entity
    settings: Entity | None


@dataclass
class _Asked:
    """The columns that are asked for, and those of the rows that they refer to, by the name for these."""

    columns: dict[str, None] = field(default_factory=dict)
    expanded: dict[str, dict[str, None]] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """``$select`` and ``$expand``."""
        expand = ",".join(f"{name}($select={','.join(columns)})" for name, columns in self.expanded.items())
        return {"$select": ",".join(self.columns), **({"$expand": expand} if expand else {})}


class Fitting:
    """Holds one mapping against one environment; ``wrong`` is what does not fit so far."""

    def __init__(self, names: Names, environment: Environment, url: str) -> None:
        self._names, self._environment, self._url = names, environment, url.rstrip("/")
        self.wrong: list[str] = []

    def chapters(self) -> Entity | None:
        """The table of the chapters."""
        entity = self._entity("chapter.table", self._names.chapter.table)
        self._there("chapter.name", entity, self._names.chapter.name)
        return entity

    def settings(self) -> Entity | None:
        """The table of what a chapter sets, where the mapping has one."""
        if (told := self._names.settings) is None:
            return None
        entity = self._entity("settings.table", told.table)
        for name, column in (("chapter", told.chapter), *told.columns.items()):
            self._there(f"settings.{name}", entity, column)
        return entity

    def section(self, name: str, table: TableMap) -> Section | None:
        """One section; nothing where its table is not there."""
        where = f"tables.{name}"
        if (entity := self._entity(f"{where}.table", table.table)) is None:
            return None
        asked, told = _Asked({entity.identifier: None}), self._names.told.get(name)
        paths = {
            column: tuple(self._part(f"{where}.{column}", entity, part, asked, column in table.words) for part in parts)
            for column, parts in table.paths.items()
        }
        for column, words in table.words.items():
            self._values(f"{where}.words.{column}", entity, table.columns.get(column, ""), words)
        if told:
            self._told(f"told.{name}", entity, told, asked)
        chapter = self._path(f"{where}.chapter", entity, table.chapter, _Asked(), worded=True) if table.chapter else ""
        page = f"{self._url}/main.aspx?etn={entity.name}&pagetype=entityrecord&id="
        reading = Reading(table=table.ours, name=table.table, paths=paths, words=table.words, always=table.always,
                          needs=table.needs, identity=entity.identifier, page=page)  # fmt: skip
        return Section(entity=entity, reading=reading, query=asked.query, chapter=chapter, told=told,
                       conditions=tuple(self._only(where, entity, table)))  # fmt: skip

    def _part(self, where: str, entity: Entity, part: Part, asked: _Asked, worded: bool) -> Part:
        given = self._path(where, entity, part.given, asked, worded=False) if part.given else ""
        return Part(self._path(where, entity, part.path, asked, worded=worded), given)

    def _path(self, where: str, entity: Entity, path: str, asked: _Asked, *, worded: bool) -> str:
        """Where a value stands in an answer; it is asked for."""
        column, _, of_other = path.partition("/")
        if not of_other:
            if not self._there(where, entity, column):
                return column
            asked.columns[_selected(entity, column)] = None
            return _value(entity, column, worded)
        reference, other = self._other(where, entity, column, of_other)
        if reference is None or other is None:
            return path
        asked.expanded.setdefault(reference.navigation, {})[_selected(other, of_other)] = None
        return f"{reference.navigation}/{_value(other, of_other, worded)}"

    def _other(self, where: str, entity: Entity, column: str, of_other: str) -> tuple[Reference | None, Entity | None]:
        """Through which reference a column of another table is reached."""
        if not self._there(where, entity, column):
            return None, None
        found = [(each, self._environment.entity(each.table)) for each in entity.references.get(column, ())]
        for reference, other in found:
            if other and of_other in other.columns:
                return reference, other
        known = sorted({name for _, other in found if other for name in other.columns})
        self._miss(where, f"{column}/{of_other}", known)
        return None, None

    def _values(self, where: str, entity: Entity, column: str, values: Iterable[str]) -> None:
        """Each value of a choice that there is not, with those that nothing is said of yet, else with all."""
        if not entity.is_choice(column):
            return
        there, said = entity.choices.get(column, {}), set(values)
        free = {value: label for value, label in there.items() if value not in said} or there
        known = ", ".join(f"{value} = {label}" for value, label in list(free.items())[:OPTIONS])
        self.wrong += [f"{where}: {value} (→ {known})" for value in values if value not in there]

    def _told(self, where: str, entity: Entity, told: Told, asked: _Asked) -> None:
        if not entity.versioned:
            self.wrong.append(f"{where}: {entity.name} (IsOptimisticConcurrencyEnabled)")
        for name, column in told.columns.items():
            if self._there(f"{where}.{name}", entity, column):
                asked.columns[_selected(entity, column)] = None
        self._values("statuses", entity, told.status, self._names.statuses.values())
        if isinstance(told.done, Done):
            self._values(f"{where}.done", entity, told.done.column, (told.done.paid, told.done.done))

    def _only(self, where: str, entity: Entity, table: TableMap) -> Iterator[str]:
        for column, value in table.only.items():
            self._there(f"{where}.only", entity, column)
            yield f"{column} eq {_literal(value)}"

    def _entity(self, where: str, name: str) -> Entity | None:
        entity = self._environment.entity(name)
        if entity is None:
            self._miss(where, name, self._environment.tables)
        return entity

    def _there(self, where: str, entity: Entity | None, column: str) -> bool:
        if entity is not None and column not in entity.columns:
            self._miss(where, column, entity.columns)
        return entity is not None and column in entity.columns

    def _miss(self, where: str, name: str, known: Iterable[str]) -> None:
        near = process.extract(name, list(known), limit=NEAREST, score_cutoff=NEAR)
        told = f" (→ {', '.join(each for each, *_ in near)})" if near else ""
        self.wrong.append(f"{where}: {name}{told}")


def fitted(names: Names, environment: Environment, url: str, file: Path) -> Fitted:
    """The mapping in the environment's own words. Raises ``CannotRun`` (membri_mapping_differs): all of it at once."""
    fitting = Fitting(names, environment, url)
    chapters, settings = fitting.chapters(), fitting.settings()
    sections = {name: fitting.section(name, table) for name, table in names.tables.items()}
    if wrong := list(dict.fromkeys(fitting.wrong)):
        more = [f"… (+{len(wrong) - LISTED})"] if len(wrong) > LISTED else []
        params = {"file": str(file), "count": str(len(wrong)), "names": "; ".join((*wrong[:LISTED], *more))}
        raise CannotRun(Problem(code="membri_mapping_differs", params=params))
    assert chapters is not None
    return Fitted(
        sections={name: section for name, section in sections.items() if section},
        chapters=chapters,
        settings=settings,
    )


def _selected(entity: Entity, column: str) -> str:
    """A column as it is asked for: what refers to a row, by that row's identifier."""
    return f"_{column}_value" if entity.is_reference(column) else column


def _value(entity: Entity, column: str, worded: bool) -> str:
    """Under which name a column's value stands in an answer; a choice without words of ours is its label."""
    selected = _selected(entity, column)
    return f"{selected}@{SHOWN}" if entity.is_choice(column) and not worded else selected


def _literal(value: bool | int | str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
    return "'" + value.replace("'", "''") + "'"
