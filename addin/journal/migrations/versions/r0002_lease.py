"""A lease, so that several people and machines can share a journal, and when each transfer was told to leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table of who works on the company; what an earlier release sent counts as sent long ago."""
    op.add_column("transfer", sa.Column("sent", sa.Double, nullable=False, server_default="0"))
    op.create_table(
        "lease",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("machine", sa.String(200), nullable=False),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
