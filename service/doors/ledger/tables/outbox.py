"""Tables of what goes out: dispatches and the timers that chase."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint, text

from service.doors.ledger.columns import Id, Instant, Key, Strings, Words
from service.doors.ledger.tables.ground import metadata, one_of, values
from service.office.dispatch import DispatchKind, DispatchState

# Written out: SQLite uses a partial index only where the query repeats its condition in literals.
IS_WAITING = text("state IN ('ready', 'retry')")
IS_UNDER_WAY = text("state IN ('leased', 'sending')")
IS_PENDING = text("state = 'pending'")

dispatch = Table(
    "dispatch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dedupe_key", Words, nullable=False),
    Column("kind", Key, nullable=False),
    Column("campaign", Key, nullable=False),  # empty on an office-wide report
    Column("unit", Key, nullable=False),  # a unit, or a cc'd body's name
    Column("rcpt", Words, nullable=False),
    Column("account", Key, nullable=False),
    Column("message_id", Key, nullable=False),
    Column("content_sha256", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempt_token", Key, nullable=False),
    Column("owner", Key, nullable=False),
    Column("mime_sha256", Key, nullable=False),
    Column("sent_at", Instant),
    Column("last_code", Integer),
    Column("last_error", Words, nullable=False),
    Column("dockets", Strings, nullable=False),
    Column("in_reply_to", Words, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("rcpt_key", Words, nullable=False),
    Column("lease_until", Instant),  # machine time
    Column("settled_at", Instant),
    Column("settled_why", Words, nullable=False),
    Column("superseded_by", Integer, nullable=False, server_default="0"),  # a release's revision
    UniqueConstraint("dedupe_key"),
    UniqueConstraint("message_id"),
    Index(
        "ix_dispatch_waiting", "lane", "due_at", "id", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING
    ),
    Index("ix_dispatch_under_way", "lease_until", sqlite_where=IS_UNDER_WAY, postgresql_where=IS_UNDER_WAY),
    Index("ix_dispatch_unit", "campaign", "unit", "state"),
    Index("ix_dispatch_rcpt", "rcpt_key", "due_at"),
    one_of("kind", *values(DispatchKind)),
    one_of("state", *values(DispatchState)),
)

delivered_id = Table(
    "delivered_id",
    metadata,
    Column("message_id", Words, primary_key=True),
    Column("dispatch", Id, ForeignKey("dispatch.id"), nullable=False),
)

timer = Table(
    "timer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", Key, ForeignKey("campaign.key"), nullable=False),
    Column("unit", Key, nullable=False),
    Column("step", Key, nullable=False),
    Column("due_rev", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("item_keys", Strings, nullable=False),
    Column("state", Key, nullable=False),
    Column("settled_at", Instant),
    UniqueConstraint("campaign", "unit", "step", "due_rev"),
    Index("ix_timer_pending", "at", sqlite_where=IS_PENDING, postgresql_where=IS_PENDING),
    one_of("state", "pending", "fired", "skipped", "cancelled"),
)
