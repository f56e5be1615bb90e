"""A clamd on loopback, in its own protocol: what it finds, refuses and does not answer is said plainly."""

from __future__ import annotations

import hashlib
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.doors.envelope import EnvelopeDoor
from service.doors.envelope.scanner import Scanner
from service.office.letter import DANGEROUS, Flag, LetterFacts
from tests.doors.test_envelope import with_files

VIRUS = b"pretend-virus"
STREAM_MAX = 100_000


def _take(line: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = line.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def _serve(line: socket.socket, seen: list[bytes]) -> None:
    with line:
        if _take(line, 10) != b"zINSTREAM\0":
            line.sendall(b"UNKNOWN COMMAND\0")
            return
        data = b""
        while size := struct.unpack("!I", _take(line, 4))[0]:
            data += _take(line, size)
            if len(data) > STREAM_MAX:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        seen.append(data)
        line.sendall(b"stream: Pretend.Virus FOUND\0" if VIRUS in data else b"stream: OK\0")


@contextmanager
def clamd(place: socket.socket) -> Iterator[list[bytes]]:
    seen: list[bytes] = []

    def work() -> None:
        while True:
            try:
                line, _ = place.accept()
            except OSError:
                return
            try:
                _serve(line, seen)
            except OSError:
                continue

    place.listen(8)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        place.shutdown(socket.SHUT_RDWR)
        place.close()
        thread.join(5)


def read(raw: bytes, place: str) -> LetterFacts:
    return EnvelopeDoor(Scanner(place, 2, 5)).read(raw, lambda data: hashlib.sha256(data).hexdigest())


@pytest.fixture(params=["unix", "tcp"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, list[bytes]]]:
    if request.param == "tcp":
        place = socket.create_server(("127.0.0.1", 0))
        with clamd(place) as seen:
            yield f"127.0.0.1:{place.getsockname()[1]}", seen
        return
    with tempfile.TemporaryDirectory() as folder:
        place = socket.socket(socket.AF_UNIX)
        place.bind(str(Path(folder) / "clamd.ctl"))
        with clamd(place) as seen:
            yield f"unix:{folder}/clamd.ctl", seen


def test_a_virus_is_named_and_the_file_kept(server: tuple[str, list[bytes]]) -> None:
    place, seen = server
    facts = read(with_files(("a.docx", b"clean"), ("b.docx", b"x" + VIRUS)), place)
    assert [part.flags for part in facts.parts] == [(), (Flag.INFECTED,)]
    assert facts.parts[1].sha256 == hashlib.sha256(b"x" + VIRUS).hexdigest()
    assert facts.trouble == ("“b.docx”查出病毒（Pretend.Virus），请不要打开",)
    assert seen == [b"clean", b"x" + VIRUS]
    assert Flag.INFECTED in DANGEROUS


def test_a_file_the_scanner_refuses_is_marked_and_the_next_one_scanned(
    server: tuple[str, list[bytes]],
) -> None:
    facts = read(with_files(("a.bin", b"\1" * (STREAM_MAX * 9)), ("b.bin", VIRUS)), server[0])
    assert [part.flags for part in facts.parts] == [(Flag.UNSCANNED,), (Flag.INFECTED,)]


@pytest.mark.parametrize("place", ["unix:/nowhere/clamd.ctl", "127.0.0.1:1", "nonsense"])
def test_an_absent_scanner_is_said_once_and_nothing_is_lost(place: str) -> None:
    facts = read(with_files(("a.docx", b"one"), ("b.docx", b"two")), place)
    assert [part.flags for part in facts.parts] == [(Flag.UNSCANNED,)] * 2
    assert len(facts.trouble) == 1 and "没有查毒" in facts.trouble[0]
    assert Flag.UNSCANNED in DANGEROUS


@pytest.mark.parametrize(
    ("answer", "said"), [(b"stream: \xff\xfe ERROR\0", "不认识"), (b"", "没有答复")], ids=["odd", "hung up"]
)
def test_an_answer_nobody_knows_is_no_clean_bill(answer: bytes, said: str) -> None:
    place = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        line, _ = place.accept()
        with line:
            _take(line, 10 + 4 + 1 + 4)
            line.sendall(answer)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    found = Scanner(f"127.0.0.1:{place.getsockname()[1]}", 2, 5).scan(b"x")
    thread.join(5)
    place.close()
    assert said in found.not_scanned and not found.virus


def test_without_a_scanner_nothing_is_marked() -> None:
    facts = EnvelopeDoor().read(with_files(("a.docx", VIRUS)), lambda data: "0" * 64)
    assert facts.parts[0].flags == ()
