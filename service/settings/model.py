"""What config/office.yaml may say: office, staff, mailboxes, limits, each with its default."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from service.office.calendar import OfficeHours, WorkCalendar
from service.office.finding import Problem
from service.office.policy import Pace, Person, Policy, size_words
from service.settings.sections import (
    OFFICE_FILE,
    PREFIX,
    Account,
    ClockTime,
    Hours,
    Limits,
    Line,
    MailAddress,
    Numbering,
    Staff,
    Watching,
    Zone,
    password_variable,
)
from service.settings.written import read_scanner


class Settings(BaseSettings):
    """The office as configured; the environment (HUIZHI_…) wins over the file."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__", str_strip_whitespace=True
    )

    name: Line
    time_zone: Zone = ZoneInfo("Asia/Shanghai")
    office_hours: Hours = Hours()
    staff: tuple[Staff, ...] = Field(default=(), max_length=200)
    accounts: tuple[Account, ...] = Field(default=(), max_length=20)
    database_url: SecretStr | None = None  # SQLite in state/ unless given
    archive: Line = "state/archive"
    exchange: Line = "交换"
    code_key_file: Line = "state/code.key"
    secrets_dir: str = ""
    receipts_resend_in_doubt: bool = False
    watching: Watching = Watching.AUTO
    sweep_at: ClockTime = time(2, 0)
    digest_at: ClockTime = time(8, 20)  # by then, each working day, whoever wants it has the digest
    numbering: Numbering = Numbering()
    reply_to: MailAddress | None = None  # where answers are read, if not where the first account sends from
    virus_scanner: Annotated[str, PlainValidator(read_scanner)] = ""  # clamd; without one nothing is scanned
    limits: Limits = Limits()

    _office: Path = PrivateAttr(default=Path("."))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what was read from office.yaml and the secret files."""
        return env_settings, init_settings

    def stand_in(self, office: Path) -> None:
        """Say once, while reading, which folder the paths are meant from."""
        self._office = office

    @property
    def office(self) -> Path:
        """The office folder."""
        return self._office

    @property
    def state_folder(self) -> Path:
        """Database, archive and keys; private to the service."""
        return self._office / "state"

    @property
    def archive_folder(self) -> Path:
        """Where every byte is kept."""
        return self._office / self.archive

    @property
    def exchange_folder(self) -> Path:
        """交换/, the one place both staff and service write."""
        return self._office / self.exchange

    @property
    def code_key_path(self) -> Path:
        """The key that tracking codes are made with."""
        return self._office / self.code_key_file

    @property
    def database(self) -> str:
        """The ledger's URL; never to be logged, since it may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.state_folder / 'huizhi.sqlite3').resolve()}"

    @property
    def hours(self) -> OfficeHours:
        """Office hours as the stages know them."""
        return OfficeHours(self.office_hours.start, self.office_hours.end)

    def account(self, name: str) -> Account | None:
        """The account of this name, or None."""
        return next((account for account in self.accounts if account.name == name), None)

    @property
    def own_addresses(self) -> frozenset[str]:
        """Keys of every address we write from: a letter from one of them is our own."""
        return frozenset(account.address.key for account in self.accounts)

    @property
    def mail_hosts(self) -> frozenset[str]:
        """Domains of our addresses and names of their servers: whose word on a sender is our provider's."""
        domains = {account.address.domain for account in self.accounts}
        return frozenset(domains | {account.imap.host.lower() for account in self.accounts if account.imap})

    def policy(self, calendar: WorkCalendar, code_key: bytes, account: str = "") -> Policy:
        """What the stages may know; `account` sends, the first one unless named."""
        sender = self.account(account) if account else next(iter(self.accounts), None)
        limits = self.limits
        return Policy(
            office_name=self.name,
            zone=self.time_zone,
            hours=self.hours,
            calendar=calendar,
            staff=tuple(
                Person(each.name, str(each.address), each.role, each.wants_digest) for each in self.staff
            ),
            account=sender.name if sender else "",
            sender=str(sender.address) if sender else "",
            sender_name=(sender.display_name or self.name) if sender else self.name,
            own_addresses=self.own_addresses,
            mail_hosts=self.mail_hosts,
            code_key=code_key,
            receipts_per_address_per_day=limits.receipts_per_address_per_day,
            receipts_per_day=limits.receipts_per_day,
            quiet=timedelta(minutes=limits.quiet_minutes),
            blind_after=timedelta(hours=limits.blind_hours),
            review_alarm_workdays=limits.review_alarm_workdays,
            keep_strangers_days=limits.keep_strangers_days,
            attempts_max=limits.attempts_max,
            notice_rest_workdays=limits.notice_rest_workdays,
            reminders_per_unit_per_day=limits.reminders_per_unit_per_day,
            reminders_per_unit=limits.reminders_per_unit,
            reminders_per_day=limits.reminders_per_day,
            letter_bytes_max=limits.letter_bytes_max,
            enclosure_bytes_max=limits.enclosure_bytes_max,
            resend_receipts_in_doubt=self.receipts_resend_in_doubt,
            reply_to=str(self.reply_to) if self.reply_to else "",
            stale_after=timedelta(hours=limits.stale_hours),
            refusals_max=limits.refusals_max,
            first_notices=limits.first_notices,
            first_refused_percent=limits.first_refused_percent,
            reply_size_words=_told_size(limits.reply_bytes_told),
            pace=_pace(sender),
            number_series=self.numbering.series,
            number_first=self.numbering.first,
            approval_workdays=limits.approval_workdays,
            sweep_at=self.sweep_at,
            digest_at=self.digest_at,
            canary_every=timedelta(hours=limits.canary_hours),
            canary_wait=timedelta(minutes=limits.canary_minutes),
            canary_to=self._canary_to(sender),
        )

    def _canary_to(self, sender: Account | None) -> str:
        """Where units answer to, if that mailbox is read here."""
        to = self.reply_to or (sender.address if sender else None)
        read = {each.address.key for each in self.accounts if each.imap is not None}
        return str(to) if to is not None and to.key in read else ""

    def secret_problems(self) -> tuple[Problem, ...]:
        """Accounts without a password, for `doctor` and `run`; other commands do without."""
        return tuple(
            Problem(
                OFFICE_FILE,
                f"帐号“{each.name}”",
                f"没有找到密码（授权码）：请写入文件 secrets/mail_password_{each.name}，"
                f"或设置环境变量 {password_variable(each.name)}（或 {password_variable(each.name)}_FILE）",
                code="no-password",
                key=each.name,
            )
            for each in self.accounts
            if each.password is None
        )


def _pace(sender: Account | None) -> Pace:
    """The sending account's pace, for forecasts."""
    if sender is None:
        return Pace()
    smtp = sender.smtp
    return Pace(smtp.pace_seconds, smtp.per_connection, smtp.per_hour, smtp.per_day)


def _told_size(size: int) -> str:
    return f"{size // 1_000_000}MB" if size >= 1_000_000 else size_words(size)
