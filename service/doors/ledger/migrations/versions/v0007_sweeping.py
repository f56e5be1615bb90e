"""Folders that are looked into nightly, letters put away in the mailbox, and letters to ourselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import INSTANT, YES_NO, one_more_kind

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every mailbox known so far was a watched one."""
    op.add_column("mailbox", sa.Column("is_swept", YES_NO, nullable=False, server_default=sa.false()))
    op.add_column("sighting", sa.Column("put_away_at", INSTANT, nullable=True))
    one_more_kind("canary")


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
