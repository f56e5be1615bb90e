"""What the mailbox door must know of an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from service.doors.tls import Security


class AfterFiling(Enum):
    """What becomes of a filed letter in the mailbox itself."""

    LEAVE = "leave"
    MOVE = "move"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """One IMAP account and the folders of it that are watched."""

    name: str
    host: str
    port: int
    security: Security
    username: str
    password: str = field(repr=False)  # of Chinese providers the 授权码, not the password of the web page
    folders: tuple[str, ...] = ("INBOX",)
    sent_folder: str | None = None
    first_since: date | None = None  # older mail is left unread; None: from the beginning
    poll_seconds: float = 90.0  # where the server offers no IDLE
    timeout: float = 60.0
    logins_per_hour: int = 12  # QQ shuts out clients that log in every few seconds
    raw_bytes_max: int = 1_000_000_000  # above it only the fact of the mail is handed over
    sweeps: bool = True  # whether the folders that are not watched are read every night
    after_filing: AfterFiling = AfterFiling.LEAVE
    filed_folder: str = "已归档"  # where moved mail goes, and the name of the label at Gmail
    ca_file: str = ""
