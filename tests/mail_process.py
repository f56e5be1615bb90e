"""The rehearsal's mail server in a process of its own, for tests that kill the daemon without ceremony.

    with MailProcess() as mail:
        mail.add_account("office@gov.example", "secret")
        … mail.smtp_port, mail.imap_port, mail.log(), mail.outside_mails(), mail.down(), mail.up() …

Every verb of MailServer is there under its own name, carried as one line of JSON over a loopback socket. The
server dies with its owner: it watches its standard input.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS_MAX = 60.0

VERBS = {
    *("add_account", "add_folder", "deliver", "mails", "delete", "renumber", "rewrite_ids"),
    *("refuse", "accept", "refuse_sender", "refuse_content", "bounce"),
    *("drop_at_rcpt", "drop_at_data", "drop_after_data", "down", "up", "hang_up"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class OutsideMail:
    """A mail for somebody who has no account here."""

    sender: str
    rcpt: str
    raw: bytes


class MailProcess:
    """Drives a MailServer in another process; use as a context."""

    def __init__(self, *, has_idle: bool = True) -> None:
        self._has_idle = has_idle
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self.smtp_port = 0
        self.imap_port = 0

    def __enter__(self) -> MailProcess:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), "idle" if self._has_idle else "no-idle"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        self.smtp_port, self.imap_port = said["smtp"], said["imap"]
        self._line = socket.create_connection(("127.0.0.1", said["control"]), SECONDS_MAX)
        self._words = self._line.makefile("rwb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None and self._process.stdin is not None
        if self._line is not None:
            self._words.close()
            self._line.close()
        self._process.stdin.close()
        self._process.wait(SECONDS_MAX)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __getattr__(self, verb: str) -> Any:
        if verb not in VERBS:
            raise AttributeError(verb)
        return lambda *given, **named: self._ask(verb, *given, **named)

    def log(self) -> list[Any]:
        """What was accepted, as `Taken` rows."""
        return list(self._ask("log"))

    def logins(self) -> list[Any]:
        """Every attempt to log in, as `LoginTry` rows."""
        return list(self._ask("logins"))

    def set_clock(self, at: datetime | None) -> None:
        """Let the server's clock stand at an instant; None: machine time again."""
        self._ask("set_clock", at)

    def welcome_outside(self) -> None:
        """Accept mail for anyone; `outside_mails` tells what came."""
        self._ask("welcome_outside")

    def outside_mails(self) -> list[OutsideMail]:
        return list(self._ask("outside_mails"))

    def _ask(self, verb: str, *given: object, **named: object) -> Any:
        ask = {
            "do": verb,
            "given": [frozen(each) for each in given],
            "named": {key: frozen(value) for key, value in named.items()},
        }
        self._words.write(json.dumps(ask).encode() + b"\n")
        self._words.flush()
        answer = json.loads(self._words.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return thawed(answer["ok"])


# --- both sides: plain values, bytes, instants and our dataclasses as JSON ---


def frozen(value: object) -> object:
    match value:
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"at": value.isoformat()}
        case list() | tuple():
            return [frozen(each) for each in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            facts = {field.name: frozen(getattr(value, field.name)) for field in dataclasses.fields(value)}
            return {"row": type(value).__name__, "facts": facts}
        case _:
            return value


def thawed(value: object) -> Any:
    from service.rehearsal.mail_boxes import LoginTry, StoredMail
    from service.rehearsal.mail_reception import Taken

    match value:
        case {"bytes": str(text)}:
            return base64.b64decode(text)
        case {"at": str(text)}:
            return datetime.fromisoformat(text)
        case {"row": str(name), "facts": dict(facts)}:
            rows = {row.__name__: row for row in (LoginTry, OutsideMail, StoredMail, Taken)}
            return rows[name](**{key: thawed(each) for key, each in facts.items()})
        case list():
            return [thawed(each) for each in value]
        case _:
            return value


# --- the other process ---


class _Control:
    """What the other process does for one line of JSON."""

    def __init__(self, has_idle: bool) -> None:
        from service.rehearsal.mail_server import MailServer

        self._at: datetime | None = None
        self._outside: list[OutsideMail] = []
        self.server = MailServer(clock=lambda: self._at or datetime.now(UTC), has_idle=has_idle)

    def answer(self, line: bytes) -> bytes:
        ask = json.loads(line)
        named = {key: thawed(value) for key, value in ask["named"].items()}
        try:
            value = self._do(ask["do"], [thawed(each) for each in ask["given"]], named)
        except Exception as error:
            return json.dumps({"error": repr(error)}).encode() + b"\n"
        return json.dumps({"ok": frozen(value)}).encode() + b"\n"

    def _do(self, verb: str, given: list[Any], named: dict[str, Any]) -> object:
        match verb:
            case "log":
                return list(self.server.log)
            case "logins":
                return list(self.server.logins)
            case "set_clock":
                self._at = given[0]
            case "welcome_outside":
                self.server.outside(lambda *mail: self._outside.append(OutsideMail(*mail)))
            case "outside_mails":
                return list(self._outside)
            case _ if verb in VERBS:
                return getattr(self.server, verb)(*given, **named)
            case _:
                raise ValueError(verb)
        return None


def serve(has_idle: bool) -> None:
    control = _Control(has_idle)

    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(control.answer(line))

    with control.server as server, socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as door:
        door.daemon_threads = True
        threading.Thread(target=door.serve_forever, daemon=True).start()
        ports = {"smtp": server.smtp_port, "imap": server.imap_port, "control": door.server_address[1]}
        sys.stdout.write(json.dumps(ports) + "\n")
        sys.stdout.flush()
        # The owner holds our standard input; when it is gone, however it went, so are we.
        sys.stdin.read()
        door.shutdown()


if __name__ == "__main__":
    serve(has_idle=sys.argv[1] == "idle")
