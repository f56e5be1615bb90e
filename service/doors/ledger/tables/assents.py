"""Tables of what a signer is asked: proofs, questions by mail and their answers, and doc numbers."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from service.doors.ledger.columns import Id, Instant, Key, Words
from service.doors.ledger.tables.ground import metadata, one_of, values
from service.office.assent import ApprovalState
from service.office.doc_number import NumberState

# Every draft that was proofed; the draft table itself keeps only the newest.
proofing = Table(
    "proofing",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Column("inputs_sha256", Key, nullable=False),
    Column("manifest_sha256", Key, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("campaign", "digest"),
)

approval = Table(
    "approval",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Column("inputs_sha256", Key, nullable=False),
    Column("code_hash", Key, nullable=False),
    Column("signer", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("dispatch_key", Key, nullable=False),
    Column("asked_by", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", Key, nullable=False),
    Column("settled_at", Instant),
    Column("letter", Id),
    Column("why", Words, nullable=False),
    UniqueConstraint("code_hash"),
    UniqueConstraint("dispatch_key"),
    Index("ix_approval_campaign", "campaign", "state"),
    one_of("state", *values(ApprovalState)),
)

# A letter that answers a question; `is_done` once it has been acted upon.
approval_letter = Table(
    "approval_letter",
    metadata,
    Column("letter", Id, ForeignKey("letter.id"), primary_key=True, autoincrement=False),
    Column("approval", Id, ForeignKey("approval.id"), nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("done_at", Instant),
    Index("ix_approval_letter_waiting", "is_done", "letter"),
)

doc_number = Table(
    "doc_number",
    metadata,
    Column("series", Key, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("campaign", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("reserved_by", Words, nullable=False),
    Column("reserved_at", Instant, nullable=False),
    Column("settled_by", Words, nullable=False),
    Column("settled_at", Instant),
    Column("reason", Words, nullable=False),
    # No number is ever given twice, whatever became of it.
    PrimaryKeyConstraint("series", "year", "number"),
    Index("ix_doc_number_campaign", "campaign", "state"),
    one_of("state", *values(NumberState)),
)
