"""An office that is thrown away: real stages over a temporary ledger, so that a question changes nothing."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from service.desk.explain import Overlay
from service.doors.binding import BindingDoor
from service.doors.clock import ManualClock, SystemClock
from service.doors.envelope import EnvelopeDoor
from service.doors.folder import ExchangeDoor
from service.doors.forms import FormsDoor
from service.doors.imap import MailboxesDoor
from service.doors.ledger import open_ledger
from service.doors.press import PressDoor
from service.doors.smtp import PostDoor
from service.doors.staff_files import StaffFilesDoor
from service.doors.wording import WordingDoor
from service.doors.workbook import WorkbookDoor
from service.journey import Doors, Office, build_office
from service.office.calendar import OfficeHours, WorkCalendar
from service.office.policy import Policy
from service.settings import SettingsRefused, load_settings
from service.settings.sections import OFFICE_FILE
from service.wiring.opening import clock_of

CODE_KEY_BYTES = 32
ZONE = ZoneInfo("Asia/Shanghai")


def plain_policy(folder: Path) -> Policy:
    """What the folder's settings say, opening and making nothing; defaults where there is no office.yaml.

    Raises SettingsRefused where there is one that cannot be read.
    """
    overrides, _ = StaffFilesDoor(folder).workday_overrides()
    calendar = WorkCalendar(overrides)
    try:
        settings = load_settings(folder)
    except SettingsRefused:
        if (folder / OFFICE_FILE).exists():
            raise
        return Policy(
            office_name="本单位",
            zone=ZONE,
            hours=OfficeHours(),
            calendar=calendar,
            staff=(),
            account="office",
            sender="office@office.example",
            sender_name="本单位",
            own_addresses=frozenset(),
            code_key=secrets.token_bytes(CODE_KEY_BYTES),
        )
    key = settings.code_key_path
    known = bytes.fromhex(key.read_text(encoding="ascii").strip()) if key.exists() else None
    return settings.policy(calendar, known or secrets.token_bytes(CODE_KEY_BYTES))


@contextmanager
def scratch_office(folder: Path, now: datetime | None = None) -> Iterator[Office]:
    """An office with this folder's templates, roster, rules and key, and an empty ledger of its own."""
    policy = plain_policy(folder)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="huizhi-")))
        ledger = open_ledger("", place / "state", owner="scratch")
        stack.callback(ledger.close)
        mailboxes = MailboxesDoor(())
        stack.callback(mailboxes.close)
        post = PostDoor((), mailboxes)
        stack.callback(post.close)
        doors = Doors(
            ledger=ledger,
            archive=Overlay(),
            exchange=ExchangeDoor(place / "交换"),
            staff_files=StaffFilesDoor(folder),
            envelope=EnvelopeDoor(),
            forms=FormsDoor(),
            press=PressDoor(),
            words=WordingDoor(folder),
            mailboxes=mailboxes,
            workbook=WorkbookDoor(),
            clock=_clock(folder, policy, now),
            binding=BindingDoor(),
        )
        yield build_office(doors, post, policy, "scratch")


def _clock(folder: Path, policy: Policy, now: datetime | None) -> ManualClock | SystemClock:
    if now is not None:
        return ManualClock(now if now.tzinfo else now.replace(tzinfo=policy.zone))
    if (folder / OFFICE_FILE).exists():
        return ManualClock(clock_of(folder, load_settings(folder)).now())
    return SystemClock(policy.zone)
