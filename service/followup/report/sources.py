"""取来的数 — what ledger and archive say about one campaign, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from service.office.campaign import Campaign
from service.office.change import ItemRow
from service.office.content import Enclosure
from service.office.dispatch import Dispatch, DispatchKind
from service.office.docket import Docket
from service.office.filing import Filing
from service.office.finding import Finding
from service.office.ladder import Climbs, PaperCopy
from service.office.letter import Letter, Link
from service.office.needs.ledger import (
    CampaignRow,
    ConfirmedSender,
    Cursor,
    Event,
    PauseRow,
    Standing,
    StumbleRow,
)

SENT_WORDS = {
    DispatchKind.NOTICE: "通知",
    DispatchKind.COPY: "抄送",
    DispatchKind.REMINDER: "催办",
    DispatchKind.RECEIPT: "回执",
    DispatchKind.CORRECTION: "补正",
    DispatchKind.REPORT: "汇总",
    DispatchKind.SUPPLEMENT: "补充通知",
    DispatchKind.AMENDMENT: "更正通知",
    DispatchKind.WITHDRAWAL: "撤回通知",
    DispatchKind.APPROVAL: "送签",
    DispatchKind.CANARY: "自检信",
    DispatchKind.URGING: "催报函",
}


@dataclass(frozen=True, slots=True)
class Pack:
    """What a unit without mail is to be handed, and since when it is signed."""

    at: datetime
    enclosures: tuple[Enclosure, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A unit was told otherwise than by mail: when that was written down, and how in words."""

    at: datetime
    say: str


@dataclass(frozen=True, slots=True)
class Sources:
    """What the ledger and the archive say about one campaign; `letters` also has those of no campaign yet.

    `findings` and `links` are by letter id; letters without any may be left out. `sealed` are letters that
    were once refused as 密级, whatever became of them since.
    """

    row: CampaignRow
    campaign: Campaign
    items: tuple[ItemRow, ...]
    standings: tuple[Standing, ...]
    dockets: tuple[Docket, ...]
    filings: tuple[Filing, ...] = ()
    dispatches: tuple[Dispatch, ...] = ()
    letters: tuple[Letter, ...] = ()
    findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)
    links: Mapping[int, tuple[Link, ...]] = field(default_factory=dict)
    stumbles: tuple[StumbleRow, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    open_campaigns: int = 1
    sealed: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()  # letters a clerk has dealt with
    asked_beside: frozenset[int] = frozenset()  # returns whose words also ask something
    is_corrected: bool = False  # a release after the first may have changed dates for all
    extended: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (unit, item) → day granted
    call_events: tuple[Event, ...] = ()  # calls that fell due
    overdue: frozenset[int] = frozenset()  # letters that have waited for a person for too long
    delivered: Mapping[str, Told] = field(default_factory=dict)  # unit → how it was told otherwise
    packs: Mapping[str, Pack] = field(default_factory=dict)  # unit → what to print
    pauses: tuple[PauseRow, ...] = ()
    confirmed: tuple[ConfirmedSender, ...] = ()  # addresses that clerks confirmed for units
    folder: str = ""  # the campaign's name in the readable tree
    papers: Mapping[tuple[str, str], date] = field(default_factory=dict)  # (unit, item) → its paper came
    remarks: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (unit, item) → a clerk's words
    staff: tuple[str, ...] = ()
    copies: Mapping[str, PaperCopy] = field(default_factory=dict)  # unit → its letter, to be handed on
    climbs: Climbs = field(default_factory=dict)  # how far chasing what is overdue has climbed

    @property
    def calls(self) -> Mapping[str, datetime]:
        """Unit → when a call last fell due."""
        return {each.unit: each.at for each in self.call_events}

    @property
    def capped(self) -> frozenset[str]:
        """Units that were reminded by mail as often as may be."""
        return frozenset(each.unit for each in self.call_events if ("why", "capped") in each.about)

    @property
    def zone(self) -> ZoneInfo:
        """The campaign's own time zone; every date people see is in it."""
        return ZoneInfo(self.row.zone)

    def unit_name(self, key: str) -> str:
        """The name people know a unit by; a key that is on no roster stands for itself."""
        return next((each.unit.name for each in self.standings if each.unit.key == key), key)

    def item_name(self, key: str) -> str:
        """The item's name; a key nobody named stands for itself."""
        return next((each.name for each in self.items if each.key == key), key)
