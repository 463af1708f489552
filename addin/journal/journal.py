"""Reading and writing the journal; every method that writes is one durable transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Select, Table, func, insert, select, update
from sqlalchemy.engine import URL

from addin.journal import schema
from addin.journal.lease import MARGIN, TERM, Holder, Lease, clock, clocks, current, since
from addin.journal.opening import opened, shown, speaking
from addin.journal.protocol import OPEN, ProtocolBreach, State, may_follow
from addin.journal.rows import Event, RecordKey, Run, Seen, Transfer, problem_read, problem_text
from connectors.problems import CannotRun, Problem
from connectors.records import Kind, SyncStatus

SOUGHT = 500
"""Keys asked for in one statement; SQLite takes 32,766 parameters at most, and short statements are kept compiled."""

AT_A_TIME = 5_000
"""Rows read at a time: all of a large company's at once would be in memory twice."""

SEEN = tuple(field.name for field in fields(Seen))
TRANSFER = tuple(field.name for field in fields(Transfer))
KINDS = {kind.value: kind for kind in Kind}
STATUSES = {status.value: status for status in SyncStatus}
STATES = {state.value: state for state in State}

COMPANY = "company_id"
"""The memo that says whose journal this is."""


class Journal:
    """One company's journal; ``url`` is a SQLAlchemy URL, made for a file by ``Journal.at``. Raises ``CannotRun``.

    Once a lease is taken, whatever is written counts only while that lease is ours. The log alone is always written:
    it is only ever added to, and what a run did has to be found there even when another took its place.
    """

    def __init__(self, url: str | URL) -> None:
        self._engine = opened(url)
        self._lease: Lease | None = None
        self._departed = clocks()

    @classmethod
    def at(cls, path: Path) -> Self:
        """The journal in an SQLite file, made if it is not there."""
        path.parent.mkdir(parents=True, exist_ok=True)
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

    def departure(self) -> float:
        """The time that intents are about to carry; what they announce has to be sent soon after."""
        self._departed = clocks()
        return self.now()

    def in_time(self) -> None:
        """Be soon enough after the departure to send. Raises ``CannotRun`` (lease_lost): it is looked up later."""
        if self._lease and since(self._departed) > TERM - MARGIN:
            with self._reading() as connection:
                raise CannotRun(self._lease.lost(connection))

    def now(self) -> float:
        """The journal's clock, which every machine shares: seconds."""
        with self._reading() as connection:
            return float(connection.execute(select(clock(connection))).scalar_one())

    def close(self) -> None:
        """Let go of the lease and the database."""
        if self._lease:
            self._lease.release()
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
        with speaking(self._engine), self._engine.begin() as connection:
            yield connection

    def seen(self, only: Collection[RecordKey] | None = None) -> dict[RecordKey, Seen]:
        """Every record ever pulled, as last pulled, or some of them."""
        query = select(*(schema.seen.c[name] for name in SEEN)).execution_options(yield_per=AT_A_TIME)
        if only is not None:
            query = query.where(schema.seen.c.key.in_({key for _, key in only}))
        with self._reading() as connection:
            found = map(_seen, connection.execute(query))
            return {seen.id: seen for seen in found if only is None or seen.id in only}

    def see(self, records: Iterable[Seen]) -> None:
        """Remember records as they now are."""
        with self._writing() as connection:
            _upsert(connection, schema.seen, [asdict(record) for record in records])

    def transfers(self) -> dict[RecordKey, tuple[Transfer, ...]]:
        """Every generation, in order, of every record that was ever on its way."""
        return self._histories(_all_transfers())

    def open(self) -> dict[RecordKey, tuple[Transfer, ...]]:
        """The histories that hold a transfer whose answer never arrived."""
        waiting = select(schema.transfer.c.record).where(schema.transfer.c.state.in_(OPEN))
        histories = self._histories(_all_transfers().where(schema.transfer.c.record.in_(waiting)))
        return {key: history for key, history in histories.items() if any(each.state in OPEN for each in history)}

    def _histories(self, query: Select[Any]) -> dict[RecordKey, tuple[Transfer, ...]]:
        query = query.order_by(schema.transfer.c.generation).execution_options(yield_per=AT_A_TIME)
        histories: dict[RecordKey, tuple[Transfer, ...]] = {}
        with self._reading() as connection:
            for transfer in map(_transfer, connection.execute(query)):
                histories[transfer.id] = (*histories.get(transfer.id, ()), transfer)
        return histories

    def write(self, transfers: Collection[Transfer]) -> None:
        """Make transfers durable as they now stand: intents before anything leaves, outcomes after.

        Raises ``ProtocolBreach`` when the protocol does not lead from what is there to what is to be written.
        """
        if not transfers:
            return
        rows = [
            {
                **asdict(transfer),
                "total": None if transfer.total is None else str(transfer.total),
                "problem": problem_text(transfer.problem),
            }
            for transfer in transfers
        ]
        with self._writing() as connection:
            _allowed(connection, transfers)
            _upsert(connection, schema.transfer, rows, ("kind", "record", "generation"))

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
            lines = [asdict(line) for line in events]
            if lines:
                connection.execute(insert(schema.event), lines)
            connection.execute(update(schema.run).where(schema.run.c.id == run.id).values(ended=datetime.now(UTC)))

    def events(self, most: int) -> list[Event]:
        """The last lines of the log, newest first."""
        query = select(schema.event).order_by(schema.event.c.id.desc()).limit(most)
        with self._reading() as connection:
            names = {field.name for field in fields(Event)}
            return [
                Event(**{name: value for name, value in row.items() if name in names})
                for row in connection.execute(query).mappings()
            ]

    def last(self, command: str) -> datetime | None:
        """When a use case last ended (UTC)."""
        query = select(func.max(schema.run.c.ended)).where(schema.run.c.command == command)
        with self._reading() as connection:
            ended: datetime | None = connection.execute(query).scalar()
            return ended

    def keep(self, name: str, value: str) -> None:
        """Remember one text under a name."""
        with self._writing() as connection:
            _upsert(connection, schema.memo, [{"name": name, "value": value}])

    def kept(self, name: str) -> str | None:
        """The text kept under a name."""
        with self._reading() as connection:
            value: str | None = connection.execute(
                select(schema.memo.c.value).where(schema.memo.c.name == name)
            ).scalar()
            return value


