"""A log that says who did what, what it was and what it is, each line chained to the one before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from addin.journal import chain

revision = "0007"
down_revision = "0006"

TEXTS = ("was", "becomes", "content")
NAMES = ("key", "person", "machine")


def upgrade() -> None:
    """Add the columns and chain the lines that are there; of what an earlier release noted no more is known."""
    for name in NAMES:
        op.add_column("event", sa.Column(name, sa.String(200), nullable=False, server_default=""))
    for name in TEXTS:
        op.add_column("event", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("event", sa.Column("chain", sa.String(64), nullable=False, server_default=""))
    op.create_index("event_action", "event", ["action"])
    op.create_table(
        "typed",
        sa.Column("scope", sa.String(40), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    _chain(op.get_bind())


def _chain(connection: sa.Connection) -> None:
    event = sa.Table("event", sa.MetaData(), autoload_with=connection)
    end, count = "", 0
    for line in connection.execute(sa.select(event).order_by(event.c.id)).mappings().all():
        end, count = chain.link(end, line), count + 1
        connection.execute(sa.update(event).where(event.c.id == line["id"]).values(chain=end))
    if count:
        memo = sa.table("memo", sa.column("name"), sa.column("value"))
        connection.execute(sa.insert(memo).values(name="log_end", value=f"{count} {end}"))
