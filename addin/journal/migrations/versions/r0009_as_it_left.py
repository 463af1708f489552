"""A payment or credit note is kept as it left, so that what it is applied to later is told from any other change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; how an earlier release sent something is not known."""
    op.add_column("transfer", sa.Column("payload", sa.Text, nullable=False, server_default=""))
