"""A line to a server once it is open: commands written together, replies read one by one and none lost."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP

# RFC 5321 §4.5.3.1.5 allows 512 bytes a line; Chinese servers put whole sentences and an address into one.
LINE_BYTES_MAX = 8192
REPLY_LINES_MAX = 100

_REPLY = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


class NotSmtp(Exception):
    """What came is no reply of a mail server, so that nothing on this line can be relied on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply, its lines joined."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 300


class Line:
    """Takes the transport over from the library, which opened it, encrypted it and logged in.

    The library reads one reply per command and throws away what comes unasked, so commands written together
    would lose replies there. All methods raise OSError, EOFError, TimeoutError or NotSmtp.
    """

    def __init__(self, client: SMTP) -> None:
        transport = client.transport
        if not isinstance(transport, asyncio.Transport) or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=LINE_BYTES_MAX, loop=loop)
        protocol = asyncio.StreamReaderProtocol(self._reader, loop=loop)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        self._writer = asyncio.StreamWriter(transport, protocol, self._reader, loop)
        # Nothing may still wait here when a letter is called whole.
        transport.set_write_buffer_limits(high=0)

    @property
    def is_open(self) -> bool:
        """As far as can be known without asking."""
        return not (self._writer.is_closing() or self._reader.at_eof())

    def say(self, *commands: str) -> None:
        """Write commands in one go; each will have its own reply."""
        self._writer.write(b"".join(each.encode("ascii") + b"\r\n" for each in commands))

    async def hand_over(self, content: bytes, seconds: float) -> None:
        """All of the letter and the dot that ends it: returns when the system has taken the bytes.

        One write, so that the server is woken once; what is not written yet when the line is cut never is.
        """
        async with asyncio.timeout(seconds):
            self._writer.write(content + b".\r\n")
            await self._writer.drain()

    async def answer(self, seconds: float) -> Answer:
        """The next reply, however many lines it has."""
        async with asyncio.timeout(seconds):
            lines: list[bytes] = []
            for _ in range(REPLY_LINES_MAX):
                found = _REPLY.fullmatch((await self._line()).rstrip(b"\r\n"))
                if found is None:
                    raise NotSmtp("服务器的回答不是 SMTP")
                lines.append((found[3] or b"").strip())
                if found[2] != b"-":
                    return Answer(int(found[1]), readable(b"\n".join(lines)))
        raise NotSmtp("服务器的回答没有尽头")

    async def _line(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            raise EOFError("服务器挂断了连接") from error
        except asyncio.LimitOverrunError as error:
            raise NotSmtp("服务器的回答过长") from error

    def close(self) -> None:
        """Without a word."""
        self._writer.transport.abort()

    async def bid_farewell(self, seconds: float) -> None:
        """QUIT, for a server that is still there."""
        self.say("QUIT")
        await self.answer(seconds)


def readable(raw: bytes) -> str:
    """A server's words on one line; Chinese servers write them in UTF-8 or GBK, unannounced."""
    try:
        plain = raw.decode()
    except UnicodeDecodeError:
        plain = raw.decode("gb18030", "replace")
    return " ".join(plain.split())[:300]
