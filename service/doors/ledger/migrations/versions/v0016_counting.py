"""Dockets are counted from an index alone."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMNS = ["campaign", "due_until", "grace_days", "item", "obligation", "state", "returned_at"]


def upgrade() -> None:
    """The index of before lacked three of the columns, so that every row was looked up."""
    op.drop_index("ix_docket_counted", "docket")
    op.create_index("ix_docket_counted", "docket", COLUMNS)


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
