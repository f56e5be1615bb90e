"""What `send` needs of a post office; no other stage may know it [house: only send sends]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from service.office.mail import OutgoingMail
from service.office.outcome import PostOutcome


@dataclass(frozen=True, slots=True)
class SentCopy:
    """One mail of ours in an account's Sent folder; ids without brackets, `rcpts` in lower case."""

    delivered_id: str
    our_id: str  # where the provider keeps it beside its own (X-OQ-MSGID)
    number: int  # of the dispatch, from our header; 0: none
    rcpts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentPage:
    """What came into Sent after a cursor, and where the cursor may go."""

    uidvalidity: int
    last_uid: int
    copies: tuple[SentCopy, ...]
    has_more: bool


class Post(Protocol):
    """Hands letters to the mail accounts of the office, several at once where an account allows it."""

    def build(self, mail: OutgoingMail) -> bytes:
        """The letter's bytes as they will go out."""
        ...

    def accounts(self) -> tuple[str, ...]: ...

    def pause_seconds(self, account: str) -> float:
        """How long (machine time) this account must still rest before its next letter."""
        ...

    def free(self, account: str) -> int:
        """How many letters may begin now: connections that are free, as far as the account's pace allows."""
        ...

    def resting_domains(self, account: str) -> tuple[str, ...]:
        """Recipients' domains (lower case) that this account must leave alone now."""
        ...

    def begin(self, account: str, mime: bytes, rcpt: str) -> int:
        """Start one conversation for one recipient; the number under which `ended` will tell of it."""
        ...

    def ended(self, seconds: float | None) -> Sequence[tuple[int, PostOutcome]]:
        """Conversations that have ended, each told once; waits for the first, `seconds` at most (None: on).

        Every way a conversation can end is a value. Empty at once where nothing is under way.
        """
        ...

    def stop_beginning(self) -> None:
        """No further letter is begun; those under way come to their end."""
        ...

    def is_in_sent(self, account: str, message_id: str) -> bool | None:
        """Whether our Message-ID lies in the account's Sent folder; None when that cannot be known."""
        ...

    def read_sent(self, account: str, uidvalidity: int, last_uid: int) -> SentPage | None:
        """Some copies after the cursor, from recent ones where it is new; None when Sent cannot be read."""
        ...
