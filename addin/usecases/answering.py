"""What a person answers about records that wait: it is the same one, a second one, or right as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from addin.journal import Answer, Question, RecordKey, Topic
from addin.journal.inbound import Decision
from addin.journal.protocol import next_generation
from addin.session import Session
from addin.sync.case import Case
from addin.sync.checks.booked import asked
from addin.sync.checks.resembling import resembled, to_confirm
from addin.sync.checks.source_order import days_are_near
from addin.sync.enquiry import looked_for
from addin.sync.statuses import transfer_by_hand
from addin.usecases.check import check
from addin.usecases.connect import show_connection
from addin.usecases.report import Report, by_kind
from addin.usecases.undo import Chosen
from connectors.ledger import Standing
from connectors.records import Kind, SyncStatus
from workbook.book import RowKey
from workbook.layout import Table
from workbook.row_keys import keyed
from workbook.rows import Cells, table_of

SELECTED = Chosen()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A record that is asked about, and everything it is held against."""

    key: RecordKey
    questions: tuple[Question, ...]

    @property
    def like(self) -> tuple[Kind, tuple[str, ...]]:
        """What records have in common that may be answered alike: the kind, and why they are asked about."""
        return self.key[0], tuple(sorted({question.rule for question in self.questions}))


def same_one(session: Session, chosen: Chosen = SELECTED, all_like_it: bool = False) -> Report:
    """Take the document that the ledger has as the transfer of each record chosen. Raises ``CannotRun``.

    It is looked up once more first. Where several are like a record, none is taken: its reference is typed. What the
    source has twice is marked Do Not Sync.
    """
    with session.profile.open_ledger() as ledger:
        show_connection(session, ledger.connect())
        case, _ = session.case(ledger)
        case = looked_for(case, session.books(ledger), session.journal, case.candidates)
    one = [each for each in _meant(session, case, chosen, all_like_it) if len(each.questions) == 1]
    there = {each.key: each.questions[0].standing for each in one}
    ledgers = {key: standing for key, standing in there.items() if standing}
    free = [key for key in ledgers if [s.ledger_id for s in ledgers.values()].count(ledgers[key].ledger_id) == 1]
    _adopt(session, case, {key: ledgers[key] for key in free})
    _leave_out(session, case, [key for key, standing in there.items() if standing is None])
    _keep(session, [q for each in one for q in each.questions if each.key in free or q.standing is None], Answer.SAME)
    return _told(session, "same_one", [key for key in there if key in free or there[key] is None])


def second_one(session: Session, chosen: Chosen = SELECTED, all_like_it: bool = False) -> Report:
    """Say that the records chosen are others than what the ledger or the source has like them. Raises ``CannotRun``."""
    case, _ = session.case()
    meant = _meant(session, case, chosen, all_like_it)
    _keep(session, [question for each in meant for question in each.questions], Answer.SECOND)
    return _told(session, "second_one", [each.key for each in meant])


def alike(session: Session, chosen: Chosen = SELECTED) -> Report:
    """How many more records are asked about as those chosen are. Raises ``CannotRun``."""
    case, _ = session.case()
    more = len(_meant(session, case, chosen, all_like_it=True)) - len(_meant(session, case, chosen, all_like_it=False))
    return Report(run=session.run.id, facts={"alike": more})


def confirm(session: Session, chosen: Chosen = SELECTED) -> Report:
    """Confirm links of the records chosen, that accounts are new, that others may leave as last read.

    Raises ``CannotRun``.
    """
    case, _ = session.case()
    meant, alike = chosen.of(session, case), resembled(case)
    asked = [question for key in meant for question in _to_confirm(case, key)]
    asked += [to_confirm(key[1], alike[key[1]]) for key in meant if key[0] is Kind.CUSTOMER and key[1] in alike]
    _keep(session, asked, Answer.YES)
    return _told(session, "confirm", list(dict.fromkeys(question.id for question in asked)))


def _meant(session: Session, case: Case, chosen: Chosen, all_like_it: bool) -> list[Waiting]:
    """The records chosen that something is asked about, and with them all those that are asked about alike."""
    found: dict[RecordKey, list[Question]] = {}
    for question in asked(case):
        found.setdefault(question.id, []).append(question)
    waiting = {key: Waiting(key=key, questions=tuple(questions)) for key, questions in found.items()}
    meant = [waiting[key] for key in chosen.of(session, case) if key in waiting]
    if not all_like_it:
        return meant
    alike = {each.like for each in meant}
    return [each for each in waiting.values() if each.like in alike]


