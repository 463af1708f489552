"""One company at work: its profile, journal and workbook, opened together for one use case."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property, partial
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from addin import texts
from addin.databases import open_journal
from addin.hands import alone
from addin.in_force import InForce, as_in_sheet, event_of, in_force, permit, remember_end
from addin.journal import Event, Journal, OnDemand, Questions, RecordKey, Records, Run, Seen, State, Transfer
from addin.journal.inbound import Decision, Proposal
from addin.journal.protocol import SETTLED
from addin.journal.rows import settled, with_changed
from addin.noticing import NEVER, NOTHING, REFERENCE, acts, noted_text, noted_value, typed_in
from addin.options import Options, under
from addin.person import Person, signed_in
from addin.profile import Profile, load
from addin.rights import Role
from addin.rights_in_sheet import typed_rights
from addin.sync import approval
from addin.sync.accepted import kept as accepted_payments
from addin.sync.case import Case
from addin.sync.claims import Claim, Claimed, Finding, claims
from addin.sync.deferral import Schedules
from addin.sync.enquiry import Books, examined
from addin.sync.linking import Directory
from addin.sync.statuses import Accepted, Judge, accept, offered_again
from addin.texts.options import accepted, option_named
from addin.trust import Ask, belongs, company_of, remember
from connectors.facts import fact
from connectors.ledger import Capabilities, Ledger, LedgerLists
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus, Transferable
from connectors.registry import ledger_type
from connectors.source import SourceLists
from connectors.watch import Watch, watched
from workbook.book import Book
from workbook.layout import IDENTITY, REVISION, Language
from workbook.review import Review, Typed, read, text_of
from workbook.rows import Names, names_of

REVISED = re.compile("[0-9]{1,9}")
"""A workbook's revision; what else a cell says there is none."""

READING = frozenset(
    {"log", "preview", "find", "open_record", "report", "watch", "alike", "show_rights", "taxes", "period"}
)
"""The commands that change neither the journal nor the workbook, and so need not be alone."""

WAITING = texts.mark("{who} is working on this company on {machine} since {since}. Waiting {seconds} s more at most.")

Lists = TypeVar("Lists", LedgerLists, SourceLists, Schedules)
ADAPTERS: dict[type, TypeAdapter[Any]] = {lists: TypeAdapter(lists) for lists in (LedgerLists, SourceLists, Schedules)}
"""Their JSON; to make one takes as long as a small sync."""
RULES, RULES_OF = "source rules", TypeAdapter(dict[str, bool])
"""The memo of what the source sets for all, and its JSON."""


