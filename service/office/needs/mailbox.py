"""What `receive` needs of mailboxes: what is new since a cursor, nothing marked, nothing moved."""

from __future__ import annotations

from collections.abc import Generator, Sequence
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
    """One mail as the server holds it.

    `raw` is None when the mail is too large to be held in memory beside others (then `has_pieces`, and
    `Mailboxes.pieces` hands it over), or when it is above the written cap or the server keeps it back; then
    `head` holds its beginning, as far as the server gives one.
    """

    uid: int
    raw: bytes | None
    size: int
    arrived_at: datetime  # INTERNALDATE, aware
    has_pieces: bool = False
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail that is filed and lies in the archive; `head` is how it began, to know it again."""

    uid: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What came after the cursor, in UID order; `last_uid` is where the cursor may go after them."""

    uidvalidity: int
    arrivals: tuple[Arrival, ...]
    last_uid: int
    has_more: bool


class Mailboxes(Protocol):
    """Reads the office's mailboxes. Only `put_away` changes anything, where the office asked for it."""

    def boxes(self) -> Sequence[Box]:
        """The watched ones; a reply is expected there."""
        ...

    def accounts(self) -> Sequence[str]:
        """Those whose other folders are to be swept nightly."""
        ...

    def others(self, account: str) -> Sequence[Box]:
        """Every folder there is now but the watched ones, drafts and what was sent; raises DoorError."""
        ...

    def rest(self, account: str) -> None:
        """The sweep of this account's other folders is over; its connection may go."""
        ...

    def fetch(self, box: Box, uidvalidity: int, last_uid: int, limit: int) -> Batch:
        """Mails after the cursor; from the first-since date when UIDVALIDITY differs; raises DoorError."""
        ...

    def pieces(self, box: Box, uidvalidity: int, arrival: Arrival) -> Generator[bytes]:
        """A large mail from its beginning, about 1 MB at a time; nothing when the server keeps it back.

        Whoever leaves off before the end closes it, for the mailbox is held until then. Raises DoorError:
        `again` when the line broke, not `again` when the mail never ends.
        """
        ...

    def tidying(self) -> Sequence[str]:
        """Accounts whose filed mail is moved or labelled in the mailbox, for the people who share it."""
        ...

    def put_away(self, box: Box, uidvalidity: int, letters: Sequence[Kept]) -> Sequence[int]:
        """Move or label filed mail as the account's settings say; returns the UIDs that are done with.

        Mail that is gone is done with; mail that is no longer the same is left alone. Raises DoorError.
        """
        ...

    def wait(self, box: Box, seconds: float) -> bool:
        """Return early (True) when something may have come: IDLE where offered, else sleep."""
        ...

    def close(self) -> None: ...
