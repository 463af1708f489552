"""Two-way: what people did in the ledger is proposed in the workbook, and what is accepted goes to the source."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from addin import texts
from addin.journal.inbound import Decision, Proposal
from addin.journal.journal import LISTENED
from addin.journal.rows import settled
from addin.session import Session, placed
from addin.sync import vanished
from addin.sync.accepted import take
from addin.sync.deliver import TOLD, gone_untold
from addin.sync.inbound import OPEN, beginning, known, news
from addin.sync.plan import plan
from addin.texts import mark
from addin.usecases.check import show
from addin.usecases.connect import reach, show_connection
from addin.usecases.report import Report, by_kind
from addin.usecases.rows import show_balances
from connectors.ledger import Changes, Ledger, LedgerCustomer, LedgerLists
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from connectors.registry import source_type
from connectors.source import Accepted
from workbook.book import Link
from workbook.layout import PROPOSALS, TERM_MAP, caption_of, code_of
from workbook.review import text_of
from workbook.row_keys import keyed
from workbook.rows import Cells

OVERLAP = timedelta(minutes=10)
"""How much of the time before is asked about again: a ledger may tell a change a little after it happened."""

DECIDED = {"accept": Decision.ACCEPTED, "ignore": Decision.IGNORED, None: Decision.WAITING}
WORDS = {"Check": mark("Check")}
"""What ledgers call what none of our kinds is meant for."""
NOT_TAKEN = mark("The source does not take changes: accept it once it is changed there by hand.")
OF_A_CUSTOMER = ("customer", "parent")
AMOUNTS = ("subtotal", "tax", "total", "amount")


@dataclass(frozen=True, slots=True)
class Listened:
    """What a ledger told, and what it could not tell; empty if it was not asked. The first time, also its customers."""

    changes: Changes | None = None
    first: tuple[LedgerCustomer, ...] | None = None
    problems: tuple[Problem, ...] = ()


def listen(session: Session, ledger: Ledger, lists: LedgerLists) -> Listened:
    """What happened in a connected ledger since it was last asked; a ledger that does not answer now is a problem.

    A company that never asked begins now, with the customers as they are listed: what was there before is for
    Reconcile, and what the ledger cannot tell of it is nobody's loss.
    """
    if not ledger.capabilities.tells_changes:
        return Listened()
    last = session.journal.kept(LISTENED)
    since = datetime.fromisoformat(last) if last else session.run.started.astimezone(UTC)
    try:
        changes = ledger.changes(since - OVERLAP)
    except CannotRun as unreachable:
        return Listened(problems=unreachable.problems)
    return Listened(changes, None if last else lists.customers, changes.problems if last else ())


def take_in(session: Session, listened: Listened) -> tuple[Problem, ...]:
    """Remember what the ledger told, and show what a person is asked about; the caller saves the workbook."""
    changes = listened.changes
    if changes is None:
        return listened.problems
    decide(session)
    mapped = keyed(TERM_MAP, session.book.read(TERM_MAP).rows)
    terms = {code: text_of(row.values.get("ledger_code")) for (code,), row in mapped}
    heard = news(changes.changes, known(session.journal, changes.changes, terms))
    if listened.first is not None:
        heard = beginning(heard, listened.first)
    # Before it is noted until when was listened: what a crash leaves undone here is told again.
    vanished.hear(session.journal, heard.asked, session.run.id)
    session.journal.hear(heard.asked, heard.heard, heard.gone, until=changes.until.isoformat())
    return (*listened.problems, *draw(session))


def decide(session: Session) -> None:
    """Read the decisions of the sheet; an undelivered one that was taken back waits again.

    A row that shows another value than is asked about now decides nothing: nobody has seen that one yet.
    """
    rows = {text_of(row.values.get("key")): row.values for row in session.book.read(PROPOSALS).rows}
    asked = [proposal for proposal in _open(session) if proposal.key in rows]
    if not asked:
        return
    cells, decided = _Cells(session), []
    for proposal in asked:
        row = rows[proposal.key]
        decision = DECIDED[code_of("decision", text_of(row.get("decision")))]
        if decision is not proposal.decision and text_of(row.get("theirs")) == text_of(cells.of(proposal)["theirs"]):
            decided.append(replace(proposal, decision=decision))
    session.journal.hear(decided)


def draw(session: Session) -> tuple[Problem, ...]:
    """Show what waits for a decision or for delivery, and nothing else."""
    grid = session.book.read(PROPOSALS)
    cells = _Cells(session)
    rows = [cells.of(proposal) for proposal in _open(session)]
    if not grid.found:
        return (Problem(code="table_missing", params={"table": PROPOSALS.name}),) if rows else ()
    shown = [{key: text_of(row.values.get(key)) for key in grid.letters} for row in grid.rows]
    if shown != [{key: text_of(row.get(key)) for key in grid.letters} for row in rows]:
        session.book.replace(PROPOSALS, rows)
    return ()


def deliver(session: Session) -> tuple[Problem, ...]:
    """Tell the source what was accepted, each once; what it cannot take now waits for the next run."""
    accepted = [proposal for proposal in _open(session) if proposal.decision is Decision.ACCEPTED]
    if accepted and _takes(session):
        try:
            with session.profile.open_source() as source:
                source.connect()
                source.take(_told(session, accepted))
        except CannotRun as shut:
            return (*shut.problems, Problem(code="results_wait", params={"place": session.profile.source}))
    session.journal.hear([replace(proposal, decision=Decision.TAKEN) for proposal in accepted])
    vanished.moved_to(session.journal, accepted, session.judge)
    if paid := take(session.journal, accepted):
        with suppress(CannotRun):  # a workbook that is shut shows it with the next pull
            show_balances(session, paid)
    for p in accepted:
        moved = json.dumps([(name, p.ours.get(name, ""), value) for name, value in p.theirs.items()])
        session.log("accept", p.what, kind=p.kind, number=p.number, reference=p.ledger_id, content=moved)
    return ()


def hand_over(session: Session) -> tuple[Problem, ...]:
    """What a sync does: read the decisions, tell the source, show what is left; the caller saves the workbook."""
    decide(session)
    problems = deliver(session)
    try:
        return (*problems, *draw(session))
    except CannotRun as blocked:
        return (*problems, *blocked.problems)


def proposals(session: Session) -> Report:
    """Ask the ledger what happened, and say what waits for a decision. Raises ``CannotRun``."""
    session.book.progress(session.say("Connecting…"))
    with session.profile.open_ledger() as ledger:
        show_connection(session, reach(session, ledger))
        lists = ledger.lists()
        listened = listen(session, ledger, lists)
    session.keep_lists(lists)
    problems = (*take_in(session, listened), *_turn_rows(session))
    session.book.save()
    session.book.progress("")
    return _report(session, problems)


def _turn_rows(session: Session) -> tuple[Problem, ...]:
    """Say in their rows what the ledger told to be gone, as Pull and Check do; the problems of those."""
    case, standing = session.case()
    gone = gone_untold(case)
    told = show(session, case, plan(case, standing).problems) if gone else ()
    return tuple(problem for problem in placed(told, case.review) if (problem.kind, problem.key) in gone)


def accept(session: Session, keys: Collection[str], everything: bool = False, ignore: bool = False) -> Report:
    """Decide proposals, besides those decided in the sheet, and tell the source. Raises ``CannotRun``."""
    decide(session)
    decision = Decision.IGNORED if ignore else Decision.ACCEPTED
    waiting = [p for p in _open(session) if p.decision is Decision.WAITING]
    chosen = [p for p in waiting if everything or p.key in keys or (p.number and p.number in keys)]
    if keys and not chosen:
        raise CannotRun(Problem(code="nothing_selected"))
    session.journal.hear([replace(proposal, decision=decision) for proposal in chosen])
    problems = (*deliver(session), *draw(session))
    session.book.save()
    return _report(session, problems)


def waiting_kinds(session: Session) -> Mapping[Kind, int]:
    """How many proposals wait for a decision, by kind."""
    return by_kind(proposal.kind for proposal in _open(session) if proposal.decision is Decision.WAITING)


def _open(session: Session) -> list[Proposal]:
    return [proposal for proposal in session.journal.proposals().values() if proposal.decision in OPEN]


def _takes(session: Session) -> bool:
    return source_type(session.profile.source).capabilities.takes_changes


def _told(session: Session, accepted: Iterable[Proposal]) -> list[Accepted]:
    """What was accepted, as the source is told."""
    chosen = list(accepted)
    named = {p.key: p.merged_into or p.theirs.get("customer", "") for p in chosen}
    accounts = {
        booked.ledger_id: booked.record
        for history in session.journal.held(set(filter(None, named.values()))).values()
        if (booked := settled(history)) and booked.kind is Kind.CUSTOMER
    }
    return [
        Accepted(
            id=p.key,
            what=p.what,
            kind=p.kind,
            key=p.record,
            ledger_id=p.ledger_id,
            number=p.number,
            values=p.theirs,
            former=p.ours,
            account=accounts.get(named[p.key], ""),
            merged_into=p.merged_into,
            word=p.word,
        )
        for p in chosen
    ]


class _Cells:
    """Proposals as rows of the sheet, in the workbook's language; customers of the ledger by name."""

    def __init__(self, session: Session) -> None:
        self._session, self._language = session, session.language
        self._names = {each.reference: each.name for each in session.lists(LedgerLists()).customers}
        self._reason = "" if _takes(session) else session.say(NOT_TAKEN)

    def of(self, proposal: Proposal) -> Cells:
        """The row of a proposal."""
        language = self._language
        accepted = proposal.decision is Decision.ACCEPTED
        return {
            "key": proposal.key,
            "kind": self._kind(proposal),
            "number": proposal.number,
            "name": proposal.name or self._names.get(proposal.ledger_id, ""),
            "what": caption_of("what", proposal.what, language),
            "field": caption_of("field", proposal.field, language) if proposal.field else "",
            "ours": self._values(proposal, proposal.ours),
            "theirs": self._names.get(proposal.merged_into, "") or self._values(proposal, proposal.theirs),
            "happened": datetime.fromisoformat(proposal.happened).strftime("%Y-%m-%d %H:%M"),
            "decision": caption_of("decision", "accept", language) if accepted else "",
            "reason": self._reason,
            "ledger_link": Link(proposal.url, self._session.say("Open")) if proposal.url else None,
        }

    def _kind(self, proposal: Proposal) -> str:
        if proposal.word in WORDS:
            return self._session.say(WORDS[proposal.word])
        return caption_of("kind", proposal.kind, self._language)

    def _values(self, proposal: Proposal, values: Mapping[str, str]) -> str:
        """A field's value; an address on one line; of a whole record, a line for each field."""
        shown = {name: self._value(name, value) for name, value in values.items() if value}
        if proposal.field:
            return texts.shortened(", ".join(shown.values()), TOLD)
        colon = "\u00a0: " if self._language == "fr" else ": "
        lines = (f"{caption_of('field', name, self._language)}{colon}{value}" for name, value in shown.items())
        return texts.shortened("\n".join(lines), TOLD)

    def _value(self, name: str, value: str) -> str:
        if name in OF_A_CUSTOMER:
            return self._names.get(value, value)
        if name in AMOUNTS and value:
            return texts.amount(self._language, Decimal(value))
        return caption_of("yes_no", value, self._language) if name == "tax_exempt" else value


def _report(session: Session, problems: tuple[Problem, ...]) -> Report:
    cells = _Cells(session)
    listed = [
        {column: text_of(value) for column, value in cells.of(each).items() if column not in ("reason", "ledger_link")}
        for each in _open(session)
    ]
    return Report(
        run=session.run.id,
        counts={"proposed": waiting_kinds(session)},
        facts={"proposals": listed},
        problems=problems,
    )
