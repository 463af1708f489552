"""Reading and writing the journal; every method that writes is one durable transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Select, Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import URL

from addin.journal import chain, schema, statements
from addin.journal.chain import Break, Walked
from addin.journal.inbound import Decision, Heard, LedgerKey, Proposal
from addin.journal.lease import MARGIN, TERM, Holder, Lease, clock, clocks, current, holding, since
from addin.journal.opening import opened, shown, speaking
from addin.journal.protocol import OUTCOMES, ProtocolBreach, State, may_follow
from addin.journal.questions import Answer, Question, Questions, Topic, standing_read, standing_text
from addin.journal.rows import Event, RecordKey, Run, Seen, Transfer, problem_read, problem_text
from connectors import private
from connectors.disk import refusal, require_file
from connectors.facts import fact
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus, What

SOUGHT = 500
"""Keys asked for in one statement; SQLite takes 32,766 parameters at most, and short statements are kept compiled."""

KINDS = {kind.value: kind for kind in Kind}
STATUSES = {status.value: status for status in SyncStatus}
STATES = {state.value: state for state in State}

COMPANY = "company_id"
"""The memo that says whose journal this is."""

LISTENED = "listened"
"""The memo that says until when the ledger has told its changes (ISO 8601, UTC)."""

LOG_END = "log_end"
"""The memo that says how many lines the log has, and the digest of its last."""


class Journal:
    """One company's journal; ``url`` is a SQLAlchemy URL, made for a file by ``Journal.at``. Raises ``CannotRun``.

    Once a lease is taken, whatever is written counts only while that lease is ours. The log alone is always written:
    it is only ever added to, and what a run did has to be found there even when another took its place.
    """

    def __init__(self, url: str | URL) -> None:
        self._engine = opened(url)
        self._lease: Lease | None = None

    @classmethod
    def at(cls, path: Path) -> Self:
        """The journal in an SQLite file, made if it is not there. Raises ``CannotRun``, also where no file can be."""
        try:
            private.make_folder(path.parent)
            require_file(path)
            private.create(path)
        except OSError as refused:
            raise CannotRun(refusal(refused, path, writing=True)) from refused
        return cls(URL.create("sqlite", database=str(path)))

    def take(self, company: str, ledger: str, holder: Holder) -> None:
        """Take the lease on a company and ledger.

        Raises ``CannotRun``: sync_running while another holds it, journal_foreign where it is another company's.
        """
        lease = Lease(self._engine, ledger, holder)
        lease.take()
        self._lease = lease
        owner = self.kept(COMPANY)
        if owner is None:
            self.keep(COMPANY, company)
        elif owner != company:
            raise CannotRun(Problem(code="journal_foreign", params={"place": shown(self._engine.url)}))

    def running(self, ledger: str) -> Problem:
        """The problem of a ledger that another is working on."""
        return current(self._engine, ledger)

    def at_work(self, ledger: str) -> Problem | None:
        """The problem that another works on a ledger; ``None`` while nobody has its lease."""
        return holding(self._engine, ledger)

    def left(self) -> Callable[[], float]:
        """For how many seconds what departs now may still be sent; asked at any later moment, in any thread."""
        departed = clocks()
        return lambda: TERM - MARGIN - since(departed) if self._lease else inf

    def now(self) -> float:
        """The journal's clock, which every machine shares: seconds."""
        with self._reading() as connection:
            return float(connection.execute(select(clock(connection))).scalar_one())

    def close(self) -> None:
        """Let go of the lease and the database, of this one also where the lease cannot be given back."""
        try:
            if self._lease:
                self._lease.release()
        finally:
            self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with speaking(self._engine), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._lease is None:
            with self._logging() as connection:
                yield connection
            return
        with speaking(self._engine), self._engine.begin() as connection:
            self._lease.confirm(connection)
            yield connection

    @contextmanager
    def _logging(self) -> Iterator[Connection]:
        """Alone, for each line of the log is chained to the one before."""
        with speaking(self._engine), self._engine.execution_options(alone=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('passerelle.log'))")
            yield connection

    def seen(self, only: Collection[RecordKey] | None = None) -> dict[RecordKey, Seen]:
        """Every record ever pulled, as last pulled, or some of them."""
        with self._reading() as connection:
            rows = _rows(connection, statements.SEEN, statements.SOME_SEEN, only)
            return {seen.id: seen for seen in map(_seen, rows)}

    def pulled(self) -> bool:
        """Whether anything was ever pulled."""
        with self._reading() as connection:
            return connection.execute(statements.ANYTHING).first() is not None

    def numbers(self) -> dict[RecordKey, str]:
        """The number of every record that the source has, or the ledger: what left the source unbooked carries none."""
        with self._reading() as connection:
            return {(KINDS[kind], key): number for kind, key, number in connection.execute(statements.NUMBERS)}

    def awake(self) -> tuple[RecordKey, ...]:
        """The accounts, and the records of which a sync may have something to do or to say.

        At rest is what the ledger has just as it was last pulled, what the source did not cancel or delete since, and
        what nobody began to undo.
        """
        with self._reading() as connection:
            rows = connection.execute(statements.AWAKE)
            return tuple(dict.fromkeys((KINDS[kind], key) for kind, key in rows))

    def see(self, records: Iterable[Seen]) -> None:
        """Remember records as they now are."""
        with self._writing() as connection:
            _upsert(connection, schema.seen, [asdict(record) for record in records])

    def transfers(self, only: Collection[RecordKey] | None = None) -> dict[RecordKey, tuple[Transfer, ...]]:
        """Every generation, in order, of every record that was ever on its way, or of some of them."""
        histories: dict[RecordKey, tuple[Transfer, ...]] = {}
        with self._reading() as connection:
            for transfer in map(_transfer, _rows(connection, statements.TRANSFERS, statements.SOME_TRANSFERS, only)):
                histories[transfer.id] = (*histories.get(transfer.id, ()), transfer)
        return histories

    def open(self) -> dict[RecordKey, tuple[Transfer, ...]]:
        """The histories that hold a transfer whose answer never arrived."""
        return self._histories(statements.UNANSWERED)

    def untold(self) -> list[Transfer]:
        """The latest transfers of which the source was not told what became of them."""
        waiting = self._histories(statements.UNTOLD).values()
        latest = (history[-1] for history in waiting)
        return [transfer for transfer in latest if not transfer.told_source and transfer.state in OUTCOMES]

    def moved_by(self, run: int) -> dict[RecordKey, tuple[Transfer, ...]]:
        """The histories that hold a transfer that a run was the last to move."""
        return self._histories(statements.MOVED.params(run=run))

    def last_mover(self) -> int:
        """The last run that moved a transfer; 0 where none ever did."""
        with self._reading() as connection:
            return connection.execute(statements.LAST_MOVER).scalar() or 0

    def _histories(self, holding: Select[Any]) -> dict[RecordKey, tuple[Transfer, ...]]:
        with self._reading() as connection:
            rows: Sequence[Sequence[Any]] = connection.execute(holding).all()
        return self.transfers({(KINDS[kind], record) for kind, record in rows})

    def write(self, transfers: Collection[Transfer]) -> None:
        """Make transfers durable as they now stand: intents before anything leaves, outcomes after.

        Raises ``ProtocolBreach`` when the protocol does not lead from what is there to what is to be written.
        """
        if not transfers:
            return
        rows = [
            {
                **{name: getattr(transfer, name) for name in statements.TRANSFER_FIELDS},
                "total": None if transfer.total is None else str(transfer.total),
                "problem": problem_text(transfer.problem),
            }
            for transfer in transfers
        ]
        with self._writing() as connection:
            _allowed(connection, transfers)
            _upsert(connection, schema.transfer, rows, ("kind", "record", "generation"))
        for transfer in transfers:
            _tell(transfer)

    def held(self, ledger_ids: Collection[str]) -> dict[RecordKey, tuple[Transfer, ...]]:
        """The histories of the records that the ledger has, or had, under one of these ids or our keys."""
        table, asked = schema.transfer.c, sorted(set(ledger_ids))
        found: dict[RecordKey, tuple[Transfer, ...]] = {}
        for start in range(0, len(asked), SOUGHT):
            some = asked[start : start + SOUGHT]
            named = or_(table.ledger_id.in_(some), table.key.in_(some))
            found |= self._histories(select(table.kind, table.record).where(named))
        return found

    def heard(self, ids: Collection[LedgerKey]) -> dict[LedgerKey, Heard]:
        """What the ledger last told of some of its records."""
        found: dict[LedgerKey, Heard] = {}
        with self._reading() as connection:
            for kind, ledger_id, told in _rows(connection, statements.HEARD, statements.SOME_HEARD, ids):
                found[KINDS[kind], ledger_id] = Heard(kind=KINDS[kind], ledger_id=ledger_id, told=told)
        return found

    def proposals(self) -> dict[str, Proposal]:
        """Everything the ledger ever proposed, by key, in the order of their keys."""
        with self._reading() as connection:
            found = [_proposal(row) for row in connection.execute(statements.PROPOSALS).mappings()]
        return {proposal.key: proposal for proposal in found}

    def strangers(self) -> tuple[Proposal, ...]:
        """What people made in the ledger, that the source does not have and nobody has decided on."""
        with self._reading() as connection:
            return tuple(map(_proposal, connection.execute(statements.STRANGERS).mappings()))

    def undecided(self) -> frozenset[RecordKey]:
        """The records of ours of which a proposal waits for a decision."""
        with self._reading() as connection:
            return frozenset((KINDS[kind], record) for kind, record in connection.execute(statements.UNDECIDED))

    def hear(
        self, proposals: Iterable[Proposal], heard: Iterable[Heard] = (), gone: Iterable[Proposal] = (), until: str = ""
    ) -> None:
        """Remember proposals as they now are, what was heard, that some are no more, and until when was listened."""
        with self._writing() as connection:
            for each in gone:
                table = schema.proposal.c
                own = and_(table.kind == each.kind, table.ledger_id == each.ledger_id, table.field == each.field)
                connection.execute(delete(schema.proposal).where(own))
            _upsert(connection, schema.proposal, [asdict(proposal) for proposal in proposals])
            _upsert(connection, schema.heard, [asdict(each) for each in heard])
            if until:
                _upsert(connection, schema.memo, [{"name": LISTENED, "value": until}])

    def questions(self) -> Questions:
        """Everything that a person was ever asked about, answered or not."""
        with self._reading() as connection:
            rows = connection.execute(statements.QUESTIONS).mappings()
            return Questions.of(map(_question, rows))

    def ask(self, questions: Iterable[Question], over: Iterable[Question] = ()) -> None:
        """Remember questions as they now are, and forget some that are not asked any more."""
        table = schema.question.c
        rows = [{**asdict(each), "standing": standing_text(each.standing)} for each in questions]
        gone = [and_(table.kind == e.kind, table.record == e.record, table.topic == e.topic, table.about == e.about)
                for e in over]  # fmt: skip
        if not rows and not gone:
            return
        with self._writing() as connection:
            for own in gone:
                connection.execute(delete(schema.question).where(own))
            _upsert(connection, schema.question, rows)

    def start(self, command: str, who: str) -> Run:
        """Open a run."""
        now = datetime.now(UTC)
        with self._logging() as connection:
            made = connection.execute(insert(schema.run).values(command=command, who=who, started=now))
            assert made.inserted_primary_key is not None
            return Run(id=made.inserted_primary_key[0], command=command, who=who, started=now)

    def finish(self, run: Run, events: Iterable[Event]) -> None:
        """Close a run with the lines of its log."""
        with self._logging() as connection:
            _chain(connection, events)
            connection.execute(update(schema.run).where(schema.run.c.id == run.id).values(ended=datetime.now(UTC)))

    def append(self, events: Iterable[Event]) -> None:
        """Add lines to the log at once: what a person did is there whatever happens to the rest of the run."""
        with self._logging() as connection:
            _chain(connection, events)

    def confirm(self, event: Event) -> None:
        """Take the log, as it now stands, for right: a line that says so, and from which it is read on."""
        with self._logging() as connection:
            walked = chain.walk(connection.execute(select(schema.event).order_by(schema.event.c.id)).mappings())
            value = f"{walked.lines} {walked.end}"
            _upsert(connection, schema.memo, [{"name": LOG_END, "value": value}])
            _chain(connection, [replace(event, action=chain.CONFIRMED, content=walked.said)])

    def walked(self, after: int = 0, end: str = "") -> Walked:
        """The log, or what comes after so many lines of it, with the first sign that it was changed around us."""
        with self._reading() as connection:
            told = connection.scalar(statements.MEMO, {"of": LOG_END})
            walked = chain.walk(connection.execute(statements.LOG, {"after": after}).mappings(), after, end)
        cut = walked.broken is None and (told or "0 ") != f"{walked.lines} {walked.end}"
        return replace(walked, broken=Break()) if cut else walked

    def has_line(self, number: int, digest: str) -> bool:
        """Whether the log's line of this number, from 1, ends in this digest."""
        with self._reading() as connection:
            return number < 1 or connection.scalar(statements.LINE, {"before": number - 1}) == digest

    def log_end(self) -> str:
        """How many lines the log has, and the digest of the last, as last written."""
        return self.kept(LOG_END) or ""

    def last_of(self, *actions: str, confirmed: bool = False) -> dict[tuple[str, str], Event]:
        """The last line of each record, or of what else has a key, of those of some actions, by kind and key.

        With ``confirmed``, what was logged before an administrator last confirmed the log counts no more.
        """
        query = statements.LAST_SINCE_CONFIRMED if confirmed else statements.LAST
        with self._reading() as connection:
            rows = connection.execute(query, {"actions": actions}).mappings()
            return {(row["kind"], row["key"]): _event(row) for row in rows}

    def last_act(self, action: str) -> Event | None:
        """The last line of an action that was done, and not refused; confirmed since or not."""
        with self._reading() as connection:
            row = connection.execute(statements.LAST_ACT, {"of": action}).mappings().first()
        return _event(row) if row else None

    def noted(self) -> dict[tuple[str, str], str]:
        """What stood in the sheet when it was last read, by scope and key."""
        with self._reading() as connection:
            return {(scope, key): value for scope, key, value in connection.execute(statements.TYPED)}

    def note(self, noted: Mapping[tuple[str, str], str]) -> None:
        """Remember what stands in the sheet now."""
        rows = [{"scope": scope, "key": key, "value": value} for (scope, key), value in noted.items()]
        with self._writing() as connection:
            _upsert(connection, schema.typed, rows)

    def runs(self, most: int | None, command: str = "") -> list[Run]:
        """The last runs, of one use case or of all, newest first."""
        query = select(schema.run).order_by(schema.run.c.id.desc()).limit(most)
        if command:
            query = query.where(schema.run.c.command == command)
        with self._reading() as connection:
            return [Run(**row) for row in connection.execute(query).mappings()]

    def states(self, run: int | None = None) -> dict[tuple[Kind, State], int]:
        """How many transfers of each kind stand where; of all of them, or of those that one run last moved."""
        kind, state = schema.transfer.c.kind, schema.transfer.c.state
        query = select(kind, state, func.count()).group_by(kind, state)
        if run is not None:
            query = query.where(schema.transfer.c.run == run)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return {(KINDS[kind], STATES[state]): count for kind, state, count in rows}

    def statuses(self) -> dict[tuple[Kind, SyncStatus], int]:
        """How many records of each kind have which status."""
        kind, status = schema.seen.c.kind, schema.seen.c.status
        with self._reading() as connection:
            rows = connection.execute(select(kind, status, func.count()).group_by(kind, status)).all()
        return {(KINDS[kind], STATUSES[status]): count for kind, status, count in rows}

    def events(self, most: int | None, run: int | None = None) -> list[Event]:
        """The last lines of the log, of one run or of all, newest first."""
        query = select(schema.event).order_by(schema.event.c.id.desc()).limit(most)
        if run is not None:
            query = query.where(schema.event.c.run == run)
        with self._reading() as connection:
            return [_event(row) for row in connection.execute(query).mappings()]

    def last(self, command: str) -> datetime | None:
        """When a use case last ended (UTC)."""
        with self._reading() as connection:
            ended: datetime | None = connection.execute(statements.LAST_RUN, {"of": command}).scalar()
            return ended

    def keep(self, name: str, value: str) -> None:
        """Remember one text under a name."""
        with self._writing() as connection:
            _upsert(connection, schema.memo, [{"name": name, "value": value}])

    def kept(self, name: str) -> str | None:
        """The text kept under a name."""
        with self._reading() as connection:
            value: str | None = connection.execute(statements.MEMO, {"of": name}).scalar()
            return value


