"""Tables of the register: dockets, what was filed for them, and extensions."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from service.doors.ledger.columns import Id, Instant, Key, Pairs, Words
from service.doors.ledger.tables.ground import metadata, one_of, values
from service.office.campaign import Obligation
from service.office.docket import DocketState, MediumState

# References are looked at on commit, so that changes may come in any order.
docket = Table(
    "docket",
    metadata,
    Column("campaign", Key, nullable=False),
    Column("unit", Key, nullable=False),
    Column("item", Key, nullable=False),
    Column("obligation", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("due_until", Instant),
    Column("due_rev", Integer, nullable=False),
    Column("returned_at", Instant),
    Column("electronic", Key),
    Column("paper", Key),
    Column("entries", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("promised_on", Date),
    Column("reason", Words),
    Column("resting", Key),
    Column("unit_order", Integer, nullable=False),
    Column("is_third_party", Boolean, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("electronic_at", Instant),
    Column("paper_at", Instant),
    Column("row_version", Integer, nullable=False),
    Column("item_order", Integer, nullable=False),
    PrimaryKeyConstraint("campaign", "unit", "item"),
    ForeignKeyConstraint(
        ["campaign", "unit"],
        ["standing.campaign", "standing.unit"],
        deferrable=True,
        initially="DEFERRED",
    ),
    ForeignKeyConstraint(
        ["campaign", "item"], ["item.campaign", "item.key"], deferrable=True, initially="DEFERRED"
    ),
    Index("ix_docket_listed", "campaign", "unit_order", "unit", "item_order"),
    # Counting reads this alone, and no row.
    Index(
        "ix_docket_counted",
        "campaign",
        "due_until",
        "grace_days",
        "item",
        "obligation",
        "state",
        "returned_at",
    ),
    one_of("obligation", *values(Obligation)),
    one_of("state", *values(DocketState)),
    one_of("electronic", *values(MediumState)),
    one_of("paper", *values(MediumState)),
    one_of("resting", *values(DocketState)),
)

filing = Table(
    "filing",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", Key, nullable=False),
    Column("unit", Key, nullable=False),
    Column("item", Key, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("letter", Id, ForeignKey("letter.id")),
    Column("docset_sha256", Key, nullable=False),
    Column("is_valid", Boolean, nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("title", Words, nullable=False),
    Column("medium", Key, nullable=False),
    Column("is_nil", Boolean, nullable=False),
    Column("fields", Pairs, nullable=False),
    Column("taken_back_at", Instant),
    ForeignKeyConstraint(
        ["campaign", "unit", "item"],
        ["docket.campaign", "docket.unit", "docket.item"],
        deferrable=True,
        initially="DEFERRED",
    ),
    UniqueConstraint("campaign", "unit", "item", "entry", "version", name="uq_filing_version"),
    UniqueConstraint("campaign", "unit", "item", "letter", "docset_sha256", name="uq_filing_docset"),
    Index("ix_filing_letter", "letter"),
)

filing_doc = Table(
    "filing_doc",
    metadata,
    Column("filing", Id, ForeignKey("filing.id"), nullable=False),
    Column("sha256", Key, nullable=False),
    Column("name", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("filing", "sha256", "name"),
)

extension = Table(
    "extension",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", Key, nullable=False),
    Column("unit", Key, nullable=False),
    Column("item", Key, nullable=False),
    Column("due_until", Instant, nullable=False),
    Column("on_date", Date),
    Column("reason", Words, nullable=False),
    Column("granted_by", Words, nullable=False),
    Column("at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["campaign", "unit", "item"],
        ["docket.campaign", "docket.unit", "docket.item"],
        deferrable=True,
        initially="DEFERRED",
    ),
    Index("ix_extension_docket", "campaign", "unit", "item"),
)
