"""Whoever hands one letter to the sink many times; each says how many seconds that took, connecting too."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import aiosmtplib

from service.doors.mime_out import build_mime
from service.doors.press import PressDoor
from service.doors.smtp import PostDoor, SmtpAccount
from service.doors.tls import Security
from service.office.mail import OutgoingMail
from service.office.outcome import Accepted
from tests.benchmarks import press_templates
from tests.benchmarks.figures import US
from tests.benchmarks.send_sink import SYSTEM_PATH

SENDER, RCPT = "office@gov.example", "unit@county.example"
LETTER_BYTES = 150_000
PEERS = Path(__file__).parent / "peers_send"
SECONDS_MAX = 120.0
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

EACH, KEPT, CEILING = "smtplib, a connection a letter", "smtplib, one kept connection", "smtp-source"
CONNECTIONS, CONNECTIONS_USUAL = (1, 2, 4), 2

_Send = Callable[[int, int], float]


@dataclass(frozen=True, slots=True)
class Client:
    """`send(port, count)` returns seconds."""

    subject: str
    connections: int
    send: _Send
    is_ceiling: bool = False
    is_ours: bool = False


def ours_named(connections: int, what: str = US) -> str:
    return what if connections == CONNECTIONS_USUAL else f"{what} ×{connections}"


def clients() -> tuple[list[Client], list[tuple[str, str]]]:
    """Who is there, and (subject, why) of who is not."""
    found = [Client(ours_named(n), n, partial(_ours, n), is_ours=True) for n in CONNECTIONS]
    found += [Client(EACH, 1, _each), Client(KEPT, 1, _kept)]
    found += [Client(f"aiosmtplib ×{n}", n, partial(_aiosmtplib, n)) for n in (1, 4)]
    absent = []
    if why := _no_nodemailer():
        absent.append(("nodemailer", why))
    else:
        found += [Client(f"nodemailer pool ×{n}", n, partial(_nodemailer, n)) for n in (1, 4)]
    source = shutil.which("smtp-source", path=SYSTEM_PATH)
    if source is None:
        absent.append((CEILING, "smtp-source is not installed: it comes with Postfix"))
    else:
        ceilings = [(n, partial(_smtp_source, source, n)) for n in CONNECTIONS]
        found += [Client(f"{CEILING} ×{n}", n, send, is_ceiling=True) for n, send in ceilings]
    return found, absent


@cache
def letter() -> bytes:
    """A notice as a unit gets it: text and HTML, notice and form as documents, and a scan to fill it up."""
    made = [(job, PressDoor().render(job.template, job.name, job.facts(1))) for job in press_templates.jobs()]
    enclosures = [(f"{n}.docx", data, DOCX) for n, (_, data) in enumerate(made[:2], start=1)]
    without = len(_built((*enclosures, ("附件.pdf", b"", "application/pdf"))))
    scan = random.Random(20240820).randbytes(max(0, (LETTER_BYTES - without) * 57 // 78))
    return _built((*enclosures, ("附件.pdf", scan, "application/pdf")))


def _built(enclosures: tuple[tuple[str, bytes, str], ...]) -> bytes:
    return build_mime(
        OutgoingMail(
            sender=SENDER,
            sender_name="省局质量处",
            rcpt=RCPT,
            subject="HZ4K-7QPM 关于开展质量月活动的通知",
            text="各市市场监督管理局：\n\n现将有关事项通知如下，请按期报送材料。\n" * 10,
            message_id="<bench@gov.example>",
            date=datetime(2024, 8, 20, 9, 0, tzinfo=UTC),
            attachments=enclosures,
        )
    )


def _ours(connections: int, port: int, count: int) -> float:
    account = SmtpAccount(
        "bench",
        "127.0.0.1",
        port,
        Security.NONE,
        "",
        "",
        sender=SENDER,
        pace_seconds=0,
        per_connection=0,
        per_hour=0,
        per_day=0,
        connections=connections,
    )
    mime, door = letter(), PostDoor([account], None)
    try:
        begun, left, told = time.perf_counter(), count, 0
        while told < count:
            for _ in range(min(left, door.free("bench"))):
                door.begin("bench", mime, RCPT)
                left -= 1
            for _, outcome in door.ended(SECONDS_MAX):
                assert isinstance(outcome, Accepted), outcome
                told += 1
        return time.perf_counter() - begun
    finally:
        door.close()


def _each(port: int, count: int) -> float:
    mime, begun = letter(), time.perf_counter()
    for _ in range(count):
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=60) as client:
            client.sendmail(SENDER, RCPT, mime)
    return time.perf_counter() - begun


def _kept(port: int, count: int) -> float:
    mime, begun = letter(), time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=60) as client:
        for _ in range(count):
            client.sendmail(SENDER, RCPT, mime)
    return time.perf_counter() - begun


def _aiosmtplib(connections: int, port: int, count: int) -> float:
    mime = letter()

    async def one(letters: int) -> None:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, start_tls=False, local_hostname="localhost", timeout=60
        )
        async with client:
            for _ in range(letters):
                await client.sendmail(SENDER, [RCPT], mime)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(count // connections) for _ in range(connections)))

    begun = time.perf_counter()
    asyncio.run(all_of_them())
    return time.perf_counter() - begun


def _nodemailer(connections: int, port: int, count: int) -> float:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "letter.eml"
        file.write_bytes(letter())
        words = ["node", str(PEERS / "pool.js"), str(port), str(connections), str(file), str(count)]
        done = subprocess.run(
            [*words, SENDER, RCPT], capture_output=True, text=True, timeout=SECONDS_MAX, check=True
        )
    return float(json.loads(done.stdout)["seconds"])


def _no_nodemailer() -> str:
    if shutil.which("node") is None:
        return "node is not installed"
    is_there = (PEERS / "node_modules" / "nodemailer").is_dir()
    return "" if is_there else "not fetched: ./run bench send --install-peers"


def _smtp_source(program: str, connections: int, port: int, count: int) -> float:
    """Its start, a few milliseconds, counts as well: it cannot be told apart."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "letter"
        # It puts CR before each LF itself.
        file.write_bytes(letter().replace(b"\r\n", b"\n"))
        words = [program, "-d", "-s", str(connections), "-m", str(count), "-F", str(file)]
        begun = time.perf_counter()
        subprocess.run(
            [*words, "-f", SENDER, "-t", RCPT, f"127.0.0.1:{port}"], timeout=SECONDS_MAX, check=True
        )
        return time.perf_counter() - begun
