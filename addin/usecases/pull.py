"""Pull: source → records → journal → rows; what the accountant typed stays."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from addin.journal import RecordKey, Seen, Transfer
from addin.journal.protocol import OPEN, SETTLED
from addin.journal.rows import digest_of, latest, payload_of, problem_text, says_the_same, settled
from addin.options import Options
from addin.releases import ask_once_a_day
from addin.session import Session, placed
from addin.sync import accepted, deliver
from addin.sync.amendments import follows
from addin.sync.case import ours
from addin.sync.completeness import Held, held, incomplete
from addin.sync.deferral import Schedules, schedule_of
from addin.sync.entries import Given, Made, made_from
from addin.sync.fees import Payments, beside, with_discounts
from addin.sync.plan import plan
from addin.sync.refused import mended
from addin.sync.sides import sold_to
from addin.usecases.connect import reach, same_books, show_connection
from addin.usecases.dashboard import refresh
from addin.usecases.mapping import pull_lists, pull_mapping
from addin.usecases.moved import with_differences
from addin.usecases.proposals import Listened, listen, take_in, waiting_kinds
from addin.usecases.report import Report, by_kind
from addin.usecases.rows import offer_again, pull_rows
from addin.usecases.sync import deliver_to_sheet
from connectors.ledger import LedgerLists
from connectors.problems import CannotRun, Problem
from connectors.records import ZERO, Customer, JournalEntry, Kind, SyncStatus, Transferable
from connectors.source import Decided, Pulled
from workbook.layout import CONTROLS
from workbook.review import read
from workbook.rows import Cells

ASKED = "ledger asked"
"""The memo that says on which day the ledger was last asked for its lists and its changes."""


def asked_today(session: Session) -> bool:
    """Whether the ledger has told its lists and its changes today."""
    return session.journal.kept(ASKED) == session.today.isoformat()


def pull(session: Session, ledger_lists: bool = True) -> Report:
    """Bring everything the source holds into the journal and the sheets, and the ledger's lists. Raises ``CannotRun``.

    Without ``ledger_lists`` the ledger is not asked: a sync that follows asks for them anyway.
    """
    session.book.progress(session.say("Pulling from the source…"))
    ask_once_a_day(session.today)
    with _no_cycles():
        counts, problems, moved = _bring(session, ledger_lists)
        session.book.save()
        if not session.journal.pulled():
            nothing = Problem(code="source_empty", params={"place": str(session.profile.folder)})
            raise CannotRun(*(problems or [nothing]))
        session.notice(read(session.book), ours=True)
        case, standing = session.case()
        problems += standing
        case, offered = offer_again(session, case, mended(case, standing, moved))
        counts["offered"] = by_kind(key[0] for key in offered)
        if deliver.gone_untold(case):
            problems = list(plan(case, tuple(problems)).problems)
            problems += deliver_to_sheet(session, case, problems)
        else:
            answers = deliver.answers(case, problems, session.run.id)
            problems += deliver.unsolved(answers, problems)
            # Else the next run would take the status that an account came with for one that a person chose.
            linked = [key for key, finding in case.findings.items() if finding.standing and key in answers]
            problems += deliver.write(session.book, case, {key: answers[key] for key in linked}, session.names({}))
            refresh(session, case, problems)
            session.book.save()
    session.book.progress("")
    return Report(run=session.run.id, counts=counts, problems=tuple(placed(problems, case.review)))


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Records and cells come by the million and none leads back to itself: to look for it costs a fifth of a pull."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _bring(
    session: Session, ledger_lists: bool
) -> tuple[dict[str, Mapping[Kind, int]], list[Problem], frozenset[RecordKey]]:
    """Journal and sheets brought up to date: how many records of each kind, what is wrong with others, what moved.

    What it takes to compare old and new is gone when it ends: a large company's would not fit in memory twice.
    """
    with session.profile.open_source() as source:
        source.connect()
        pulled = source.pull()
    before_lists = session.lists(LedgerLists())
    listened, unreachable = _pull_ledger(session) if ledger_lists else (Listened(), ())
    counted = held(pulled)
    problems = [*incomplete(counted), *pulled.problems, *unreachable]
    review = read(session.book)
    session.keep_rules(pulled.rules)
    options, _ = session.options(review.settings)
    before = session.journal.seen()
    pulled = _with_what_payments_bring(session, pulled, before)
    made = _deferred(session, pulled, before, options)
    records = _as_sent(session, {(each.kind, each.key): each for each in (*pulled.records, *made.entries)})
    session.notice(review)
    after = _seen(session, before, records, (*pulled.problems, *pulled.unread), pulled.decided)
    # Before the records: none of them may leave without what is known to be deferred of it.
    session.keep_lists(made.schedules)
    session.journal.see(seen for key, seen in after.items() if before.get(key) != seen)
    session.keep_lists(pulled.lists)
    accepted.keep(session.journal, accepted.not_shown(accepted.kept(session.journal), records))
    new = pull_rows(session, review, before, after, records, options, pulled.decided)
    if session.book.read(CONTROLS).found:
        session.book.replace(CONTROLS, list(map(_control, counted)))
    problems += pull_mapping(session, review, records.values(), first=before_lists == LedgerLists())
    problems += take_in(session, listened)
    changed = [key[0] for key, seen in after.items() if key in before and seen.changed != before[key].changed]
    session.log("pull", "done", message=f"{len(records)} / {len(new)}")
    counts = {
        "pulled": by_kind(key[0] for key in records),
        "new": by_kind(new),
        "changed": by_kind(changed),
        "proposed": waiting_kinds(session),
    }
    moved = frozenset(key for key, seen in after.items() if key in before and seen.digest != before[key].digest)
    return counts, problems, moved


def _control(held: Held) -> Cells:
    """A count of the source's as the Reconciliation sheet shows it."""
    control = held.control
    return {
        "source": control.name,
        "count": Decimal(control.count),
        "total": control.total,
        "pulled": Decimal(held.pulled),
        "pulled_total": None if control.total is None else held.pulled_total,
        "unread": Decimal(control.unread),
        "missing": Decimal(held.missing),
    }


