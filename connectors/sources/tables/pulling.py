"""The content of every table → records, lists, and what is wrong with each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.problems import Problem
from connectors.records import DOCUMENT_KINDS, PAYMENT_KINDS, Kind
from connectors.source import Pulled
from connectors.sources.tables import columns, mapping
from connectors.sources.tables.columns import TABLES
from connectors.sources.tables.controls import controls
from connectors.sources.tables.fields import Fields, Rows, fields_of
from connectors.sources.tables.gathering import gathered
from connectors.sources.tables.lists import lists
from connectors.sources.tables.rows import Content, Subject
from connectors.sources.tables.settling import owner_table, settle
from connectors.sources.tables.writing import Writing


def pulled(files: Mapping[str, Content], writing: Writing, notices: Sequence[Problem] = ()) -> Pulled:
    """Every well-formed record; every mistake in every table as a problem with its line."""
    rows = _rows(files, writing)
    kept = settle(rows, files)
    parts = {table.name: _by_owner(kept[table.name]) for table in TABLES if table.part}
    lines, taxes = parts[columns.LINES.name], parts[columns.DOCUMENT_TAXES.name]
    allocations, entry_lines = parts[columns.ALLOCATIONS.name], parts[columns.ENTRY_LINES.name]
    problems = tuple(_problems(files, rows))
    unread = tuple(_unread(problems, kept))
    return Pulled(
        records=(
            *(mapping.customer(row) for row in kept[columns.ACCOUNTS.name]),
            *(mapping.document(row, lines[row.key[0]], taxes[row.key[0]]) for row in kept[columns.DOCUMENTS.name]),
            *(mapping.payment(row, allocations[row.key[0]]) for row in kept[columns.PAYMENTS.name]),
            *(mapping.journal_entry(row, entry_lines[row.key[0]]) for row in kept[columns.JOURNAL_ENTRIES.name]),
        ),
        schedules=tuple(mapping.schedule(row) for row in kept[columns.SCHEDULES.name]),
        lists=lists(kept),
        problems=(*notices, *gathered(problems)),
        unread=unread,
        controls=tuple(controls(files, rows, unread, writing)),
    )


def _rows(files: Mapping[str, Content], writing: Writing) -> dict[str, list[Fields]]:
    """The rows of every file; owners come before what belongs to them, whose amounts are in the owner's currency."""
    rows: dict[str, list[Fields]] = {}
    for table in TABLES:
        owners = rows.get(owner_table(table), [])
        currencies = {row.text("key"): row.text("currency") or writing.currency for row in owners}
        rows[table.name] = fields_of(files[table.name], writing, currencies)
    return rows


def _unread(problems: Iterable[Problem], kept: Rows) -> Iterator[Problem]:
    """The first problem of each record that was not read; one of no known kind may be of any of its table."""
    read = {(row.subject.kind, row.subject.key) for of_table in kept.values() for row in of_table}
    told: set[tuple[Kind, str]] = set()
    for problem in problems:
        kinds = DOCUMENT_KINDS if problem.kind is None else {problem.kind}
        kinds = PAYMENT_KINDS if problem.kind in PAYMENT_KINDS else kinds
        for kind in sorted(kinds) if problem.key else ():
            if (kind, problem.key) not in read and (kind, problem.key) not in told:
                told.add((kind, problem.key))
                yield replace(problem, kind=kind)


def _by_owner(rows: Sequence[Fields]) -> defaultdict[str, list[Fields]]:
    found: defaultdict[str, list[Fields]] = defaultdict(list)
    for row in rows:
        found[row.text(row.table.owner)].append(row)
    return found


def _problems(files: Mapping[str, Content], rows: dict[str, list[Fields]]) -> Iterator[Problem]:
    told: set[tuple[str, object, str]] = set()
    for table in TABLES:
        yield from files[table.name].problems
        owners = {row.text("key"): row.subject for row in rows.get(owner_table(table), [])}
        for row in rows[table.name]:
            found = row.problems(_subject(row, owners))
            yield from _untold(found, told) if row.row.file else found


def _untold(problems: Iterable[Problem], told: set[tuple[str, object, str]]) -> Iterator[Problem]:
    """The problems of a row that another row, made of the same line, has not told already."""
    for problem in problems:
        mark = (problem.code, problem.provenance, problem.params.get("value", ""))
        if mark not in told:
            told.add(mark)
            yield problem


def _subject(row: Fields, owners: Mapping[str, Subject]) -> Subject:
    """The record that a row is, or is a part of, even where that record's own row was not read."""
    key = row.text(row.table.owner)
    return owners.get(key, Subject(row.table.kind, key)) if row.table.owner else row.subject
