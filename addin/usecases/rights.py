"""Rights: show who may do what in a company, change it, or confirm what was done around Passerelle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from addin.in_force import SET, in_force, remember_end, shown
from addin.rights import Rights
from addin.session import Session
from addin.usecases.report import Report
from connectors.problems import CannotRun, Problem
from connectors.records import Kind


def rights(session: Session, changes: Mapping[str, object] | None = None, confirm: bool = False) -> Report:
    """Set some of the rights, or confirm them and the log as they are. Raises ``CannotRun`` (administrator_missing).

    Setting them anew confirms as well: an administrator has looked. Every approval of before counts no more then.
    """
    before, against = session.profile.rights, session.in_force.problems
    after = Rights.model_validate({**before.model_dump(), **(changes or {})})
    if changes or confirm:
        named = after.approvers or after.preparers or after.viewers
        if named and not after.administrators:
            raise CannotRun(Problem(code="administrator_missing"))
        if against:
            session.journal.confirm(session.event("confirm_log", "done", message=" ".join(p.code for p in against)))
        _set(session, before, after)
    return Report(run=session.run.id, facts=_facts(session), problems=session.in_force.problems)


def _set(session: Session, before: Rights, after: Rights) -> None:
    """First in the log, then in the profile: what is in the log alone is told, and set by doing it again."""
    names = [name for name in Rights.model_fields if getattr(before, name) != getattr(after, name)]
    events = [
        session.event(SET, "done", key=name, number=name, was=shown(before, name), becomes=shown(after, name),
                      content=after.as_text())
        for name in names or ["administrators"]
    ]  # fmt: skip
    session.journal.append(events)
    session.profile = session.profile.model_copy(update={"rights": after})
    session.profile.save()
    remember_end(session.profile, session.journal)
    session.in_force = in_force(session.profile, session.journal)


def changed(
    administrators: Sequence[str] | None = None,
    approvers: Sequence[str] | None = None,
    preparers: Sequence[str] | None = None,
    viewers: Sequence[str] | None = None,
    review: Sequence[str] | None = None,
    two_people: bool | None = None,
) -> dict[str, object]:
    """What a command line says is to be changed. Raises ``CannotRun`` (settings_invalid) for a kind that is none."""
    people = {"administrators": administrators, "approvers": approvers, "preparers": preparers, "viewers": viewers}
    given: dict[str, object] = {name: tuple(value) for name, value in people.items() if value is not None}
    if review is not None:
        given["review"] = _kinds(review)
    return given if two_people is None else {**given, "two_people": two_people}


def _kinds(named: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds of records of these names; every kind for ``all``, none for ``none``."""
    known = ("all", "none", *Kind)
    if wrong := [name for name in named if name not in known]:
        params = {"setting": "review", "refused": "kind", "accepted": ", ".join(wrong), "known": ", ".join(known)}
        raise CannotRun(Problem(code="settings_invalid", params=params))
    return tuple(Kind) if "all" in named else tuple(dict.fromkeys(Kind(name) for name in named if name != "none"))


def _facts(session: Session) -> dict[str, object]:
    held = {name: shown(session.profile.rights, name) for name in Rights.model_fields}
    return {**held, "you": f"{session.who} ({session.person.id})", "role": session.in_force.role_of(session.person)}
