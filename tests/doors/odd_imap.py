"""An IMAP server that misbehaves as real ones were seen to: 163, QQ, and lines that break in mid-mail."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType

DATE = '"27-Sep-2024 09:00:00 +0800"'


@dataclass
class Oddities:
    """What the server does wrong, and what it has seen. Change at will while it runs."""

    mails: dict[int, bytes] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1 ID UIDPLUS"
    must_introduce: bool = False  # 163: no folder before ID
    refusal: str = ""  # what LOGIN is refused with
    untagged_bad: set[str] = field(default_factory=set)  # QQ: commands answered by "* BAD" and no more
    ignores_search: bool = False  # Exmail: everything comes back
    cuts: int = 0  # so many bodies end in the middle, with the line
    chatters: bool = False  # rows of flags nobody asked for
    uidvalidity: int = 1  # the same in every folder, as at QQ
    size_error: int = 0  # RFC822.SIZE is wrong by so many bytes
    bodiless: set[int] = field(default_factory=set)  # mails whose body is left out of every answer
    comes_in_idle: dict[int, bytes] = field(default_factory=dict)
    is_half_open: bool = False  # IDLE is answered by nothing more
    let_go: threading.Event = field(default_factory=threading.Event)
    seen: list[str] = field(default_factory=list)  # every command, in order

    def count(self, word: str) -> int:
        return sum(line.upper().startswith(word) for line in self.seen)


class _Line(socketserver.StreamRequestHandler):
    odd: Oddities

    def handle(self) -> None:
        odd, introduced = self.odd, False
        self.say(f"* OK [CAPABILITY {odd.capabilities}] ready")
        for raw in self.rfile:
            tag, _, line = raw.decode().strip().partition(" ")
            odd.seen.append(line)
            word = line.upper().removeprefix("UID ").split(" ")[0]
            introduced = introduced or word == "ID"
            if word in odd.untagged_bad:
                self.say("* BAD invalid command or parameters")
                continue
            if word == "LOGIN" and odd.refusal:
                self.say(f"{tag} NO {odd.refusal}")
                continue
            if word in {"SELECT", "EXAMINE"}:
                if odd.must_introduce and not introduced:
                    self.say(f"{tag} NO {word} Unsafe Login. Please contact kefu@188.com for help")
                    continue
                self.say(f"* {len(odd.mails)} EXISTS", "* 0 RECENT")
                self.say(f"* OK [UIDVALIDITY {odd.uidvalidity}] same everywhere")
                self.say("* FLAGS (\\Seen)", f"* OK [UIDNEXT {max(odd.mails, default=0) + 1}] next")
            elif word == "IDLE":
                self.idle()
            elif word == "CAPABILITY":
                self.say(f"* CAPABILITY {odd.capabilities}")
            elif word == "SEARCH":
                self.say("* SEARCH " + " ".join(str(uid) for uid in self.found(line)))
            elif word == "FETCH" and not self.fetch(line):
                return
            self.say(f"{tag} OK {word} done")

    def idle(self) -> None:
        """Tells of a mail that comes meanwhile, unless the line is dead; ends with the client's DONE."""
        odd = self.odd
        self.say("+ idling")
        if odd.comes_in_idle:
            odd.mails.update(odd.comes_in_idle)
            odd.comes_in_idle = {}
            self.say(f"* {len(odd.mails)} EXISTS")
        if odd.is_half_open:
            # As behind a box that has forgotten the connection: nothing arrives any more, on either side.
            odd.let_go.wait(30)
            return
        odd.seen.append(self.rfile.readline().decode().strip())

    def found(self, line: str) -> list[int]:
        if self.odd.ignores_search:
            return sorted(self.odd.mails, reverse=True)
        start, _, end = line.rsplit(" ", maxsplit=1)[-1].partition(":")
        last = max(self.odd.mails, default=0)
        top = last if end == "*" else int(end)
        # As RFC 3501 says of n:*, the last mail is always in it.
        low, high = sorted((int(start), top))
        return [uid for uid in sorted(self.odd.mails) if low <= uid <= high]

    def fetch(self, line: str) -> bool:
        _, _, which, what = line.split(" ", 3)
        if self.odd.chatters:
            self.say("* 1 FETCH (FLAGS (\\Seen))")
        for uid in [int(each) for each in which.split(",") if int(each) in self.odd.mails]:
            raw = self.odd.mails[uid]
            if "BODY.PEEK[]" not in what:
                size = len(raw) + self.odd.size_error
                self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE {DATE})")
                continue
            if uid in self.odd.bodiless:
                self.say(f"* {uid} FETCH (UID {uid})")
                continue
            key = "BODY[]"
            if piece := re.search(r"<(\d+)\.(\d+)>", what):
                offset, size = int(piece[1]), int(piece[2])
                raw, key = raw[offset : offset + size], f"BODY[]<{offset}>"
            self.wfile.write(f"* {uid} FETCH (UID {uid} {key} {{{len(raw)}}}\r\n".encode())
            if self.odd.cuts:
                self.odd.cuts -= 1
                self.wfile.write(raw[: len(raw) // 2])
                return False
            self.wfile.write(raw + b")\r\n")
        return True

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class OddImap:
    """The server; `odd` holds its oddities. Use as a context."""

    def __init__(self) -> None:
        self.odd = Oddities()
        line = type("Line", (_Line,), {"odd": self.odd})
        self._server = _Server(("127.0.0.1", 0), line)
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> OddImap:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
