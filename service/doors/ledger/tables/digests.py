"""Tables of the daily digest: one-time codes given out, and the letters that answer."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, UniqueConstraint

from service.doors.ledger.columns import Id, Instant, Key, Words
from service.doors.ledger.tables.ground import metadata, one_of, values
from service.office.digest_code import CodeState

digest_code = Table(
    "digest_code",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code_hash", Key, nullable=False),
    Column("person", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("dispatch_key", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", Key, nullable=False),
    Column("letter", Id),
    UniqueConstraint("code_hash"),
    UniqueConstraint("dispatch_key"),
    one_of("state", *values(CodeState)),
)

# A letter that answers; `is_done` once it has been acted upon.
errand = Table(
    "errand",
    metadata,
    Column("letter", Id, ForeignKey("letter.id"), primary_key=True, autoincrement=False),
    Column("digest_code", Id, ForeignKey("digest_code.id"), nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("done_at", Instant),
    Index("ix_errand_waiting", "is_done", "letter"),
)
