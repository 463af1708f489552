"""One company at work: its profile, journal and workbook, opened together for one use case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
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
from addin.journal import Event, Journal, OnDemand, Questions, RecordKey, Records, Run, Seen, State, Transfer
from addin.journal.inbound import Decision, Proposal
from addin.journal.rows import settled, with_changed
from addin.options import Options
from addin.person import Person, signed_in
from addin.profile import Profile, load
from addin.sync.case import Case
from addin.sync.claims import Claimed, Finding, claims
from addin.sync.deferral import Schedules
from addin.sync.enquiry import Books, examined
from addin.sync.linking import Directory
from addin.sync.statuses import Judge, accept, offered_again
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
from workbook.layout import IDENTITY, Language
from workbook.review import Review, Typed, read, text_of
from workbook.rows import Names, names_of

SCHEMA = "1"

READING = frozenset({"log", "preview", "find", "open_record", "report", "watch", "alike"})
"""The commands that change neither the journal nor the workbook, and so need not be alone."""

WAITING = texts.mark("{who} is working on this company on {machine} since {since}. Waiting {seconds} s more at most.")

Lists = TypeVar("Lists", LedgerLists, SourceLists, Schedules)
ADAPTERS: dict[type, TypeAdapter[Any]] = {lists: TypeAdapter(lists) for lists in (LedgerLists, SourceLists, Schedules)}
"""Their JSON; to make one takes as long as a small sync."""


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
            return cls(profile, open_journal(profile), book, person, day, run)
        with ExitStack() as undo:
            lock, journal = alone(profile, person.name, wait, partial(_waiting, profile, book))
            undo.callback(lock.release)
            undo.callback(journal.close)
            session = cls(profile, journal, book, person, day, journal.start(command, person.name))
            session._lock = lock
            fact("run_started", run=session.run.id, company=profile.id, command=command, who=person.name)
            undo.pop_all()
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
                fact("run_ended", run=self.run.id, company=self.profile.id, trouble=kind.__name__ if kind else "")

    _lock: FileLock | None = field(init=False, repr=False, default=None)
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

    def log(self, action: str, result: str, time: datetime | None = None, **rest: str) -> None:
        """Add a line to the log of this run; ``time`` (UTC) is when it happened, where that is not now."""
        at = time or datetime.now(UTC)
        self.events.append(Event(run=self.run.id, time=at, who=self.who, action=action, result=result, **rest))

    @property
    def capabilities(self) -> Capabilities:
        """What the company's ledger can do."""
        return ledger_type(self.profile.ledger).capabilities

    def judge(self, options: Options) -> Judge:
        """Who judges the statuses of the sheet."""
        return Judge(company=self.profile.id, ledger=self.profile.ledger, who=self.who, options=options)

    def case(self, ledger: Ledger | None = None) -> tuple[Case, tuple[Problem, ...]]:
        """Read the sheet and the journal into a case, with the problems of what was typed; remembers what was.

        A connected ledger is asked for what was typed as a sync reference; without one, what was typed waits. Raises
        ``CannotRun`` (not_pulled) where nothing was pulled, or not since the schedules are kept: without them what is
        received in advance could leave as income.
        """
        review = read(self.book)
        options, wrong = self.options(review.settings)
        if not self.journal.pulled() or self.journal.kept(Schedules.__name__) is None:
            raise CannotRun(Problem(code="not_pulled"))
        awake, seen, transfers = self.remembered(review)
        questions = self.journal.questions()
        findings = self._examined(review, seen, transfers, questions, options, ledger)
        accepted = accept(review, seen, transfers, self.judge(options), findings)
        accepted.statuses.update(offered_again(accepted.by_hand, awake, seen, transfers, accepted.statuses))
        by_hand = {t.id: with_changed(transfers.get(t.id, ()), t) for t in accepted.by_hand}
        strangers = self.journal.strangers()
        if self.run.command not in READING:
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
        )
        return case, (*review.problems, *wrong, *accepted.problems)

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
        review: Review,
        seen: OnDemand[Seen],
        transfers: OnDemand[tuple[Transfer, ...]],
        questions: Questions,
        options: Options,
        ledger: Ledger | None,
    ) -> dict[RecordKey, Finding]:
        """What came of the references that were typed. The ledger's customers are read anew where one is not known."""
        typed = claims(review, seen, transfers)
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
        """The company's options with what the Settings sheet says on top; a wrong value keeps the company's own."""
        options, problems = self.profile.options, []
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

    def lists(self, empty: Lists) -> Lists:
        """The lists of the ledger or of the source, as last pulled."""
        kept = self.journal.kept(type(empty).__name__)
        adapter: TypeAdapter[Lists] = ADAPTERS[type(empty)]
        return adapter.validate_json(kept) if kept else empty

    def keep_lists(self, lists: LedgerLists | SourceLists | Schedules) -> None:
        """Remember lists as now pulled."""
        self.journal.keep(type(lists).__name__, ADAPTERS[type(lists)].dump_json(lists).decode())

    def names(self, records: Mapping[RecordKey, Transferable]) -> Names:
        """What keys are called in this workbook."""
        return names_of(records, self.language)


def _waiting(profile: Profile, book: Book, busy: Problem, left: float) -> None:
    book.progress(texts.say(profile.language, WAITING, **busy.params, seconds=ceil(left)))


def identity(book: Book) -> dict[str, str]:
    """The hidden identity of a workbook, which says whose it is and proves nothing (see ``addin.trust``).

    Raises ``CannotRun`` where it has none of ours, no company, or says one thing twice and differently.
    """
    grid = book.read(IDENTITY)
    rows: dict[str, str] = {}
    for row in grid.rows:
        key, value = text_of(row.values.get("key")), text_of(row.values.get("value"))
        if rows.setdefault(key, value) != value and key:
            raise CannotRun(Problem(code="workbook_ambiguous", params={"path": str(book.path), "name": key}))
    if not grid.found or "workbook_id" not in rows:
        raise CannotRun(Problem(code="workbook_foreign", params={"path": str(book.path)}))
    if not rows.get("company"):
        raise CannotRun(Problem(code="workbook_unbound", params={"path": str(book.path)}))
    return rows


def identify(book: Book, values: Mapping[str, str]) -> None:
    """Change rows of a workbook's identity; what the ribbon shows as connected is read from there."""
    book.write(IDENTITY, {(key,): {"value": value} for key, value in values.items()})


def new_identity(profile: Profile | None, language: Language) -> dict[str, str]:
    """The identity of a new workbook, of a company or of none yet."""
    mine = {"workbook_id": uuid4().hex, "schema": SCHEMA, "language": language}
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
