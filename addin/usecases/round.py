"""One round of a company without a person: pull, and sync what may leave; what Auto sync and every schedule repeat."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from addin.profile import Profile
from addin.session import Session
from addin.sync.plan import plan
from addin.usecases.connect import note_sign_in
from addin.usecases.pull import asked_today, pull
from addin.usecases.report import Report
from addin.usecases.sync import sync_over
from connectors.ledger import Connected, Ledger
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus
from connectors.registry import source_type

COUNTED = ("posted", "adopted", "applied", "amended", "rejected", "unknown", "held")


class Connection:
    """A connection to a company's ledger that outlives a round; it is made when a round first needs it.

    ``clock`` tells seconds that only go forward.
    """

    def __init__(self, profile: Profile, clock: Callable[[], float] = time.monotonic) -> None:
        self._profile, self._clock = profile, clock
        self._open: tuple[Ledger, Connected] | None = None
        self._used = clock()

    def take(self) -> tuple[Ledger, Connected]:
        """The ledger and whose books it keeps. Raises ``CannotRun``."""
        if self._open is None:
            ledger = self._profile.open_ledger()
            try:
                self._open = ledger, ledger.connect()
            except CannotRun:
                ledger.close()
                raise
        self._used = self._clock()
        return self._open

    def close_after(self, idle: float) -> None:
        """Close it if it was not used for so many seconds."""
        if self._clock() - self._used >= idle:
            self.close()

    def close(self) -> None:
        """Let go of it; the next use makes a new one."""
        if self._open is not None:
            self._open[0].close()
        self._open = None

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def pull_and_sync(session: Session, connection: Connection, most: int | None = None) -> Report:
    """Pull, then sync ``most`` documents. Raises ``CannotRun``.

    The ledger tells its lists and its changes once a day; it is not asked else while nothing is to leave.
    """
    pulled = pull(session, ledger_lists=not asked_today(session))
    if not _anything(session):
        counts: dict[str, Mapping[Kind, int]] = {name: {} for name in COUNTED}
        counts.update(pulled.counts)
        return Report(run=session.run.id, counts=counts, problems=pulled.problems, facts={"stopped": False})
    try:
        ledger, connected = connection.take()
    except CannotRun as refused:
        note_sign_in(session, refused.problems)
        raise
    report = sync_over(session, ledger, connected, most)
    known = {_where(problem) for problem in report.problems}
    more = (problem for problem in pulled.problems if _where(problem) not in known)
    return Report(
        run=report.run,
        counts={**pulled.counts, **report.counts},
        totals=report.totals,
        problems=(*report.problems, *more),
        facts=report.facts,
        could_run=report.could_run,
    )


def scheduled(session: Session) -> Report:
    """A whole round, as a clock calls for it. Raises ``CannotRun``."""
    with Connection(session.profile) as connection:
        return pull_and_sync(session, connection)


def _anything(session: Session) -> bool:
    """Whether anything is to be looked up, to leave or to be told to the sheet or the source.

    What is held back counts as well: what holds it may have changed in the ledger.
    """
    journal, source = session.journal, source_type(session.profile.source)
    documents = (status for kind, status in journal.statuses() if kind is not Kind.CUSTOMER)
    if SyncStatus.TO_TRANSFER in documents or journal.open() or (source.capabilities.acknowledges and journal.untold()):
        return True
    case, standing = session.case()
    told = all(each.told_sheet for key in case.review.rows for each in case.transfers.get(key, ()))
    return not told or any(True for _ in plan(case, standing))


def _where(problem: Problem) -> tuple[object, ...]:
    return problem.code, problem.kind, problem.key, problem.column, problem.place
