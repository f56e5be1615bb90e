"""What the post door must know of an account."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.doors.tls import Security


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """One SMTP account and its pace. The pace proposed here suits free mailboxes; a relay may allow more.

    A cap of 0 means none. `sender` is the envelope's: QQ and 163 insist that it is the login itself.
    """

    name: str
    host: str
    port: int
    security: Security
    username: str  # empty: no login, as a relay inside the office may allow
    password: str = field(repr=False)
    sender: str = ""  # empty: the username
    pace_seconds: float = 20.0
    per_connection: int = 10
    per_hour: int = 50
    per_day: int = 150
    timeout: float = 60.0
    ca_file: str = ""
    sent_in: str = ""  # the IMAP account whose Sent folder holds our copies; empty: the one of the same name

    @property
    def envelope_sender(self) -> str:
        return self.sender or self.username
