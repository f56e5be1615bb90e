"""发件 — one row of the outbox: one recipient, one Message-ID, nine states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class DispatchKind(Enum):
    """Why something is sent; the order of `LANES` is the order in which the outbox drains."""

    NOTICE = "notice"
    COPY = "copy"
    REMINDER = "reminder"
    RECEIPT = "receipt"
    CORRECTION = "correction"
    REPORT = "report"


# Receipts first: a unit that answered should know at once.
LANES = {
    DispatchKind.RECEIPT: 0,
    DispatchKind.CORRECTION: 0,
    DispatchKind.REPORT: 1,
    DispatchKind.REMINDER: 2,
    DispatchKind.NOTICE: 3,
    DispatchKind.COPY: 3,
}


# What a paused campaign holds back; answers to letters, and whatever puts a mistake right, go on.
PAUSABLE = (DispatchKind.NOTICE, DispatchKind.COPY, DispatchKind.REMINDER)
# The key of a pause that holds the whole office, answers included.
EVERYTHING = ""


class DispatchState(Enum):
    """All dispatch states [law 1]."""

    READY = "ready"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    IN_DOUBT = "in-doubt"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewDispatch:
    """A row to be written into the outbox, unless its dedupe key is there already."""

    dedupe_key: str
    kind: DispatchKind
    campaign: str
    unit: str  # unit key, or a cc body's name
    rcpt: str
    account: str
    message_id: str  # with angle brackets, fixed here and never changed
    content_sha256: str  # a stored `Draft` (see mail.py): subject, text, attachments by hash
    due_at: datetime
    dockets: tuple[str, ...] = ()  # item keys a reminder names, or a receipt is about
    in_reply_to: str = ""
    is_held: bool = False  # a draft for a clerk


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A dispatch's row in the ledger."""

    id: int
    dedupe_key: str
    kind: DispatchKind
    campaign: str
    unit: str
    rcpt: str
    account: str
    message_id: str
    content_sha256: str
    state: DispatchState
    due_at: datetime
    attempts: int = 0
    attempt_token: str = ""
    owner: str = ""
    mime_sha256: str = ""
    sent_at: datetime | None = None
    last_code: int | None = None
    last_error: str = ""
    dockets: tuple[str, ...] = ()
    in_reply_to: str = ""


def notice_key(campaign: str, unit: str, rcpt: str, rev: int) -> str:
    """One notice per unit, recipient and release revision."""
    return f"notice:{campaign}:{unit}:{rcpt.lower()}:{rev}"


def receipt_key(letter: int) -> str:
    """One receipt per letter."""
    return f"receipt:{letter}"


def reminder_key(campaign: str, unit: str, step: str, due_rev: int, rcpt: str) -> str:
    """One reminder per unit, step, due date and recipient."""
    return f"remind:{campaign}:{unit}:{step}:{due_rev}:{rcpt.lower()}"
