"""The journal from which the ledger can be rebuilt, and what became of a letter's bytes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import (
    BIG,
    ID,
    INSTANT,
    KEY,
    NUMBER,
    TEXT,
    forbid_changes,
    may,
    must,
    one_of,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables of their own, and three columns of the letter."""
    op.create_table(
        "journal",
        *must(ID, "id"),
        *must(KEY, "tab", "op"),
        *must(TEXT, "body"),
        *may(BIG, "blanked_for"),
        sa.Column("body_sha256", KEY, nullable=False, server_default=""),
        one_of("journal", "op", "base put gone"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_tab"), "journal", ["tab"])
    op.create_table(
        "journal_seal",
        *must(NUMBER, "no", is_numbered=False),
        *must(BIG, "upto", is_numbered=False),
        *must(NUMBER, "lines", is_numbered=False),
        *must(KEY, "prev_hash", "hash"),
        *must(INSTANT, "at"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_journal_seal")),
    )
    forbid_changes("journal_seal")
    _only_blanking()
    op.add_column("letter", sa.Column("keeping", KEY, nullable=False, server_default=""))
    op.add_column("letter", sa.Column("kept_since", INSTANT, nullable=True))
    op.add_column("letter", sa.Column("kept_blobs", TEXT, nullable=False, server_default="[]"))


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")


def _only_blanking() -> None:
    """A line may lose its words for a purged letter, and nothing else may ever change."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION journal_keeps_its_lines() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.tab = OLD.tab AND NEW.op = OLD.op
                    AND NEW.body = '' AND OLD.body <> '' AND NEW.blanked_for IS NOT NULL THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'table journal is append-only';
            END $$
            """
        )
        op.execute(
            """
            CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal
            FOR EACH ROW EXECUTE FUNCTION journal_keeps_its_lines()
            """
        )
        op.execute("REVOKE DELETE, TRUNCATE ON journal FROM PUBLIC")
        return
    op.execute(
        """
        CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
        WHEN NOT (NEW.id = OLD.id AND NEW.tab = OLD.tab AND NEW.op = OLD.op
                  AND NEW.body = '' AND OLD.body <> '' AND NEW.blanked_for IS NOT NULL)
        BEGIN SELECT RAISE(ABORT, 'table journal is append-only'); END
        """
    )
    op.execute(
        """
        CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'table journal is append-only'); END
        """
    )
