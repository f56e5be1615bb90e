"""One-time codes given out in digests, and the letters that answer them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import ID, INSTANT, KEY, TEXT, YES_NO, may, must, one_of, refers

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables of their own; nothing that is there changes."""
    op.create_table(
        "digest_code",
        *must(ID, "id"),
        *must(KEY, "code_hash"),
        *must(TEXT, "person", "address"),
        *must(KEY, "dispatch_key"),
        *must(INSTANT, "at", "expires_at"),
        *must(KEY, "state"),
        *may(ID, "letter"),
        one_of("digest_code", "state", "open used void"),
        sa.PrimaryKeyConstraint("id", name="pk_digest_code"),
        sa.UniqueConstraint("code_hash", name="uq_digest_code_code_hash"),
        sa.UniqueConstraint("dispatch_key", name="uq_digest_code_dispatch_key"),
    )
    op.create_table(
        "errand",
        *must(ID, "letter", "digest_code", is_numbered=False),
        *must(YES_NO, "is_done"),
        *may(INSTANT, "done_at"),
        refers("errand", "letter", "letter", "id"),
        refers("errand", "digest_code", "digest_code", "id"),
        sa.PrimaryKeyConstraint("letter", name="pk_errand"),
    )
    op.create_index("ix_errand_waiting", "errand", ["is_done", "letter"])


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")