@dataclass
class Session:
    """What a use case works with; ``today`` is given so that a run can be repeated."""

    profile: Profile
    journal: Journal
    book: Book
    person: Person
    today: date
    run: Run
    events: list[Event] = field(default_factory=list)

    @classmethod
    def open(cls, profile: Profile, book: Book, command: str, today: date | None = None, wait: float = 0) -> Self:
        """Open a company for one use case, after a while at most if another works on it.

        Raises ``CannotRun`` (sync_running) while another command of the company runs, here or on another machine; a
        command that changes nothing never waits. Raises it (workbook_of_another) before anything is opened where the
        workbook is another company's.
        """
        belongs(identity(book), profile)
        person, day = signed_in(), today or datetime.now(UTC).astimezone().date()
        if command in READING:
            run = Run(id=0, command=command, who=person.name, started=datetime.now(UTC))
            session = cls(profile, open_journal(profile), book, person, day, run)
            session._allow(command)
            return session
        with ExitStack() as undo:
            lock, journal = alone(profile, person.name, wait, partial(_waiting, profile, book))
            undo.callback(lock.release)
            undo.callback(journal.close)
            session = cls(profile, journal, book, person, day, journal.start(command, person.name))
            session._lock = lock
            fact("run_started", run=session.run.id, company=profile.id, command=command, who=person.name)
            undo.pop_all()
        session._allow(command)
        return session

    def __enter__(self) -> Self:
        self._looking_on.enter_context(watched(Watch(waiting=self._wait, stop=self.book.stop_asked)))
        return self

    def _wait(self, left: float) -> None:
        if left >= 1:
            self.book.progress(self.say("Waiting for the ledger's limit: {seconds} s", seconds=ceil(left)))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        with ExitStack() as ending:
            ending.push(self._looking_on)
            if self._lock:
                ending.callback(self._lock.release)
            ending.callback(self.journal.close)
            if self._lock:
                self.journal.finish(self.run, self.events)
                if not self.in_force.problems:
                    remember_end(self.profile, self.journal)
                fact("run_ended", run=self.run.id, company=self.profile.id, trouble=kind.__name__ if kind else "")

    _lock: FileLock | None = field(init=False, repr=False, default=None)
    _lists: dict[type, Any] = field(init=False, repr=False, default_factory=dict)
    _looking_on: ExitStack = field(init=False, repr=False, default_factory=ExitStack)

    @cached_property
    def identity(self) -> dict[str, str]:
        """What the workbook says of itself: its id, company, schema and language."""
        return identity(self.book)

    @property
    def who(self) -> str:
        """The name of the person who works."""
        return self.person.name

    @property
    def language(self) -> Language:
        """The workbook's language."""
        return "fr" if self.identity.get("language") == "fr" else "en"

    def say(self, message: str, **params: object) -> str:
        """A sentence of the catalogues in the workbook's language."""
        return texts.say(self.language, message, **params)

    def log(self, action: str, result: str, **rest: Any) -> None:  # noqa: ANN401 - the other fields of an event
        """Add a line to the log of this run, when it ends."""
        self.events.append(self.event(action, result, **rest))

    def event(self, action: str, result: str, **rest: Any) -> Event:  # noqa: ANN401 - as above
        """A line of the log: what this person did, now unless it says when (UTC); in a shared journal, also where."""
        return event_of(self.profile, self.person, self.run.id, action, result, **rest)

    @cached_property
    def in_force(self) -> InForce:
        """The rights of the company as they are in force, and what speaks against them."""
        return in_force(self.profile, self.journal)

    def _allow(self, command: str) -> None:
        """Raise ``CannotRun`` (role_lacking), logged, where the person may not do this."""
        try:
            permit(self.profile, self.journal, self.person, command, self.in_force, self.run.id)
        except CannotRun:
            with self:
                raise

    @property
    def capabilities(self) -> Capabilities:
        """What the company's ledger can do."""
        return ledger_type(self.profile.ledger).capabilities

    @property
    def judge(self) -> Judge:
        """Who judges the statuses of the sheet."""
        return Judge(
            company=self.profile.id,
            ledger=self.profile.ledger,
            who=self.who,
            reviewed=self.in_force.review,
            approver=self.in_force.role_of(self.person).includes(Role.APPROVER),
            applies=self.capabilities.applies_later,
            amends=self.capabilities.amends,
        )

    def notice(self, review: Review, ours: bool = False) -> list[Problem]:
        """Log what was typed since the sheet was last read; what we wrote ourselves is remembered alone.

        Returns the problems of what is not for the sheet to say.
        """
        if former := review.settings.get("in_review"):
            self.in_force = as_in_sheet(self.in_force, self.profile.company, former, review.settings.get("approvers"))
        before, now = self.journal.noted(), typed_in(review)
        problems = list(typed_rights(review.settings, self.profile.rights, before))
        if self.run.command in READING:
            return problems
        changed = {key: value for key, value in now.items() if before.get(key, NOTHING) != value}
        if changed and before and not ours:
            numbers = self.journal.numbers()
            self.journal.append(self.event(result="done", **act) for act in acts(before, changed, numbers))
        self.journal.note(changed or ({} if before else {NEVER: NOTHING}))
        return problems

    def case(self, ledger: Ledger | None = None) -> tuple[Case, tuple[Problem, ...]]:
        """Read the sheet and the journal into a case, with the problems of what was typed; remembers what was.

        A connected ledger is asked for what was typed as a sync reference; without one, what was typed waits. Raises
        ``CannotRun`` (not_pulled) where nothing was pulled, or not since the schedules are kept: without them what is
        received in advance could leave as income.
        """
        review = read(self.book)
        options, wrong = self.options(review.settings)
        wrong += self.notice(review)
        if not self.journal.pulled() or self.journal.kept(Schedules.__name__) is None:
            raise CannotRun(Problem(code="not_pulled"))
        awake, seen, transfers = self.remembered(review)
        questions = self.journal.questions()
        typed = claims(review, seen, transfers)
        findings = self._examined(typed, seen, transfers, questions, options, ledger)
        accepted = accept(review, seen, transfers, self.judge, findings)
        marked = [*self._marked(seen, transfers, accepted, typed), *self._claimed(seen, transfers, typed)]
        accepted.statuses.update(offered_again(accepted.by_hand, awake, seen, transfers, accepted.statuses))
        by_hand = {t.id: with_changed(transfers.get(t.id, ()), t) for t in accepted.by_hand}
        strangers = self.journal.strangers()
        if self.run.command not in READING:
            self.journal.append(marked)
            self.journal.write(accepted.by_hand)
            strangers = self._left_of(strangers, accepted.by_hand)
            seen = self.remember(seen, accepted.statuses, self.who)
        case = Case(
            company=self.profile.id,
            ledger=self.profile.ledger,
            language=self.language,
            today=self.today,
            options=options,
            awake=tuple(dict.fromkeys((*awake, *by_hand))),
            seen=seen,
            transfers=transfers.having(by_hand),
            numbers=self.journal.numbers,
            statuses=accepted.statuses,
            review=review,
            lists=self.lists(LedgerLists()),
            source_lists=self.lists(SourceLists()),
            capabilities=self.capabilities,
            undecided=self.journal.undecided(),
            deferred=lambda: self.lists(Schedules()),
            findings=findings,
            questions=questions,
            strangers=strangers,
            accepted=accepted_payments(self.journal),
        )
        case, sent_back = self._as_approved(case)
        return case, (*self.in_force.problems, *review.problems, *wrong, *accepted.problems, *sent_back)

    def _marked(
        self,
        seen: Mapping[RecordKey, Seen],
        transfers: Mapping[RecordKey, tuple[Transfer, ...]],
        accepted: Accepted,
        typed: Mapping[RecordKey, Claim],
    ) -> Iterator[Event]:
        """The statuses that a person set and the references taken away, for the log; an approval goes with a mark."""
        for key, status in accepted.statuses.items():
            if (was := seen[key].status) is not status:
                yield self.act_on("status", seen[key], was=was, becomes=status)
                if was is SyncStatus.TO_TRANSFER and key[0] in self.in_force.review:
                    yield self.act_on(approval.WITHDRAW, seen[key], was=was, becomes=status)
        for transfer in (each for each in accepted.by_hand if each.id not in typed):
            booked = settled(transfers.get(transfer.id, ()))
            now = transfer.shown if transfer.state in SETTLED else ""
            yield self.act_on("reference", seen[transfer.id], was=booked.shown if booked else "", becomes=now)

    def _claimed(
        self,
        seen: Mapping[RecordKey, Seen],
        transfers: Mapping[RecordKey, tuple[Transfer, ...]],
        typed: Mapping[RecordKey, Claim],
    ) -> Iterator[Event]:
        """The references that a person typed since the sheet was last read, or cleared before they were believed."""
        if self.run.command in READING:
            return
        before = {key: text for key, text in self.journal.noted().items() if key[0].startswith(REFERENCE)}
        now = {(f"{REFERENCE}{kind}", key): noted_text(claim.reference) for (kind, key), claim in typed.items()}
        for scope, key in {**before, **now}:
            record = Kind(scope.removeprefix(REFERENCE)), key
            was, becomes = (noted_value(noted.get((scope, key), NOTHING)) for noted in (before, now))
            booked = settled(transfers.get(record, ()))
            if was != becomes and record in seen and (becomes or not booked):
                shown = booked.shown if booked else was
                yield self.act_on("reference", seen[record], was=shown, becomes=becomes)
        self.journal.note({**dict.fromkeys(before.keys() - now.keys(), NOTHING), **now})

    def act_on(self, action: str, seen: Seen, **rest: Any) -> Event:  # noqa: ANN401 - as above
        """A line of the log about a record."""
        return self.event(action, "done", kind=seen.kind, key=seen.key, number=seen.number, **rest)

    def _as_approved(self, case: Case) -> tuple[Case, tuple[Problem, ...]]:
        """The case with what is not approved as it now is back in review, and why."""
        if not self.in_force.review:
            return case, ()
        judged = approval.judge(case, self.in_force.review, self.approvals())
        if self.run.command not in READING:
            back = (self.act_on(approval.SENT_BACK, case.seen[key], was=case.statuses[key], becomes=status)
                    for key, status in judged.statuses.items())  # fmt: skip
            self.journal.append(back)
            self.journal.see(replace(case.seen[key], status=status) for key, status in judged.statuses.items())
        seen = case.seen.having({key: replace(case.seen[key], status=s) for key, s in judged.statuses.items()})
        return replace(case, seen=seen, statuses={**case.statuses, **judged.statuses}), judged.problems

    def approvals(self) -> Mapping[tuple[str, str], Event]:
        """What was approved or withdrawn last of each record; nothing while something speaks against the rights."""
        if self.in_force.problems:
            return {}
        return self.journal.last_of(approval.APPROVE, approval.WITHDRAW, confirmed=True)

    def _left_of(self, strangers: Iterable[Proposal], linked: Iterable[Transfer]) -> tuple[Proposal, ...]:
        """What people made in the ledger but for what is linked now: nobody has to decide on that any more."""
        ids = {(transfer.kind, transfer.ledger_id) for transfer in linked if transfer.state is State.MANUAL}
        known = [proposal for proposal in strangers if proposal.about in ids]
        if known:
            self.journal.hear([replace(proposal, decision=Decision.IGNORED) for proposal in known])
        return tuple(proposal for proposal in strangers if proposal.about not in ids)

    def books(self, ledger: Ledger) -> Books:
        """A connected ledger's documents, and which of them are ours."""
        home = self.lists(LedgerLists()).home_currency
        return Books(ledger, self.journal, self.profile.id, self.profile.ledger, home)

    def _examined(
        self,
        typed: Mapping[RecordKey, Claim],
        seen: OnDemand[Seen],
        transfers: OnDemand[tuple[Transfer, ...]],
        questions: Questions,
        options: Options,
        ledger: Ledger | None,
    ) -> dict[RecordKey, Finding]:
        """What came of the references that were typed. The ledger's customers are read anew where one is not known."""
        if not typed:
            return {}
        lists, pulled = self.lists(LedgerLists()), self.journal.kept(LedgerLists.__name__) is not None
        accounts = [claim.reference for (kind, _), claim in typed.items() if kind is Kind.CUSTOMER]
        if ledger and not all(map(Directory(lists.customers).named, accounts)):
            lists, pulled = ledger.lists(), True
            if self.run.command not in READING:
                self.keep_lists(lists)
        claimed = Claimed(
            claims=typed,
            records=Records(seen),
            transfers=transfers,
            questions=questions,
            directory=Directory(lists.customers) if pulled else None,
            home=lists.home_currency,
            limit=options.difference_limit,
            searches=self.capabilities.searches,
        )
        linked = {key: booked.ledger_id for (kind, key), history in transfers.known().items()
                  if kind is Kind.CUSTOMER and (booked := settled(history))}  # fmt: skip
        return examined(claimed, linked, self.books(ledger) if ledger else None)

    def remembered(
        self, review: Review
    ) -> tuple[tuple[RecordKey, ...], OnDemand[Seen], OnDemand[tuple[Transfer, ...]]]:
        """What the journal has of the company: the records that are awake; all as last pulled; all transfers."""
        awake = self.journal.awake()
        keys = (*awake, *review.rows)
        return awake, OnDemand(self.journal.seen).fetch(keys), OnDemand(self.journal.transfers).fetch(keys)

    def remember(self, seen: OnDemand[Seen], statuses: Mapping[RecordKey, SyncStatus], reviewer: str) -> OnDemand[Seen]:
        """Keep statuses; a record that a person marked anew has been looked at as it now is."""
        marked = {}
        for key, status in statuses.items():
            if seen[key].status is not status:
                by = reviewer or seen[key].reviewed_by
                marked[key] = replace(seen[key], status=status, changed="", reviewed_by=by)
        self.journal.see(marked.values())
        return seen.having(marked)

    def options(self, settings: Mapping[str, Typed]) -> tuple[Options, list[Problem]]:
        """The company's options with what the Settings sheet says on top; a wrong value keeps the company's own.

        What the source sets for all counts where the company has nothing of its own to say.
        """
        options, problems = under(self.profile.options, self._rules()), []
        for shown, typed in settings.items():
            name, value = option_named(shown), typed.text("value")
            if not value or name not in Options.model_fields:
                continue
            try:
                options = Options.model_validate({**options.model_dump(), name: value})
            except ValidationError:
                problems.append(
                    Problem(
                        code="setting_invalid",
                        column="value",
                        place=typed.place("value"),
                        params={"setting": name, "value": value, "accepted": accepted(name)},
                    )
                )
        return options, problems

    def _rules(self) -> Mapping[str, bool]:
        kept = self.journal.kept(RULES)
        return RULES_OF.validate_json(kept) if kept else {}

    def keep_rules(self, rules: Mapping[str, bool]) -> None:
        """Remember what the source sets for all, as now pulled."""
        self.journal.keep(RULES, RULES_OF.dump_json(dict(rules)).decode())

    def lists(self, empty: Lists) -> Lists:
        """The lists of the ledger or of the source, as last pulled; read once."""
        of = type(empty)
        if of not in self._lists and (kept := self.journal.kept(of.__name__)):
            self._lists[of] = ADAPTERS[of].validate_json(kept)
        lists: Lists = self._lists.get(of, empty)
        return lists

    def keep_lists(self, lists: LedgerLists | SourceLists | Schedules) -> None:
        """Remember lists as now pulled."""
        self._lists.pop(type(lists), None)
        self.journal.keep(type(lists).__name__, ADAPTERS[type(lists)].dump_json(lists).decode())

    def names(self, records: Mapping[RecordKey, Transferable]) -> Names:
        """What keys are called in this workbook."""
        return names_of(records, self.language)


