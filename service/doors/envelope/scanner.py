"""An optional virus scanner, clamd, asked over its own socket (INSTREAM); nothing is ever lost to it."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

# A local scanner takes the call at once; a file of 60 MB is judged within some seconds.
_CALL_SECONDS = 5.0
_VERDICT_SECONDS = 60.0
_CHUNK_BYTES = 256 * 1024
_ANSWER_BYTES_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Finding:
    """What the scanner says of some bytes: a virus, or why they were not looked at; both empty when clean."""

    virus: str = ""
    not_scanned: str = ""


@dataclass(frozen=True, slots=True)
class Scanner:
    """clamd at `place`: `unix:/path/of/socket` or `host:port`."""

    place: str
    call_seconds: float = _CALL_SECONDS
    verdict_seconds: float = _VERDICT_SECONDS

    def scan(self, data: bytes) -> Finding:
        """Judge some bytes; a scanner that is absent, slow or refuses gives `not_scanned`, never an error."""
        try:
            with self._call() as line:
                line.settimeout(self.verdict_seconds)
                answer = _ask(line, data)
        except (OSError, ValueError) as error:
            return Finding(not_scanned=f"没有应答（{type(error).__name__}）")
        return _read(answer)

    def _call(self) -> socket.socket:
        if self.place.startswith("unix:"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                line.settimeout(self.call_seconds)
                line.connect(self.place.removeprefix("unix:"))
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self.place.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), self.call_seconds)


def _ask(line: socket.socket, data: bytes) -> bytes:
    answer = b""
    try:
        line.sendall(b"zINSTREAM\0")
        view = memoryview(data)
        for start in range(0, len(data), _CHUNK_BYTES):
            chunk = view[start : start + _CHUNK_BYTES]
            line.sendall(struct.pack("!I", len(chunk)))
            line.sendall(chunk)
        line.sendall(b"\0\0\0\0")
    except (BrokenPipeError, ConnectionResetError):
        # It hangs up in the middle when the stream grows beyond its limit, and has said so before.
        pass
    while len(answer) < _ANSWER_BYTES_MAX and not answer.endswith(b"\0"):
        piece = line.recv(_ANSWER_BYTES_MAX)
        if not piece:
            break
        answer += piece
    return answer


def _read(answer: bytes) -> Finding:
    words = answer.rstrip(b"\0\r\n ").decode("utf-8", "replace").removeprefix("stream: ")
    if words == "OK":
        return Finding()
    if words.endswith(" FOUND"):
        return Finding(virus=words.removesuffix(" FOUND")[:100])
    if "size limit" in words.lower():
        return Finding(not_scanned="不收这么大的文件")
    return Finding(not_scanned=f"的答复不认识（{words[:80]}）" if words else "没有答复就断开了")
