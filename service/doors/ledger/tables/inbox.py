"""Tables of what comes in: mailboxes, sightings, letters and what was made of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
)

from service.doors.ledger.columns import Id, Instant, Key, Strings, Words
from service.doors.ledger.tables.ground import metadata, one_of, values
from service.office.finding import Severity
from service.office.letter import Kind, Stage

mailbox = Table(
    "mailbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Key, nullable=False),
    Column("folder", Key, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("read_at", Instant),
    Column("lease_owner", Key, nullable=False),
    Column("lease_epoch", Integer, nullable=False),
    Column("lease_until", Instant),  # machine time
    # Not watched, but looked into every night; folder "*" stands for the whole nightly round of an account.
    Column("is_swept", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("account", "folder"),
)

letter = Table(
    "letter",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identity", Key, nullable=False),
    Column("raw_sha256", Key, nullable=False),
    Column("facts_sha256", Key, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("arrived_via", Words, nullable=False),
    Column("stage", Key, nullable=False),
    Column("kind", Key),
    Column("campaign", Key),
    Column("unit", Key),
    Column("sender", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("advanced_at", Instant),
    # What became of its bytes: empty (kept like all others), apart 密级, let-go, purged.
    Column("keeping", Key, nullable=False, server_default=""),
    Column("kept_since", Instant),
    Column("kept_blobs", Strings, nullable=False, server_default="[]"),  # those it was about
    Column("split_from", Id),  # the letter of several units that this one was a portion of
    UniqueConstraint("identity"),
    Index("ix_letter_message_id", "message_id"),
    Index("ix_letter_stage", "stage", "received_at"),
    Index("ix_letter_unit", "campaign", "unit", "received_at"),
    one_of("stage", *values(Stage)),
    one_of("kind", *values(Kind)),
)

# One arrival; a letter may be sighted several times, each time with bytes of its own.
sighting = Table(
    "sighting",
    metadata,
    Column("mailbox", Id, ForeignKey("mailbox.id"), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("letter", Id, ForeignKey("letter.id"), nullable=False),
    Column("raw_sha256", Key, nullable=False),
    Column("put_away_at", Instant),  # moved or labelled in the mailbox, for the people who share it
    PrimaryKeyConstraint("mailbox", "uidvalidity", "uid"),
    Index("ix_sighting_letter", "letter"),
)

rule_hit = Table(
    "rule_hit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("letter", Id, ForeignKey("letter.id"), nullable=False),
    Column("stage", Key, nullable=False),
    Column("rule", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_hit", Boolean, nullable=False),
    Column("say", Words, nullable=False),
    Index("ix_rule_hit_letter", "letter"),
)

matter = Table(
    "matter",
    metadata,
    Column("letter", Id, ForeignKey("letter.id"), nullable=False),
    Column("stage", Key, nullable=False),
    Column("sha256", Key, nullable=False),
    PrimaryKeyConstraint("letter", "stage"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", Id, primary_key=True),
    Column("letter", Id, ForeignKey("letter.id"), nullable=False),
    Column("code", Key, nullable=False),
    Column("item", Key),
    Column("place", Words, nullable=False),
    Column("say", Words, nullable=False),
    Column("severity", Key, nullable=False),
    Column("is_superseded", Boolean, nullable=False),
    Index("ix_finding_letter", "letter"),
    one_of("severity", *values(Severity)),
)