def _waiting(profile: Profile, book: Book, busy: Problem, left: float) -> None:
    book.progress(texts.say(profile.language, WAITING, **busy.params, seconds=ceil(left)))


def identity(book: Book) -> dict[str, str]:
    """The hidden identity of a company's workbook. Raises ``CannotRun`` as ``claimed`` does, or where it has none."""
    rows = claimed(book)
    if not rows.get("company"):
        raise CannotRun(Problem(code="workbook_unbound", params={"path": str(book.path)}))
    return rows


def claimed(book: Book) -> dict[str, str]:
    """The hidden identity of a workbook, which says whose it is, if anyone's, and proves nothing (``addin.trust``).

    Raises ``CannotRun`` where it has none of ours, says one thing twice and differently, or is of a newer Passerelle.
    """
    grid = book.read(IDENTITY)
    rows: dict[str, str] = {}
    for row in grid.rows:
        key, value = text_of(row.values.get("key")), text_of(row.values.get("value"))
        if rows.setdefault(key, value) != value and key:
            raise CannotRun(Problem(code="workbook_ambiguous", params={"path": str(book.path), "name": key}))
    if not grid.found or "workbook_id" not in rows:
        raise CannotRun(Problem(code="workbook_foreign", params={"path": str(book.path)}))
    if REVISED.fullmatch(found := rows.get("schema", "")) and int(found) > REVISION:
        params = {"path": str(book.path), "found": found, "known": str(REVISION)}
        raise CannotRun(Problem(code="workbook_newer", params=params))
    return rows