def _proposal(row: Mapping[Any, Any]) -> Proposal:
    kinds = {"kind": KINDS[row["kind"]], "what": What(row["what"]), "decision": Decision(row["decision"])}
    return Proposal(**{**row, **kinds})


def _question(row: Mapping[Any, Any]) -> Question:
    answer = None if row["answer"] is None else Answer(row["answer"])
    known = {"kind": KINDS[row["kind"]], "topic": Topic(row["topic"]), "answer": answer}
    return Question(**{**row, **known, "standing": standing_read(row["standing"])})


def _event(row: Mapping[Any, Any]) -> Event:
    values = {field.name: row[field.name] for field in fields(Event)}
    return Event(**{**values, "problem": problem_read(row["problem"])})


def _chain(connection: Connection, events: Iterable[Event]) -> None:
    """Add lines to the log, each chained to the one before; the caller is alone."""
    told = connection.scalar(statements.MEMO, {"of": LOG_END}) or "0 "
    end, lines = connection.scalar(statements.LAST_LINE) or "", []
    for event in events:
        line = {**asdict(event), "problem": problem_text(event.problem)}
        end = chain.link(end, line)
        lines.append({**line, "chain": end})
    if lines:
        connection.execute(insert(schema.event), lines)
        count = int(told.partition(" ")[0]) + len(lines)
        _upsert(connection, schema.memo, [{"name": LOG_END, "value": f"{count} {end}"}])


