"""The sections of config/office.yaml, and how each of their values is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, SecretStr, model_validator

from service.doors.staff_files.section import nearest, read_clock, read_day
from service.office.address import Address, NotAnAddress, read_address
from service.office.calendar import OfficeHours
from service.office.doc_number import NUMBER_MAX
from service.office.policy import StaffRole
from service.settings.providers import Profile, lay_over
from service.settings.written import read_series

OFFICE_FILE = "config/office.yaml"
PREFIX = "HUIZHI_"


class Security(Enum):
    """How a connection is protected."""

    SSL = "ssl"
    STARTTLS = "starttls"
    NONE = "none"


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    if isinstance(value, str) and value in available_timezones():
        return ZoneInfo(value)
    like = nearest(str(value), available_timezones())
    raise ValueError(
        f"不认识的时区“{value}”" + (f"，是不是“{like}”？" if like else "，北京时间请写 Asia/Shanghai")
    )


def _day(value: object) -> date:
    if isinstance(value, str) and (day := read_day(value)):
        return day
    raise ValueError(f"应当是日期，例如 2024-08-20，现在写的是“{value}”")


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and (clock := read_clock(value)) is not None:
        return clock
    raise ValueError(f"应当是时刻，例如 08:30，现在写的是“{value}”")


def _size(value: object) -> int:
    found = re.fullmatch(r"\s*(\d{1,10})\s*(?:([KMG])?B?)\s*", str(value), re.IGNORECASE)
    if not found or not (size := int(found[1]) * {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}[found[2] or ""]):
        raise ValueError(f"应当是大小，例如 80MB，现在写的是“{value}”")
    return size


def _address(value: object) -> Address:
    return value if isinstance(value, Address) else read_address(str(value))


Zone = Annotated[ZoneInfo, PlainValidator(_zone)]
Day = Annotated[date, PlainValidator(_day)]
ClockTime = Annotated[time, PlainValidator(_clock)]
Bytes = Annotated[int, PlainValidator(_size)]
MailAddress = Annotated[Address, PlainValidator(_address)]
Line = Annotated[str, Field(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Staff(_Part):
    """A person of the office."""

    name: Line
    address: MailAddress
    role: StaffRole
    digest: bool | None = None  # the daily digest; unless said, clerks have it and signers do not

    @property
    def wants_digest(self) -> bool:
        """Whether the daily digest goes to this person."""
        return self.role is StaffRole.CLERK if self.digest is None else self.digest


class Hours(_Part):
    """When the office is open on working days; reminders go out only then."""

    start: ClockTime = time(8, 30)
    end: ClockTime = time(17, 30)

    @model_validator(mode="after")
    def _is_a_day(self) -> Hours:
        OfficeHours(self.start, self.end)  # raises when the wrong way round
        return self


class _Server(_Part):
    host: Line
    port: int = Field(ge=1, le=65535)
    security: Security = Security.SSL
    username: Line


class DayCount(Enum):
    """How a provider counts its day: from the office's midnight, or any 24 hours."""

    CALENDAR = "calendar"
    ROLLING = "rolling"


class DomainLimit(_Part):
    """How gently one recipients' domain is written to; `*` is every domain without a row of its own."""

    domain: str = Field(pattern=r"^(\*|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)$")
    seconds: float = Field(default=0.0, ge=0, le=3600)
    at_once: int = Field(default=1, ge=0, le=4)


class Smtp(_Server):
    """Where an account's mail goes out, and how gently: one letter each `pace_seconds`, and so on."""

    pace_seconds: float = Field(default=1.0, ge=0, le=3600)
    connections: int = Field(default=1, ge=1, le=4)  # more has brought nothing to any server measured
    per_connection: int = Field(default=50, ge=1, le=1000)
    per_hour: int = Field(default=0, ge=0, le=1_000_000)  # 0: what pace and day come to
    per_day: int = Field(default=2000, ge=1, le=1_000_000)
    day: DayCount = DayCount.ROLLING
    size_max: Bytes | None = None  # only what the server itself says, unless given
    domain_limits: tuple[DomainLimit, ...] = Field(default=(), max_length=100)


class AfterFiling(Enum):
    """What becomes of a filed letter in the mailbox that people share."""

    LEAVE = "leave"
    MOVE = "move"
    LABEL = "label"


