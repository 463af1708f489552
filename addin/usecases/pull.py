"""Pull: source → records → journal → rows; what the accountant typed stays."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from addin.journal import RecordKey, Seen
from addin.journal.rows import digest_of, payload_of, problem_text, says_the_same, settled
from addin.session import Session, placed
from addin.sync import accepted, deliver
from addin.sync.case import ours
from addin.sync.deferral import Schedules, entries, schedule_of
from addin.sync.plan import plan
from addin.sync.refused import mended
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
from connectors.records import Customer, Document, Kind, SyncStatus, Transferable
from connectors.source import Pulled
from workbook.review import read

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
    problems = [*pulled.problems, *unreachable]
    records = _as_sent(session, _with_entries(pulled, session.capabilities.number_length))
    review = read(session.book)
    options, _ = session.options(review.settings)
    before = session.journal.seen()
    session.notice(review)
    after = _seen(session, before, records, (*pulled.problems, *pulled.unread))
    # Before the records: none of them may leave without what is known to be deferred of it.
    session.keep_lists(_schedules(session, pulled, after))
    session.journal.see(seen for key, seen in after.items() if before.get(key) != seen)
    session.keep_lists(pulled.lists)
    accepted.keep(session.journal, accepted.not_shown(accepted.kept(session.journal), records))
    new = pull_rows(session, review, before, after, records, options)
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


def _with_entries(pulled: Pulled, longest: int | None) -> dict[RecordKey, Transferable]:
    records: dict[RecordKey, Transferable] = {(record.kind, record.key): record for record in pulled.records}
    documents = {record.key: record for record in pulled.records if isinstance(record, Document)}
    for schedule in pulled.schedules:
        if schedule.invoice in documents:
            for entry in entries(schedule, documents[schedule.invoice], longest):
                records[entry.kind, entry.key] = entry
    return records


def _as_sent(session: Session, records: dict[RecordKey, Transferable]) -> dict[RecordKey, Transferable]:
    """The records, but as it was what still has to be looked up: it is sought by its name, number or date of then.

    What the source changed of it meanwhile comes with the first pull after that look-up.
    """
    waiting = session.journal.seen(only=session.journal.open().keys() & records.keys())
    return records | {key: seen.record() for key, seen in waiting.items()}


def _schedules(session: Session, pulled: Pulled, after: Mapping[RecordKey, Seen]) -> Schedules:
    """Those of the source, and those that left it after entries were made from them: what was made may still leave."""
    made = {schedule_of(key) for kind, key in after if kind is Kind.JOURNAL_ENTRY}
    now = {schedule.key for schedule in pulled.schedules}
    before = session.lists(Schedules()).known
    return Schedules((*pulled.schedules, *(each for each in before if each.key in made - now)))


def _seen(
    session: Session,
    before: Mapping[RecordKey, Seen],
    records: Mapping[RecordKey, Transferable],
    problems: Iterable[Problem],
) -> dict[RecordKey, Seen]:
    transfers, review = session.journal.transfers(), session.in_force.review
    unread = {(p.kind, p.key): p for p in problems if p.kind and p.key}
    after = {key: _missing(seen, unread.get(key)) for key, seen in before.items() if key not in records}
    for key, record in records.items():
        digest = digest_of(record)
        known = before.get(key)
        if known and known.digest != digest and says_the_same(known.record(), record):
            digest = known.digest
        waits = SyncStatus.IN_REVIEW if record.kind in review and ours(record) else SyncStatus.TO_TRANSFER
        status = known.status if known else waits
        booked = settled(transfers.get(key, ()))
        if isinstance(record, Customer) and booked and booked.digest != digest and status is SyncStatus.COMPLETED:
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
