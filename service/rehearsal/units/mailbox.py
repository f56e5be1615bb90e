"""A person's own mailbox: read by IMAP, written from by SMTP, nothing else known of the world."""

from __future__ import annotations

import email
import email.policy
import imaplib
import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr

SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Received:
    """One mail in the box, read as a mail program shows it."""

    uid: int
    message_id: str
    sender: str
    sender_name: str
    to: str
    subject: str
    date: datetime | None
    text: str
    files: tuple[tuple[str, bytes], ...]
    is_automatic: bool
    references: str = ""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Where mailboxes live."""

    host: str
    smtp_port: int
    imap_port: int


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One account with its password."""

    address: str
    password: str
    post_office: PostOffice

    def read(self, after: int = 0) -> tuple[Received, ...]:
        """Every mail of the inbox above a UID, oldest first."""
        imap = imaplib.IMAP4(self.post_office.host, self.post_office.imap_port, timeout=SECONDS_MAX)
        try:
            imap.login(f'"{self.address.lower()}"', self.password)
            imap.select("INBOX", readonly=True)
            _, data = imap.uid("SEARCH", f"UID {after + 1}:*")
            uids = [int(each) for each in (data[0] or b"").split() if int(each) > after]
            return tuple(received(uid, _fetch(imap, uid)) for uid in sorted(uids))
        finally:
            imap.logout()

    def send(self, to: str, raw: bytes) -> None:
        """Hand one mail to one's own provider."""
        with smtplib.SMTP(self.post_office.host, self.post_office.smtp_port, timeout=SECONDS_MAX) as smtp:
            smtp.login(self.address.lower(), self.password)
            smtp.sendmail(self.address, [to], raw)


def _fetch(imap: imaplib.IMAP4, uid: int) -> bytes:
    _, data = imap.uid("FETCH", str(uid), "(BODY.PEEK[])")
    return bytes(next(part[1] for part in data if isinstance(part, tuple)))


def received(uid: int, raw: bytes) -> Received:
    """A mail's bytes as a mail program shows them."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    name, address = parseaddr(str(message["From"] or ""))
    date = message["Date"]
    return Received(
        uid=uid,
        message_id=str(message["Message-ID"] or "").strip(),
        sender=address,
        sender_name=name,
        to=parseaddr(str(message["To"] or ""))[1],
        subject=str(message["Subject"] or ""),
        date=date.datetime if date is not None else None,
        text=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
        files=tuple(_file(part) for part in message.iter_attachments()),
        is_automatic=str(message["Auto-Submitted"] or "no") == "auto-replied",
        references=str(message["References"] or ""),
    )


def _file(part: EmailMessage) -> tuple[str, bytes]:
    content = part.get_content()
    data = content if isinstance(content, bytes) else str(content).encode()
    return part.get_filename() or "附件", data
