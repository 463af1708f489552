"""Undo a transfer: take documents out of the ledger again, and have their rows wait as if they had never left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from addin import texts
from addin.journal import RecordKey
from addin.session import Session, placed
from addin.sync.case import Case
from addin.sync.lookup import look_up
from addin.sync.plan import plan
from addin.sync.referring import applied, with_what_they_brought
from addin.sync.undo import Undo, Undone, booked_day, refused, reversed_on
from addin.usecases.connect import reach, show_connection
from addin.usecases.mapping import take_lists
from addin.usecases.report import Report, by_kind
from addin.usecases.sync import deliver_to_sheet, deliver_to_source
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import DOCUMENT_KINDS, Kind
from workbook.layout import REVIEW_TABLES
from workbook.row_keys import keyed

REVERSES = "undo_reverses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which records are meant: these keys, or of a kind those of these numbers or keys, or else the selected rows."""

    kind: Kind | None = None
    numbers: Collection[str] = ()
    keys: Collection[RecordKey] = ()

    def of(self, session: Session, case: Case) -> list[RecordKey]:
        """The records meant. Raises ``CannotRun`` (nothing_selected) where there are none."""
        chosen = list(self.keys) or (self._selected(session, case) if self.kind is None else self._named(case))
        if not chosen:
            raise CannotRun(Problem(code="nothing_selected"))
        return chosen

    def _named(self, case: Case) -> list[RecordKey]:
        numbers = {**{key: case.seen[key].number for key in case.awake}, **case.numbers()}.items()
        return [key for key, number in numbers if key[0] is self.kind and {number, key[1]} & set(self.numbers)]

    def _selected(self, session: Session, case: Case) -> list[RecordKey]:
        selected = {(table.name, row) for table in REVIEW_TABLES for row in session.book.selected(table)}
        return [
            key
            for key, typed in case.review.rows.items()
            if key in case.records
            and any((typed.table.name, row) in selected for row, _ in keyed(typed.table, typed.rows))
        ]


def undo_transfer(session: Session, chosen: Chosen = Chosen()) -> Report:
    """Undo the transfers of the chosen records; they are Stand By afterwards. Raises ``CannotRun``.

    What a person deleted in the ledger is undone without a call: it was shown, and this is the choice to let it go.
    """
    session.book.progress(session.say("Connecting…"))
    with session.profile.open_ledger() as ledger:
        show_connection(session, reach(session, ledger))
        look_up(session.journal, ledger, session.run.id)
        take_lists(session, ledger.lists())
        case, _ = session.case()
        meant = with_what_they_brought(case, chosen.of(session, case))
        undo = Undo(case, session.journal, ledger, session.run.id, _progress(session), session.book.stop_asked)
        result = undo.carry_out(meant)
    after, standing = session.case()
    problems = (*plan(after, standing).problems, *result.problems)
    mine = tuple(_of(meant, problems))
    _log(session, result, mine)
    waiting = tuple(_of(meant, (*deliver_to_source(session, after), *deliver_to_sheet(session, after, problems))))
    session.book.progress("")
    return Report(
        run=session.run.id,
        counts={"undone": by_kind(transfer.kind for transfer in result.transfers)},
        problems=tuple(placed((*mine, *waiting), case.review)),
        facts={"left": len(meant) - len(result.transfers), "stopped": result.stopped},
    )


def undo_preview(session: Session, chosen: Chosen = Chosen()) -> Report:
    """What undoing the chosen records would do: what is reversed today, and what is not undone and why.

    The ledger is asked which of its periods are closed. Raises ``CannotRun``.
    """
    with session.profile.open_ledger() as ledger:
        show_connection(session, reach(session, ledger))
        take_lists(session, ledger.lists())
    case, _ = session.case()
    meant = with_what_they_brought(case, chosen.of(session, case))
    told = foreseen(case, meant)
    going = undoable(told)
    return Report(
        run=session.run.id,
        counts={"undoable": by_kind(kind for kind, _ in going)},
        problems=tuple(placed((problem for problem in told.values() if problem), case.review)),
        facts={"left": len(meant) - len(going)},
    )


def foreseen(case: Case, keys: Iterable[RecordKey]) -> dict[RecordKey, Problem | None]:
    """Of each record why it is not undone, or that it is reversed on another day than its own.

    What stays is still applied, so that what it is applied to stays too.
    """
    told = {key: _foreseen(case, key) for key in keys}
    while held := _held(case, set(undoable(told))):
        told |= held
    return told


def _held(case: Case, going: set[RecordKey]) -> dict[RecordKey, Problem]:
    """Those of what is going that something is applied to which is not."""
    found = {}
    for key, others in applied(case, {key for key in going if key[0] in DOCUMENT_KINDS | {Kind.PAYMENT}}).items():
        if staying := [other for other in others if other not in going]:
            numbers = ", ".join(case.records[other].number or other[1] for other in staying)
            found[key] = problem_of(case.records[key], "undo_applied", numbers=numbers)
    return found


def undoable(told: Mapping[RecordKey, Problem | None]) -> list[RecordKey]:
    """Those of what was foreseen that are undone."""
    return [key for key, problem in told.items() if problem is None or problem.code == REVERSES]


def _foreseen(case: Case, key: RecordKey) -> Problem | None:
    """Why a record is not undone, or that it is reversed on another day than its own."""
    record, transfer = case.records[key], case.settled(key)
    if (problem := refused(case, key)) or transfer is None or not (on := reversed_on(case, record, transfer)):
        return problem
    day = booked_day(record, transfer)
    return problem_of(record, REVERSES, column="date", date=str(day), on=str(on))


def _of(meant: Collection[RecordKey], problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems of some records, and those of none."""
    return (problem for problem in problems if problem.kind is None or (problem.kind, problem.key) in meant)


def _progress(session: Session) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        session.book.progress(session.say("Undoing transfers: {n} of {total}", n=done + 1, total=total))

    return show


def _log(session: Session, result: Undone, problems: Iterable[Problem]) -> None:
    for transfer in result.transfers:
        session.log("undo", "undone", kind=transfer.kind, number=transfer.number, reference=transfer.shown)
    for problem in problems:
        if problem.kind:
            what = texts.what(session.language, problem)
            session.log("undo", "rejected", kind=problem.kind, number=problem.number, message=what, problem=problem)
