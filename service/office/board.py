"""台账 — 谁没报, as values: everything the workbook, the screen and `status --json` show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    climb: Climb | None = None  # of an overdue row
    has_mail: bool = True  # an address that is not known to be gone


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One thing that needs a person."""

    kind: str  # 待人工 · 询问 · 存疑 · 未送达 · 链接待取 · 搁置 · 密级 · 待发草稿 · 模板有错
    ref: str  # 来信 12 · 发件 7 · unit/item
    campaign: str
    unit: str
    since: datetime
    say: str
    remedy: str  # the command that settles it


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
