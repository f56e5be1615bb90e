"""What `send` needs of a post office; no other stage may know it [house: only send sends]."""

from __future__ import annotations

from typing import Protocol

from service.office.mail import OutgoingMail
from service.office.outcome import PostOutcome


class Post(Protocol):
    """Hands letters to the mail accounts of the office."""

    def build(self, mail: OutgoingMail) -> bytes:
        """The letter's bytes as they will go out."""
        ...

    def accounts(self) -> tuple[str, ...]: ...

    def pause_seconds(self, account: str) -> float:
        """How long (machine time) this account must still rest before its next letter."""
        ...

    def send(self, account: str, mime: bytes, rcpt: str) -> PostOutcome:
        """One conversation for one recipient; every way it can end is a value."""
        ...

    def is_in_sent(self, account: str, message_id: str) -> bool | None:
        """Whether our Message-ID lies in the account's Sent folder; None when that cannot be known."""
        ...
