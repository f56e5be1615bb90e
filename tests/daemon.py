"""The daemon in a process of its own over a small office, for tests that kill it; and the office it serves.

    with MailProcess() as mail, make_office(folder, mail, units=60) as office:
        daemon = office.start()
        … daemon.kill(), daemon.stop(), office.ledger, office.notice(address) …

Nothing here sleeps: `wait_until` polls another process, and always ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from threading import Event
from typing import Protocol

from service.doors.heartbeat import Pulse, feel
from service.doors.ledger import LedgerDoor, open_ledger
from service.office.dispatch import Dispatch, DispatchKind
from service.settings import load_settings
from service.wiring import open_office
from tests.mail_process import MailProcess
from tests.stories.story import CAMPAIGN, KEY, OFFICE, SIGNER, office_folder, summary_docx

ROOT = Path(__file__).parents[1]
PASSWORD = "rehearsal"
SECONDS_MAX = 60.0
GLANCE_SECONDS = 0.01

SUMMARY = summary_docx(
    "一、开展情况\n我局组织了宣传活动，走访企业四十家。\n二、活动效果\n群众知晓率明显提高。"
)


def wait_until(is_so: Callable[[], object], seconds: float = SECONDS_MAX, what: str = "") -> float:
    """Ask until it is so; returns the seconds it took. Raises AssertionError when the time is up."""
    began = time.monotonic()
    pause = Event()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds:g} s: {what or is_so}")
        pause.wait(GLANCE_SECONDS)
    return time.monotonic() - began


@dataclass
class Daemon:
    """One run of `python -m service --office DIR run`."""

    process: subprocess.Popen[bytes]
    log: Path
    office: Path

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """kill -9, by its own number."""
        self.process.kill()
        self.process.wait(SECONDS_MAX)

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit status and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(SECONDS_MAX)
        return status, time.monotonic() - began

    def said(self) -> str:
        """Everything on its standard error so far."""
        return self.log.read_text(encoding="utf-8")

    def memory_mb(self, line: str = "VmRSS") -> float:
        """VmRSS now, or VmHWM at its highest."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = next(each for each in status.splitlines() if each.startswith(f"{line}:"))
        return int(found.split()[1]) / 1024


@dataclass
class OfficeAtWork:
    """An office folder whose notices are signed; the daemon is started and killed by the test."""

    folder: Path
    mail: MailProcess
    addresses: tuple[str, ...]
    ledger: LedgerDoor
    daemons: list[Daemon] = field(default_factory=list)

    # the daemon

    def start(self, *before: str, is_ready: bool = False) -> Daemon:
        """Start it; `before` are options before the command. `is_ready`: return when its threads run."""
        log = self.folder.parent / f"daemon-{len(self.daemons)}.log"
        with log.open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "service", "--office", str(self.folder), *before, "run"],
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
                env=plain_environment(),
            )
        daemon = Daemon(process, log, self.folder)
        self.daemons.append(daemon)
        if is_ready:
            wait_until(lambda: '"started"' in daemon.said() or not daemon.is_alive, what=daemon.said())
            assert daemon.is_alive, daemon.said()
        return daemon

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command beside the daemon."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "service", "--office", str(self.folder), *words],
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS_MAX,
            env=plain_environment(),
            check=False,
        )

    def pulse(self) -> Pulse:
        return feel(self.folder, datetime.now(UTC))

    # what the ledger says

    def dispatches(self, *kinds: DispatchKind) -> tuple[Dispatch, ...]:
        return self.ledger.dispatches(CAMPAIGN, kinds=kinds)

    # what the world says

    def taken(self) -> Counter[str]:
        """How often the server took each mail of the office, by Message-ID."""
        return Counter(each.message_id for each in self.mail.log() if each.sender == OFFICE)

    def notice(self, address: str) -> Message:
        """The notice as a unit sees it."""
        return message_from_bytes(self.mail.mails(address)[0].raw, policy=policy.default)

    def reply(self, address: str, number: int = 0, text: str = "总结见附件。") -> bytes:
        """A unit's answer with a good summary, not sent yet."""
        notice = self.notice(address)
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = address
        mail["To"] = OFFICE
        mail["Date"] = datetime.now(UTC)
        mail["Message-ID"] = f"<reply-{number}-{address.partition('@')[0]}@client.example>"
        mail["Subject"] = f"回复：{notice['Subject']}"
        mail["In-Reply-To"] = notice["Message-ID"]
        mail.set_content(text)
        # Each letter's file differs, so that nothing is filed or answered as a repetition of another.
        data = SUMMARY + f"{number}".encode()
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename="活动总结.docx")
        return bytes(mail)


