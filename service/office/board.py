"""台账 — 谁没报, as values: everything the workbook, the screen and `status --json` show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.office.docket import Docket
from service.office.ladder import Climb


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One docket with what people want beside it."""

    docket: Docket
    unit_name: str
    item_name: str
    parent: str
    groups: tuple[str, ...]
    due_words: str
    is_overdue: bool
    days_left: int | None
    files: tuple[str, ...]
    findings: tuple[str, ...]
    contact: str  # name and telephone to call
    addresses: tuple[str, ...]
    last_contact: str  # what was last sent to the unit, and when
    entry_titles: tuple[str, ...] = ()
    document: str = ""  # where its newest files lie, from the exchange folder: the one file, else its folder
    paper_on: date | None = None  # the day its paper came
    extended_on: date | None = None  # the day its unit was granted, as it was said
    remark: str = ""  # what a clerk wrote beside it
    climb: Climb | None = None  # of an overdue row
    has_mail: bool = True  # an address that is not known to be gone


@dataclass(frozen=True, slots=True)
class ChasedRow:
    """One reminder to one unit, or the call that takes its place."""

    unit: str
    items: str
    step: str
    queued_at: datetime
    sent_at: datetime | None
    outcome: str  # 已发出, or why not
    rcpt: str
    is_in_trouble: bool = False


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One thing that needs a person."""

    kind: str  # 待人工 · 询问 · 存疑 · 未送达 · 链接待取 · 搁置 · 密级 · 待发草稿 · 模板有错 · 表格冲突
    ref: str  # 来信 12 · 发件 7 · unit/item
    campaign: str
    unit: str
    since: datetime
    say: str
    remedy: str  # the command that settles it
    version: str = ""  # of what it is about: a word given about another version is not carried out


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One line of the address book page."""

    unit: str
    groups: str
    parent: str
    contact: str
    phone: str
    address: str
    state: str
    advice: str = ""  # what somebody should check or put into the roster; empty: nothing


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may pick in a workbook's drop-downs."""

    units: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """Everything about one campaign at one instant."""

    campaign: str
    title: str
    issuer: str
    at: datetime
    rows: tuple[BoardRow, ...]
    desk: tuple[DeskRow, ...]
    addresses: tuple[AddressRow, ...]
    unassigned_letters: int  # letters no unit could be given yet; every list says how many [law 6]
    mailbox_read_at: datetime | None
    item_names: tuple[tuple[str, str], ...]
    head: str = ""
    chased: tuple[ChasedRow, ...] = ()
    staff: tuple[str, ...] = ()  # who may sign an entry
