"""Campaigns that pause, when the office last worked, and how far its Sent folders were read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import BIG, INSTANT, KEY, NUMBER, TEXT, must

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three small tables of their own; nothing that is there changes."""
    op.create_table(
        "pause",
        *must(KEY, "campaign"),
        *must(INSTANT, "at"),
        *must(TEXT, "by_whom", "why"),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_pause")),
    )
    op.create_table(
        "pulse",
        *must(NUMBER, "no", is_numbered=False),
        *must(INSTANT, "at"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_pulse")),
    )
    op.create_table(
        "sent_cursor",
        *must(KEY, "account"),
        *must(BIG, "uidvalidity", "last_uid", is_numbered=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_sent_cursor")),
    )


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
