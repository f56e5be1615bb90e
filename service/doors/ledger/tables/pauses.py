"""Tables of what stands still: paused campaigns, the office's last look around, cursors in Sent folders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from service.doors.ledger.columns import Instant, Key, Words
from service.doors.ledger.tables.ground import metadata

pause = Table(
    "pause",
    metadata,
    Column("campaign", Key, primary_key=True),  # empty: everything the office sends
    Column("at", Instant, nullable=False),
    Column("by_whom", Words, nullable=False),
    Column("why", Words, nullable=False),
)

pulse = Table(
    "pulse",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("at", Instant, nullable=False),  # office time
)

sent_cursor = Table(
    "sent_cursor",
    metadata,
    Column("account", Key, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
)
