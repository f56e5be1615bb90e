"""A full mailbox on Dovecot: letters of 200 KB fetched and kept, and taken the whole way to the receipt."""

from __future__ import annotations

import io
import itertools
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, cast

from docx import Document
from imapclient import IMAPClient
from PIL import Image

from service.doors.archive import ArchiveDoor
from service.doors.imap import MailboxesDoor
from service.doors.ledger import open_ledger
from service.office.content import Content
from service.office.dispatch import DispatchKind, DispatchState
from service.office.letter import Stage
from service.office.record import from_bytes
from service.settings import load_settings
from service.wiring.opening import imap_accounts
from tests.benchmarks.figures import US, Figure, Line, Ratio, Skipped, beside, middle
from tests.benchmarks.send_sink import sink
from tests.daemon import Daemon, OfficeAtWork, release, wait_until, write_office
from tests.doors.dovecot import BINARY, MISSING, PASSWORD, Dovecot
from tests.stories.story import CAMPAIGN, GOOD_SUMMARY, OFFICE

BENCH = "intake"
LETTERS = int(os.environ.get("HUIZHI_BENCH_LETTERS", "2000"))
PICTURE = (300, 200)  # noise: some 120 KB, a letter of 200 KB
BATCH = 50
RUNS = 3
SECONDS_MAX = 1800.0
RAW = "raw pipelined socket, kept with the same fsync"
CLIENT = "imapclient, batches of 50, nothing kept"
MBSYNC = "mbsync"
_LITERAL = re.compile(rb"\{(\d+)\}\r\n")


@dataclass(frozen=True, slots=True)
class _Ports:
    smtp_port: int
    imap_port: int


def measure() -> Iterator[Line]:
    """Every figure of a full mailbox."""
    if BINARY is None:
        yield Skipped(BENCH, US, MISSING)
        return
    with (
        tempfile.TemporaryDirectory() as place,
        Dovecot() as dovecot,
        sink(is_ours=True) as smtp,
        _office(Path(place) / "office", _Ports(smtp, dovecot.port)) as office,
    ):
        _notices_out(office)
        _fill(office, dovecot)
        yield from _kept(office, dovecot, Path(place))
        yield from _whole(office)


@contextmanager
def _office(folder: Path, ports: _Ports) -> Iterator[OfficeAtWork]:
    addresses = write_office(folder, ports, LETTERS, "connections: 2, pace_seconds: 0", "")
    (folder / "secrets" / "mail_password_office").write_text(PASSWORD, encoding="ascii")
    release(folder)
    settings = load_settings(folder)
    with open_ledger(settings.database, settings.state_folder, owner="bench") as ledger:
        # The servers here keep no books, so that none of the office's questions to them is asked.
        office = OfficeAtWork(folder, cast(Any, ports), addresses, ledger)
        try:
            yield office
        finally:
            for daemon in office.daemons:
                if daemon.is_alive:
                    daemon.kill()


def _notices_out(office: OfficeAtWork) -> None:
    daemon = office.start()
    wait_until(
        lambda: len(office.ledger.dispatches(CAMPAIGN, states=(DispatchState.SENT,))) >= LETTERS,
        SECONDS_MAX,
        daemon.said(),
    )
    daemon.stop()


def _fill(office: OfficeAtWork, dovecot: Dovecot) -> None:
    """Each unit answers its notice with a summary of its own."""
    archive, summary = ArchiveDoor(office.folder / "state" / "archive"), _summary()
    with dovecot.client(OFFICE) as client:
        for number, sent in enumerate(office.dispatches(DispatchKind.NOTICE)):
            content = from_bytes(Content, archive.get(sent.content_sha256))
            mail = EmailMessage(policy=SMTP)
            mail["From"], mail["To"] = sent.rcpt, OFFICE
            mail["Date"] = datetime.now(UTC)
            mail["Message-ID"] = f"<answer-{number}@client.example>"
            mail["Subject"] = f"回复：{content.subject}"
            mail["In-Reply-To"] = sent.message_id
            mail.set_content(
                "总结见附件。\n\n------------------ 原始邮件 ------------------\n" + content.text
            )
            mail.add_attachment(
                # Each file differs; what stands behind a zip's end is nobody's concern.
                summary + f"{number}".encode(),
                maintype="application",
                subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
                filename="活动总结.docx",
            )
            client.append("INBOX", bytes(mail), msg_time=datetime.now(UTC))


def _summary() -> bytes:
    picture, document, out = io.BytesIO(), Document(), io.BytesIO()
    Image.frombytes("RGB", PICTURE, os.urandom(PICTURE[0] * PICTURE[1] * 3)).save(picture, "JPEG", quality=95)
    for line in GOOD_SUMMARY.splitlines():
        document.add_paragraph(line)
    document.add_picture(picture)
    document.save(out)
    return out.getvalue()


# --- fetched and kept --------------------------------------------------------------------------------------


