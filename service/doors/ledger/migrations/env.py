"""Alembic's entry: run the migrations within the transaction that the ledger hands over."""

from __future__ import annotations

from alembic import context

from service.doors.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a table by making a new one.
    render_as_batch=True,
)
context.run_migrations()
