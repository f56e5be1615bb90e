"""What comes in, what is made of it, and the trail of all that happened."""

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
    YES_NO,
    forbid_changes,
    may,
    must,
    one_of,
    refers,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The other half of the office."""
    _mailboxes()
    _letters()
    _conclusions()
    _filings()
    _trail()
    _trouble()
    for table in ("event", "seal", "event_seal"):
        forbid_changes(table)


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")


def _mailboxes() -> None:
    """Where letters come from."""
    op.create_table(
        "mailbox",
        *must(ID, "id"),
        *must(KEY, "account", "folder"),
        *must(BIG, "uidvalidity", "last_uid"),
        *may(INSTANT, "read_at"),
        *must(KEY, "lease_owner"),
        *must(NUMBER, "lease_epoch"),
        *may(INSTANT, "lease_until"),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox"),
        sa.UniqueConstraint("account", "folder", name="uq_mailbox_account_folder"),
    )


def _letters() -> None:
    """What came in."""
    op.create_table(
        "letter",
        *must(ID, "id"),
        *must(KEY, "identity", "raw_sha256", "facts_sha256"),
        *must(INSTANT, "received_at"),
        *must(TEXT, "arrived_via"),
        *must(KEY, "stage"),
        *may(KEY, "kind", "campaign", "unit"),
        *must(TEXT, "sender", "subject", "outcome", "message_id"),
        *must(BIG, "size"),
        *may(INSTANT, "advanced_at"),
        one_of("letter", "kind", "person auto-reply bounce delay read-receipt calendar own unreadable"),
        one_of(
            "letter",
            "stage",
            "received sorted matched checked filed acknowledged review asked noted refused ignored",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint("identity", name="uq_letter_identity"),
    )
    op.create_index("ix_letter_message_id", "letter", ["message_id"])
    op.create_index("ix_letter_stage", "letter", ["stage", "received_at"])
    op.create_index("ix_letter_unit", "letter", ["campaign", "unit", "received_at"])
    op.create_table(
        "sighting",
        *must(ID, "mailbox"),
        *must(BIG, "uidvalidity", "uid"),
        *must(ID, "letter"),
        *must(KEY, "raw_sha256"),
        refers("sighting", "letter", "letter", "id"),
        refers("sighting", "mailbox", "mailbox", "id"),
        sa.PrimaryKeyConstraint("mailbox", "uidvalidity", "uid", name="pk_sighting"),
    )
    op.create_index("ix_sighting_letter", "sighting", ["letter"])


def _conclusions() -> None:
    """What was made of it."""
    op.create_table(
        "rule_hit",
        *must(ID, "id", "letter"),
        *must(KEY, "stage"),
        *must(TEXT, "rule"),
        *must(NUMBER, "version"),
        *must(YES_NO, "is_hit"),
        *must(TEXT, "say"),
        refers("rule_hit", "letter", "letter", "id"),
        sa.PrimaryKeyConstraint("id", name="pk_rule_hit"),
    )
    op.create_index("ix_rule_hit_letter", "rule_hit", ["letter"])
    op.create_table(
        "matter",
        *must(ID, "letter"),
        *must(KEY, "stage", "sha256"),
        refers("matter", "letter", "letter", "id"),
        sa.PrimaryKeyConstraint("letter", "stage", name="pk_matter"),
    )
    op.create_table(
        "finding",
        *must(ID, "id", "letter"),
        *must(KEY, "code"),
        *may(KEY, "item"),
        *must(TEXT, "place", "say"),
        *must(KEY, "severity"),
        *must(YES_NO, "is_superseded"),
        one_of("finding", "severity", "must advice"),
        refers("finding", "letter", "letter", "id"),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
    )
    op.create_index("ix_finding_letter", "finding", ["letter"])


def _filings() -> None:
    """What was filed."""
    op.create_table(
        "filing",
        *must(ID, "id"),
        *must(KEY, "campaign", "unit", "item"),
        *must(NUMBER, "entry", "version"),
        *may(ID, "letter"),
        *must(KEY, "docset_sha256"),
        *must(YES_NO, "is_valid"),
        *must(INSTANT, "filed_at", "received_at"),
        *must(TEXT, "title"),
        *must(KEY, "medium"),
        *must(YES_NO, "is_nil"),
        *must(TEXT, "fields"),
        refers("filing", "campaign unit item", "docket", "campaign unit item", is_deferred=True),
        refers("filing", "letter", "letter", "id"),
        sa.PrimaryKeyConstraint("id", name="pk_filing"),
        sa.UniqueConstraint("campaign", "unit", "item", "entry", "version", name="uq_filing_version"),
        sa.UniqueConstraint("campaign", "unit", "item", "letter", "docset_sha256", name="uq_filing_docset"),
    )
    op.create_index("ix_filing_letter", "filing", ["letter"])
    op.create_table(
        "filing_doc",
        *must(ID, "filing"),
        *must(KEY, "sha256"),
        *must(TEXT, "name"),
        *must(BIG, "size"),
        *must(NUMBER, "position"),
        refers("filing_doc", "filing", "filing", "id"),
        sa.PrimaryKeyConstraint("filing", "sha256", "name", name="pk_filing_doc"),
    )


def _trail() -> None:
    """What happened, and the chain of seals over it."""
    op.create_table(
        "event",
        *must(ID, "id"),
        *must(KEY, "kind"),
        *must(INSTANT, "at"),
        *must(TEXT, "actor"),
        *must(KEY, "campaign", "unit", "item"),
        *may(BIG, "letter", "dispatch"),
        *must(TEXT, "body"),
        *must(KEY, "body_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_kind", "event", ["kind"])
    op.create_index("ix_event_letter", "event", ["letter"])
    op.create_index("ix_event_unit", "event", ["campaign", "unit"])
    op.create_table(
        "seal",
        *must(NUMBER, "no", is_numbered=False),
        *must(KEY, "prev_hash", "hash"),
        *must(INSTANT, "at"),
        sa.PrimaryKeyConstraint("no", name="pk_seal"),
    )
    op.create_table(
        "event_seal",
        *must(ID, "event", is_numbered=False),
        *must(NUMBER, "seal_no", "pos"),
        refers("event_seal", "event", "event", "id"),
        refers("event_seal", "seal_no", "seal", "no"),
        sa.PrimaryKeyConstraint("event", name="pk_event_seal"),
        sa.UniqueConstraint("seal_no", "pos", name="uq_event_seal_seal_no_pos"),
    )


def _trouble() -> None:
    """What raised."""
    op.create_table(
        "stumble",
        *must(KEY, "stage"),
        *must(TEXT, "piece"),
        *must(NUMBER, "tries"),
        *must(TEXT, "error"),
        *must(INSTANT, "at"),
        sa.PrimaryKeyConstraint("stage", "piece", name="pk_stumble"),
    )
