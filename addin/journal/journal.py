"""Reading and writing the journal; every method that writes is one durable transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, Table, create_engine, event, func, insert, select, update
from sqlalchemy.engine import URL

from addin.journal import schema
from addin.journal.rows import Event, RecordKey, Run, Seen, State, Transfer, problem_read, problem_text
from connectors.records import Kind, SyncStatus


class Journal:
    """One company's journal; ``url`` is a SQLAlchemy URL, made for a file by ``Journal.at``."""

    def __init__(self, url: str | URL) -> None:
        self._engine = create_engine(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _durable)
        schema.metadata.create_all(self._engine)

    @classmethod
    def at(cls, path: Path) -> Self:
        """The journal in an SQLite file, made if it is not there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(URL.create("sqlite", database=str(path)))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def seen(self) -> dict[RecordKey, Seen]:
        """Every record ever pulled, as last pulled."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(schema.seen)).mappings()
            return {seen.id: seen for seen in map(_seen, rows)}

    def see(self, records: Iterable[Seen]) -> None:
        """Remember records as they now are."""
        with self._engine.begin() as connection:
            _upsert(connection, schema.seen, [asdict(record) for record in records])

    def transfers(self) -> dict[RecordKey, tuple[Transfer, ...]]:
        """Every generation, in order, of every record that was ever on its way."""
        query = select(schema.transfer).order_by(schema.transfer.c.generation)
        histories: dict[RecordKey, tuple[Transfer, ...]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                transfer = _transfer(row)
                histories[transfer.id] = (*histories.get(transfer.id, ()), transfer)
        return histories

    def write(self, transfers: Sequence[Transfer]) -> None:
        """Make transfers durable as they now stand: intents before anything leaves, outcomes after."""
        rows = [
            {
                **asdict(transfer),
                "total": None if transfer.total is None else str(transfer.total),
                "problem": problem_text(transfer.problem),
            }
            for transfer in transfers
        ]
        with self._engine.begin() as connection:
            _upsert(connection, schema.transfer, rows, ("kind", "record", "generation"))

    def start(self, command: str, who: str) -> Run:
        """Open a run."""
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            made = connection.execute(insert(schema.run).values(command=command, who=who, started=now))
            assert made.inserted_primary_key is not None
            return Run(id=made.inserted_primary_key[0], command=command, who=who, started=now)

    def finish(self, run: Run, events: Iterable[Event]) -> None:
        """Close a run with the lines of its log."""
        with self._engine.begin() as connection:
            lines = [asdict(line) for line in events]
            if lines:
                connection.execute(insert(schema.event), lines)
            connection.execute(update(schema.run).where(schema.run.c.id == run.id).values(ended=datetime.now(UTC)))

    def events(self, most: int) -> list[Event]:
        """The last lines of the log, newest first."""
        query = select(schema.event).order_by(schema.event.c.id.desc()).limit(most)
        with self._engine.connect() as connection:
            names = {field.name for field in fields(Event)}
            return [
                Event(**{name: value for name, value in row.items() if name in names})
                for row in connection.execute(query).mappings()
            ]

    def last(self, command: str) -> datetime | None:
        """When a use case last ended (UTC)."""
        query = select(func.max(schema.run.c.ended)).where(schema.run.c.command == command)
        with self._engine.connect() as connection:
            ended: datetime | None = connection.execute(query).scalar()
            return ended

    def keep(self, name: str, value: str) -> None:
        """Remember one text under a name."""
        with self._engine.begin() as connection:
            _upsert(connection, schema.memo, [{"name": name, "value": value}])

    def kept(self, name: str) -> str | None:
        """The text kept under a name."""
        with self._engine.connect() as connection:
            value: str | None = connection.execute(
                select(schema.memo.c.value).where(schema.memo.c.name == name)
            ).scalar()
            return value


def _durable(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own connection type
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


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


def _seen(row: RowMapping) -> Seen:
    values = dict(row)
    return Seen(**{**values, "kind": Kind(values["kind"]), "status": SyncStatus(values["status"])})


def _transfer(row: RowMapping) -> Transfer:
    values = {name: value for name, value in row.items() if name != "id"}
    return Transfer(
        **{
            **values,
            "kind": Kind(values["kind"]),
            "state": State(values["state"]),
            "total": None if values["total"] is None else Decimal(values["total"]),
            "problem": problem_read(values["problem"]),
        }
    )
