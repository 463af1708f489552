"""Check: what is wrong, in its row, and how much is ready, without sending anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from addin.session import Session, placed
from addin.sync import deliver
from addin.sync.case import Case
from addin.sync.enquiry import looked_for
from addin.sync.plan import Plan, plan
from addin.sync.postings import OF_BOOKED
from addin.usecases.connect import same_books
from addin.usecases.dashboard import refresh
from addin.usecases.mapping import take_lists
from addin.usecases.report import Report, by_kind
from addin.usecases.totals import left_out, totals
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus, Transferable
from workbook.review import settings_of


def check(session: Session) -> Report:
    """Show every problem in its row; nothing is sent. Raises ``CannotRun``.

    Where the settings allow it the ledger is asked for what was typed, and for what it has already of what is to leave.
    """
    case, standing = looked_up(session)
    planned = plan(case, standing)
    problems = show(session, case, planned.problems)
    sums, beside = amounts(case, moving(planned))
    return Report(
        run=session.run.id,
        counts={**leaving(planned), **skipped(case)},
        totals=sums,
        problems=tuple(placed(problems, case.review)),
        facts=beside,
    )


def looked_up(session: Session) -> tuple[Case, tuple[Problem, ...]]:
    """The case once the ledger was asked; one that cannot be asked now is told, and what was typed waits for it."""
    options, _ = session.options(settings_of(session.book))
    if not (options.look_up_at_check and session.capabilities.searches and session.journal.pulled()):
        return session.case()
    try:
        with session.profile.open_ledger() as ledger:
            same_books(session, ledger.connect())
            take_lists(session, ledger.lists())
            case, standing = session.case(ledger)
            return looked_for(case, session.books(ledger), session.journal, case.candidates), standing
    except CannotRun as unreachable:
        case, standing = session.case()
        return case, (*unreachable.problems, *standing)


def show(session: Session, case: Case, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Write the reasons and fixes into the rows and the dashboard; all problems, the unsolved and untold included."""
    answers = deliver.answers(case, problems, session.run.id)
    left = deliver.write(session.book, case, answers, session.names({}))
    problems = (*problems, *deliver.unsolved(answers, problems), *left)
    refresh(session, case, problems)
    session.book.save()
    return problems


def leaving(planned: Plan) -> dict[str, dict[Kind, int]]:
    """How many records of each kind are ready, and how many the ledger refused before and are only tried again."""
    refused = {(problem.kind, problem.key) for problem in planned.problems if problem.code == "refused_before"}
    again = [each.record.kind for each in planned if each.id in refused]
    ready = [each.record.kind for each in planned if each.id not in refused]
    return {"ready": dict(by_kind(ready)), **({"tried_again": dict(by_kind(again))} if again else {})}


def skipped(case: Case) -> dict[str, dict[Kind, int]]:
    """How many records of each kind wait for the accountant or are never to be transferred, accounts apart."""
    apart = (SyncStatus.TO_TRANSFER, SyncStatus.COMPLETED)
    kinds = (key[0] for key, status in case.statuses.items() if key[0] is not Kind.CUSTOMER and status not in apart)
    return {"skipped": dict(by_kind(kinds))}


def amounts(case: Case, records: Iterable[Transferable]) -> tuple[dict[Kind, Decimal], dict[str, object]]:
    """Control totals in the books' own currency, and as a fact what is left out of them."""
    found, home = list(records), case.lists.home_currency
    others = left_out(found, home)
    return totals(found, home), {"left_out": others} if others else {}


def moving(planned: Plan) -> Iterator[Transferable]:
    """What moves an amount; what is applied to more or amended stands on its accounts already."""
    return (each.record for each in planned if each.action not in OF_BOOKED)
