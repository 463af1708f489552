"""The dashboard and log sheets: where the synchronization stands, what waits for whom."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from addin import texts
from addin.journal import Event, RecordKey
from addin.journal.inbound import Decision
from addin.releases import announced, newer
from addin.session import Session, placed
from addin.sync.case import Case
from addin.texts import mark
from addin.usecases.ending import ends_soon
from addin.usecases.report import needing
from addin.usecases.settings_sheet import show_rights
from addin.usecases.totals import CAPTIONS, Direction, by_direction, left_out, signed, totals
from addin.usecases.unmapped import explain_mapping
from connectors.problems import Place, Problem
from connectors.records import Customer, Kind, SyncStatus, Transferable
from connectors.registry import ledger_type
from workbook.book import Book, Link, Value
from workbook.captions import CONNECT_FIRST, OVERVIEW_ROWS, PULL_NEXT
from workbook.cells import fitting
from workbook.layout import (
    COUNTS,
    LINES,
    LOG_TABLE,
    MAPPING_TABLES,
    OVERVIEW,
    PROBLEMS_TABLE,
    REVIEW_TABLES,
    caption_of,
)
from workbook.review import Review, Typed, text_of
from workbook.row_keys import row_key
from workbook.rows import Cells, table_of

SHOWN_EVENTS = 500
"""Lines of the log that the sheet shows, for each run writes it anew; ``passerelle log --all`` shows every one."""

SYSTEM, NEXT = (caption for caption, _ in OVERVIEW_ROWS[1:])
"""The accounting system and what to do next, on the dashboard of a workbook that has not pulled yet."""

FACTS: tuple[str, ...] = (
    mark("Company"),
    mark("Ledger"),
    mark("Books of"),
    mark("Connection"),
    mark("Next step"),
    mark("Last pull (UTC)"),
    mark("Last sync (UTC)"),
    mark("Waiting to be transferred"),
    mark("Amount to be transferred"),
    mark("Problems to solve"),
    mark("Start in sync"),
)

RELEASE = mark("Newer release")
LEFT_OUT = mark("In other currencies, left out of the amounts by kind")
OTHERS = mark("{direction}: {count} in {currency}, {amount}")
DIRECTED = mark("{direction}: {amounts}")

AFTER_PULL = mark("Review the rows, then press Check.")
SOLVE_OR_SYNC = mark("Solve the problems below, or Sync the rest.")
SOLVE = mark("Solve the problems below, then press Check.")
READY = mark("Press Preview, then Sync.")
DECIDE = mark("Decide on the sheet Ledger changes, then Sync.")
AUTHORIZE = mark("Press Authorize: the ledger asks for an authorization.")
ALL_DONE = mark("Nothing waits. Reconcile compares the balances.")

ACTIONS: dict[str, str] = {
    "pull": mark("Pull"),
    "mark": mark("Mark"),
    "authorize": mark("Authorize"),
    "connect": mark("Connect"),
    "disconnect": mark("Disconnect"),
    "create": mark("Create"),
    "update": mark("Update"),
    "apply": mark("Apply"),
    "no_go": mark("No-go before a date"),
    "link": mark("Link"),
    "link_sure": mark("Link all sure ones"),
    "unlink": mark("Unlink"),
    "suggest": mark("Suggest matches"),
    "create_new": mark("Create new"),
    "same_one": mark("Same one"),
    "second_one": mark("Second one"),
    "confirm": mark("Confirm"),
    "language": mark("Language"),
    "accept": mark("Accept"),
    "undo": mark("Undo"),
    "status": mark("Status"),
    "reference": mark("Sync reference"),
    "typed": mark("Typed"),
    "map": mark("Mapping"),
    "setting": mark("Setting"),
    "schedule": mark("Schedule"),
    "approve": mark("Approve"),
    "withdraw": mark("Approval withdrawn"),
    "review": mark("Back to review"),
    "rights": mark("Rights"),
    "confirm_log": mark("Log confirmed"),
    "show_rights": mark("Rights"),
    "check": mark("Check"),
    "sync": mark("Sync"),
    "undo_transfer": mark("Undo"),
    "undo_run": mark("Undo a run"),
    "reconcile": mark("Reconcile"),
    "proposals": mark("Ledger changes"),
}
COUNTED: dict[str, str] = {
    "pull": mark("{first} records pulled, {second} of them new"),
    "suggest": mark("{first} suggestions for {second} accounts"),
    "no_go": mark("{first} marked, {second} as they were before"),
    "link": mark("{first} of {second} accounts"),
    "link_sure": mark("{first} of {second} accounts"),
    "unlink": mark("{first} of {second} accounts"),
    "create_new": mark("{first} of {second} accounts"),
}
"""What a line says of its two numbers, by its action."""

RESULTS: dict[str, str] = {
    "done": mark("Done"),
    "posted": mark("Transferred"),
    "rejected": mark("Refused"),
    "unknown": mark("Not known"),
    "intent": mark("Not known"),
    "absent": mark("Not in the ledger"),
    "manual": mark("By hand"),
    "undone": mark("Undone"),
    "not_allowed": mark("Not allowed"),
}


SIGNED_OUT = "signed out"
"""The memo that says that the ledger wants a new authorization."""

NEEDS_SIGN_IN = frozenset({"not_signed_in", "sign_in_again"})


def refresh(session: Session, case: Case, problems: Sequence[Problem]) -> None:
    """Show the state of a company on its dashboard, and what the Mapping sheet wants."""
    explain_mapping(session, case)
    show_rights(session)
    session.book.replace(OVERVIEW, list(_overview(session, case, problems)))
    session.book.replace(COUNTS, list(_counts(session, case)))
    label = ledger_type(session.profile.ledger).label
    ending = None if _signed_out(session) else ends_soon(session.journal, label, session.today)
    told = (*problems, ending) if ending else problems
    standing = where_they_stand(session.book, placed(told, case.review), case.review)
    session.book.replace(PROBLEMS_TABLE, [_problem(session, problem) for problem in standing])
    session.book.replace(LOG_TABLE, [_event(session, event) for event in _events(session)])


def where_they_stand(book: Book, problems: Sequence[Problem], review: Review) -> list[Problem]:
    """The problems with the cells at which their records' rows stand now, for people move rows while a Sync runs.

    A problem whose row is gone has no cell.
    """
    rows = {key: review.rows[key] for problem in problems if (key := _record(problem)) and key in review.rows}
    numbers: dict[RecordKey, Sequence[int]] = {}
    for table in REVIEW_TABLES:
        mine = {key: row_key(table, typed.rows[0].values) for key, typed in rows.items() if typed.table is table}
        wanted = [each for each in mine.values() if each]
        standing = book.standing(table, wanted) if wanted else {}
        numbers |= {key: standing.get(each, ()) for key, each in mine.items() if each}
    return [
        _moved(problem, rows[key], numbers[key]) if (key := _record(problem)) and key in numbers else problem
        for problem in problems
    ]


def _record(problem: Problem) -> RecordKey | None:
    return (problem.kind, problem.key) if problem.kind else None


def _moved(problem: Problem, typed: Typed, numbers: Sequence[int]) -> Problem:
    """A problem at the row where its record stands now; one of another sheet stays where it was found."""
    place = problem.place
    if place is None or place.sheet != typed.grid.sheet:
        return problem
    column = place.cell.rstrip("0123456789")
    return replace(problem, place=Place(sheet=place.sheet, cell=f"{column}{numbers[0]}") if numbers else None)


def _overview(session: Session, case: Case, problems: Sequence[Problem]) -> Iterator[Cells]:
    company = session.journal.kept("company") or ""
    waiting = list(case.candidates.values())
    step = _next_step(session, waiting, problems)
    values = (
        session.profile.company,
        ledger_type(session.profile.ledger).label,
        company,
        _connection(session, company),
        session.say(step),
        _moment(_last(session, "pull")),
        _moment(_last(session, "sync")),
        str(len(waiting)),
        _amounts(session, waiting),
        str(needing(problems)),
        _start_in_sync(session, case),
    )
    for caption, value in zip(FACTS, values, strict=True):
        yield {"key": session.say(caption), "value": value}
    if others := left_out(case.records.values(), case.lists.home_currency):
        yield {"key": session.say(LEFT_OUT), "value": _left_out(session, others)}
    if release := newer():
        yield {"key": session.say(RELEASE), "value": announced(release, session.language)}


def _left_out(session: Session, others: Sequence[Mapping[str, str]]) -> str:
    """What the amounts by kind leave out, a line for each currency and direction."""
    return "\n".join(
        session.say(
            OTHERS,
            count=each["count"],
            currency=each["currency"],
            direction=session.say(CAPTIONS[Direction(each["direction"])]),
            amount=texts.amount(session.language, Decimal(each["amount"])),
        )
        for each in others
    )


def _signed_out(session: Session) -> bool:
    """Whether the ledger refused our authorization, or it ran out by the calendar."""
    until = session.identity.get("connected_until", "")
    return bool(session.journal.kept(SIGNED_OUT)) or "" < until < session.today.isoformat()


def _connection(session: Session, company: str) -> str:
    if company and _signed_out(session):
        return session.say("Authorization ended")
    return session.say("Connected") if company else session.say("Not connected")


def _next_step(session: Session, waiting: Sequence[Transferable], problems: Sequence[Problem]) -> str:
    """What to press now; a pull has not looked for problems of records yet."""
    if _signed_out(session):
        return AUTHORIZE
    if session.run.command == "pull":
        return AFTER_PULL
    if waiting:
        return SOLVE_OR_SYNC if problems else READY
    if problems:
        return SOLVE
    undecided = any(each.decision is Decision.WAITING for each in session.journal.proposals().values())
    return DECIDE if undecided else ALL_DONE


def _amounts(session: Session, records: Sequence[Transferable]) -> str:
    """What records come to, a line for each direction; amounts of several currencies are never added up."""
    currencies = dict.fromkeys(record.currency for record in records if not isinstance(record, Customer))
    sums: dict[Direction, list[str]] = defaultdict(list)
    for currency in currencies:
        for direction, total in by_direction(totals(records, currency)).items():
            sums[direction].append(f"{texts.amount(session.language, total)} {currency}")
    return "\n".join(
        session.say(DIRECTED, direction=session.say(caption), amounts=", ".join(sums[direction]))
        for direction, caption in CAPTIONS.items()
        if direction in sums
    )


def show_company(session: Session, company: str) -> None:
    """Show at once whose books we are connected to, if anyone's; the rest of the dashboard waits for a check."""
    state = _connection(session, company)
    rows = session.book.read(OVERVIEW).rows
    shown = {text_of(row.values.get("key")): text_of(row.values.get("value")) for row in rows}
    told = {session.say("Connection"): state, session.say("Books of"): company}
    if session.say("Connection") not in shown:  # before the first pull, which names the system in that row
        told[SYSTEM.of(session.language)] = state
    if shown.get(session.say("Connection")) != state or _signed_out(session):
        step = (PULL_NEXT if company else CONNECT_FIRST).of(session.language)
        told[NEXT.of(session.language)] = session.say(AUTHORIZE) if _signed_out(session) else step
    session.book.write(OVERVIEW, {(key,): {"value": value} for key, value in told.items()})


