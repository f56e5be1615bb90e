"""What is asked, of whom, and what goes out for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.doors.ledger.migrations.words import (
    DAY,
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

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From an empty database."""
    _campaigns()
    _taking_part()
    _outbox()
    _timers()
    _dockets()


def downgrade() -> None:
    """A ledger is never taken down by machine."""
    raise RuntimeError("revisions only go up; to go back, restore a backup")


def _campaigns() -> None:
    """What was released, and what it asks for."""
    op.create_table(
        "campaign",
        *must(KEY, "key"),
        *must(TEXT, "title"),
        *must(KEY, "state", "facts_sha256", "zone"),
        *must(INSTANT, "opened_at"),
        one_of("campaign", "state", "open closed"),
        sa.PrimaryKeyConstraint("key", name="pk_campaign"),
    )
    op.create_table(
        "draft",
        *must(ID, "id"),
        *must(KEY, "campaign", "digest", "inputs_sha256", "manifest_sha256"),
        *must(INSTANT, "at"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("campaign", "digest", name="uq_draft_campaign_digest"),
    )
    op.create_table(
        "release",
        *must(ID, "id"),
        *must(KEY, "campaign"),
        *must(NUMBER, "rev"),
        *must(KEY, "digest", "inputs_sha256"),
        *must(TEXT, "signer"),
        *must(INSTANT, "at"),
        *must(KEY, "roster_sha256"),
        refers("release", "campaign", "campaign", "key"),
        sa.PrimaryKeyConstraint("id", name="pk_release"),
        sa.UniqueConstraint("campaign", "rev", name="uq_release_campaign_rev"),
    )
    op.create_table(
        "item",
        *must(KEY, "campaign", "key"),
        *must(TEXT, "name"),
        *must(NUMBER, "position"),
        *must(KEY, "obligation"),
        one_of("item", "obligation", "required voluntary rolling"),
        refers("item", "campaign", "campaign", "key"),
        sa.PrimaryKeyConstraint("campaign", "key", name="pk_item"),
    )


def _taking_part() -> None:
    """Who takes part, under which code and addresses."""
    op.create_table(
        "unit",
        *must(KEY, "key"),
        *must(TEXT, "name", "parent"),
        *must(YES_NO, "is_third_party"),
        sa.PrimaryKeyConstraint("key", name="pk_unit"),
    )
    op.create_table(
        "contact",
        *must(ID, "id"),
        *must(KEY, "unit"),
        *must(TEXT, "address"),
        *must(KEY, "address_key", "domain", "state"),
        *must(TEXT, "learned_by"),
        one_of("contact", "state", "ok gone doubtful"),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        sa.UniqueConstraint("unit", "address_key", name="uq_contact_unit_address_key"),
    )
    op.create_index("ix_contact_address_key", "contact", ["address_key"])
    op.create_index("ix_contact_domain", "contact", ["domain"])
    op.create_table(
        "standing",
        *must(KEY, "campaign", "unit"),
        *must(NUMBER, "unit_order"),
        *must(YES_NO, "is_third_party"),
        *must(TEXT, "body"),
        refers("standing", "campaign", "campaign", "key"),
        refers("standing", "unit", "unit", "key"),
        sa.PrimaryKeyConstraint("campaign", "unit", name="pk_standing"),
    )
    op.create_index("ix_standing_unit", "standing", ["unit"])
    op.create_table(
        "standing_address",
        *must(KEY, "campaign", "unit", "address_key", "domain"),
        refers("standing_address", "campaign unit", "standing", "campaign unit"),
        sa.PrimaryKeyConstraint("campaign", "unit", "address_key", name="pk_standing_address"),
    )
    op.create_index("ix_standing_address_address_key", "standing_address", ["address_key"])
    op.create_index("ix_standing_address_domain", "standing_address", ["domain"])
    op.create_table(
        "code",
        *must(KEY, "code", "campaign", "unit"),
        refers("code", "campaign", "campaign", "key"),
        sa.PrimaryKeyConstraint("code", name="pk_code"),
        sa.UniqueConstraint("campaign", "unit", name="uq_code_campaign_unit"),
    )


def _outbox() -> None:
    """What goes out."""
    op.create_table(
        "dispatch",
        *must(ID, "id"),
        *must(TEXT, "dedupe_key"),
        *must(KEY, "kind", "campaign", "unit"),
        *must(TEXT, "rcpt"),
        *must(KEY, "account", "message_id", "content_sha256", "state"),
        *must(INSTANT, "due_at"),
        *must(NUMBER, "attempts"),
        *must(KEY, "attempt_token", "owner", "mime_sha256"),
        *may(INSTANT, "sent_at"),
        *may(NUMBER, "last_code"),
        *must(TEXT, "last_error", "dockets", "in_reply_to"),
        *must(NUMBER, "lane"),
        *must(TEXT, "rcpt_key"),
        *may(INSTANT, "lease_until", "settled_at"),
        *must(TEXT, "settled_why"),
        one_of("dispatch", "kind", "notice copy reminder receipt correction report"),
        one_of("dispatch", "state", "ready leased sending sent retry dead in-doubt held cancelled"),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch"),
        sa.UniqueConstraint("dedupe_key", name="uq_dispatch_dedupe_key"),
        sa.UniqueConstraint("message_id", name="uq_dispatch_message_id"),
    )
    op.create_index("ix_dispatch_rcpt", "dispatch", ["rcpt_key", "due_at"])
    op.create_index(
        "ix_dispatch_under_way",
        "dispatch",
        ["lease_until"],
        sqlite_where=sa.text("state IN ('leased', 'sending')"),
        postgresql_where=sa.text("state IN ('leased', 'sending')"),
    )
    op.create_index("ix_dispatch_unit", "dispatch", ["campaign", "unit", "state"])
    op.create_index(
        "ix_dispatch_waiting",
        "dispatch",
        ["lane", "due_at", "id"],
        sqlite_where=sa.text("state IN ('ready', 'retry')"),
        postgresql_where=sa.text("state IN ('ready', 'retry')"),
    )
    op.create_table(
        "delivered_id",
        *must(TEXT, "message_id"),
        *must(ID, "dispatch"),
        refers("delivered_id", "dispatch", "dispatch", "id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_delivered_id"),
    )


def _timers() -> None:
    """When a unit is chased."""
    op.create_table(
        "timer",
        *must(ID, "id"),
        *must(KEY, "campaign", "unit", "step"),
        *must(NUMBER, "due_rev"),
        *must(INSTANT, "at"),
        *must(TEXT, "item_keys"),
        *must(KEY, "state"),
        *may(INSTANT, "settled_at"),
        one_of("timer", "state", "pending fired skipped cancelled"),
        refers("timer", "campaign", "campaign", "key"),
        sa.PrimaryKeyConstraint("id", name="pk_timer"),
        sa.UniqueConstraint(
            "campaign", "unit", "step", "due_rev", name="uq_timer_campaign_unit_step_due_rev"
        ),
    )
    op.create_index(
        "ix_timer_pending",
        "timer",
        ["at"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def _dockets() -> None:
    """What is asked of whom, and where it stands."""
    op.create_table(
        "docket",
        *must(KEY, "campaign", "unit", "item", "obligation", "state"),
        *may(INSTANT, "due_until"),
        *must(NUMBER, "due_rev"),
        *may(INSTANT, "returned_at"),
        *may(KEY, "electronic", "paper"),
        *must(NUMBER, "entries", "version"),
        *may(DAY, "promised_on"),
        *may(TEXT, "reason"),
        *may(KEY, "resting"),
        *must(NUMBER, "unit_order"),
        *must(YES_NO, "is_third_party"),
        *must(NUMBER, "grace_days", "row_version", "item_order"),
        one_of("docket", "electronic", "awaited returned"),
        one_of("docket", "obligation", "required voluntary rolling"),
        one_of("docket", "paper", "awaited returned"),
        one_of(
            "docket",
            "resting",
            "not-sent undelivered awaited in-review by-link needs-correction returned exempt promised",
        ),
        one_of(
            "docket",
            "state",
            "not-sent undelivered awaited in-review by-link needs-correction returned exempt promised",
        ),
        refers("docket", "campaign item", "item", "campaign key", is_deferred=True),
        refers("docket", "campaign unit", "standing", "campaign unit", is_deferred=True),
        sa.PrimaryKeyConstraint("campaign", "unit", "item", name="pk_docket"),
    )
    op.create_index("ix_docket_counted", "docket", ["campaign", "item", "state", "due_until"])
    op.create_index("ix_docket_listed", "docket", ["campaign", "unit_order", "unit", "item_order"])
    op.create_table(
        "extension",
        *must(ID, "id"),
        *must(KEY, "campaign", "unit", "item"),
        *must(INSTANT, "due_until"),
        *may(DAY, "on_date"),
        *must(TEXT, "reason", "granted_by"),
        *must(INSTANT, "at"),
        refers("extension", "campaign unit item", "docket", "campaign unit item", is_deferred=True),
        sa.PrimaryKeyConstraint("id", name="pk_extension"),
    )
    op.create_index("ix_extension_docket", "extension", ["campaign", "unit", "item"])
