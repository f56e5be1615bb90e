"""规矩 — how this office works: its hours, its people, its limits; read once and handed to the stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from service.office.calendar import OfficeHours, WorkCalendar


class StaffRole(Enum):
    """A clerk settles the desk; only a signer releases."""

    CLERK = "clerk"
    SIGNER = "signer"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the office."""

    name: str
    address: str
    role: StaffRole
    wants_digest: bool = True


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the sending account may go, as configured; a cap of 0 means none."""

    seconds_per_letter: float = 1.0
    per_connection: int = 50
    per_hour: int = 0
    per_day: int = 2000


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say, as the stages need it. Every bound stands here with its reason."""

    office_name: str
    zone: ZoneInfo
    hours: OfficeHours
    calendar: WorkCalendar
    staff: tuple[Person, ...]
    account: str  # the account that sends
    sender: str  # its address
    sender_name: str
    own_addresses: frozenset[str]  # lower case: every address of every account
    code_key: bytes
    receipts_per_address_per_day: int = 3  # two robots answering each other stop here [law 4]
    receipts_per_day: int = 2000
    quiet: timedelta = timedelta(minutes=10)  # letters of one address within it share a receipt
    blind_after: timedelta = timedelta(hours=2)  # mailbox unread for longer: reminders are held [law 5]
    review_alarm_workdays: int = 1  # a letter that waits for a person longer is an alarm [law 5]
    keep_strangers_days: int = 365  # letters of no campaign are let go after so long; 0: never
    attempts_max: int = 8  # temporary refusals before a person is asked
    notice_rest_workdays: int = 3  # no reminder before the notice is this old
    reminders_per_unit_per_day: int = 1  # of all campaigns together; what is more waits for the next day
    reminders_per_unit: int = 10  # of one campaign; then a person calls
    reminders_per_day: int = 5000  # the whole office
    letter_bytes_max: int = 80_000_000  # a larger letter is kept, not parsed, and shown to a person
    enclosure_bytes_max: int = 20_000_000  # what 163 and QQ still take with base64 on top
    resend_receipts_in_doubt: bool = False
    reply_to: str = ""  # where answers are read, if not where mail is sent from
    stale_after: timedelta = timedelta(hours=12)  # due so long while nobody worked: asked about, not fired
    refusals_max: int = 5  # of content, by rule, within a campaign: then it pauses itself
    first_notices: int = 20  # among the first so many …
    first_refused_percent: int = 20  # … this share is enough
    reply_size_words: str = "20MB"
    pace: Pace = Pace()
    number_series: str = ""  # 发文字号's 机关代字, where the ledger keeps the series; empty: typed in
    number_first: int = 1  # the year's first number, where the office counted elsewhere before
    mail_hosts: frozenset[str] = frozenset()  # domains and servers of our mailboxes: whose tests we believe
    digest_at: time = time(8, 20)  # by then the digest of a working day has been written
    sweep_at: time = time(2, 0)  # from then on, every night, the folders that are not watched are read
    canary_every: timedelta = timedelta(0)  # a letter to ourselves so often on working days; 0: never
    canary_wait: timedelta = timedelta(hours=1)  # not back so long after it went out: reminders are held
    canary_to: str = ""  # where units answer to; empty where that mailbox is not read here
    approval_workdays: int = 3  # an asked-for yes by mail counts until the end of so many working days

    def person(self, name: str) -> Person | None:
        """The member of staff of this name."""
        return next((each for each in self.staff if each.name == name.strip()), None)

    def signers(self) -> tuple[Person, ...]:
        """Everybody who may release."""
        return tuple(each for each in self.staff if each.role is StaffRole.SIGNER)

    @property
    def sender_domain(self) -> str:
        """The domain our Message-IDs end in."""
        return self.sender.rpartition("@")[2] or "localhost"

    def local(self, instant: datetime) -> datetime:
        """An instant on the office's own clock."""
        return instant.astimezone(self.zone)

    def review_ends(self, received_at: datetime) -> datetime:
        """From when a letter that nobody has settled is an alarm. Raises CalendarUnknown."""
        start = self.local(self.hours.next_open(received_at, self.calendar, self.zone))
        day = self.calendar.add_workdays(start.date(), self.review_alarm_workdays)
        return datetime.combine(day, start.time(), self.zone)

    def last_night(self, now: datetime) -> datetime:
        """The last instant at which the nightly sweep fell due."""
        local = self.local(now)
        due = datetime.combine(local.date(), self.sweep_at, self.zone)
        return (
            due
            if due <= now
            else datetime.combine(local.date() - timedelta(days=1), self.sweep_at, self.zone)
        )

    def is_open(self, instant: datetime) -> bool:
        """Whether the office works at this instant: a working day, within hours."""
        return self.calendar.is_workday(self.local(instant).date()) and self.hours.is_office_time(
            instant, self.zone
        )


_WEEKDAYS = "一二三四五六日"


def moment_words(instant: datetime, zone: ZoneInfo) -> str:
    """2024年8月27日（星期二）09:05."""
    at = instant.astimezone(zone)
    return f"{day_words(at.date())}{at:%H:%M}"


def day_words(day: date) -> str:
    """2024年8月27日（星期二）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"


def size_words(size: int) -> str:
    """12 KB, 3.4 MB."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"
