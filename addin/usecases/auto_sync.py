"""Auto sync: a few documents at a time, for a while; what is new or newly marked is picked up in between."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil

from addin.session import Session
from addin.texts import mark
from addin.usecases.report import Report
from addin.usecases.round import Connection, pull_and_sync
from connectors.problems import CannotRun, Owner, Problem
from connectors.records import ZERO, Kind
from workbook.review import settings_of

LOOK = 30.0
"""Seconds until the source and the sheet are looked at again while nothing leaves."""

GLANCE = 0.5
"""Seconds between two looks whether Stop was pressed meanwhile."""

SUMMED = ("new", "changed", "posted", "adopted", "applied", "amended", "rejected")
"""What is counted over all rounds; the other counts say how things stand, and the last round's are right."""

FINAL = frozenset({"day_limit_reached", "stopped"})
WAITED_FOR = frozenset({"excel_busy"})
"""What the person at the workbook ends by going on; a later round finds it gone."""
"""Problems that pass by themselves, but not as long as Auto sync goes on."""

WAITING = mark("Nothing leaves now. Looking again in {seconds} s; Auto sync ends in {minutes} min, or with Stop.")


class AutoSync:
    """Rounds of one company; each opens it anew, so that others may work on it in between.

    ``open_session`` reads a closed workbook anew as well. ``clock`` tells seconds that only go forward, ``pause`` lets
    some pass.
    """

    def __init__(
        self,
        open_session: Callable[[], Session],
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._open_session, self._clock, self._pause = open_session, clock, pause
        self._report = Report(run=0)
        self._rounds = 0
        self._moved = self._stopped = self._stuck = False

    def run(self) -> Report:
        """Go on until the time is up, Stop is pressed, or only a person can help. Raises ``CannotRun`` at the start."""
        began = self._clock()
        session = self._open_session()
        session.book.stop_asked()  # one that was pressed while nothing ran is over
        with Connection(session.profile, self._clock) as connection:
            self._round(session, connection)
            while self._goes_on(session, connection, began):
                try:
                    self._round(self._open_session(), connection)
                except CannotRun as trouble:
                    self._moved = False
                    self._note(trouble.problems, connection)
                    self._stuck |= any(not _is_waited_for(problem) for problem in trouble.problems)
        session.book.progress("")
        return replace(self._report, facts={"rounds": self._rounds, "stopped": self._stopped})

    def _round(self, session: Session, connection: Connection) -> None:
        with session:
            if not self._rounds:
                self._options, _ = session.options(settings_of(session.book))
            done = pull_and_sync(session, connection, self._options.auto_sync_documents)
        self._rounds += 1
        self._report = _added(self._report, done)
        self._moved = any(done.counts[name] for name in ("posted", "adopted", "applied", "amended", "rejected"))
        self._stopped = bool(done.facts["stopped"])
        self._note(done.problems, connection)

    def _note(self, problems: tuple[Problem, ...], connection: Connection) -> None:
        """What will pass and concerns no record may be the connection, which is then made anew."""
        self._report = replace(self._report, problems=problems)
        self._stuck = any(problem.code in FINAL for problem in problems)
        if any(problem.kind is None and problem.owner is Owner.LATER for problem in problems):
            connection.close()

    def _goes_on(self, session: Session, connection: Connection, began: float) -> bool:
        ends = began + self._options.auto_sync_minutes * 60
        self._stopped |= _stop_asked(session)
        if self._stopped or self._stuck:
            return False
        if not self._moved:
            self._wait(session, connection, ends)
        return not self._stopped and self._clock() < ends

    def _wait(self, session: Session, connection: Connection, ends: float) -> None:
        now = self._clock()
        until = min(now + LOOK, ends)
        left = {"seconds": round(until - now), "minutes": ceil((ends - now) / 60)}
        session.book.progress(session.say(WAITING, **left))
        while not self._stopped and self._clock() < until:
            connection.close_after(self._options.idle_minutes * 60)
            self._pause(GLANCE)
            self._stopped = _stop_asked(session)


def _stop_asked(session: Session) -> bool:
    """Whether Stop was pressed; a program that is too busy to say so is asked again by whoever calls."""
    try:
        return session.book.stop_asked()
    except CannotRun:
        return False


def _added(before: Report, now: Report) -> Report:
    counts: dict[str, Mapping[Kind, int]] = dict(now.counts)
    for name in SUMMED:
        counts[name] = Counter(before.counts.get(name, {})) + Counter(now.counts.get(name, {}))
    totals = {kind: before.totals.get(kind, ZERO) + now.totals.get(kind, ZERO) for kind in Kind}
    return replace(now, counts=counts, totals={kind: total for kind, total in totals.items() if total}, could_run=True)


def _is_waited_for(problem: Problem) -> bool:
    return problem.owner is Owner.LATER or problem.code in WAITED_FOR