def _last(session: Session, command: str) -> datetime | None:
    """When a use case last ran; the one that runs now has not ended yet."""
    return session.run.started if session.run.command == command else session.journal.last(command)


def _start_in_sync(session: Session, case: Case) -> str:
    left = sum(1 for status in case.statuses.values() if status is SyncStatus.DO_NOT_SYNC)
    return session.say("Records marked Do Not Sync: {count}", count=left)


def _counts(session: Session, case: Case) -> Iterator[Cells]:
    """Records by kind and status, and what those in the books' own currency come to, signed."""
    status = Counter((key[0], status) for key, status in case.statuses.items())
    sums: dict[tuple[Kind, bool], Decimal] = defaultdict(Decimal)
    for key, record in case.records.items():
        if not isinstance(record, Customer) and record.currency == case.lists.home_currency:
            sums[record.kind, case.settled(key) is not None] += signed(record)
    for kind in Kind:
        cells: Cells = {"key": session.names({}).choice("kind", kind)}
        cells |= {code.value: Decimal(status[kind, code]) for code in SyncStatus}
        cells["transferred"] = sums[kind, True]
        cells["total"] = sums[kind, True] + sums[kind, False]
        yield cells


def _problem(session: Session, problem: Problem) -> Cells:
    language = session.language
    return {
        "owner": texts.owner(language, problem.owner),
        "kind": session.names({}).choice("kind", problem.kind) if problem.kind else "",
        "number": problem.number,
        "place": _place(problem),
        "what": texts.what(language, problem),
        "fix": texts.fix(language, problem),
        "code": problem.code,
    }


