"""Where the lines of a transfer stand: what its items were booked on when it left, for mappings change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the accounts; of what an earlier release booked they are not known."""
    op.add_column("transfer", sa.Column("accounts", sa.Text, nullable=False, server_default=""))
