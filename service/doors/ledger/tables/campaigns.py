"""Tables of campaigns: what was released, who takes part, under which code."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from service.doors.ledger.columns import Id, Instant, Key, Words
from service.doors.ledger.tables.ground import metadata, one_of, values
from service.office.approval import Act
from service.office.campaign import Obligation

campaign = Table(
    "campaign",
    metadata,
    Column("key", Key, primary_key=True),
    Column("title", Words, nullable=False),
    Column("state", Key, nullable=False),
    Column("facts_sha256", Key, nullable=False),
    Column("zone", Key, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ended", Key, nullable=False, server_default=""),  # closed or withdrawn, once it has ended
    Column("ended_at", Instant),
    Column("ended_by", Words, nullable=False, server_default=""),
    Column("ended_why", Words, nullable=False, server_default=""),
    one_of("state", "open", "closed"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", Key, nullable=False),  # not opened yet, so there is no row to point to
    Column("digest", Key, nullable=False),
    Column("inputs_sha256", Key, nullable=False),
    Column("manifest_sha256", Key, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("campaign", "digest"),
)

release = Table(
    "release",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign", Key, ForeignKey("campaign.key"), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("digest", Key, nullable=False),
    Column("inputs_sha256", Key, nullable=False),
    Column("signer", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("roster_sha256", Key, nullable=False),
    Column("act", Key, nullable=False, server_default=Act.NOTICE.value),
    Column("reason", Words, nullable=False, server_default=""),
    Column("manifest_sha256", Key, nullable=False, server_default=""),
    UniqueConstraint("campaign", "rev"),
)

item = Table(
    "item",
    metadata,
    Column("campaign", Key, ForeignKey("campaign.key"), nullable=False),
    Column("key", Key, nullable=False),
    Column("name", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("obligation", Key, nullable=False),
    PrimaryKeyConstraint("campaign", "key"),
    one_of("obligation", *values(Obligation)),
)

unit = Table(
    "unit",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", Words, nullable=False),
    Column("parent", Words, nullable=False),
    Column("is_third_party", Boolean, nullable=False),
)

# What became of an address, and who said that it belongs to the unit. A cc'd body is no unit, so nothing is
# referred to.
contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True),
    Column("unit", Key, nullable=False),
    Column("address", Words, nullable=False),
    Column("address_key", Key, nullable=False),
    Column("domain", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("learned_by", Words, nullable=False),
    UniqueConstraint("unit", "address_key"),
    Index("ix_contact_address_key", "address_key"),
    Index("ix_contact_domain", "domain"),
    one_of("state", "ok", "gone", "doubtful"),
)

# A unit's place in a campaign; `body` is its roster line as released, so a later roster changes nothing here.
standing = Table(
    "standing",
    metadata,
    Column("campaign", Key, ForeignKey("campaign.key"), nullable=False),
    Column("unit", Key, ForeignKey("unit.key"), nullable=False),
    Column("unit_order", Integer, nullable=False),
    Column("is_third_party", Boolean, nullable=False),
    Column("body", Words, nullable=False),
    PrimaryKeyConstraint("campaign", "unit"),
    Index("ix_standing_unit", "unit"),
)

standing_address = Table(
    "standing_address",
    metadata,
    Column("campaign", Key, nullable=False),
    Column("unit", Key, nullable=False),
    Column("address_key", Key, nullable=False),
    Column("domain", Key, nullable=False),
    PrimaryKeyConstraint("campaign", "unit", "address_key"),
    ForeignKeyConstraint(["campaign", "unit"], ["standing.campaign", "standing.unit"]),
    Index("ix_standing_address_address_key", "address_key"),
    Index("ix_standing_address_domain", "domain"),
)

code = Table(
    "code",
    metadata,
    Column("code", Key, primary_key=True),
    Column("campaign", Key, ForeignKey("campaign.key"), nullable=False),
    Column("unit", Key, nullable=False),  # empty: the campaign's public code
    UniqueConstraint("campaign", "unit"),
)
