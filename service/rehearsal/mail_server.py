"""A small real mail service on loopback: SMTP by aiosmtpd and IMAP by pymap, in one thread of its own."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from types import TracebackType
from typing import TypeVar

from service.doors.tls import Security
from service.rehearsal.mail_boxes import STREAM_LIMIT, LoginTry, MailBoxes, StoredMail
from service.rehearsal.mail_reception import Conversation, Outside, Reception, Refusal, Taken

T = TypeVar("T")

LOOPBACK = "127.0.0.1"

# No call into the server's thread does more than copy a mail; half a minute is a hung thread, not a slow one.
CALL_SECONDS_MAX = 30.0


def machine_time() -> datetime:
    return datetime.now(UTC)


class MailServer:
    """Mail accounts with SMTP and IMAP on loopback. AUTH is required, TLS where asked for.

    The system chooses the ports where none are given.

    Every mail accepted by SMTP stands in `log`, every attempt to log in stands in `logins`; both only grow.
    Accounts have the folders INBOX, Junk and Sent; a mail sent by SMTP is also laid into its sender's Sent.
    `clock` dates deliveries (INTERNALDATE) and both lists; it is called in the server's thread.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = machine_time,
        size_bytes_max: int = 60_000_000,
        host: str = "mx.rehearsal.example",
        has_idle: bool = True,
        security: Security = Security.NONE,
        tls: ssl.SSLContext | None = None,
        smtp_port: int = 0,
        imap_port: int = 0,
    ) -> None:
        self.clock = clock
        self.logins: list[LoginTry] = []
        self._size_bytes_max = size_bytes_max
        self._implicit_tls = tls if security is Security.SSL else None
        self._start_tls = tls if security is Security.STARTTLS else None
        self._boxes = MailBoxes(
            lambda who, is_good: self._note("imap", who, is_good), has_idle=has_idle, tls=self._start_tls
        )
        self._reception = Reception(
            boxes=self._boxes,
            host=host,
            clock=self._now,
            told=lambda who, is_good: self._note("smtp", who, is_good),
        )
        self._smtp = _Listener(smtp_port)
        self._imap = _Listener(imap_port)
        self._conversations: set[Conversation] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_over: asyncio.Event | None = None

    # life

    def start(self) -> MailServer:
        """Listen; returns itself once both ports answer. Raises OSError where a given port is taken."""
        # aiosmtpd warns of passwords without TLS at every connection; this server only listens on loopback.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        # Bound here, so that a port which is taken is told to whoever starts the server.
        try:
            self._smtp.reserve()
            self._imap.reserve()
        except OSError:
            self._smtp.give_up()
            raise
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main(ready)), name="rehearsal-mail", daemon=True
        )
        self._thread.start()
        if not ready.wait(CALL_SECONDS_MAX):
            raise RuntimeError("邮件演练服务器没有在规定时间内启动。")
        return self

    def stop(self) -> None:
        """Hang up on everyone and end the thread; may be called twice."""
        if self._loop is None or self._thread is None or self._is_over is None:
            return
        self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join(CALL_SECONDS_MAX)
        self._loop = self._thread = None

    def __enter__(self) -> MailServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def smtp_port(self) -> int:
        return self._smtp.port

    @property
    def imap_port(self) -> int:
        return self._imap.port

    @property
    def log(self) -> list[Taken]:
        """What was accepted, one row per recipient; count lost and doubled from here."""
        return self._reception.log

    # accounts and mails

    def add_account(self, address: str, password: str, *, keeps_sent: bool = True) -> None:
        """Open an account; its login name is the address in lower case. Again: change its password."""
        self._call(self._boxes.add_account(address, password))
        if not keeps_sent:
            self._reception.without_sent.add(address.lower())

    def add_folder(self, address: str, folder: str) -> None:
        self._call(self._boxes.add_folder(address, folder))

    def deliver(self, address: str, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> int:
        """Lay a mail into a folder directly, dated `at` (the clock's time when None); returns its UID."""
        return self._call(self._boxes.deliver(address, folder, raw, at or self.clock()))

    def mails(self, address: str, folder: str = "INBOX") -> tuple[StoredMail, ...]:
        return self._call(self._boxes.mails(address, folder))

    def delete(self, address: str, uid: int, folder: str = "INBOX") -> None:
        self._call(self._boxes.delete(address, folder, uid))

    def renumber(self, address: str, uidvalidity: int, folder: str = "INBOX") -> None:
        """Give a folder another UIDVALIDITY."""
        self._call(self._boxes.renumber(address, folder, uidvalidity))

    def outside(self, callback: Outside | None) -> None:
        """`callback(sender, rcpt, raw)` gets mail for those who are no account; without it that is refused.

        It is called in the server's thread, before the sender hears 250.
        """
        self._reception.outside = callback

    def rewrite_ids(self, address: str) -> None:
        """Replace the Message-ID of what this account sends, keeping ours in X-OQ-MSGID, as QQ does."""
        self._reception.rewriting.add(address.lower())

    # faults

    def refuse(self, address: str, code: int, text: str, times: int | None = None) -> None:
        """Say no at RCPT to this recipient, `times` times or always."""
        self._reception.faults.rcpt[address.lower()] = (Refusal(code, text), times)

    def accept(self, address: str) -> None:
        """Take back `refuse` and `bounce`."""
        self._reception.faults.rcpt.pop(address.lower(), None)
        self._reception.faults.bounces.pop(address.lower(), None)

    def refuse_sender(self, code: int, text: str, times: int = 1) -> None:
        """Say no at the next `times` MAIL commands."""
        self._reception.faults.sender.extend([Refusal(code, text)] * times)

    def refuse_content(self, code: int, text: str, times: int = 1) -> None:
        """Say no after the next `times` letters' last byte."""
        self._reception.faults.content.extend([Refusal(code, text)] * times)

    def bounce(self, address: str, status: str = "5.1.1", text: str = "User unknown") -> None:
        """Accept mail for this address, then return a delivery failure notice to its sender's INBOX."""
        self._reception.faults.bounces[address.lower()] = (status, text)

    def drop_at_rcpt(self, times: int = 1) -> None:
        """Cut the connection at the next RCPT commands."""
        self._reception.faults.drops_at_rcpt = times

    def drop_at_data(self, times: int = 1) -> None:
        """Cut the connection at the next DATA commands, before a byte of the letter was asked for."""
        self._reception.faults.drops_at_data = times

    def drop_after_data(self, times: int = 1, *, keep: bool = True) -> None:
        """Cut the connection after a letter's last byte; `keep`: it was delivered all the same."""
        self._reception.faults.drops_after_data.extend([keep] * times)

    def down(self, *, smtp: bool = True, imap: bool = True) -> None:
        """Hang up on everyone and refuse connections; the ports stay ours."""
        self._call(self._go_down(smtp, imap))

    def up(self) -> None:
        """Answer again, on the same ports."""
        self._call(self._listen())

    def hang_up(self) -> None:
        """End every open connection; new ones are welcome."""
        self._call(self._hang_up(True, True))

    # inside the server's thread

    async def _main(self, ready: threading.Event) -> None:
        over = self._is_over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        await self._listen()
        ready.set()
        await over.wait()
        await self._go_down(True, True)
        self._smtp.give_up()
        self._imap.give_up()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        if self._smtp.server is None:
            self._smtp.server = await loop.create_server(
                lambda: Conversation(
                    self._reception, self._size_bytes_max, self._conversations, self._start_tls
                ),
                sock=self._smtp.bound(),
                ssl=self._implicit_tls,
            )
        if self._imap.server is None:
            self._imap.server = await asyncio.start_server(
                self._boxes.serve, sock=self._imap.bound(), limit=STREAM_LIMIT, ssl=self._implicit_tls
            )

    async def _go_down(self, smtp: bool, imap: bool) -> None:
        if smtp:
            self._smtp.close()
        if imap:
            self._imap.close()
        await self._hang_up(smtp, imap)

    async def _hang_up(self, smtp: bool, imap: bool) -> None:
        if smtp:
            for conversation in tuple(self._conversations):
                conversation.hang_up()
        if imap:
            await self._boxes.hang_up()

    def _now(self) -> datetime:
        # Asked anew each time, so that a rehearsal may exchange the clock while the server runs.
        return self.clock()

    def _note(self, protocol: str, who: str, is_good: bool) -> None:
        self.logins.append(LoginTry(self.clock(), protocol, who, is_good))

    def _call(self, work: Coroutine[object, object, T]) -> T:
        if self._loop is None:
            work.close()
            raise RuntimeError("邮件演练服务器没有在运行：请先调用 start()。")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_SECONDS_MAX)


class _Listener:
    """A loopback port that stays ours while nobody answers on it."""

    def __init__(self, port: int = 0) -> None:
        self.server: asyncio.Server | None = None
        self.port = port
        self._idle: socket.socket | None = None

    def reserve(self) -> None:
        """Bind now and listen later."""
        self._idle = self._idle or self._bind()

    def bound(self) -> socket.socket:
        """The bound socket, to be listened on."""
        ours, self._idle = self._idle or self._bind(), None
        return ours

    def close(self) -> None:
        """Stop listening but stay bound: connections are refused, and nobody else is given the port."""
        if self.server is not None:
            self.server.close()
            self.server = None
            self._idle = self._bind()

    def give_up(self) -> None:
        if self._idle is not None:
            self._idle.close()
            self._idle = None

    def _bind(self) -> socket.socket:
        # asyncio sends small answers at once only on sockets that say they are TCP; else each waits 40 ms.
        ours = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ours.bind((LOOPBACK, self.port))
        self.port = ours.getsockname()[1]
        return ours
