"""Opening an office folder: settings to doors, doors to stages, stages to the clerk."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from service.clerk import Clerk
from service.desk.errands import DeskErrands
from service.desk.readback import reading_back
from service.doors.archive import ArchiveDoor
from service.doors.binding import BindingDoor
from service.doors.clock import ManualClock, SystemClock
from service.doors.diary import DiaryDoor
from service.doors.envelope import EnvelopeDoor
from service.doors.envelope.scanner import Scanner
from service.doors.folder import ExchangeDoor
from service.doors.forms import FormsDoor
from service.doors.imap import AfterFiling, ImapAccount, MailboxesDoor
from service.doors.ledger import LedgerDoor, open_ledger
from service.doors.press import PressDoor
from service.doors.sent_trace import SentTrace
from service.doors.smtp import Day, DomainLimit, PostDoor, SmtpAccount
from service.doors.staff_files import StaffFilesDoor
from service.doors.tls import Security
from service.doors.wording import WordingDoor
from service.doors.workbook import WorkbookDoor
from service.journey import Doors, Office, build_office
from service.office.calendar import WorkCalendar
from service.office.needs.clock import Clock
from service.office.needs.diary import Diary
from service.office.needs.post import Post
from service.office.policy import Policy
from service.settings import Settings, load_settings

CODE_KEY_BYTES = 32
SENT_TRACE = "begun.jsonl"
SEALED = "sealed"  # 密级: apart from the archive, wherever that is configured to lie
KEPT_CLOCK = "state/clock.json"


@dataclass(slots=True)
class Opened:
    """An office with its doors open."""

    office: Office
    clerk: Clerk
    settings: Settings
    hang_up: Callable[[], None]  # ends every conversation with the post; the other doors stay open
    close: Callable[[], None]


@contextmanager
def open_office(
    folder: Path,
    settings: Settings | None = None,
    clock: Clock | None = None,
    *,
    diary: Diary | None = None,
    around: Callable[[Doors, Post], tuple[Doors, Post]] = lambda doors, post: (doors, post),
) -> Iterator[Opened]:
    """Open every door of an office folder; closed again at the end, whatever happens between.

    `around` may put something between the stages and the doors, as tests do to make the n-th call fail.
    """
    settings = settings or load_settings(folder)
    clock = clock or clock_of(folder, settings)
    with ExitStack() as stack:
        doors, real_post, policy = _open_doors(folder, settings, clock, stack)
        doors, post = around(doors, real_post)
        holder = lease_holder(folder, settings)
        office = reading_back(build_office(doors, post, policy, holder, DeskErrands))
        clerk = Clerk(office, diary or DiaryDoor())
        yield Opened(office, clerk, settings, real_post.close, stack.close)


def _open_doors(
    folder: Path, settings: Settings, clock: Clock, stack: ExitStack
) -> tuple[Doors, PostDoor, Policy]:
    staff_files = StaffFilesDoor(folder)
    overrides, _ = staff_files.workday_overrides()
    policy = settings.policy(WorkCalendar(overrides), code_key(settings.code_key_path))
    ledger = open_ledger(settings.database, settings.state_folder, owner=owner_of(folder))
    stack.callback(ledger.close)
    mailboxes = MailboxesDoor(imap_accounts(settings))
    stack.callback(mailboxes.close)
    post = PostDoor(smtp_accounts(settings), mailboxes, now=SystemClock(settings.time_zone).now)
    stack.callback(post.close)
    _remember_the_day(post, ledger, clock.now())
    doors = Doors(
        ledger=ledger,
        archive=ArchiveDoor(settings.archive_folder, settings.state_folder / SEALED),
        exchange=ExchangeDoor(settings.exchange_folder, clock),
        staff_files=staff_files,
        envelope=EnvelopeDoor(Scanner(settings.virus_scanner) if settings.virus_scanner else None),
        forms=FormsDoor(),
        press=PressDoor(),
        words=WordingDoor(folder),
        mailboxes=mailboxes,
        workbook=WorkbookDoor(),
        clock=clock,
        binding=BindingDoor(),
        trace=SentTrace(settings.state_folder / SENT_TRACE),
    )
    return doors, post, policy


def _remember_the_day(post: PostDoor, ledger: LedgerDoor, now: datetime) -> None:
    """A restart is no new day: what went out within the last 24 hours counts against the accounts' caps."""
    for account in post.accounts():
        sent = ledger.sent_since(account, now - timedelta(days=1))
        post.remember(account, [now - each for each in sent])


