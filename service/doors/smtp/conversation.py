"""One kept SMTP connection, and one letter's way through it, command by command."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP

from service.doors.smtp.account import SmtpAccount
from service.doors.smtp.line import Answer, Line, NotSmtp, readable
from service.doors.smtp.phase import BEFORE_LETTER, Ending, Lost, Misfit, Phase, Reply, TooLarge
from service.doors.tls import Security, tls_context

# A server may take ten minutes to answer the last dot [RFC 5321 §4.5.3.2.6]; giving up earlier makes doubts.
CONTENT_SECONDS_MIN = 600.0
# An office uplink may be slow: beyond ten minutes' worth, the letter's size decides.
CONTENT_BYTES_PER_SECOND = 20_000
# Servers close idle connections, but none that was used a moment ago: only an older one is asked first.
FRESH_SECONDS = 5.0
QUIT_SECONDS_MAX = 5.0

_BROKEN = (aiosmtplib.SMTPException, OSError, TimeoutError, EOFError, NotSmtp)
_GO_ON = 354


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the server said it can do."""

    has_pipelining: bool
    has_size: bool
    size_max: int  # 0: not said


class Conversation:
    """Keeps a connection of one account; all of it runs in the door's event loop, one letter at a time."""

    def __init__(self, account: SmtpAccount, monotonic: Callable[[], float]) -> None:
        self._account = account
        self._monotonic = monotonic
        self._client: SMTP | None = None
        self._line: Line | None = None
        self._offer = _Offer(False, False, 0)
        self._count = 0
        self._per_connection = account.per_connection
        self._used_at = 0.0
        self._is_clean = True  # no half-finished transaction lies on the server
        self._phase = Phase.CONNECT
        self._is_whole = False
        self._task: asyncio.Task[object] | None = None

    @property
    def is_open(self) -> bool:
        """A connection is kept, as far as can be known without asking."""
        return self._line is not None and self._line.is_open

    async def deliver(self, mime: bytes, rcpt: str) -> Ending:
        """One letter to one recipient; however it ends, the ending is returned."""
        self._task = asyncio.current_task()
        self._phase, self._is_whole = Phase.CONNECT, False
        try:
            is_kept = await self._keep()
            ending = await self._deliver(mime, rcpt)
            if is_kept and isinstance(ending, Lost) and ending.phase not in (*BEFORE_LETTER, Phase.CONTENT):
                # The kept connection had died unnoticed and no byte was asked for: a new one will do.
                ending = await self._deliver(mime, rcpt)
        except asyncio.CancelledError:
            # Only the closing door cancels, and it wants to hear how far the letter came.
            self.drop()
            return Lost(self._phase, "服务正在停止", self._is_whole)
        finally:
            self._task = None
        return ending

    async def _deliver(self, mime: bytes, rcpt: str) -> Ending:
        self._phase, self._is_whole = Phase.CONNECT, False
        try:
            line = self._line or await self._connect()
            if isinstance(line, Misfit):
                self.drop()
                return line
            ending = await self._hand_over(line, as_content(mime), rcpt)
        except _BROKEN as error:
            self.drop()
            return self._ending_of(error)
        self._count += 1
        self._used_at = self._monotonic()
        if isinstance(ending, Reply) and ending.code == 421:
            # The server is hanging up [RFC 5321 §3.8].
            self.drop()
        return ending

    async def hang_up(self) -> None:
        """QUIT, for a server that is still there."""
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(*_BROKEN):
                await line.bid_farewell(QUIT_SECONDS_MAX)
            line.close()
        self.drop()

    def drop(self) -> None:
        """Close without a word."""
        line, self._line = self._line, None
        client, self._client = self._client, None
        if line is not None:
            line.close()
        elif client is not None:
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

    async def _keep(self) -> bool:
        """Whether the connection there is will do; a spent or dead one is given up."""
        if self._line is None:
            return False
        if self._per_connection and self._count >= self._per_connection:
            await self.hang_up()
            return False
        if self._line.is_open and await self._is_alive(self._line):
            return True
        self.drop()
        return False

    async def _is_alive(self, line: Line) -> bool:
        """RSET tells, and costs a round trip; a connection used a moment ago is believed."""
        if self._monotonic() - self._used_at < FRESH_SECONDS:
            return True
        try:
            line.say("RSET")
            self._is_clean = (await line.answer(self._account.timeout)).code == 250
        except _BROKEN:
            return False
        return self._is_clean

    async def _connect(self) -> Line | Misfit:
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
        self._count, self._is_clean = 0, True
        await client.connect()
        await client.ehlo()
        if account.security is Security.STARTTLS:
            if not client.supports_extension("starttls"):
                return Misfit("服务器不提供 STARTTLS 加密，请核对端口与加密设置")
            await client.starttls()
            await client.ehlo()
        if account.username:
            self._phase = Phase.LOGIN
            misfit = await self._log_in(client)
            if misfit is not None:
                return misfit
        self._offer = _offer_of(client)
        self._line = Line(client)
        return self._line

    async def _log_in(self, client: SMTP) -> Misfit | None:
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
        return None

    # handing over

    async def _hand_over(self, line: Line, content: bytes, rcpt: str) -> Reply | TooLarge:
        self._phase = Phase.SENDER
        if 0 < self._offer.size_max < len(content):
            return TooLarge(len(content), self._offer.size_max)
        refusal = await self._announce(line, len(content), rcpt)
        self._is_clean = refusal is None
        if refusal is not None:
            return refusal
        # From here on the server may have the whole letter, whatever we hear.
        self._phase = Phase.CONTENT
        seconds = max(CONTENT_SECONDS_MIN, len(content) / CONTENT_BYTES_PER_SECOND)
        await line.hand_over(content, seconds)
        self._is_whole = True
        answer = await line.answer(seconds)
        return Reply(Phase.CONTENT, answer.code, answer.text)

    async def _announce(self, line: Line, size: int, rcpt: str) -> Reply | None:
        """MAIL, RCPT and DATA; None when the server waits for the letter, else its first no.

        Together in one write where the server offers PIPELINING; each reply is read all the same, so that
        there is never a doubt which command was refused [RFC 2920 §3.1].
        """
        told_size = f" SIZE={size}" if self._offer.has_size else ""
        commands = [f"MAIL FROM:<{self._account.envelope_sender}>{told_size}", f"RCPT TO:<{rcpt}>", "DATA"]
        phases = [Phase.SENDER, Phase.RCPT, Phase.DATA]
        if not self._is_clean:
            # What was refused before may have left a sender behind, and a second one would be refused.
            commands, phases = ["RSET", *commands], [Phase.SENDER, *phases]
        if not self._offer.has_pipelining:
            return await self._one_by_one(line, commands, phases)
        line.say(*commands)
        refusal: Reply | None = None
        for command, phase in zip(commands, phases, strict=True):
            self._phase = phase if refusal is None else refusal.phase
            answer = await line.answer(self._account.timeout)
            if command == "DATA" and answer.code == _GO_ON and refusal is not None:
                await self._send_nothing(line, refusal)
            elif refusal is None and not _is_welcome(command, answer):
                refusal = Reply(phase, answer.code, answer.text)
            if answer.code == 421:
                break
        return refusal

    async def _one_by_one(self, line: Line, commands: list[str], phases: list[Phase]) -> Reply | None:
        for command, phase in zip(commands, phases, strict=True):
            self._phase = phase
            line.say(command)
            answer = await line.answer(self._account.timeout)
            if not _is_welcome(command, answer):
                return Reply(phase, answer.code, answer.text)
        return None

    async def _send_nothing(self, line: Line, refusal: Reply) -> None:
        """354 although somebody was refused: an empty letter ends it [RFC 2920 §3.1].

        Only when it was the recipient, so that there is nobody whom an empty letter could reach; in every
        other case the line is cut, which ends the transaction as well.
        """
        if refusal.phase is Phase.RCPT:
            with contextlib.suppress(*_BROKEN):
                await line.hand_over(b"", self._account.timeout)
                if not (await line.answer(self._account.timeout)).is_good:
                    return
        self.drop()

    def _ending_of(self, error: BaseException) -> Ending:
        untrusted = error if isinstance(error, ssl.SSLCertVerificationError) else error.__cause__
        if isinstance(untrusted, ssl.SSLCertVerificationError):
            return Misfit(f"服务器证书不可信（{untrusted.verify_message}），请核对服务器名或写明单位的根证书")
        if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
            text = readable(error.message.encode("utf-8", "surrogateescape"))
            return Reply(self._phase, error.code, text)
        return Lost(self._phase, _words_of(error), self._is_whole)


def _is_welcome(command: str, answer: Answer) -> bool:
    return answer.code == _GO_ON if command == "DATA" else answer.is_good


def _words_of(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "服务器迟迟没有回答"
    return readable(str(error).encode()) or type(error).__name__


def _offer_of(client: SMTP) -> _Offer:
    said = client.esmtp_extensions.get("size", "").split()
    size = int(said[0]) if said and said[0].isdecimal() and len(said[0]) < 16 else 0
    return _Offer(client.supports_extension("pipelining"), client.supports_extension("size"), size)


def as_content(mime: bytes) -> bytes:
    """The bytes for DATA: CRLF line ends, leading dots doubled, a line end at the end [RFC 5321 §4.5.2]."""
    # Our own letters are so already, and base64 has no dots: searching for two bytes together, or rewriting
    # every line, would take longer than handing the letter over.
    lines = mime.splitlines()
    are_sound = len(mime) == sum(map(len, lines)) + 2 * len(lines)
    content = mime if are_sound else b"".join(each + b"\r\n" for each in lines)
    if any(each.endswith(b"\n") for each in content.split(b".")[:-1]):
        content = content.replace(b"\r\n.", b"\r\n..")
    return b"." + content if content.startswith(b".") else content
