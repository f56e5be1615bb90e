"""What the post door must know of an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from service.doors.tls import Security

# Chinese providers limit connections, nobody says to how many; more than four brought nothing to a relay.
CONNECTIONS_MAX = 4


class Day(Enum):
    """How a provider counts its day."""

    CALENDAR = "calendar"  # from midnight in the office's zone: 163 and QQ speak of 当天
    ROLLING = "rolling"  # any 24 hours: Gmail, Microsoft 365


@dataclass(frozen=True, slots=True)
class DomainLimit:
    """How gently one recipients' domain is written to by one account."""

    domain: str  # lower case; empty: every domain without a row of its own
    seconds: float = 0.0  # between two letters
    at_once: int = 0  # letters under way; 0: as many as there are connections


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
    connections: int = 1
    day: Day = Day.CALENDAR
    size_bytes_max: int = 0  # what the provider is known to take; 0: only what the server says (SIZE)
    domain_limits: tuple[DomainLimit, ...] = ()

    @property
    def envelope_sender(self) -> str:
        return self.sender or self.username
