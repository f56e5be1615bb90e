"""A campaign as it will be played: who does what and when, and what must come of it, both written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from service.rehearsal.units.acts import AwayNote, Write

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: str, clock: str) -> datetime:
    """An instant on the wall clock of the office: at("2024-08-27", "09:05")."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who is not on the roster and yet writes."""

    key: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Assign:
    """A clerk says whose letter it is. `sender` is a unit or a stranger, whose letter waits in 待人工."""

    sender: str
    unit: str
    item: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """A clerk has dealt with a letter (answered by telephone, say); it answers nothing."""

    sender: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordPaper:
    """A clerk records what came by post; `scan` names a scan laid beside it."""

    unit: str
    item: str
    reason: str
    scan: str = ""


@dataclass(frozen=True, slots=True)
class PaperInBook:
    """A clerk types into 台账.xlsx that a unit's paper came, and saves it; the office reads it back."""

    unit: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A clerk grants a unit more time."""

    unit: str
    item: str
    until: str
    reason: str
    sender: str = ""  # whose question this answers


@dataclass(frozen=True, slots=True)
class UrgeMissing:
    """The signer lets 催报函 go to whoever every reminder has asked in vain."""

    reason: str


@dataclass(frozen=True, slots=True)
class DraftCircular:
    """A clerk has a 通报 drafted; so many units it must name."""

    units: int


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looks at the ledger in the middle: it must say just this."""

    unit: str
    item: str
    state: str
    is_overdue: bool = False


Deed = Write | Assign | Note | RecordPaper | PaperInBook | Grant | UrgeMissing | DraftCircular | Look


@dataclass(frozen=True, slots=True)
class Step:
    """At this instant `who` (a unit, a stranger, or a member of staff) does something; `says` narrates it."""

    at: datetime
    who: str
    does: Deed
    says: str


@dataclass(frozen=True, slots=True)
class Row:
    """What the ledger must say of one item of a unit in the end."""

    state: str
    is_late: bool = False
    entries: int = 0
    version: int = 0


# Nobody sent anything, nobody had to.
AWAITED = Row("awaited")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must come of one unit or stranger. Items not named must be awaited, as on the first day.

    `letters`: the stages in which the letters from their mailboxes must end, in order of arrival.
    `receipts`, `corrections`, `reminders`, `urgings`: mails that must lie in their mailboxes.
    """

    rows: Mapping[str, Row] = field(default_factory=dict)
    letters: tuple[str, ...] = ()
    receipts: int = 0
    corrections: int = 0
    reminders: int = 0
    urgings: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One campaign, played. `outcomes` names every unit of the roster and every stranger."""

    campaign: str
    signer: str
    released_at: datetime
    ends_at: datetime
    strangers: tuple[Stranger, ...]
    away: Mapping[str, AwayNote]  # unit → what its mailbox answers by itself
    dead_addresses: Mapping[str, str]  # address → what the server says when it returns mail
    steps: tuple[Step, ...]
    outcomes: Mapping[str, Outcome]
    notices: int  # one for every address of every unit
    bounces: int
