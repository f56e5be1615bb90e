"""What a signer is asked by mail, what was proofed before, and numbers given out in a series."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import (
    ID,
    INSTANT,
    KEY,
    NUMBER,
    TEXT,
    YES_NO,
    may,
    must,
    one_of,
    refers,
)

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables, and one more kind of dispatch."""
    _proofs()
    _approvals()
    _numbers()
    _one_more_kind()


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")


def _proofs() -> None:
    op.create_table(
        "proofing",
        *must(ID, "id"),
        *must(KEY, "campaign", "digest", "inputs_sha256", "manifest_sha256"),
        *must(INSTANT, "at"),
        sa.PrimaryKeyConstraint("id", name="pk_proofing"),
        sa.UniqueConstraint("campaign", "digest", name="uq_proofing_campaign_digest"),
    )


def _approvals() -> None:
    op.create_table(
        "approval",
        *must(ID, "id"),
        *must(KEY, "campaign", "digest", "inputs_sha256", "code_hash"),
        *must(TEXT, "signer", "address"),
        *must(KEY, "dispatch_key"),
        *must(TEXT, "asked_by"),
        *must(INSTANT, "at", "expires_at"),
        *must(KEY, "state"),
        *may(INSTANT, "settled_at"),
        *may(ID, "letter"),
        *must(TEXT, "why"),
        one_of("approval", "state", "pending agreed returned void superseded"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
        sa.UniqueConstraint("code_hash", name="uq_approval_code_hash"),
        sa.UniqueConstraint("dispatch_key", name="uq_approval_dispatch_key"),
    )
    op.create_index("ix_approval_campaign", "approval", ["campaign", "state"])
    op.create_table(
        "approval_letter",
        *must(ID, "letter", is_numbered=False),
        *must(ID, "approval", is_numbered=False),
        *must(YES_NO, "is_done"),
        *may(INSTANT, "done_at"),
        refers("approval_letter", "letter", "letter", "id"),
        refers("approval_letter", "approval", "approval", "id"),
        sa.PrimaryKeyConstraint("letter", name="pk_approval_letter"),
    )
    op.create_index("ix_approval_letter_waiting", "approval_letter", ["is_done", "letter"])


def _numbers() -> None:
    op.create_table(
        "doc_number",
        *must(KEY, "series"),
        *must(NUMBER, "year", "number", is_numbered=False),
        *must(KEY, "campaign", "state"),
        *must(TEXT, "reserved_by"),
        *must(INSTANT, "reserved_at"),
        *must(TEXT, "settled_by"),
        *may(INSTANT, "settled_at"),
        *must(TEXT, "reason"),
        one_of("doc_number", "state", "reserved issued void"),
        sa.PrimaryKeyConstraint("series", "year", "number", name="pk_doc_number"),
    )
    op.create_index("ix_doc_number_campaign", "doc_number", ["campaign", "state"])


def _one_more_kind() -> None:
    """Whatever kinds were allowed before this revision stay allowed."""
    if op.get_bind().dialect.name == "postgresql":
        known = _kinds_on_postgresql()
        op.drop_constraint(op.f("ck_dispatch_kind"), "dispatch", type_="check")
        words = ", ".join(f"'{word}'" for word in (*known, "approval"))
        op.create_check_constraint(op.f("ck_dispatch_kind"), "dispatch", f"kind IN ({words})")
        return
    # SQLite cannot alter a check, and a new table in place of one that others refer to cannot be made within
    # a transaction that guards references. Writing the schema is the way SQLite itself describes for this
    # [sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes"].
    op.execute("PRAGMA writable_schema=ON")
    op.execute(
        """
        UPDATE sqlite_master
        SET sql = replace(sql, 'kind IN (''notice'', ', 'kind IN (''approval'', ''notice'', ')
        WHERE type = 'table' AND name = 'dispatch'
        """
    )
    op.execute("PRAGMA writable_schema=RESET")


def _kinds_on_postgresql() -> list[str]:
    checks = sa.inspect(op.get_bind()).get_check_constraints("dispatch")
    check = next(each for each in checks if each["name"] == "ck_dispatch_kind")
    return sorted(set(_words_in(check["sqltext"])))


def _words_in(sql: str) -> list[str]:
    return [piece for number, piece in enumerate(sql.split("'")) if number % 2]
