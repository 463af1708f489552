"""Schedule: a company's rounds by the clock, with a scheduler of this machine or with the workers of a server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from addin.databases import open_journal
from addin.in_force import event_of, permit
from addin.person import signed_in
from addin.profile import Profile
from addin.schedule.here import answering, registrars
from addin.schedule.registrar import Registrar, interval, schedule_of, spoken
from addin.trust import remember
from addin.usecases.report import Report
from addin.usecases.worker import schedules
from connectors.problems import CannotRun, Problem


def schedulers(server: str) -> Sequence[Registrar]:
    """What this machine has, after the workers' queue where a server is named. Raises ``CannotRun``."""
    return [schedules(server), *answering()] if server else registrars()


def register(profile: Profile, every: str, places: Sequence[Registrar]) -> Report:
    """Give a company a round so often, with the first scheduler and no other. Raises ``CannotRun``."""
    wanted = schedule_of(profile, interval(every))
    remember(profile)
    if not profile.workbook.is_file():
        raise CannotRun(Problem(code="workbook_missing", params={"path": str(profile.workbook)}))
    _allowed(profile, every)
    places[0].register(wanted)
    for former in places[1:]:
        former.remove(wanted.key)
    return show(places, profile)


def remove(profile: Profile, places: Sequence[Registrar]) -> Report:
    """Take a company's rounds back from every scheduler. Raises ``CannotRun``."""
    _allowed(profile, "")
    for place in places:
        place.remove(profile.place.name)
    return show(places)


def _allowed(profile: Profile, every: str) -> None:
    """Ask for the role that a schedule takes, and log who sets or takes back one. Raises ``CannotRun``."""
    person = signed_in()
    with closing(open_journal(profile)) as journal:
        permit(profile, journal, person, "schedule")
        journal.append([event_of(profile, person, 0, "schedule", "done", becomes=every)])


def show(places: Sequence[Registrar], profile: Profile | None = None) -> Report:
    """What is registered, of one company or of all. Raises ``CannotRun``."""
    told = [
        {"company": each.company, "every": spoken(each.every), "scheduler": place.name}
        for place in places
        for each in place.registered()
        if profile is None or each.key == profile.place.name
    ]
    return Report(run=0, facts={"schedules": told})