def _place(problem: Problem) -> Value:
    if problem.place:
        sheet = problem.place.sheet.replace("'", "''")
        return Link(f"#'{sheet}'!{problem.place.cell}", f"{problem.place.sheet} {problem.place.cell}")
    line = problem.provenance.line
    return problem.provenance.place + (f":{line}" if line else "")


def _events(session: Session) -> Iterable[Event]:
    return (*reversed(session.events), *session.journal.events(SHOWN_EVENTS))[:SHOWN_EVENTS]


def _event(session: Session, event: Event) -> Cells:
    return {
        "time": _moment(event.time),
        "run": str(event.run),
        "who": who_of(event),
        "kind": session.names({}).choice("kind", event.kind) if event.kind else "",
        "number": event.number,
        "action": session.say(ACTIONS[event.action]) if event.action in ACTIONS else event.action,
        "result": result_of(session, event.result),
        "reference": event.reference,
        "message": fitting(message_of(session, event)),
    }


def who_of(event: Event) -> str:
    """Who did it, and at which machine where the journal is shared."""
    return f"{event.who} @ {event.machine}" if event.machine else event.who


def message_of(session: Session, event: Event) -> str:
    """What a line says: what it was and what it is since, by the captions of the sheet, before its own words."""
    was, becomes = (_word(session, event, text) for text in (event.was, event.becomes))
    moved = f"{was or '–'} → {becomes or '–'}" if event.was or event.becomes else ""
    if event.action == "mark":  # of many records, whatever each of them was
        moved = becomes
    told = texts.what(session.language, event.problem) if event.problem else _counted(session, event)
    return ": ".join(filter(None, (_about(session, event), moved, _accepted(session, event), told)))