def _tell(transfer: Transfer) -> None:
    fact(
        "transfer",
        run=transfer.run,
        kind=transfer.kind,
        number=transfer.number,
        key=transfer.key,
        action=transfer.action,
        state=transfer.state,
        ledger_id=transfer.ledger_id,
        problem=transfer.problem.code if transfer.problem else "",
    )


def _rows(
    connection: Connection, every: Select[Any], some: Select[Any], only: Collection[RecordKey] | None
) -> Iterator[Sequence[Any]]:
    """The rows of some records, by as many statements as they take; of all where none are named."""
    if only is None:
        yield from connection.execute(every)
        return
    by_kind: dict[Kind, list[str]] = {}
    for each, record in only:
        by_kind.setdefault(each, []).append(record)
    for each, keys in by_kind.items():
        for start in range(0, len(keys), SOUGHT):
            yield from connection.execute(some, {"of": each, "keys": keys[start : start + SOUGHT]})


def _allowed(connection: Connection, transfers: Collection[Transfer]) -> None:
    """Hold what is to be written against what is there, within the transaction that writes."""
    states: dict[str, State] = {}
    keys = [transfer.key for transfer in transfers]
    for start in range(0, len(keys), SOUGHT):
        sought = {"keys": keys[start : start + SOUGHT]}
        states |= {key: State(state) for key, state in connection.execute(statements.STATES, sought)}
    for transfer in transfers:
        before = states.get(transfer.key)
        if not may_follow(before, transfer.state):
            raise ProtocolBreach(f"{transfer.kind} {transfer.record}: {before} → {transfer.state}")


def _upsert(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], conflict: tuple[str, ...] = ()
) -> None:
    if not rows:
        return
    keys = conflict or tuple(column.name for column in table.primary_key)
    connection.execute(statements.upsert(connection.dialect.name, table, tuple(rows[0]), keys), rows)


def _seen(row: Sequence[Any]) -> Seen:
    values = dict(zip(statements.SEEN_FIELDS, row, strict=True))
    values["kind"], values["status"] = KINDS[values["kind"]], STATUSES[values["status"]]
    return Seen(**values)


def _transfer(row: Sequence[Any]) -> Transfer:
    values = dict(zip(statements.TRANSFER_FIELDS, row, strict=True))
    values["kind"], values["state"] = KINDS[values["kind"]], STATES[values["state"]]
    if values["total"] is not None:
        values["total"] = Decimal(values["total"])
    if values["problem"] is not None:
        values["problem"] = problem_read(values["problem"])
    return Transfer(**values)
