"""Sync: the six steps, each document exactly once, the result in the same row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from time import monotonic

from addin import texts
from addin.journal import RecordKey, Transfer
from addin.session import Session, placed
from addin.sync import deliver
from addin.sync.case import Case
from addin.sync.enquiry import looked_for
from addin.sync.give_back import to_give_back
from addin.sync.lookup import look_up
from addin.sync.plan import Plan, Planned, first, plan
from addin.sync.postings import OF_BOOKED
from addin.sync.run import Sync, Tally
from addin.sync.undo import Undo, Undone, unfinished
from addin.usecases.check import amounts, leaving, skipped
from addin.usecases.connect import note_sign_in, reach, show_connection
from addin.usecases.dashboard import refresh
from addin.usecases.mapping import take_lists
from addin.usecases.preview import question
from addin.usecases.proposals import hand_over
from addin.usecases.report import Report, by_kind
from connectors.ledger import Connected, Ledger
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Kind

Agreed = Callable[[str], bool]
"""Asks the person whether what a sentence says is to leave."""


def sync(session: Session, agreed: Agreed | None = None) -> Report:
    """Transfer what is To Be Transferred, once the person agreed where one is asked.

    Raises ``CannotRun`` where nothing could be done.
    """
    session.book.progress(session.say("Connecting…"))
    with session.profile.open_ledger() as ledger:
        return sync_over(session, ledger, reach(session, ledger), agreed=agreed)


def sync_over(
    session: Session, ledger: Ledger, connected: Connected, most: int | None = None, agreed: Agreed | None = None
) -> Report:
    """Transfer over an open connection, ``most`` documents of those that are to leave now. Raises ``CannotRun``.

    ``agreed`` hears what is to leave and says whether it does; without it nobody is asked.
    """
    show_connection(session, connected)
    adopted = look_up(session.journal, ledger, session.run.id)
    take_lists(session, ledger.lists())
    case, standing, finished = _undoing_finished(session, ledger)
    case = looked_for(case, session.books(ledger), session.journal, case.questions.open())
    planned = plan(case, standing)
    if most is not None:
        planned = first(case, planned, most)
    elif case.options.sync_documents:
        planned = _one_batch(case, planned, case.options.sync_documents)
    asked = question(session, planned, connected.company) if agreed and not finished.stopped else ""
    if agreed and asked and not agreed(asked):
        return _declined(session, case, planned, finished.transfers)
    stop = (lambda: True) if finished.stopped else session.book.stop_asked
    run = Sync(case, session.journal, ledger, session.run.id, _progress(session), stop)
    tally = run.carry_out(planned)
    tally.adopted.update(transfer.kind for transfer in adopted)
    after = _after(session, case)
    _log(session, tally)
    given_back = _give_back(session, ledger, after, tally)
    after = _after(session, case) if given_back else after
    note_sign_in(session, tally.problems)
    waiting = (*hand_over(session), *deliver_to_source(session, after))
    waiting += deliver_to_sheet(session, after, tally.problems)
    session.book.progress("")
    report = _report(session, after, tally, planned, (*tally.problems, *waiting))
    return replace(report, counts={**report.counts, **_undone((*finished.transfers, *given_back))})


def _one_batch(case: Case, whole: Plan, most: int) -> Plan:
    """As much of a plan as the settings let one Sync take; each record that is left says what it waits for."""
    taken = first(case, whole, most)
    going = {each.id for each in taken}
    left = (problem_of(each.record, "waits_for_next_sync", count=str(most)) for each in whole if each.id not in going)
    return replace(taken, problems=(*taken.problems, *left))


def _undoing_finished(session: Session, ledger: Ledger) -> tuple[Case, tuple[Problem, ...], Undone]:
    """The case and what stands in its way, once what somebody undid and was cut off is undone; and how that went."""
    case, standing = session.case(ledger)
    chosen = unfinished(case)
    if not chosen:
        return case, standing, Undone()
    finished = _undo(session, ledger, case, chosen)
    case, standing = session.case(ledger)
    return case, (*standing, *finished.problems), finished


def _undone(transfers: Sequence[Transfer]) -> dict[str, dict[Kind, int]]:
    """The count of a report of what was taken out of the ledger, if anything was."""
    return {"undone": by_kind(transfer.kind for transfer in transfers)} if transfers else {}


def _declined(session: Session, case: Case, planned: Plan, finished: Sequence[Transfer]) -> Report:
    """What a check would show, for nothing leaves; what somebody undid before was ``finished`` all the same."""
    problems = deliver_to_sheet(session, _after(session, case), planned.problems)
    session.book.progress("")
    return Report(
        run=session.run.id,
        counts={**leaving(planned), **skipped(case), **_undone(finished)},
        problems=tuple(placed((*planned.problems, *problems), case.review)),
        facts={"declined": session.say("nothing was transferred")},
    )


def _undo(session: Session, ledger: Ledger, case: Case, chosen: Collection[RecordKey]) -> Undone:
    """Take out of the ledger what a sync has to, and log it."""
    undo = Undo(case, session.journal, ledger, session.run.id, lambda done, total: None, session.book.stop_asked)
    result = undo.carry_out(chosen)
    for transfer in result.transfers:
        session.log("undo", "undone", kind=transfer.kind, number=transfer.number, reference=transfer.shown)
    return result


def _give_back(session: Session, ledger: Ledger, case: Case, tally: Tally) -> list[Transfer]:
    """Take out of the ledger the discounts of payments that came back; the transfers that are undone."""
    chosen = [] if tally.stopped else to_give_back(case)
    if not chosen:
        return []
    result = _undo(session, ledger, case, chosen)
    tally.problems += result.problems
    return result.transfers


def _after(session: Session, case: Case) -> Case:
    """The case once everything has been answered: statuses as they now are."""
    awake, seen, transfers = session.remembered(case.review)
    return replace(case, awake=awake, seen=seen, transfers=transfers)


def deliver_to_sheet(session: Session, case: Case, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Write the results into the rows; answers what is unsolved, and what could not be written and waits."""
    answers = deliver.answers(case, problems, session.run.id)
    still = deliver.unsolved(answers, problems)
    statuses = {key: answer.status for key, answer in answers.items() if answer.status}
    shown = replace(case, statuses={**case.statuses, **statuses})
    try:
        left = deliver.write(session.book, case, answers, session.names({}))
        refresh(session, shown, (*problems, *still, *left))
        session.book.save()
    except CannotRun as shut:
        wait = Problem(code="results_wait", params={"place": str(session.book.path)})
        return (*still, *shut.problems, wait)
    waiting = {(problem.kind, problem.key) for problem in left}
    told = [t for key in answers if key not in waiting for t in case.transfers.get(key, ())]
    deliver.told_sheet(session.journal, told)
    session.remember(case.seen, {key: s for key, s in statuses.items() if key not in waiting}, reviewer="")
    return (*still, *left)


