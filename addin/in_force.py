"""Which rights are in force: those of the profile, held against the log that remembers who set them last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from addin.journal import Event, Journal
from addin.person import Person
from addin.profile import Profile
from addin.rights import COMMANDS, Rights, Role, rights_of
from addin.texts import shortened
from connectors import private
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from workbook.layout import code_of
from workbook.review import Typed

SET = "rights"
"""The action of a line of the log that says which rights an administrator set; its content is their text."""

LONGEST = {"number": 200, "key": 200, "was": 300, "becomes": 300}
"""Characters that a line of the log keeps of what may have been typed; a cell may hold 32,767."""

SEEN_END = "log.seen"
"""The file beside the profile that says where the log ended when this machine last wrote it."""


@dataclass(frozen=True, kw_only=True)
class InForce:
    """The rights of a company, and what speaks against them.

    ``roles`` are the rights that say who may do what: those that the log has, as long as it stands as it was written;
    else the profile's as well, and the lower role counts. ``versions`` are both, and what either asks for is asked for.
    Approvals count while nothing speaks against the rights.
    """

    versions: tuple[Rights, ...]
    roles: tuple[Rights, ...]
    problems: tuple[Problem, ...] = ()

    @cached_property
    def review(self) -> frozenset[Kind]:
        """The kinds of records that need an approval."""
        return frozenset(kind for each in self.versions for kind in each.review)

    @property
    def two_people(self) -> bool:
        """Whether who changed or marked a record last may not approve it."""
        return any(each.two_people for each in self.versions)

    def role_of(self, person: Person) -> Role:
        """What a person may do."""
        order = list(Role)
        return min((each.role_of(person) for each in self.roles), key=order.index)

    def allow(self, person: Person, command: str) -> None:
        """Raise ``CannotRun`` (role_lacking) where a command asks for more than a person may."""
        needed, held = COMMANDS.get(command, Role.ADMINISTRATOR), self.role_of(person)
        if not held.includes(needed):
            params = {"who": f"{person.name} ({person.id})", "role": held, "needed": needed, "command": command}
            raise CannotRun(Problem(code="role_lacking", params=params))


def in_force(profile: Profile, journal: Journal, whole: bool = False) -> InForce:
    """The rights of a company as they are in force now.

    Where something is reviewed the log is read from its first line, else from where this machine last wrote it, or
    ``whole``: to read a long one takes seconds.
    """
    last = journal.last_act(SET)
    recorded = rights_of(last.content if last else "")
    broken = list(_broken(profile, journal, whole or bool(profile.rights.review or recorded.review)))
    problems = (*_differing(profile.rights, recorded, last.who if last else ""), *broken)
    both = (profile.rights, recorded) if problems else (recorded,)
    return InForce(versions=both, roles=(recorded,) if last and not broken else both, problems=problems)


def event_of(profile: Profile, person: Person, run: int, action: str, result: str, **rest: Any) -> Event:  # noqa: ANN401
    """A line of the log: what a person did, now unless it says when (UTC); in a shared journal, also where."""
    machine = person.machine if profile.journal_url else ""
    said: dict[str, Any] = {
        "run": run,
        "time": datetime.now(UTC),
        "who": person.name,
        "person": person.id,
        "machine": machine,
    }
    short: dict[str, Any] = {name: shortened(str(rest[name]), most) for name, most in LONGEST.items() if name in rest}
    return Event(**{**said, "action": action, "result": result, **rest, **short})


def permit(
    profile: Profile, journal: Journal, person: Person, command: str, held: InForce | None = None, run: int = 0
) -> None:
    """Raise ``CannotRun`` (role_lacking), logged, where a person may not do this with the company."""
    held = held or in_force(profile, journal)
    try:
        held.allow(person, command)
    except CannotRun:
        journal.append([event_of(profile, person, run, command, "not_allowed", becomes=held.role_of(person))])
        raise


def as_in_sheet(now: InForce, company: str, in_review: Typed, approvers: Typed | None) -> InForce:
    """The rights of a company whose Settings sheet is of a former release and switches reviewing on in a cell.

    Until an administrator has set rights once, everything waits and nobody approves: who does stood in a cell alone.
    """
    if now.versions != (Rights(),) or code_of("yes_no", in_review.text("value")) != "yes":
        return now
    params = {"company": company, "approvers": (approvers.text("value") if approvers else "") or "–"}
    everything = Rights(review=tuple(Kind))
    return InForce(
        versions=(everything,),
        roles=(Rights(),),
        problems=(*now.problems, Problem(code="review_to_move", params=params)),
    )


def _differing(of_profile: Rights, recorded: Rights, who: str) -> Iterator[Problem]:
    names = [name for name in Rights.model_fields if getattr(of_profile, name) != getattr(recorded, name)]
    for name in names:
        params = {"right": name, "found": shown(of_profile, name), "recorded": shown(recorded, name), "who": who}
        yield Problem(code="rights_differ", params=params)


def shown(rights: Rights, name: str) -> str:
    """One of the rights as a message shows it: names, kinds, yes or no."""
    value = getattr(rights, name)
    return ", ".join(value) if isinstance(value, tuple) else ("yes" if value else "no")


def _broken(profile: Profile, journal: Journal, whole: bool) -> Iterator[Problem]:
    """What tells that the log, or the whole journal, was changed around us."""
    number, _, digest = _read(profile.place / SEEN_END).partition(" ")
    noted = int(number) if number.isdecimal() else 0
    continues = journal.has_line(noted, digest)
    walked = journal.walked() if whole or not continues else journal.walked(noted, digest)
    if walked.broken and walked.broken.time:
        params = {"time": walked.broken.time[:19].replace("T", " "), "who": walked.broken.who,
                  "action": walked.broken.action}  # fmt: skip
        yield Problem(code="log_changed", params=params)
    elif walked.broken:
        yield Problem(code="log_cut")
    elif not continues:
        yield Problem(code="log_replaced")


def remember_end(profile: Profile, journal: Journal) -> None:
    """Note beside the profile where the log ends, so that an older or another journal in its place is noticed."""
    with suppress(OSError):  # what could not be noted is not missed: it only tells less
        private.write(profile.place / SEEN_END, journal.log_end())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
