"""A filing may be taken back; paper and electronic returns have a day each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import INSTANT

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing filed so far was taken back; of earlier returns only the first instant is known."""
    op.add_column("filing", sa.Column("taken_back_at", INSTANT, nullable=True))
    op.add_column("docket", sa.Column("electronic_at", INSTANT, nullable=True))
    op.add_column("docket", sa.Column("paper_at", INSTANT, nullable=True))


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
