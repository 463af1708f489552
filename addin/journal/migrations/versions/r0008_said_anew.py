"""What a line of the log tells of as a problem is kept beside its words, so that it can be said in another language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; lines that are there keep the words of their day."""
    op.add_column("event", sa.Column("problem", sa.Text))
