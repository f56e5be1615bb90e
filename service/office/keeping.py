"""保管 — what became of a letter's bytes: kept, set apart as 密级, let go, or purged by two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

KEPT, APART, LET_GO, PURGED = "", "apart", "let-go", "purged"
# Of these only the row remains, as a tombstone.
GONE = (LET_GO, PURGED)


@dataclass(frozen=True, slots=True)
class KeepLetter:
    """A letter's bytes change their keeping; refused (False) unless it is still `was`.

    `blobs` are all the bytes it was about. A purged one also loses every word of it that the ledger holds.
    """

    letter: int
    was: str
    to: str
    at: datetime
    blobs: tuple[str, ...]
