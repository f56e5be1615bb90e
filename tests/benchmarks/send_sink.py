"""Where the send bench's letters go: Postfix's smtp-sink, or a sink of ours, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.daemon import wait_until

ROOT = Path(__file__).parents[2]
SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
STOP_SECONDS_MAX = 10.0
_END = b"\r\n.\r\n"


@contextlib.contextmanager
def sink(*, is_ours: bool = False) -> Iterator[int]:
    """A server that takes every letter and forgets it; its port on loopback. It offers PIPELINING."""
    port = _free_port()
    postfix = None if is_ours else shutil.which("smtp-sink", path=SYSTEM_PATH)
    if postfix is None:
        words = [sys.executable, "-P", "-m", "tests.benchmarks.send_sink", str(port)]
    else:
        # It insists on another user where the superuser starts it.
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        words = [postfix, *user, f"127.0.0.1:{port}", "100"]
    process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(port) or process.poll() is not None)
        assert process.poll() is None, "the sink did not start"
        yield port
    finally:
        process.terminate()
        process.wait(STOP_SECONDS_MAX)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class _Reception(asyncio.Protocol):
    """One conversation: yes to everything, letters are thrown away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._unread = b""
        self._is_letter = False
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while self._take():
            pass

    def _take(self) -> bool:
        if self._is_letter:
            _, dot, rest = self._unread.partition(_END)
            # Of what came, only a cut-off end can still matter.
            self._unread = rest if dot else self._unread[-len(_END) :]
            self._is_letter = not dot
            if dot:
                self._transport.write(b"250 2.0.0 Ok\r\n")
            return bool(dot)
        line, end, rest = self._unread.partition(b"\r\n")
        if end:
            self._unread = rest
            self._answer(line.upper())
        return bool(end)

    def _answer(self, line: bytes) -> None:
        if line.startswith((b"EHLO", b"LHLO")):
            self._transport.write(b"250-sink.example\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")
        elif line.startswith(b"AUTH"):
            self._transport.write(b"235 2.7.0 Ok\r\n")
        elif line == b"DATA":
            self._is_letter = True
            self._transport.write(b"354 End data with <CR><LF>.<CR><LF>\r\n")
        elif line == b"QUIT":
            self._transport.write(b"221 Bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 2.1.0 Ok\r\n")


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Reception, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
