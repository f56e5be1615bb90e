"""An SMTP server on loopback that does wrong what the recipient's local part orders."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import suppress
from types import TracebackType

# local part → the command whose answer it is, and the answer
ANSWERS: dict[str, tuple[str, str]] = {
    "450-mi-dmc": ("RCPT", "450 MI:DMC 当前连接发送的邮件数量超出限制"),
    "451-mi-sfq": ("RCPT", "451 MI:SFQ 发信人在15分钟内的发信数量超过限制"),
    "451-dt-spm": ("DOT", "451 DT:SPM,please try again"),
    "421-hl-rep": ("RCPT", "421 HL:REP 该IP发送行为异常"),
    "450-dt-rbl": ("RCPT", "450 DT:RBL 禁止该IP"),
    "554-mi-stc": ("RCPT", "554 MI:STC 发件人当天内累计邮件数量超过限制"),
    "554-dt-spm": ("DOT", "554 DT:SPM 163 smtp13"),
    "554-dt-sum": ("DOT", "554 DT:SUM 信封发件人和信头发件人不匹配"),
    "550-qq-frequency": ("RCPT", "550 Domain frequency limited"),
    "550-qq-access-denied": ("RCPT", "550 Mailbox unavailable or access denied"),
    "550-spf": ("DOT", "550 SPF check failed"),
    "550-545": ("RCPT", "550 5.4.5 Daily user sending limit exceeded."),
    "421-gmail": ("RCPT", "421 4.7.0 Try again later, closing connection."),
    "550-515": ("DOT", "550 5.7.515 Access denied, sending domain does not meet the level"),
    "552": ("DOT", "552 Error: Too much mail data"),
    "554-534": ("DOT", "554 5.3.4 Message too big for system"),
    "554-spam": ("DOT", "554 5.7.1 Message rejected as spam"),
    "550-unknown": ("RCPT", "550 5.1.1 Recipient address rejected: User unknown"),
    "552-full": ("RCPT", "552 5.2.2 Over quota"),
    "mailbox-full": ("RCPT", "452 4.2.2 Mailbox full"),
    "554-policy": ("RCPT", "554 5.7.1 Relay access denied"),
    "551": ("RCPT", "551 User not local"),
    "greylisted": ("RCPT", "451 4.7.1 Greylisting in action, please come back later"),
    "554-at-dot": ("DOT", "554 Transaction failed"),
    "garbage": ("DOT", "这是什么"),
    "354-at-dot": ("DOT", "354 go on"),
}
# What it does instead of answering: hang up at this point.
DROPS = {"drop-before-354": "DATA", "drop-mid-data": "MID", "drop-after-dot": "DOT"}


class FaultServer:
    """SMTP, plain or within TLS, with or without PIPELINING.

    `taken` holds (recipient, letter); `logins` counts attempts.

    What is refused before a recipient is named is told by `orders`: AUTH or MAIL, or 220 for the greeting.
    """

    def __init__(self, *, has_pipelining: bool = True, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.orders: dict[str, str] = {}
        self.taken: list[tuple[str, bytes]] = []
        self.logins = 0
        self._has_pipelining = has_pipelining
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._ear.getsockname()[1]
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> FaultServer:
        self._thread(self._listen)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ear.shutdown(socket.SHUT_RDWR)
        self._ear.close()
        for line in tuple(self._lines):
            _cut(line)
        for thread in self._threads:
            thread.join(10)

    def _thread(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type] # any call
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._ear.accept()
            except OSError:
                return
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
            self._lines.add(line)
            self._thread(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        try:
            _Talk(self, line).hold()
        except OSError:
            pass  # the other side hung up, or the server ends
        finally:
            self._lines.discard(line)
            _cut(line)


class _Talk:
    def __init__(self, server: FaultServer, line: socket.socket) -> None:
        self._server, self._line = server, line
        self._words = line.makefile("rb")
        self._rcpt = ""

    def hold(self) -> None:
        if not self._say(self._server.orders.get("220", "220 fault.example")):
            self._hang_up()
            return
        for said in self._words:
            if not self._answer(said.decode("ascii").strip()):
                return

    def _hang_up(self) -> None:
        """As servers do: the last word is heard before the line is gone. A reset may overtake a greeting."""
        self._line.shutdown(socket.SHUT_WR)
        self._line.settimeout(5)
        with suppress(OSError):
            while self._words.read(1024):
                pass

    def _say(self, answer: str) -> bool:
        """False once a server that says 421 hangs up."""
        self._line.sendall(answer.encode() + b"\r\n")
        return not answer.startswith("421")

    def _answer(self, said: str) -> bool:
        verb = said[:4].upper()
        match verb:
            case "EHLO":
                offers = ["fault.example", "AUTH PLAIN", *(["PIPELINING"] if self._has_pipelining else [])]
                lines = [f"250{'-' if at < len(offers) - 1 else ' '}{each}" for at, each in enumerate(offers)]
                return self._say("\r\n".join(lines))
            case "AUTH":
                self._server.logins += 1
                return self._say(self._server.orders.get("AUTH", "235 ok"))
            case "MAIL":
                return self._say(self._server.orders.get("MAIL", "250 ok"))
            case "RCPT":
                self._rcpt = said.partition("<")[2].rstrip(">")
                return self._say(self._ordered("RCPT") or "250 ok")
            case "DATA":
                return self._take()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                return self._say("250 ok")

    @property
    def _has_pipelining(self) -> bool:
        return self._server._has_pipelining

    @property
    def _order(self) -> str:
        return self._rcpt.partition("@")[0]

    def _ordered(self, at: str) -> str:
        where, answer = ANSWERS.get(self._order, ("", ""))
        return answer if where == at else ""

    def _take(self) -> bool:
        if self._ordered("RCPT"):
            return self._say("503 no valid recipients")
        drop = DROPS.get(self._order)
        if drop == "DATA":
            return False
        self._say("354 go")
        letter = b""
        for piece in self._words:
            if drop == "MID":
                return False
            if piece == b".\r\n":
                break
            letter += piece.removeprefix(b".")
        answer = self._ordered("DOT") or "250 taken"
        if answer.startswith("250"):
            self._server.taken.append((self._rcpt, letter))
        return drop is None and self._say(answer)


def _cut(line: socket.socket) -> None:
    """At once, whatever has not been read."""
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # cut already
    line.close()
