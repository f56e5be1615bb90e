"""The SMTP side of the rehearsal: who may send, what is accepted, and every way it can go wrong."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from service.rehearsal.mail_bounce import bounce_notice
from service.rehearsal.mail_boxes import MailBoxes

Outside = Callable[[str, str, bytes], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail for one recipient that the server said yes to: the witness for lost and doubled."""

    at: datetime
    sender: str
    rcpt: str
    message_id: str  # as the client sent it
    delivered_id: str  # differs where the server rewrites ids, as QQ does
    sha256: str  # of the bytes as the client sent them
    size: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server says no with."""

    code: int
    text: str

    def line(self) -> str:
        return f"{self.code} {self.text}"


@dataclass(slots=True)
class Faults:
    """Everything that is to go wrong; counters run down to zero."""

    rcpt: dict[str, tuple[Refusal, int | None]] = field(default_factory=dict)
    sender: list[Refusal] = field(default_factory=list)
    content: list[Refusal] = field(default_factory=list)
    bounces: dict[str, tuple[str, str]] = field(default_factory=dict)
    drops_at_rcpt: int = 0
    drops_at_data: int = 0
    drops_after_data: list[bool] = field(default_factory=list)  # True: the mail was kept all the same

    def refusal_of(self, rcpt: str) -> Refusal | None:
        refusal, times = self.rcpt.get(rcpt, (None, None))
        if refusal is None or times is None:
            return refusal
        if times <= 1:
            del self.rcpt[rcpt]
        else:
            self.rcpt[rcpt] = (refusal, times - 1)
        return refusal


@dataclass(slots=True)
class Reception:
    """The server's judgement on every SMTP command, shared by all connections."""

    boxes: MailBoxes
    host: str
    clock: Callable[[], datetime]
    told: Callable[[str, bool], None]
    faults: Faults = field(default_factory=Faults)
    outside: Outside | None = None
    log: list[Taken] = field(default_factory=list)
    without_sent: set[str] = field(default_factory=set)
    rewriting: set[str] = field(default_factory=set)
    _due: list[tuple[str, str, bytes]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        name, password = given.login.decode("utf-8", "replace"), given.password.decode("utf-8", "replace")
        is_good = self.boxes.is_password(name, password)
        self.told(name, is_good)
        return AuthResult(success=is_good, handled=False, auth_data=name.lower() if is_good else None)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.faults.sender:
            return self.faults.sender.pop(0).line()
        if address and address.lower() != session.auth_data:
            return "501 mail from address must be same as authorization user."
        # aiosmtpd takes an empty sender for a missing one.
        envelope.mail_from = address or "<>"
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.faults.drops_at_rcpt:
            self.faults.drops_at_rcpt -= 1
            await cut(server)
        rcpt = address.lower()
        if refusal := self.faults.refusal_of(rcpt):
            return refusal.line()
        is_known = self.boxes.knows(rcpt) or rcpt in self.faults.bounces
        if not is_known and self.outside is None:
            return "550 5.1.1 User unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.faults.content:
            return self.faults.content.pop(0).line()
        is_dropped = bool(self.faults.drops_after_data)
        if not is_dropped or self.faults.drops_after_data.pop(0):
            await self._take(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        if is_dropped:
            await cut(server)
        return "250 OK: queued as."

    async def send_bounces(self) -> None:
        """Return what could not be delivered, after the client has heard its 250."""
        while self._due:
            sender, rcpt, raw = self._due.pop(0)
            status, text = self.faults.bounces.get(rcpt.lower(), ("5.1.1", "User unknown"))
            at = self.clock()
            notice = bounce_notice(
                host=self.host,
                sender=sender,
                rcpt=rcpt,
                status=status,
                text=text,
                raw=raw,
                at=at,
                number=next(self._numbers),
            )
            if self.boxes.knows(sender):
                await self.boxes.deliver(sender, "INBOX", notice, at)

    async def _take(self, sender: str, rcpts: list[str], raw: bytes) -> None:
        at = self.clock()
        ours = head_of(raw).get("Message-ID", "").strip()
        sent, theirs = raw, ours
        if sender.lower() in self.rewriting:
            theirs = f"<tencent_{next(self._numbers):032X}@{self.host}>"
            sent = with_other_id(raw, ours, theirs)
        digest = hashlib.sha256(raw).hexdigest()
        for rcpt in rcpts:
            self.log.append(Taken(at, sender, rcpt, ours, theirs, digest, len(raw)))
            if rcpt.lower() in self.faults.bounces:
                self._due.append((sender, rcpt, sent))
            elif self.boxes.knows(rcpt):
                await self.boxes.deliver(rcpt, "INBOX", sent, at)
            elif self.outside is not None:
                self.outside(sender, rcpt, sent)
        if self.boxes.knows(sender) and sender.lower() not in self.without_sent:
            await self.boxes.deliver(sender, "Sent", sent, at, is_seen=True)


class Conversation(SMTP):
    """One SMTP connection; aiosmtpd's own, with the places where a line may be cut."""

    def __init__(
        self,
        reception: Reception,
        size_bytes_max: int,
        open_ones: set[Conversation],
        tls: ssl.SSLContext | None,
    ) -> None:
        self._reception = reception
        self._open_ones = open_ones
        with warnings.catch_warnings():
            # It warns of passwords without TLS; this server only ever listens on loopback.
            warnings.simplefilter("ignore")
            super().__init__(
                reception,
                data_size_limit=size_bytes_max,
                enable_SMTPUTF8=True,
                hostname=reception.host,
                ident="rehearsal",
                auth_required=True,
                auth_require_tls=False,
                tls_context=tls,
                authenticator=reception.authenticate,
                loop=asyncio.get_running_loop(),
            )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._open_ones.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_ones.discard(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:
        faults = self._reception.faults
        if faults.drops_at_data:
            faults.drops_at_data -= 1
            await cut(self)
        await super().smtp_DATA(arg)
        await self._reception.send_bounces()

    def hang_up(self) -> None:
        abort(self)


async def cut(server: SMTP) -> None:
    """Break the connection and never come back: aiosmtpd cancels the waiting task when the line is gone."""
    abort(server)
    await asyncio.Event().wait()


def abort(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


def head_of(raw: bytes) -> Message:
    return BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


def with_other_id(raw: bytes, ours: str, theirs: str) -> bytes:
    """The mail as QQ passes it on: its own Message-ID, ours only in X-OQ-MSGID."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"message-id:")]
    return b"\r\n".join([*lines, f"X-OQ-MSGID: {ours}\r\nMessage-ID: {theirs}".encode()]) + gap + body