def _pull_ledger(session: Session) -> tuple[Listened, tuple[Problem, ...]]:
    """The ledger's own lists, and what happened there; a ledger that cannot be reached now does not stop a pull."""
    try:
        with session.profile.open_ledger() as ledger:
            connected = reach(session, ledger)
            same_books(session, connected)
            lists = ledger.lists()
            listened = listen(session, ledger, lists)
    except CannotRun as unreachable:
        return Listened(), unreachable.problems
    show_connection(session, connected)
    session.keep_lists(lists)
    pull_lists(session.book, lists)
    session.journal.keep(ASKED, session.today.isoformat())
    return listened, ()


def _with_what_payments_bring(session: Session, pulled: Pulled, before: Mapping[RecordKey, Seen]) -> Pulled:
    """What was pulled, with the fees and discounts of its payments as records of their own."""
    made_before = {key: seen.record() for key, seen in before.items() if seen.of_payment}
    given = Payments(
        records=pulled.records, before=made_before, say=session.say, longest=session.capabilities.number_length
    )
    records = (*pulled.records, *beside(given))
    return replace(pulled, records=records, lists=with_discounts(pulled.lists, records, session.say))


def _deferred(session: Session, pulled: Pulled, before: Mapping[RecordKey, Seen], options: Options) -> Made:
    """The entries of deferred revenue, and the schedules: also those that left the source after entries were made."""
    entries = {key[1]: seen for key, seen in before.items() if key[0] is Kind.JOURNAL_ENTRY}
    behind = {schedule_of(key) for key in entries}
    known = session.lists(Schedules()).known
    keys = {schedule.key for schedule in (*pulled.schedules, *known)}
    transfers = session.journal.transfers(only=[seen.id for key, seen in entries.items() if schedule_of(key) in keys])
    return made_from(
        Given(
            records=pulled.records,
            schedules=pulled.schedules,
            former=tuple(schedule for schedule in known if schedule.key in behind),
            transferred=tuple(_transferred(entries, transfers)),
            items=sold_to(pulled.lists),
            rule=options.recognise,
            opening=session.lists(LedgerLists()).first_open,
            today=session.today,
            say=session.say,
            longest=session.capabilities.number_length,
            home=session.lists(LedgerLists()).home_currency,
        )
    )


def _transferred(
    entries: Mapping[str, Seen], transfers: Mapping[RecordKey, tuple[Transfer, ...]]
) -> Iterator[JournalEntry]:
    """The entries that the ledger has or may have, as they were sent."""
    for (_, key), history in transfers.items():
        last, entry = latest(history), entries[key].record()
        if last.state in SETTLED | OPEN and isinstance(entry, JournalEntry):
            yield entry if last.digest == entries[key].digest else _of_total(entry, last.total)


def _of_total(entry: JournalEntry, total: Decimal | None) -> JournalEntry:
    """An entry whose source changed after its transfer, with the amount that was booked."""
    if not total:
        return entry
    lines = (replace(line, debit=total if line.debit else ZERO, credit=total if line.credit else ZERO)
             for line in entry.lines)  # fmt: skip
    return replace(entry, lines=tuple(lines))


def _as_sent(session: Session, records: dict[RecordKey, Transferable]) -> dict[RecordKey, Transferable]:
    """The records, but as it was what still has to be looked up: it is sought by its name, number or date of then.

    What the source changed of it meanwhile comes with the first pull after that look-up.
    """
    waiting = session.journal.seen(only=session.journal.open().keys() & records.keys())
    return records | {key: seen.record() for key, seen in waiting.items()}


def _seen(
    session: Session,
    before: Mapping[RecordKey, Seen],
    records: Mapping[RecordKey, Transferable],
    problems: Iterable[Problem],
    decided: Mapping[RecordKey, Decided],
) -> dict[RecordKey, Seen]:
    transfers, review = session.journal.transfers(), session.in_force.review
    applies, amends = session.capabilities.applies_later, session.capabilities.amends
    unread = {(p.kind, p.key): p for p in problems if p.kind and p.key}
    after = {key: _missing(seen, unread.get(key)) for key, seen in before.items() if key not in records}
    for key, record in records.items():
        digest = digest_of(record)
        known = before.get(key)
        if known and known.digest != digest and says_the_same(known.record(), record):
            digest = known.digest
        waits = SyncStatus.IN_REVIEW if record.kind in review and ours(record) else SyncStatus.TO_TRANSFER
        begins = decided.get(key, Decided()).status or waits
        status = known.status if known else begins
        booked = settled(transfers.get(key, ()))
        moved = booked is not None and booked.digest != digest and status is SyncStatus.COMPLETED
        if booked and moved and (isinstance(record, Customer) or follows(booked, record, applies, amends)):
            status = waits
        changed = known.changed if known else ""
        if known and known.digest != digest:
            changed = with_differences(changed, known.record(), record)
        after[key] = Seen(
            kind=record.kind,
            key=record.key,
            number=record.number,
            payload=payload_of(record),
            digest=digest,
            status=status,
            reviewed_by=known.reviewed_by if known else "",
            changed=changed,
        )
    return after


def _missing(seen: Seen, why: Problem | None) -> Seen:
    """A record that the pull did not read: it stands in the source and cannot be read, or it is not there."""
    return replace(seen, left_source=why is None, unread=problem_text(why) or "")
