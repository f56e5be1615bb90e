"""整理 — what was done with a filed letter in the mailbox that people share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PutAway:
    """Arrivals in a mailbox that were moved or labelled there, or that nothing more can be done with."""

    account: str
    folder: str
    uidvalidity: int
    uids: tuple[int, ...]
    at: datetime
