"""One kept SMTP connection, and one letter's way through it, command by command."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP

from service.doors.smtp.account import SmtpAccount
from service.doors.smtp.verdicts import Phase
from service.doors.tls import Security, tls_context

# A server may take ten minutes to answer the last dot [RFC 5321 §4.5.3.2.6]; giving up earlier makes doubts.
CONTENT_SECONDS_MIN = 600.0
# An office uplink may be slow: beyond ten minutes' worth, the letter's size decides.
CONTENT_BYTES_PER_SECOND = 20_000

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_BROKEN = (aiosmtplib.SMTPException, OSError, TimeoutError, EOFError)


@dataclass(frozen=True, slots=True)
class Reply:
    """The server answered; 250 after CONTENT is the only yes."""

    phase: Phase
    code: int
    text: str

    @property
    def is_yes(self) -> bool:
        return self.phase is Phase.CONTENT and self.code == 250


@dataclass(frozen=True, slots=True)
class Lost:
    """The line broke in this phase."""

    phase: Phase
    why: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """Server and settings do not fit together (certificate, STARTTLS, AUTH): only a person can mend that."""

    why: str


Ending = Reply | Lost | Misfit


class Conversation:
    """Keeps a connection of one account; all of it runs in the door's event loop, one letter at a time."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._client: SMTP | None = None
        self._count = 0
        self._per_connection = account.per_connection
        self._phase = Phase.CONNECT
        self._task: asyncio.Task[object] | None = None

    async def deliver(self, mime: bytes, rcpt: str) -> Ending:
        """One letter to one recipient; however it ends, the ending is returned."""
        self._phase = Phase.CONNECT
        self._task = asyncio.current_task()
        try:
            client = await self._ready()
            if isinstance(client, Reply | Misfit):
                self.drop()
                return client
            ending = await self._hand_over(client, mime, rcpt)
        except _BROKEN as error:
            self.drop()
            return self._ending_of(error)
        except asyncio.CancelledError:
            # Only the closing door cancels, and it wants to hear how far the letter came.
            self.drop()
            return Lost(self._phase, "服务正在停止")
        finally:
            self._task = None
        self._count += 1
        return ending

    async def hang_up(self) -> None:
        """QUIT, for a server that is still there."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*_BROKEN):
                await client.quit(timeout=5.0)
            client.close()

    def drop(self) -> None:
        """Close without a word."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def interrupt(self) -> None:
        """Break off the letter under way; its sender hears how far it came."""
        if self._task is not None:
            self._task.cancel()

    async def start_afresh(self) -> None:
        """The server wants fewer letters on one connection."""
        self._per_connection = max(1, self._count // 2)
        await self.hang_up()

    # connecting

    async def _ready(self) -> SMTP | Reply | Misfit:
        if self._client is not None and self._per_connection and self._count >= self._per_connection:
            await self.hang_up()
        if self._client is not None and await self._is_alive(self._client):
            return self._client
        self.drop()
        return await self._connect()

    async def _is_alive(self, client: SMTP) -> bool:
        """Servers close idle connections; RSET tells, and forgets whatever was left open."""
        try:
            return (await client.rset()).code == 250
        except _BROKEN:
            return False

    async def _connect(self) -> SMTP | Reply | Misfit:
        account = self._account
        # Kept at once, so that whatever follows, it is closed.
        client = self._client = SMTP(
            hostname=account.host,
            port=account.port,
            use_tls=account.security is Security.SSL,
            start_tls=False,
            tls_context=None if account.security is Security.NONE else tls_context(account.ca_file),
            # The library would ask the resolver for this machine's name, and tell it to the world.
            local_hostname=account.envelope_sender.rpartition("@")[2] or "localhost",
            timeout=account.timeout,
        )
        self._count = 0
        await client.connect()
        await client.ehlo()
        if account.security is Security.STARTTLS:
            if not client.supports_extension("starttls"):
                return Misfit("服务器不提供 STARTTLS 加密，请核对端口与加密设置")
            await client.starttls()
            await client.ehlo()
        if not account.username:
            return client
        self._phase = Phase.LOGIN
        return await self._log_in(client)

    async def _log_in(self, client: SMTP) -> SMTP | Reply | Misfit:
        """One attempt with one mechanism: the library would try them all, and each counts as a failure."""
        name, password = self._account.username, self._account.password
        offered = client.supported_auth_methods
        if "plain" in offered:
            await client.auth_plain(name, password)
        elif "login" in offered:
            await client.auth_login(name, password)
        elif "cram-md5" in offered:
            await client.auth_crammd5(name, password)
        else:
            return Misfit("服务器不提供用户名密码登录，请核对端口与加密设置")
        return client

    # handing over

    async def _hand_over(self, client: SMTP, mime: bytes, rcpt: str) -> Reply:
        content = as_content(mime)
        sender = self._account.envelope_sender
        size = f" SIZE={len(content)}" if client.supports_extension("size") else ""
        for phase, command, good in (
            (Phase.SENDER, f"MAIL FROM:<{sender}>{size}", (250,)),
            (Phase.RCPT, f"RCPT TO:<{rcpt}>", (250, 251)),
            (Phase.DATA, "DATA", (354,)),
        ):
            self._phase = phase
            response = await client.execute_command(command.encode("ascii"))
            if response.code not in good:
                return Reply(phase, response.code, readable(response.message))
        return await self._send_content(client, content)

    async def _send_content(self, client: SMTP, content: bytes) -> Reply:
        protocol = client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        # From here on the server may have the whole letter, whatever we hear.
        self._phase = Phase.CONTENT
        protocol.write(content + b".\r\n")
        seconds = max(CONTENT_SECONDS_MIN, len(content) / CONTENT_BYTES_PER_SECOND)
        response = await protocol.read_response(timeout=seconds)
        return Reply(Phase.CONTENT, response.code, readable(response.message))

    def _ending_of(self, error: BaseException) -> Ending:
        untrusted = error if isinstance(error, ssl.SSLCertVerificationError) else error.__cause__
        if isinstance(untrusted, ssl.SSLCertVerificationError):
            return Misfit(f"服务器证书不可信（{untrusted.verify_message}），请核对服务器名或写明单位的根证书")
        if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
            return Reply(self._phase, error.code, readable(error.message))
        return Lost(self._phase, str(error) or type(error).__name__)


def as_content(mime: bytes) -> bytes:
    """The bytes for DATA: CRLF line ends, leading dots doubled, a line end at the end [RFC 5321 §4.5.2]."""
    lines = _LEADING_DOT.sub(b"..", _LINE_END.sub(b"\r\n", mime))
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def readable(text: str) -> str:
    """A server's words on one line; Chinese servers write them in UTF-8 or GBK, unannounced."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        plain = raw.decode()
    except UnicodeDecodeError:
        plain = raw.decode("gb18030", "replace")
    return " ".join(plain.split())[:300]
