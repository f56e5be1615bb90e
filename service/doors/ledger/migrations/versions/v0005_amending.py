"""What comes after the first release: its act and reason, rows that a later one supersedes, an end."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import INSTANT, KEY, NUMBER, TEXT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MORE_KINDS = ("supplement", "amendment", "withdrawal")


def upgrade() -> None:
    """Columns first; what the first release of a campaign was made from is known by its digest."""
    _add("campaign", "ended", KEY)
    op.add_column("campaign", sa.Column("ended_at", INSTANT, nullable=True))
    _add("campaign", "ended_by", TEXT)
    _add("campaign", "ended_why", TEXT)
    _add("release", "act", KEY, "notice")
    _add("release", "reason", TEXT)
    _add("release", "manifest_sha256", KEY)
    op.execute(
        """
        UPDATE release SET manifest_sha256 = coalesce((SELECT d.manifest_sha256 FROM draft d
        WHERE d.campaign = release.campaign AND d.digest = release.digest), '')
        """
    )
    _add("dispatch", "superseded_by", NUMBER, "0")
    _more_kinds()


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")


def _add(table: str, column: str, kind: Any, default: str = "") -> None:
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=default))


def _more_kinds() -> None:
    """A dispatch may be of three kinds more, beside whatever kinds it may be of by now."""
    if op.get_bind().dialect.name == "postgresql":
        known = op.get_bind().scalar(
            sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_dispatch_kind'")
        )
        kinds = (*re.findall(r"'([a-z-]+)'", str(known)), *_MORE_KINDS)
        op.drop_constraint(op.f("ck_dispatch_kind"), "dispatch", type_="check")
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        op.create_check_constraint(op.f("ck_dispatch_kind"), "dispatch", f"kind IN ({listed})")
        return
    # SQLite cannot alter a check, and a new table in place of one that others refer to cannot be made within
    # a transaction that guards references. Writing the schema is the way SQLite itself describes for this
    # [sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes"].
    was = "'report')"
    now = "'report', " + ", ".join(f"'{kind}'" for kind in _MORE_KINDS) + ")"
    op.execute("PRAGMA writable_schema=ON")
    op.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :was, :now) "
            "WHERE type = 'table' AND name = 'dispatch'"
        ).bindparams(was=was, now=now)
    )
    op.execute("PRAGMA writable_schema=RESET")
