"""Tables of what happened: events, the seals that chain them, and stumbles."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from service.doors.ledger.columns import Id, Instant, Key, Words
from service.doors.ledger.tables.ground import metadata

# Append-only, by triggers. `body` is the whole event in canonical JSON, the columns are for asking.
event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Words, nullable=False),
    Column("campaign", Key, nullable=False),
    Column("unit", Key, nullable=False),
    Column("item", Key, nullable=False),
    Column("letter", BigInteger),
    Column("dispatch", BigInteger),
    Column("body", Text, nullable=False),
    Column("body_sha256", Key, nullable=False),
    Index("ix_event_unit", "campaign", "unit"),
    Index("ix_event_letter", "letter"),
    Index("ix_event_kind", "kind"),
)

seal = Table(
    "seal",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("prev_hash", Key, nullable=False),
    Column("hash", Key, nullable=False),
    Column("at", Instant, nullable=False),
)

event_seal = Table(
    "event_seal",
    metadata,
    Column("event", Id, ForeignKey("event.id"), primary_key=True, autoincrement=False),
    Column("seal_no", Integer, ForeignKey("seal.no"), nullable=False),
    Column("pos", Integer, nullable=False),
    UniqueConstraint("seal_no", "pos"),
)

stumble = Table(
    "stumble",
    metadata,
    Column("stage", Key, nullable=False),
    Column("piece", Words, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Words, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("stage", "piece"),
)
