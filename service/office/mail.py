"""发信 — one letter of ours as it will go out, before it is bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# Our own mail carries this header with the dispatch's number, so that copies and loops are known at once.
OWN_HEADER = "X-Huizhi-Dispatch"


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One letter for one recipient.

    `subject` begins with the ASCII code; `date` is aware; ids may come with or without angle brackets;
    `auto_submitted` is auto-generated for notices and reminders, auto-replied for receipts [RFC 3834 §5].
    """

    sender: str
    sender_name: str
    rcpt: str
    subject: str
    text: str
    message_id: str
    date: datetime
    attachments: tuple[tuple[str, bytes, str], ...] = ()  # name, bytes, media type
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto_submitted: str = "auto-generated"
    extra_headers: tuple[tuple[str, str], ...] = ()
    html: str = ""  # staff's own; empty: made from the text
    reply_to: str = ""  # where answers are read, if not where this is sent from