def _all_transfers() -> Select[Any]:
    return select(*(schema.transfer.c[name] for name in TRANSFER))


def _allowed(connection: Connection, transfers: Collection[Transfer]) -> None:
    """Hold what is to be written against what is there, within the transaction that writes."""
    states: dict[str, State] = {}
    keys = [transfer.key for transfer in transfers]
    for start in range(0, len(keys), SOUGHT):
        sought = schema.transfer.c.key.in_(keys[start : start + SOUGHT])
        query = select(schema.transfer.c.key, schema.transfer.c.state).where(sought)
        states |= {key: State(state) for key, state in connection.execute(query)}
    for transfer in transfers:
        before = states.get(transfer.key)
        if not may_follow(before, transfer.state):
            raise ProtocolBreach(f"{transfer.kind} {transfer.record}: {before} → {transfer.state}")


def _upsert(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], conflict: tuple[str, ...] = ()
) -> None:
    if not rows:
        return
    # Only the dialect in use: importing the other costs a ribbon button a tenth of a second.
    statement = import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
    keys = conflict or tuple(column.name for column in table.primary_key)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def _seen(row: Sequence[Any]) -> Seen:
    values = dict(zip(SEEN, row, strict=True))
    values["kind"], values["status"] = KINDS[values["kind"]], STATUSES[values["status"]]
    return Seen(**values)


def _transfer(row: Sequence[Any]) -> Transfer:
    values = dict(zip(TRANSFER, row, strict=True))
    values["kind"], values["state"] = KINDS[values["kind"]], STATES[values["state"]]
    if values["total"] is not None:
        values["total"] = Decimal(values["total"])
    if values["problem"] is not None:
        values["problem"] = problem_read(values["problem"])
    return Transfer(**values)
