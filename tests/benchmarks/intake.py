"""How fast replies come in and are answered, and what the daemon weighs meanwhile."""

from __future__ import annotations

import imaplib
import os
import statistics
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from service.doors.imap import MailboxesDoor
from service.office.letter import Stage
from service.settings import load_settings
from service.wiring.opening import imap_accounts
from tests.benchmarks import intake_dovecot
from tests.benchmarks.far_line import far_line
from tests.benchmarks.figures import US, Figure, Line, beside, middle
from tests.daemon import PASSWORD, Daemon, OfficeAtWork, office_at_work, wait_until
from tests.mail_process import MailProcess
from tests.stories.story import OFFICE

BENCH = "intake"
RUNS = 3
UNITS = 200
ONE_BY_ONE = 100
LARGE_BYTES = 40_000_000
FAR_SECONDS = 0.05
PEER = "imaplib, letter by letter"
# The tick's own pause: after it, an idle daemon has done its rounds.
IDLE_SECONDS = 12.0


def measure() -> Iterator[Line]:
    """Every figure of this bench."""
    with (
        tempfile.TemporaryDirectory() as place,
        MailProcess() as mail,
        office_at_work(Path(place) / "office", mail, units=UNITS) as office,
    ):
        daemon = office.start()
        wait_until(lambda: len(mail.log()) >= UNITS, 600, daemon.said())
        daemon.stop()
        replies = {address: office.reply(address) for address in office.addresses}
        daemon = office.start(is_ready=True)
        ticks = daemon.log.stat().st_mtime
        wait_until(lambda: time.time() - ticks > IDLE_SECONDS)
        idle = daemon.memory_mb()
        yield Figure(BENCH, US, "rss_mb_idle", idle, idle, 1)
        yield from _one_by_one(office, dict(list(replies.items())[:ONE_BY_ONE]))
        daemon.stop()
        daemon = yield from _backlog(office, dict(list(replies.items())[ONE_BY_ONE:]))
        peak = daemon.memory_mb("VmHWM")
        yield Figure(BENCH, US, "rss_mb_peak", peak, peak, 1)
        yield from _large(office, daemon)
        status, seconds = daemon.stop()
        assert status == 0
        yield Figure(BENCH, US, "seconds_stop", seconds, seconds, 1)
        yield from _fetched(office)
    yield from intake_dovecot.measure()


def _one_by_one(office: OfficeAtWork, replies: dict[str, bytes]) -> Iterator[Line]:
    """From a reply's delivery to its receipt's acceptance, both by the server's clock; IDLE."""
    seconds = []
    for count, (address, raw) in enumerate(replies.items(), start=len(office.mail.log()) + 1):
        delivered_at = datetime.now(UTC)
        office.mail.deliver(OFFICE, raw)
        wait_until(lambda count=count: len(office.mail.log()) >= count)  # type: ignore[misc]  # asked within the round only
        receipt = office.mail.log()[-1]
        assert receipt.rcpt == address
        seconds.append((receipt.at - delivered_at).total_seconds())
    ranked = sorted(seconds)
    median, p99 = statistics.median(ranked), statistics.quantiles(ranked, n=100)[98]
    yield Figure(BENCH, US, "seconds_delivery_to_receipt_median", median, ranked[0], len(ranked))
    yield Figure(BENCH, US, "seconds_delivery_to_receipt_p99", p99, ranked[0], len(ranked))


def _backlog(office: OfficeAtWork, replies: dict[str, bytes]) -> Generator[Line, None, Daemon]:
    """What lies there when the daemon starts: from the first letter kept to the last one answered."""
    before = office.ledger.count_letters(stage=Stage.ACKNOWLEDGED)
    for raw in replies.values():
        office.mail.deliver(OFFICE, raw)
    daemon = office.start()
    goal = before + len(replies)
    wait_until(lambda: office.ledger.count_letters(stage=Stage.ACKNOWLEDGED) >= goal, 600, daemon.said())
    # By the clock here: an event bears the instant at which its tick began, and a tick may be long.
    ended = datetime.now(UTC)
    at = [each.at for each in office.ledger.events(kind="received")[-len(replies) :]]
    rate = len(replies) / (ended - min(at)).total_seconds()
    yield Figure(BENCH, US, "letters_per_second_whole", rate, rate, len(replies))
    return daemon


def _large(office: OfficeAtWork, daemon: Daemon) -> Iterator[Line]:
    """A stranger's letter of 40 MB."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "large@elsewhere.example", OFFICE, "材料"
    mail["Message-ID"] = "<large@elsewhere.example>"
    mail.set_content("材料见附件。")
    data = os.urandom(LARGE_BYTES * 3 // 4)
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename="材料.bin")
    before = office.ledger.count_letters(stage=Stage.RECEIVED), office.ledger.count_letters()
    office.mail.deliver(OFFICE, bytes(mail))
    wait_until(lambda: office.ledger.count_letters() > before[1], 120, daemon.said())
    wait_until(lambda: office.ledger.count_letters(stage=Stage.RECEIVED) <= before[0], 120, daemon.said())
    peak = daemon.memory_mb("VmHWM")
    yield Figure(BENCH, US, "rss_mb_40mb_letter", peak, peak, 1)


def _fetched(office: OfficeAtWork) -> Iterator[Line]:
    """Every small letter of the mailbox once more, bytes only; near, and over a line of 50 ms."""
    large = max(each.uid for each in office.mail.mails(OFFICE) if len(each.raw) > LARGE_BYTES // 2)
    office.mail.delete(OFFICE, large)
    count = len(office.mail.mails(OFFICE))
    yield from _both(office, office.mail.imap_port, count, "letters_per_second_fetched", RUNS)
    with far_line(office.mail.imap_port, FAR_SECONDS) as port:
        yield from _both(office, port, count, "letters_per_second_fetched_50ms", 1)


def _both(office: OfficeAtWork, port: int, count: int, figure: str, runs: int) -> Iterator[Line]:
    ours = [count / _ours(office, port, count) for _ in range(runs)]
    peer = [count / _plain(port, count) for _ in range(runs)]
    n = count * runs
    yield from beside(middle(BENCH, US, figure, ours, n), middle(BENCH, PEER, figure, peer, n))


def _ours(office: OfficeAtWork, port: int, count: int) -> float:
    account = replace(imap_accounts(load_settings(office.folder))[0], port=port, folders=("INBOX",))
    mailboxes = MailboxesDoor([account])
    try:
        box, found, uidvalidity, last, has_more = mailboxes.boxes()[0], 0, 0, 0, True
        began = time.monotonic()
        while has_more:
            batch = mailboxes.fetch(box, uidvalidity, last, 50)
            found += len(batch.arrivals)
            uidvalidity, last, has_more = batch.uidvalidity, batch.last_uid, batch.has_more
        seconds = time.monotonic() - began
    finally:
        mailboxes.close()
    assert found == count
    return seconds


def _plain(port: int, count: int) -> float:
    began = time.monotonic()
    with imaplib.IMAP4("127.0.0.1", port, timeout=60) as client:
        client.login(OFFICE, PASSWORD)
        client.select("INBOX", readonly=True)
        uids = client.uid("SEARCH", "ALL")[1][0].split()
        bodies = [client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1] for uid in uids]
    seconds = time.monotonic() - began
    assert len(bodies) == count
    return seconds
