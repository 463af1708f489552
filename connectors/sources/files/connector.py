"""The source: files in, records out, results beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel

from connectors.ledger import Connected
from connectors.problems import Problem
from connectors.records import DOCUMENT_KINDS, PAYMENT_KINDS, Kind
from connectors.source import Accepted, Pulled, Result, Source, SourceCapabilities
from connectors.sources.files import columns, mapping
from connectors.sources.files.columns import TABLES
from connectors.sources.files.controls import controls
from connectors.sources.files.fields import Fields, Rows, fields_of
from connectors.sources.files.lists import lists
from connectors.sources.files.opening import Opened, check, open_source
from connectors.sources.files.results import write_changes, write_results
from connectors.sources.files.rows import Content, Subject
from connectors.sources.files.settings import FilesSettings
from connectors.sources.files.settling import owner_table, settle

MANY = 50
"""So many lines that are wrong in one way have one cause, and are told of as one problem."""

TOGETHER = {
    "file_unreadable": "encoding_differs",
    "not_an_amount": "amounts_differ",
    "not_a_date": "dates_differ",
    "reference_unknown": "references_left_out",
    **{
        code: code
        for code in (
            *("error_in_cell", "formula_not_computed", "cell_damaged", "digits_lost", "shown_otherwise"),
            "cell_merged",
            *("date_in_zone", "line_break", "value_missing", "value_unknown", "payment_negative"),
            "amount_too_small",
        )
    },
}
"""What is wrong with one cell, and what it means where it is wrong with many; the same, with how many more."""


class FilesSource(Source):
    """A folder of CSV files, or one Excel file."""

    name = "files"
    label = "CSV or Excel files"
    Settings = FilesSettings
    capabilities = SourceCapabilities(takes_changes=True)

    def __init__(self, settings: BaseModel) -> None:
        self._settings = FilesSettings.model_validate(settings.model_dump())

    def connect(self) -> Connected:
        """Make sure that the folder or file is there. Raises ``CannotRun``."""
        check(self._settings)
        return Connected(company=self._settings.source.name)

    def pull(self) -> Pulled:
        """Every well-formed record; every mistake in every file as a problem with its line."""
        return _pulled(open_source(self._settings), self._settings)

    def acknowledge(self, results: Sequence[Result]) -> None:
        """Merge the results into ``results.csv`` beside the input; raises ``CannotRun``."""
        write_results(self._settings.results, results)

    def take(self, changes: Sequence[Accepted]) -> None:
        """Merge the accepted changes into ``ledger_changes.csv`` beside the input; raises ``CannotRun``."""
        write_changes(self._settings.changes, changes)


def _pulled(opened: Opened, settings: FilesSettings) -> Pulled:
    files = opened.contents
    rows = _rows(files, settings)
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
        problems=(*opened.notices, *_gathered(problems)),
        unread=unread,
        controls=tuple(controls(files, rows, unread, settings)),
    )


def _rows(files: dict[str, Content], settings: FilesSettings) -> dict[str, list[Fields]]:
    """The rows of every file; owners come before what belongs to them, whose amounts are in the owner's currency."""
    rows: dict[str, list[Fields]] = {}
    for table in TABLES:
        owners = rows.get(owner_table(table), [])
        currencies = {row.text("key"): row.text("currency") or settings.currency for row in owners}
        rows[table.name] = fields_of(files[table.name], settings, currencies)
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


def _problems(files: dict[str, Content], rows: dict[str, list[Fields]]) -> Iterator[Problem]:
    for table in TABLES:
        yield from files[table.name].problems
        owners = {row.text("key"): row.subject for row in rows.get(owner_table(table), [])}
        for row in rows[table.name]:
            yield from row.problems(_subject(row, owners))


def _subject(row: Fields, owners: Mapping[str, Subject]) -> Subject:
    """The record that a row is, or is a part of, even where that record's own row was not read."""
    key = row.text(row.table.owner)
    return owners.get(key, Subject(row.table.kind, key)) if row.table.owner else row.subject


def _gathered(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems; first, one for all where many lines have it in a column (in a file, where it is its encoding)."""
    told: dict[object, list[Problem]] = {}
    for problem in problems:
        column = "" if problem.code == "file_unreadable" else problem.column
        alike = (problem.code, problem.provenance.place, column) if problem.code in TOGETHER else id(problem)
        told.setdefault(alike, []).append(problem)
    single: list[Problem] = []
    for found in told.values():
        if len({problem.provenance.line for problem in found}) < MANY:
            single += found
        else:
            first = found[0]
            params = {**first.params, "count": str(len(found))}
            if TOGETHER[first.code] == first.code:
                params["line"] += f", +{len(found) - 1}"
            yield replace(first, code=TOGETHER[first.code], kind=None, key="", number="", params=params)
    yield from single