def identify(book: Book, values: Mapping[str, str]) -> None:
    """Change rows of a workbook's identity; what the ribbon shows as connected is read from there."""
    book.write(IDENTITY, {(key,): {"value": value} for key, value in values.items()})


def new_identity(profile: Profile | None, language: Language) -> dict[str, str]:
    """The identity of a new workbook, of a company or of none yet."""
    mine = {"workbook_id": uuid4().hex, "schema": str(REVISION), "language": language}
    if profile is None:
        return mine
    return {**mine, "company": profile.company, "company_id": profile.id, "home": str(profile.home)}


def open_target(target: str, book_at: Callable[[Path], Book], ask: Ask | None = None) -> tuple[Profile, Book]:
    """The company and workbook behind a path or a company's name; ``ask`` as ``company_of`` has it.

    Raises ``CannotRun``.
    """
    path = Path(target)
    if path.suffix.lower() in (".xlsm", ".xlsx") or path.is_file():
        book = book_at(path)
        return company_of(identity(book), ask), book
    profile = remember(load(target))
    return profile, book_at(profile.workbook)


def placed(problems: Iterable[Problem], review: Review) -> list[Problem]:
    """The problems with the cell that each concerns, where it concerns one."""
    result = []
    for problem in problems:
        typed = review.rows.get((problem.kind, problem.key)) if problem.kind else None
        if typed and problem.place is None:
            column = problem.column if problem.column in typed.table else "reason"
            problem = replace(problem, place=typed.place(column))
        result.append(problem)
    return result


def as_json(problem: Problem, language: Language) -> dict[str, str]:
    """A problem as the command line and the dashboard give it."""
    return {
        "code": problem.code,
        "owner": problem.owner.value,
        "kind": problem.kind.value if problem.kind else "",
        "number": problem.number,
        "key": problem.key,
        "sheet": problem.place.sheet if problem.place else problem.provenance.place,
        "cell": problem.place.cell if problem.place else str(problem.provenance.line or ""),
        "what": texts.what(language, problem),
        "fix": texts.fix(language, problem),
        "detail": problem.detail or json.dumps(dict(problem.params), ensure_ascii=False),
    }