def _kept(office: OfficeAtWork, dovecot: Dovecot, place: Path) -> Iterator[Line]:
    """In turns, each run into an empty archive: the same bytes, the same waiting for the disk."""
    shelves = (place / f"kept-{number}" for number in itertools.count())
    ours, raw, client = [], [], []
    for _ in range(RUNS):
        ours.append(LETTERS / _ours(office, next(shelves)))
        raw.append(LETTERS / _raw(dovecot.port, next(shelves)))
        client.append(LETTERS / _client(dovecot))
    n = LETTERS * RUNS
    yield from beside(
        middle(BENCH, US, "letters_per_second_kept", ours, n),
        middle(BENCH, RAW, "letters_per_second_kept", raw, n, is_ceiling=True),
    )
    yield middle(BENCH, CLIENT, "letters_per_second_fetched", client, n, is_ceiling=True)
    if (mbsync := shutil.which("mbsync")) is None:
        yield Skipped(BENCH, MBSYNC, "mbsync is not installed (Debian: isync)")
        return
    rate = LETTERS / _mbsync(mbsync, dovecot.port, next(shelves))
    yield Figure(BENCH, MBSYNC, "letters_per_second_kept", rate, rate, LETTERS)
    yield Ratio(BENCH, MBSYNC, middle(BENCH, US, "", ours, n).value / rate)


def _ours(office: OfficeAtWork, shelf: Path) -> float:
    account = replace(imap_accounts(load_settings(office.folder))[0], folders=("INBOX",))
    mailboxes, archive = MailboxesDoor([account]), ArchiveDoor(shelf)
    try:
        box, found, uidvalidity, last, has_more = mailboxes.boxes()[0], 0, 0, 0, True
        began = time.monotonic()
        while has_more:
            batch = mailboxes.fetch(box, uidvalidity, last, BATCH)
            for arrival in batch.arrivals:
                assert arrival.raw is not None
                archive.put(arrival.raw)
                found += 1
            uidvalidity, last, has_more = batch.uidvalidity, batch.last_uid, batch.has_more
        seconds = time.monotonic() - began
    finally:
        mailboxes.close()
    assert found == LETTERS
    return seconds


def _raw(port: int, shelf: Path) -> float:
    """One FETCH of everything, its answer read as it streams in."""
    archive, found = ArchiveDoor(shelf), 0
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 60) as line, line.makefile("rb", 1 << 18) as answer:
        answer.readline()
        words = f'a LOGIN "{OFFICE}" {PASSWORD}\r\nb EXAMINE INBOX\r\nc UID FETCH 1:* (BODY.PEEK[])\r\n'
        line.sendall(words.encode())
        while not (said := answer.readline()).startswith(b"c "):
            if literal := _LITERAL.search(said):
                archive.put(answer.read(int(literal[1])))
                found += 1
    seconds = time.monotonic() - began
    assert found == LETTERS
    return seconds


def _client(dovecot: Dovecot) -> float:
    """The library alone, as fast as it goes."""
    began = time.monotonic()
    with IMAPClient("127.0.0.1", port=dovecot.port, ssl=False, timeout=60) as client:
        client._imap.debug = 0  # its formatting of every literal would be what is measured
        client.login(OFFICE, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        found = sum(
            len(client.fetch(uids[start : start + BATCH], ["BODY.PEEK[]"]))
            for start in range(0, len(uids), BATCH)
        )
    seconds = time.monotonic() - began
    assert found == LETTERS
    return seconds


def _mbsync(program: str, port: int, shelf: Path) -> float:
    shelf.mkdir()
    (shelf / "conf").write_text(
        f"IMAPAccount office\nHost 127.0.0.1\nPort {port}\nUser {OFFICE}\nPass {PASSWORD}\n"
        "SSLType None\nAuthMechs LOGIN\n\nIMAPStore far\nAccount office\n\n"
        f"MaildirStore near\nPath {shelf}/mail/\nInbox {shelf}/mail/INBOX\nSubFolders Verbatim\n\n"
        f"Channel all\nFar :far:\nNear :near:\nPatterns INBOX\nSync Pull New\nCreate Near\n"
        f"SyncState {shelf}/state-\n",
        encoding="ascii",
    )
    (shelf / "mail").mkdir()
    began = time.monotonic()
    subprocess.run([program, "-q", "-c", str(shelf / "conf"), "all"], check=True, capture_output=True)
    seconds = time.monotonic() - began
    assert len(list((shelf / "mail" / "INBOX").glob("*/*"))) == LETTERS
    return seconds


# --- the whole way -----------------------------------------------------------------------------------------


def _whole(office: OfficeAtWork) -> Iterator[Line]:
    """From the first letter kept to the last one acknowledged, in the daemon.

    The end by the clock here: an event bears the instant at which its tick began, and one tick may take
    most of a full mailbox from sorting to receipts.
    """
    daemon = office.start()
    wait_until(lambda: _answered(office) >= LETTERS or not daemon.is_alive, SECONDS_MAX, daemon.said())
    ended = datetime.now(UTC)
    assert daemon.is_alive, daemon.said()
    began = min(each.at for each in office.ledger.events(kind="received"))
    rate = LETTERS / (ended - began).total_seconds()
    yield Figure(BENCH, US, "letters_per_second_whole_200kb", rate, rate, LETTERS)
    peak = daemon.memory_mb("VmHWM")
    yield Figure(BENCH, US, "rss_mb_peak_200kb", peak, peak, 1)
    _stop(daemon)


def _answered(office: OfficeAtWork) -> int:
    return office.ledger.count_letters(stage=Stage.ACKNOWLEDGED)


def _stop(daemon: Daemon) -> None:
    status, _ = daemon.stop()
    assert status == 0, daemon.said()
