"""What `send` needs of a post office; no other stage may know it [house: only send sends]."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from service.office.mail import OutgoingMail
from service.office.outcome import PostOutcome


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

    def begin(self, account: str, mime: bytes, rcpt: str) -> Future[PostOutcome]:
        """Start one conversation for one recipient; every way it can end is a value of the future."""
        ...

    def stop_beginning(self) -> None:
        """No further letter is begun; those under way come to their end."""
        ...

    def is_in_sent(self, account: str, message_id: str) -> bool | None:
        """Whether our Message-ID lies in the account's Sent folder; None when that cannot be known."""
        ...