def deliver_to_source(session: Session, case: Case) -> tuple[Problem, ...]:
    """Tell the source what became of its records; what it cannot be told now waits in the journal."""
    try:
        with session.profile.open_source() as source:
            source.connect()
            return deliver.tell_source(session.journal, source, case, session.today)
    except CannotRun as shut:
        return (*shut.problems, Problem(code="results_wait", params={"place": session.profile.source}))


def _log(session: Session, tally: Tally) -> None:
    for transfer in tally.transfers.values():
        session.log(
            transfer.action,
            transfer.state,
            kind=transfer.kind,
            number=transfer.number,
            reference=transfer.ledger_number or transfer.ledger_id,
            message=texts.what(session.language, transfer.problem) if transfer.problem else "",
            problem=transfer.problem,
            time=tally.when[transfer.id],
        )


def _progress(session: Session) -> Callable[[str, Planned, int, int], None]:
    started = monotonic()

    def show(step: str, planned: Planned, done: int, total: int) -> None:
        left = (monotonic() - started) / done * (total - done) if done else 0
        session.book.progress(
            session.say(
                "{step}: {number} · {n} of {total} · {left} s left",
                step=session.say(step),
                number=planned.record.number or planned.record.key,
                n=done + 1,
                total=total,
                left=round(left),
            )
        )

    return show


def _report(session: Session, case: Case, tally: Tally, planned: Plan, problems: tuple[Problem, ...]) -> Report:
    counted = ("posted", "adopted", "applied", "amended", "rejected", "unknown", "held")
    counts: dict[str, Mapping[Kind, int]] = {name: by_kind(getattr(tally, name).elements()) for name in counted}
    booked = {each.id for each in planned if case.settled(each.id) and each.action not in OF_BOOKED}
    cut = any(not problem.kind for problem in tally.problems if problem.code.endswith("able"))
    sums, beside = amounts(case, (each.record for each in planned if each.id in booked))
    return Report(
        run=session.run.id,
        counts={**counts, **skipped(case)},
        totals=sums,
        problems=tuple(placed(problems, case.review)),
        facts={"stopped": tally.stopped, **beside},
        could_run=bool(booked or tally.applied or tally.amended) or not cut,
    )
