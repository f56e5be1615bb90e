"""台账库 — the durable state of the office: SQLite by default, PostgreSQL to grow into."""

from __future__ import annotations

from service.doors.ledger.changes import Leases
from service.doors.ledger.door import LedgerDoor, open_ledger
from service.doors.ledger.lock import hold_state

__all__ = ["Leases", "LedgerDoor", "hold_state", "open_ledger"]
