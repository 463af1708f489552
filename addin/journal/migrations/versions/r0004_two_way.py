"""Two-way: what the ledger last told of its records, and what waits for a person to accept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add both tables; an earlier release has asked no ledger for its changes."""
    op.create_table(
        "heard",
        sa.Column("kind", sa.String(24), primary_key=True),
        sa.Column("ledger_id", sa.String(200), primary_key=True),
        sa.Column("told", sa.JSON, nullable=False),
    )
    op.create_table(
        "proposal",
        sa.Column("kind", sa.String(24), primary_key=True),
        sa.Column("ledger_id", sa.String(200), primary_key=True),
        sa.Column("field", sa.String(40), primary_key=True),
        sa.Column("record", sa.String(200), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("number", "name", "word")),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("ours", sa.JSON, nullable=False),
        sa.Column("theirs", sa.JSON, nullable=False),
        sa.Column("merged_into", sa.Text, nullable=False),
        sa.Column("happened", sa.String(40), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
    )
