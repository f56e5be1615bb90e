"""Letters that urge what every reminder has asked for in vain."""

from __future__ import annotations

from service.doors.ledger.migrations.words import one_more_kind

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whatever kinds were allowed before this revision stay allowed."""
    one_more_kind("urging")


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
