"""Tables of the journal: the image of every row as it was written, and the seals over them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from service.doors.ledger.columns import Id, Instant, Key
from service.doors.ledger.tables.ground import metadata, one_of

# Written by triggers of our own connections only, in the transaction that it tells of; append-only but for
# one thing: the image of a letter that two people purged is blanked, and its hash stays [decision 22].
journal = Table(
    "journal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("tab", Key, nullable=False),  # the table; empty for a base, from which everything begins anew
    Column("op", Key, nullable=False),
    Column("body", Text, nullable=False),  # JSON: the whole row, or the key of one that is gone
    Column("blanked_for", BigInteger),  # the letter that was purged
    Column("body_sha256", Key, nullable=False, server_default=""),  # of what stood here before
    Index("ix_journal_tab", "tab"),
    one_of("op", "base", "put", "gone"),
)

journal_seal = Table(
    "journal_seal",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column(
        "upto", BigInteger, nullable=False
    ),  # the last line it covers; the one before ends where it begins
    Column("lines", Integer, nullable=False),
    Column("prev_hash", Key, nullable=False),
    Column("hash", Key, nullable=False),
    Column("at", Instant, nullable=False),
)
