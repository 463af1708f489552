"""Mark: set the status of many records at once; the rules of the sheet hold here as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from addin.journal import RecordKey
from addin.session import Session, placed
from addin.usecases.check import show
from addin.usecases.report import Report, by_kind
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus, Transferable
from workbook.book import RowKey
from workbook.layout import CHOICES, Table, code_of
from workbook.review import Typed
from workbook.row_keys import keyed
from workbook.rows import Cells, table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which records of a kind are meant: all conditions must hold; ``where`` is column → what it shows."""

    kind: Kind
    before: date | None = None
    numbers: Sequence[str] = ()
    where: Mapping[str, str] = field(default_factory=dict)

    def means(self, key: RecordKey, record: Transferable, typed: Typed) -> bool:
        """Whether a record is meant."""
        on = getattr(record, "date", None)
        return (
            key[0] is self.kind
            and (self.before is None or (on is not None and on < self.before))
            and (not self.numbers or record.number in self.numbers)
            and all(_shows(typed, column, value) for column, value in self.where.items())
        )


def mark(session: Session, choice: Choice, status: SyncStatus) -> Report:
    """Give the chosen records a status; what the ledger already has is left alone. Raises ``CannotRun``."""
    table = table_of(choice.kind)
    where = {_column(table, name): value for name, value in choice.where.items()}
    choice = replace(choice, where=where)
    case, _ = session.case()
    chosen = [
        key
        for key, typed in case.review.rows.items()
        if key in case.records and not case.settled(key) and choice.means(key, case.records[key], typed)
    ]
    caption = session.names({}).choice("status", status)
    rows = (row for key in chosen for row in case.review.rows[key].rows)
    changes: dict[RowKey, Cells] = {row_key: {"status": caption} for row_key, _ in keyed(table, rows)}
    session.book.write(table, changes, every=True)
    after, standing = session.case()
    problems = show(session, after, standing)
    session.log("mark", "done", kind=choice.kind, becomes=status.value, message=str(len(chosen)))
    return Report(
        run=session.run.id,
        counts={"marked": by_kind(key[0] for key in chosen)},
        problems=tuple(placed(problems, after.review)),
    )


def _column(table: Table, name: str) -> str:
    wanted = name.strip().casefold()
    for column in table.columns:
        if wanted in (column.key, column.caption.en.casefold(), column.caption.fr.casefold()):
            return column.key
    known = ", ".join(column.key for column in table.columns)
    raise CannotRun(Problem(code="usage", detail=f"{name} ∉ {known}"))


def _shows(typed: Typed, column: str, value: str) -> bool:
    choices = typed.table.column(column).choices
    if choices in CHOICES:
        return code_of(choices, value) is not None and code_of(choices, value) == typed.code(column)
    return value.strip().casefold() == typed.text(column).casefold()
