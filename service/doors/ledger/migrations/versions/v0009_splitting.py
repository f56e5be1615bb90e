"""Letters of several units are taken apart; each portion knows the letter it came in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import ID

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No letter known so far was a portion of another."""
    op.add_column("letter", sa.Column("split_from", ID, nullable=True))


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
