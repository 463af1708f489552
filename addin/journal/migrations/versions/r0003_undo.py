"""Undoing: new states, which an earlier release does not know, and the account that a transfer was booked on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the account; of what an earlier release booked it is not known."""
    op.add_column("transfer", sa.Column("customer", sa.Text, nullable=False, server_default=""))
