"""What a person is asked about a record and what was answered; what the last pull could not read, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add both; an earlier release asked nothing, and did not remember what it could not read."""
    op.create_table(
        "question",
        sa.Column("kind", sa.String(24), primary_key=True),
        sa.Column("record", sa.String(200), primary_key=True),
        sa.Column("topic", sa.String(16), primary_key=True),
        sa.Column("about", sa.Text, primary_key=True),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("standing", sa.Text),
        sa.Column("answer", sa.String(16)),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("when", sa.DateTime(timezone=True)),
    )
    op.add_column("seen", sa.Column("unread", sa.Text, nullable=False, server_default=""))