def plain_environment() -> dict[str, str]:
    """Ours without what was meant for a real office."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HUIZHI_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


@contextmanager
def office_at_work(
    folder: Path,
    mail: MailProcess,
    *,
    units: int = 4,
    keeps_sent: bool = True,
    smtp: str = "pace_seconds: 0",
    imap: str = "",
    database: str = "",
    is_released: bool = True,
) -> Iterator[OfficeAtWork]:
    """An office of so many units, its notices signed and not sent.

    `smtp`, `imap`: their settings in YAML. `database`: a URL in place of the SQLite file.
    """
    addresses = write_office(folder, mail, units, smtp, imap)
    if database:
        (folder / "secrets" / "database_url").write_text(database, encoding="ascii")
    mail.add_account(OFFICE, PASSWORD, keeps_sent=keeps_sent)
    for address in addresses:
        mail.add_account(address, PASSWORD)
    if is_released:
        release(folder)
    settings = load_settings(folder)
    ledger = open_ledger(settings.database, settings.state_folder, owner="tests")
    office = OfficeAtWork(folder, mail, addresses, ledger)
    try:
        yield office
    finally:
        for daemon in office.daemons:
            if daemon.is_alive:
                daemon.kill()
        office.ledger.close()


class Ports(Protocol):
    """Where the mail server listens."""

    @property
    def smtp_port(self) -> int: ...

    @property
    def imap_port(self) -> int: ...


def write_office(folder: Path, mail: Ports, units: int, smtp: str, imap: str) -> tuple[str, ...]:
    """The folder alone, with a campaign that is not drafted yet; its units' addresses."""
    office_folder(folder)
    config = folder / "config" / "office.yaml"
    text = config.read_text(encoding="utf-8")
    text = text.replace(
        "port: 25, security: none, pace_seconds: 0", f"port: {mail.smtp_port}, security: none, {smtp}"
    )
    text = text.replace(
        "port: 143, security: none, folders: [INBOX]",
        f"port: {mail.imap_port}, security: none, {imap}folders: [INBOX, Junk]",
    )
    # No letter to itself unless a test asks for one: most of them count what the office sends.
    config.write_text(f"limits: {{canary_hours: 0}}\n{text}", encoding="utf-8")
    secret = folder / "secrets" / "mail_password_office"
    secret.parent.mkdir()
    secret.write_text(PASSWORD, encoding="ascii")
    # The same codes in every run.
    key = folder / "state" / "code.key"
    key.parent.mkdir()
    key.write_text(KEY.hex(), encoding="ascii")
    # Due far ahead, in whatever year the tests run; nobody is chased here.
    day = (datetime.now(UTC) + timedelta(days=40)).date()
    soon = day.isoformat()
    # At the end of a year the next one's holidays may not be announced yet.
    stated = f"上班: [{soon} 至 {(day + timedelta(days=20)).isoformat()}]\n"
    (folder / "config" / "workdays.yaml").write_text(stated, encoding="utf-8")
    facts = folder / "templates" / CAMPAIGN / "campaign.yaml"
    words = facts.read_text(encoding="utf-8").partition("    reminders:")[0]
    words = (
        words.replace("2024-08-28", soon)
        .replace("2024-09-28", soon)
        .replace("carries_over: true", "carries_over: false")
    )
    facts.write_text(words, encoding="utf-8")
    addresses = tuple(f"unit{number:03}@units.example" for number in range(units))
    rows = [
        f"第{n:03}区市场监督管理局,区局,联系人,0351-1{n:06},{each}" for n, each in enumerate(addresses[:-1])
    ]
    rows.append(f"北城检测技术有限公司,机构,联系人,0351-2000000,{addresses[-1]}")
    (folder / "config" / "units.csv").write_text(
        "\n".join(["单位,组别,联系人,电话,邮箱", *rows, ""]), encoding="utf-8"
    )
    return addresses


def release(folder: Path) -> None:
    """Draft, proof and sign, as staff do; what is to be sent lies in the outbox afterwards, long due."""
    with open_office(folder) as opened:
        office = opened.office
        # Somebody worked a moment ago: what is long due is not held for having been left lying.
        office.send.look_around(datetime.now(UTC))
        # A day of a year whose holidays are known, whenever the tests run.
        now = datetime(2024, 8, 20, 1, tzinfo=UTC)
        drafted = office.draft.whole(CAMPAIGN, now)
        assert drafted.manifest is not None, [each.sentence() for each in drafted.problems]
        proofed = office.proof.check(CAMPAIGN, now, drafted.problems)
        assert proofed.may_be_signed, [each.sentence() for each in proofed.problems]
        signed = office.release.sign(
            CAMPAIGN, SIGNER, proofed.digest, drafted.inputs_sha256, now, really=True
        )
        assert signed.is_done, signed.say
