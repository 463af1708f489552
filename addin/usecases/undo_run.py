"""Undo a run: take out of the ledger again all that one Sync transferred, once the person saw what that means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from addin import texts
from addin.journal import RecordKey, Run, State, Transfer
from addin.journal.rows import settled
from addin.session import Session
from addin.sync.case import Case
from addin.sync.postings import OF_BOOKED
from addin.sync.referring import with_what_they_brought
from addin.texts import mark
from addin.usecases.connect import reach, show_connection
from addin.usecases.mapping import take_lists
from addin.usecases.preview import counted
from addin.usecases.report import Report
from addin.usecases.undo import REVERSES, Chosen, foreseen, undo_preview, undo_transfer, undoable
from connectors.problems import CannotRun, Problem
from connectors.records import Kind

Agreed = Callable[[str], bool]
"""Whether the person says yes to what they are asked."""

ASKED = mark("Take out of the ledger again what run {run} transferred ({who}, {started} UTC)?")
REVERSED = mark("{count} of these lie in a closed or filed period: they stay there and are reversed today.")
STAYING = mark("{count} others stay in the ledger: {why}")
AFTERWARDS = mark("The rows are “Stand By” afterwards. The accounts that the run made stay.")


def undo_run(session: Session, run: int = 0, agreed: Agreed | None = None) -> Report:
    """Undo what a run transferred, the last that did unless another is named; nobody is asked without ``agreed``.

    Raises ``CannotRun``: ``run_unknown``, ``never_synced``, ``run_left_nothing`` where nothing of it stands, or what
    the ledger says.
    """
    meant, chosen = _chosen(session, run)
    asked = _question(session, meant, chosen) if agreed else ""
    if agreed and not agreed(asked):
        return Report(run=session.run.id, facts={"declined": session.say("nothing was undone")})
    report = undo_transfer(session, chosen)
    return replace(report, facts={**report.facts, "undone_run": meant.id})


def undo_run_preview(session: Session, run: int = 0) -> Report:
    """What undoing a run would do; raises as ``undo_run`` does."""
    meant, chosen = _chosen(session, run)
    report = undo_preview(session, chosen)
    return replace(report, facts={**report.facts, "undone_run": meant.id})


def _chosen(session: Session, run: int) -> tuple[Run, Chosen]:
    """The run, and the documents that it brought to the ledger and that stand there.

    Where none is named it is the last that moved anything: rounds by the clock mostly end with one that does not, and
    one that undid something is never gone past.
    """
    number = run or session.journal.last_mover()
    meant = next((each for each in session.journal.runs(None) if each.id == number), None)
    if meant is None:
        raise CannotRun(Problem(code="run_unknown", params={"run": str(run)}) if run else Problem(code="never_synced"))
    keys = tuple(key for key, history in session.journal.moved_by(meant.id).items() if _by(meant, history, key))
    if not keys:
        raise CannotRun(Problem(code="run_left_nothing", params={"run": str(meant.id)}))
    return meant, Chosen(keys=keys)


def _by(run: Run, history: Sequence[Transfer], key: RecordKey) -> bool:
    """Whether a document stands in the ledger because a run transferred it, and not merely changed what was there."""
    standing = settled(history)
    if standing is None or standing.state is State.MANUAL or standing.action in OF_BOOKED:
        return False
    return standing.run == run.id and key[0] is not Kind.CUSTOMER


def _question(session: Session, run: Run, chosen: Chosen) -> str:
    """What the person is asked: how many of each kind and what they come to, and what is reversed, or stays and why."""
    with session.profile.open_ledger() as ledger:
        show_connection(session, reach(session, ledger))
        take_lists(session, ledger.lists())
    case, _ = session.case()
    told = foreseen(case, with_what_they_brought(case, chosen.of(session, case)))
    return "\n".join(_lines(session, run, case, told))


def _lines(session: Session, run: Run, case: Case, told: Mapping[RecordKey, Problem | None]) -> Iterator[str]:
    yield session.say(ASKED, run=run.id, who=run.who, started=f"{run.started:%Y-%m-%d %H:%M}")
    yield from counted(session, ((case.records[key], True) for key in undoable(told)))
    if reversed_ := sum(problem is not None and problem.code == REVERSES for problem in told.values()):
        yield session.say(REVERSED, count=reversed_)
    reasons = Counter(texts.what(session.language, each) for each in told.values() if each and each.code != REVERSES)
    for why, count in reasons.most_common():
        yield session.say(STAYING, count=count, why=why)
    yield session.say(AFTERWARDS)