def _to_confirm(case: Case, key: RecordKey) -> Iterator[Question]:
    """What waits for a yes: a link, a customer that is shared, what was not read again, a day that is far ahead."""
    finding, seen = case.findings.get(key), case.seen[key]
    if finding and finding.question:
        yield finding.question
    linked = case.settled(key)
    reference = finding.question.about if finding and finding.question else linked.ledger_id if linked else ""
    if key[0] is Kind.CUSTOMER and reference and _shared(case, key[1], reference):
        yield Question(kind=key[0], record=key[1], topic=Topic.SHARE, about=reference)
    if key in case.candidates and (seen.left_source or seen.unread):
        yield Question(kind=key[0], record=key[1], topic=Topic.ONCE, about=seen.digest)
    day = next((p.params["date"] for p in days_are_near(case) if (p.kind, p.key) == key), None)
    if day:
        yield Question(kind=key[0], record=key[1], topic=Topic.DAY, about=day)


def _shared(case: Case, account: str, reference: str) -> bool:
    """Whether another account is linked to a customer of the ledger, or is about to be."""
    for other in case.customers:
        linked, finding = case.settled((Kind.CUSTOMER, other)), case.findings.get((Kind.CUSTOMER, other))
        about = finding.question.about if finding and finding.question else linked.ledger_id if linked else ""
        if other != account and about == reference:
            return True
    return False


def _adopt(session: Session, case: Case, there: Mapping[RecordKey, Standing]) -> None:
    """Keep documents of the ledger as the transfers of records; what was proposed of them is settled by that."""
    adopted = []
    for key, standing in there.items():
        history = case.transfers.get(key, ())
        generation = next_generation(history[-1].state, history[-1].generation) if history else 0
        adopted.append(transfer_by_hand(case.seen[key], session.judge, standing, generation))
    session.journal.write(adopted)
    ids = {transfer.ledger_id for transfer in adopted}
    settled = [replace(each, decision=Decision.IGNORED) for each in case.strangers if each.ledger_id in ids]
    session.journal.hear(settled)
    session.remember(case.seen, dict.fromkeys(there, SyncStatus.COMPLETED), session.who)
    _write(session, case, {t.id: {"reference": t.shown, "status": _caption(session, SyncStatus.COMPLETED)}
                           for t in adopted})  # fmt: skip


def _leave_out(session: Session, case: Case, keys: Iterable[RecordKey]) -> None:
    """Mark what the source has twice Do Not Sync."""
    cells: Cells = {"status": _caption(session, SyncStatus.DO_NOT_SYNC)}
    _write(session, case, dict.fromkeys(keys, cells))


def _caption(session: Session, status: SyncStatus) -> str:
    return session.names({}).choice("status", status)


def _write(session: Session, case: Case, cells: Mapping[RecordKey, Cells]) -> None:
    changes: dict[str, tuple[Table, dict[RowKey, Cells]]] = {}
    for key, values in cells.items():
        table = table_of(key[0])
        rows = case.review.rows[key].rows if key in case.review.rows else ()
        changes.setdefault(table.name, (table, {}))[1].update({row: values for row, _ in keyed(table, rows)})
    for table, rows_of in changes.values():
        session.book.write(table, rows_of)


def _keep(session: Session, questions: Iterable[Question], answer: Answer) -> None:
    """Keep an answer for good, with who gave it and when."""
    now = datetime.now(UTC)
    session.journal.ask([question.answered(answer, session.who, now) for question in questions])


def _told(session: Session, action: str, keys: Sequence[RecordKey]) -> Report:
    """Check anew and say what is left, once the answers are kept."""
    checked = check(session)
    numbers = session.journal.numbers()
    for kind, key in keys:
        session.log(action, "done", kind=kind, number=numbers.get((kind, key), ""))
    session.book.save()
    return Report(
        run=session.run.id,
        counts={"answered": by_kind(kind for kind, _ in keys)},
        problems=checked.problems,
    )