class Imap(_Server):
    """Where an account's mail comes in. The first reading starts at `first_since`, never at the beginning."""

    folders: tuple[Line, ...] = Field(default=("INBOX", "Junk"), min_length=1, max_length=8)
    sent_folder: str = "Sent"
    first_since: Day
    poll_seconds: int = Field(default=90, ge=1, le=3600)
    sweep: bool = True  # every other folder but drafts and sent is looked into at night
    after_filing: AfterFiling = AfterFiling.LEAVE
    filed_folder: Line = "已归档"


class Account(_Part):
    """A mailbox of the office. `imap` may be missing where an account only sends."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")
    profile: Profile = Profile.PLAIN
    address: MailAddress
    display_name: str = Field(default="", max_length=60)
    smtp: Smtp
    imap: Imap | None = None
    password: SecretStr | None = None  # never from office.yaml

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, written: object) -> object:
        """Lay what is written over what is known of the provider."""
        if not isinstance(written, Mapping):
            return written
        filled: dict[str, object] = dict(written)
        try:
            username = str(_address(written.get("address", "")))
        except NotAnAddress:
            username = "?"  # the address itself is refused in its own line
        for side, own in (("smtp", written.get("smtp", {})), ("imap", written.get("imap"))):
            if isinstance(own, Mapping):
                filled[side] = lay_over(side, str(written.get("profile", "plain")), username, own)
        return filled


class Limits(_Part):
    """What is bounded, and by how much [law 7]."""

    letter_bytes_max: Bytes = 80_000_000  # a larger letter is not parsed but shown to a person
    enclosure_bytes_max: Bytes = 20_000_000  # what 163 and QQ still take with base64 on top
    reply_bytes_told: Bytes = 20_000_000  # the size units are asked to keep to
    receipts_per_address_per_day: int = Field(default=3, ge=1, le=100)  # two robots stop here [law 4]
    receipts_per_day: int = Field(default=2000, ge=1, le=1_000_000)
    quiet_minutes: int = Field(default=10, ge=0, le=240)  # letters of one address within it share a receipt
    blind_hours: int = Field(default=2, ge=1, le=240)  # mailbox unread so long: reminders are held [law 5]
    keep_strangers_days: int = Field(default=365, ge=0, le=36500)  # letters of no campaign; 0: kept for good
    canary_hours: int = Field(default=4, ge=0, le=240)  # a letter to ourselves so often; 0: never
    canary_minutes: int = Field(default=60, ge=5, le=1440)  # not back by then: alarm, reminders are held
    review_alarm_workdays: int = Field(default=1, ge=1, le=30)  # waits for a person longer: an alarm
    attempts_max: int = Field(default=8, ge=1, le=50)  # temporary refusals before a person is asked
    notice_rest_workdays: int = Field(default=3, ge=0, le=30)  # no reminder before the notice is this old
    reminders_per_unit_per_day: int = Field(default=1, ge=1, le=10)  # of all campaigns; the rest waits a day
    reminders_per_unit: int = Field(default=10, ge=1, le=100)  # of one campaign; then a person calls
    reminders_per_day: int = Field(default=5000, ge=1, le=1_000_000)  # the whole office
    approval_workdays: int = Field(default=3, ge=1, le=30)  # so long a signer's yes by mail is waited for
    stale_hours: int = Field(default=12, ge=1, le=240)  # due so long while nobody worked: asked about first
    refusals_max: int = Field(default=5, ge=1, le=100)  # of a campaign's content or by rule: it pauses itself
    first_notices: int = Field(default=20, ge=1, le=1000)  # among the first so many notices …
    first_refused_percent: int = Field(default=20, ge=1, le=100)  # … this share is enough to pause


class Numbering(_Part):
    """发文字号 out of a series that the ledger keeps; without `series` the number is typed in."""

    series: Annotated[str, PlainValidator(read_series)] = ""
    first: int = Field(default=1, ge=1, le=NUMBER_MAX)  # the year's first, where the office counted elsewhere


class Watching(Enum):
    """How templates/ is watched: by events where the file system gives them, else by polling."""

    AUTO = "auto"
    EVENTS = "events"
    POLLING = "polling"


def password_variable(account: str) -> str:
    """The environment variable that may hold an account's password; with _FILE the file that does."""
    return f"{PREFIX}PASSWORD_{re.sub('[^A-Za-z0-9]', '_', account).upper()}"