def code_key(path: Path) -> bytes:
    """The key of the codes, made at the first use; whoever has it can make codes, so it is private."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(secrets.token_hex(CODE_KEY_BYTES), encoding="ascii")
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def clock_of(folder: Path, settings: Settings, now: datetime | None = None) -> Clock:
    """The wall's clock; a rehearsed office keeps the instant it ended at, and `now` overrides both.

    A `now` without offset is meant in the office's own zone.
    """
    if now is not None:
        return ManualClock(now if now.tzinfo else now.replace(tzinfo=settings.time_zone))
    if is_rehearsed(folder):
        kept = (folder / KEPT_CLOCK).read_text(encoding="utf-8")
        return ManualClock(datetime.fromisoformat(json.loads(kept)["now"]))
    return SystemClock(settings.time_zone)


def is_rehearsed(folder: Path) -> bool:
    """Whether a rehearsal left this office, with the instant at which it ended."""
    return (folder / KEPT_CLOCK).exists()


def owner_of(folder: Path) -> str:
    """This machine and this office, for whoever looks at the database's sessions."""
    return f"{socket.gethostname()}:{folder.resolve()}"[:120]


def lease_holder(folder: Path, settings: Settings) -> str:
    """Who holds leases: the same again after a restart, so that a killed daemon's leases end at once.

    A SQLite office is on one machine and locked to one daemon, so the folder alone will do: a container made
    anew has another host name. A database server may be shared by machines.
    """
    if settings.database.startswith("sqlite"):
        return str(folder.resolve())[-120:]
    return owner_of(folder)


def imap_accounts(settings: Settings) -> Sequence[ImapAccount]:
    """Accounts as the mailbox door needs them; one that only sends is none."""
    return [
        ImapAccount(
            name=each.name,
            host=each.imap.host,
            port=each.imap.port,
            security=Security(each.imap.security.value),
            username=each.imap.username,
            password=each.password.get_secret_value() if each.password else "",
            folders=each.imap.folders,
            sent_folder=each.imap.sent_folder or None,
            first_since=each.imap.first_since,
            poll_seconds=float(each.imap.poll_seconds),
            sweeps=each.imap.sweep,
            after_filing=AfterFiling(each.imap.after_filing.value),
            filed_folder=each.imap.filed_folder,
        )
        for each in settings.accounts
        if each.imap is not None
    ]


def smtp_accounts(settings: Settings) -> Sequence[SmtpAccount]:
    """Accounts as the post door needs them."""
    return [
        SmtpAccount(
            name=each.name,
            sender=str(each.address),
            host=each.smtp.host,
            port=each.smtp.port,
            security=Security(each.smtp.security.value),
            username=each.smtp.username,
            password=each.password.get_secret_value() if each.password else "",
            pace_seconds=each.smtp.pace_seconds,
            per_connection=each.smtp.per_connection,
            per_hour=each.smtp.per_hour,
            per_day=each.smtp.per_day,
            connections=each.smtp.connections,
            day=Day(each.smtp.day.value),
            size_bytes_max=each.smtp.size_max or 0,
            domain_limits=tuple(
                DomainLimit("" if row.domain == "*" else row.domain.lower(), row.seconds, row.at_once)
                for row in each.smtp.domain_limits
            ),
        )
        for each in settings.accounts
    ]
