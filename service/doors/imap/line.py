"""One kept IMAP connection to one folder: connect, log in, examine, wait for mail, and break cleanly."""

from __future__ import annotations

import ast
import contextlib
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from service.doors.imap.account import ImapAccount
from service.doors.imap.idling import idle, may_idle
from service.doors.imap.restraint import REFUSED_PAUSE_SECONDS, BackOff, LoginRestraint
from service.doors.tls import Security, tls_context
from service.office.outcome import DoorError

T = TypeVar("T")

CONNECT_SECONDS_MAX = 30.0

# A broken conversation. The library raises ValueError and its kin for answers it cannot parse.
BROKEN = (OSError, EOFError, imaplib.IMAP4.error, ValueError, LookupError)

# 163 refuses every folder until the client has introduced itself, as its own apps do.
INTRODUCTION = {"name": "huizhi", "version": "1", "vendor": "huizhi"}

_FOR_A_WHILE = re.compile(
    r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again|temporar", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A folder as the server showed it just now."""

    client: Any  # IMAPClient has no types
    uidvalidity: int
    uid_next: int | None
    permanent_flags: tuple[bytes, ...] = ()


class Line:
    """A connection that is kept, and made again when it breaks. Its user holds `lock` while using it."""

    def __init__(
        self,
        account: ImapAccount,
        folder: str,
        restraint: LoginRestraint,
        closing: threading.Event,
        monotonic: Callable[[], float],
        *,
        is_roving: bool = False,
    ) -> None:
        """`is_roving`: it goes from folder to folder, so that one shut folder says nothing about the next."""
        self.is_roving = is_roving
        self.account = account
        self.folder = folder
        self.lock = threading.Lock()
        self._restraint = restraint
        self._closing = closing
        self._monotonic = monotonic
        self._back_off = BackOff(monotonic)
        self._client: Any = None
        self._highest = 0  # the highest UID a reading has seen
        self._read_at = monotonic()
        self._may_idle = True

    @property
    def is_open(self) -> bool:
        return self._client is not None

    def rest_seconds(self) -> float:
        """How long this line must not be tried."""
        return max(self._back_off.rest_seconds(), self._restraint.rest_seconds())

    def poll_in_seconds(self) -> float:
        """When an open line without IDLE should be read again."""
        due_in = self._read_at + self.account.poll_seconds - self._monotonic()
        return max(0.0, due_in, self._back_off.rest_seconds())

    def examine(self, *, may_change: bool = False) -> Examined:
        """The folder, opened fresh, read-only unless `may_change`; connects when needed. Raises DoorError."""
        return self.ask(lambda: self._examine(may_change=may_change))

    def ask(self, question: Callable[[], T]) -> T:
        """Ask over the kept connection, or over a fresh one when it has died. Raises DoorError."""
        self._back_off.check()
        if self._client is not None:
            try:
                return question()
            except BROKEN:
                # The kept connection has died of old age; a fresh one is tried before anyone is told.
                self.drop()
        try:
            self._connect()
            return question()
        except ssl.SSLCertVerificationError as error:
            why = (
                f"{self._whom()}的证书不可信（{error.verify_message}）："
                "请核对 config/office.yaml 中的服务器名；单位自建的邮件服务器请同时写明其根证书文件。"
            )
            self._back_off.fail(why, REFUSED_PAUSE_SECONDS)
            raise DoorError(why, again=False) from error
        except BROKEN as error:
            raise self.fail(error) from error

    def succeed(self, highest: int = 0) -> None:
        """Tell that a whole reading went well, and the highest UID it has seen."""
        self._back_off.succeed()
        self._highest = highest
        self._read_at = self._monotonic()

    def fail(self, error: Exception) -> DoorError:
        """Drop the line after a broken conversation; returns what to raise."""
        self.drop()
        why = f"{self._whom()}连接中断（{said(error)}），稍后自动重连。"
        self._back_off.fail(why)
        return DoorError(why, again=True)

    def wait(self, seconds: float) -> bool | None:
        """IDLE for at most `seconds`: True when mail may have come; None where the line cannot IDLE now."""
        client = self._client
        if client is None or not self._may_idle or self._back_off.rest_seconds():
            return None
        try:
            if not may_idle(client):
                return None
            return idle(client, self._highest, seconds, self._closing, self._monotonic)
        except imaplib.IMAP4.error as error:
            # Offered and then refused: from now on this line is polled.
            self._may_idle = isinstance(error, imaplib.IMAP4.abort)
            self.fail(error)
            return True
        except BROKEN as error:
            self.fail(error)
            return True

    def drop(self) -> None:
        """Close without ceremony; the server needs no LOGOUT."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*BROKEN):
                client.shutdown()

    def pull_plug(self) -> None:
        """Make another thread's read on this line fail at once; that thread then drops the line itself."""
        client = self._client
        if client is not None:
            with contextlib.suppress(*BROKEN):
                client.socket().shutdown(socket.SHUT_RDWR)

    def log_out(self, seconds: float) -> None:
        """Close politely, waiting no longer than `seconds` for the server's goodbye."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*BROKEN):
                client.socket().settimeout(seconds)
                client.logout()

    # connecting

    def _connect(self) -> None:
        self._restraint.check()
        client = self._dial()
        try:
            self._restraint.count()
            self._log_in(client)
            if client.has_capability("ID"):
                # A server that offers ID and then refuses it is none we must satisfy.
                with contextlib.suppress(imaplib.IMAP4.error):
                    client.id_(INTRODUCTION)
        except BaseException:
            with contextlib.suppress(*BROKEN):
                client.shutdown()
            raise
        self._client = client

    def _dial(self) -> Any:
        account = self.account
        context = None if account.security is Security.NONE else tls_context(account.ca_file)
        client = IMAPClient(
            account.host,
            port=account.port,
            ssl=account.security is Security.SSL,
            ssl_context=context,
            timeout=SocketTimeout(min(CONNECT_SECONDS_MAX, account.timeout), account.timeout),
        )
        client.normalise_times = False
        # The library sends a SEARCH and its line end apart; held back, the second waits for the first's
        # acknowledgement, 40 ms on loopback.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        quiet(client)
        if account.security is Security.STARTTLS:
            client.starttls(context)
        return client

    def _log_in(self, client: Any) -> None:
        try:
            client.login(self.account.username, self.account.password)
        except LoginError as error:
            # The library calls a connection lost in mid-login a refused login, too.
            if isinstance(error.__context__, imaplib.IMAP4.abort) or _FOR_A_WHILE.search(str(error)):
                raise imaplib.IMAP4.abort(str(error)) from error
            why = (
                f"{self._whom()}登录被拒绝（服务器说：{said(error)}）：请在网页邮箱里确认已开启 IMAP 服务，"
                f"并更新授权码。为免被封停，每 {REFUSED_PAUSE_SECONDS / 60:.0f} 分钟只试一次。"
            )
            self._restraint.refuse(why)
            raise DoorError(why, again=False) from error

    def list_folders(self) -> list[tuple[tuple[bytes, ...], str]]:
        """Every folder with its flags, names decoded. Raises DoorError."""

        def listed() -> list[tuple[tuple[bytes, ...], str]]:
            return [(tuple(flags), str(name)) for flags, _, name in self._client.list_folders()]

        return self.ask(listed)

    def _examine(self, *, may_change: bool) -> Examined:
        client = self._client
        try:
            shown = client.select_folder(self.folder, readonly=not may_change)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            why = (
                f"{self._whom()}无法打开文件夹“{self.folder}”（服务器说：{said(error)}）："
                "请核对 config/office.yaml 中的文件夹名，或在网页邮箱里允许第三方客户端登录。"
            )
            if not self.is_roving:
                self._back_off.fail(why, REFUSED_PAUSE_SECONDS)
            raise DoorError(why, again=False) from error
        # Some servers show what is new only after a NOOP, even to a folder opened afresh.
        client.noop()
        flags = tuple(shown.get(b"PERMANENTFLAGS", ()))
        return Examined(client, int(shown.get(b"UIDVALIDITY", 0)), shown.get(b"UIDNEXT"), flags)

    def _whom(self) -> str:
        return f"邮箱账户“{self.account.name}”（{self.account.host}）"


def quiet(client: Any) -> None:
    """Stop the library from formatting every byte for a debug log: 7.5 times faster, no bodies in logs."""
    inner: Any = getattr(client, "_imap", None)
    if hasattr(inner, "debug"):
        inner.debug = 0


def said(error: Exception) -> str:
    """The server's own words, also where the library passed them on as the text of a bytes literal."""
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    text = str(error.args[0]) if error.args else ""
    if text[:2] in {"b'", 'b"'}:
        with contextlib.suppress(ValueError, SyntaxError):
            raw = ast.literal_eval(text)
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                text = raw.decode("gb18030", "replace")
    return (text or type(error).__name__)[:200]
