"""Run by Alembic, inside the transaction that ``opening.py`` holds."""

from __future__ import annotations

from alembic import context

from addin.journal.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
