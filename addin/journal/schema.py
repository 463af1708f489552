"""The journal's tables; the same on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0009"
"""The revision these tables are at; the newest file in ``migrations/versions``."""

metadata = MetaData()

version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))

seen = Table(
    "seen",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("number", String(200), nullable=False),
    Column("payload", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("reviewed_by", String(200), nullable=False, default=""),
    Column("changed", Text, nullable=False, default=""),
    Column("left_source", Boolean, nullable=False, default=False),
    Column("unread", Text, nullable=False, default="", server_default=""),
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("record", String(200), nullable=False),
    Column("number", String(200), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    Column("action", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("ledger_id", Text, nullable=False, default=""),
    Column("ledger_number", Text, nullable=False, default=""),
    Column("url", Text, nullable=False, default=""),
    Column("total", String(40)),
    Column("problem", Text),
    Column("run", Integer, nullable=False),
    Column("told_sheet", Boolean, nullable=False, default=False),
    Column("told_source", Boolean, nullable=False, default=False),
    Column("sent", Double, nullable=False, default=0, server_default="0"),
    Column("customer", Text, nullable=False, default="", server_default=""),
    Column("accounts", Text, nullable=False, default="", server_default=""),
    Column("payload", Text, nullable=False, default="", server_default=""),
    UniqueConstraint("kind", "record", "generation"),
    Index("transfer_state", "state"),
)

heard = Table(
    "heard",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("ledger_id", String(200), primary_key=True),
    Column("told", JSON, nullable=False),
)

proposal = Table(
    "proposal",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("ledger_id", String(200), primary_key=True),
    Column("field", String(40), primary_key=True),
    Column("record", String(200), nullable=False),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("what", String(16), nullable=False),
    Column("ours", JSON, nullable=False),
    Column("theirs", JSON, nullable=False),
    Column("merged_into", Text, nullable=False),
    Column("happened", String(40), nullable=False),
    Column("url", Text, nullable=False),
    Column("decision", String(16), nullable=False),
)

question = Table(
    "question",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("record", String(200), primary_key=True),
    Column("topic", String(16), primary_key=True),
    Column("about", Text, primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("standing", Text),
    Column("answer", String(16)),
    Column("who", String(200), nullable=False),
    Column("when", DateTime(timezone=True)),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", String(40), nullable=False),
    Column("who", String(200), nullable=False),
    Column("started", DateTime(timezone=True), nullable=False),
    Column("ended", DateTime(timezone=True)),
)

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("who", String(200), nullable=False),
    Column("kind", String(24), nullable=False, default=""),
    Column("number", String(200), nullable=False, default=""),
    Column("action", String(40), nullable=False),
    Column("result", String(40), nullable=False),
    Column("reference", Text, nullable=False, default=""),
    Column("message", Text, nullable=False, default=""),
    Column("key", String(200), nullable=False, default="", server_default=""),
    Column("person", String(200), nullable=False, default="", server_default=""),
    Column("machine", String(200), nullable=False, default="", server_default=""),
    Column("was", Text, nullable=False, default="", server_default=""),
    Column("becomes", Text, nullable=False, default="", server_default=""),
    Column("content", Text, nullable=False, default="", server_default=""),
    Column("chain", String(64), nullable=False, default="", server_default=""),
    Column("problem", Text),
    Index("event_action", "action"),
)

typed = Table(
    "typed",
    metadata,
    Column("scope", String(40), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What stood in the sheet when it was last read, by record, mapped code or setting."""

memo = Table(
    "memo",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("token", Integer, nullable=False),
    Column("holder", String(200), nullable=False, default=""),
    Column("who", String(200), nullable=False, default=""),
    Column("machine", String(200), nullable=False, default=""),
    Column("since", Double, nullable=False, default=0),
    Column("until", Double, nullable=False, default=0),
)
"""Who works on the company; ``token`` only ever grows. ``since``, ``until`` and ``sent`` are seconds of the database's
clock."""
