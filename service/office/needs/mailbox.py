"""What `receive` needs of mailboxes: what is new since a cursor, nothing marked, nothing moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Box:
    """One watched folder of one account."""

    account: str
    folder: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail as the server holds it. `raw` is None when it is larger than the written cap."""

    uid: int
    raw: bytes | None
    size: int
    arrived_at: datetime  # INTERNALDATE, aware


@dataclass(frozen=True, slots=True)
class Batch:
    """What came after the cursor, in UID order; `last_uid` is where the cursor may go after them."""

    uidvalidity: int
    arrivals: tuple[Arrival, ...]
    last_uid: int
    has_more: bool


class Mailboxes(Protocol):
    """Reads the office's mailboxes, never changing them."""

    def boxes(self) -> Sequence[Box]: ...

    def fetch(self, box: Box, uidvalidity: int, last_uid: int, limit: int) -> Batch:
        """Mails after the cursor; from the first-since date when UIDVALIDITY differs; raises DoorError."""
        ...

    def wait(self, box: Box, seconds: float) -> bool:
        """Return early (True) when something may have come: IDLE where offered, else sleep."""
        ...

    def close(self) -> None: ...