def _counted(session: Session, event: Event) -> str:
    """The words of a line, or its two numbers in words."""
    first, sign, second = event.message.partition(" / ")
    sentence = COUNTED.get(event.action) if sign else None
    return session.say(sentence, first=first, second=second) if sentence else event.message


def _accepted(session: Session, event: Event) -> str:
    """What was accepted of a ledger's change: ``field: ours → theirs``, by the captions of the sheet."""
    if event.action != "accept" or not event.content:
        return ""
    moved = [
        (caption_of("field", name, session.language), ours, theirs) for name, ours, theirs in json.loads(event.content)
    ]
    return "; ".join(f"{caption}: {ours or '–'} → {theirs or '–'}" for caption, ours, theirs in moved)


def _about(session: Session, event: Event) -> str:
    """Which cell a line is about, where neither its action nor its record says it."""
    if event.action == "typed":
        table = LINES if event.reference in LINES else table_of(Kind(event.kind))
        return table.column(event.reference).caption.of(session.language)
    if event.action == "map":
        return next((t.caption.of(session.language) for t in MAPPING_TABLES if t.name == event.reference), "")
    return ""


def _word(session: Session, event: Event, text: str) -> str:
    """A status, yes or no or a role as the workbook's language says it; anything else as it is."""
    if event.action in ("status", "mark", "approve", "withdraw", "review"):
        return session.names({}).choice("status", text)
    if event.result == "not_allowed":
        return session.say(texts.ROLES[text]) if text in texts.ROLES else text
    return session.names({}).choice("yes_no", text)


def result_of(session: Session, result: str) -> str:
    """What became of a record, in the workbook's language."""
    return session.say(RESULTS[result]) if result in RESULTS else result


def _moment(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else ""
