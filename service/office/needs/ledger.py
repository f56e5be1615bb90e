"""What the office needs of a ledger: questions, and one way to change anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.office.approval import DraftRow, ReleaseRow
from service.office.assent import ApprovalRow, ApprovalState
from service.office.campaign import Obligation
from service.office.change import Change, ItemRow, Timer
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.doc_number import DocNumber
from service.office.docket import Docket, DocketState
from service.office.filing import Filing
from service.office.finding import Finding
from service.office.letter import Letter, Stage
from service.office.needs.digests import Digests
from service.office.rebuilding import JournalReport
from service.office.roster import Unit


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A released campaign."""

    key: str
    title: str
    state: str  # open | closed
    facts_sha256: str  # the campaign as of its newest release
    zone: str
    opened_at: datetime
    ended: str = ""  # closed 办结 | withdrawn 撤回; empty while it runs
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""

    @property
    def is_open(self) -> bool:
        """It still runs: timers ring, answers by address alone are its own."""
        return self.state == "open"

    @property
    def is_withdrawn(self) -> bool:
        """The whole notice was taken back."""
        return self.ended == "withdrawn"


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's place in a released campaign: its row, its code, its addresses' states."""

    campaign: str
    unit: Unit
    code: str
    gone: tuple[str, ...] = ()  # addresses whose mailbox does not exist


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """A campaign's units, in roster order, third parties last. It is told apart by which object it is."""

    campaign: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A held mailbox: how far it was read. `epoch` fences the holder."""

    account: str
    folder: str
    epoch: int
    uidvalidity: int  # 0: never read
    last_uid: int
    read_at: datetime | None  # office instant of the last successful read


@dataclass(frozen=True, slots=True)
class Sighting:
    """One arrival of a letter, where it lay."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    raw_sha256: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event as stored."""

    id: int
    kind: str
    at: datetime
    actor: str
    campaign: str
    unit: str
    item: str
    letter: int | None
    dispatch: int | None
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DocketCount:
    """How many dockets of one item and obligation stand in one state; `overdue` and `late` are of these."""

    item: str
    obligation: Obligation
    state: DocketState
    number: int
    overdue: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class HitRow:
    """One rule tried on a letter (`why`)."""

    stage: str
    rule: str
    version: int
    is_hit: bool
    say: str


@dataclass(frozen=True, slots=True)
class PauseRow:
    """What is paused, since when, by whom and why; campaign "" is everything the office sends."""

    campaign: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class StumbleRow:
    """A piece of work that raised, how often, and what it said last."""

    stage: str
    piece: str
    tries: int
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The event chain, recomputed: how many events were checked and the ids of those that do not fit."""

    checked: int
    damaged: tuple[int, ...]
    head: str


@dataclass(frozen=True, slots=True)
class ConfirmedSender:
    """An address that a person confirmed for a unit, and who did."""

    unit: str
    address: str
    by: str


class Ledger(Digests, Protocol):
    """The durable state of the office; every answer is what is committed."""

    def apply(self, changes: Sequence[Change]) -> bool:
        """All changes in one transaction; False, and nothing changed, when any guard no longer holds."""
        ...

    def claim(
        self,
        owner: str,
        now: datetime,
        limit: int,
        accounts: Sequence[str] = (),
        resting: Sequence[tuple[str, str]] = (),
    ) -> tuple[Dispatch, ...]:
        """Lease the first due rows (ready or retry, due by `now`), receipts first; machine time leases.

        `resting`: (account, recipients' domain) pairs whose rows are left where they are.
        """
        ...

    def reap(self) -> tuple[Dispatch, ...]:
        """End leases that ran out: leased → ready, sending → in-doubt; returns the rows now in doubt."""
        ...

    def recover(self, owner: str) -> tuple[Dispatch, ...]:
        """At a restart on one machine: this owner's leased → ready, sending → in-doubt, at once."""
        ...

    def hold_mailbox(self, account: str, folder: str, owner: str, *, is_swept: bool = False) -> Cursor | None:
        """Take or renew the mailbox's lease; None while another owner holds it.

        `is_swept`: from now on it counts as one that is not watched, but looked into at night.
        """
        ...

    # campaigns, units, codes
    def campaigns(self) -> tuple[CampaignRow, ...]: ...
    def campaign(self, key: str) -> CampaignRow | None: ...
    def draft(self, campaign: str) -> DraftRow | None: ...
    def release(self, campaign: str) -> ReleaseRow | None:
        """The newest release."""
        ...

    def releases(self, campaign: str) -> tuple[ReleaseRow, ...]:
        """Every release, the first one first."""
        ...

    def proofs(self, campaign: str) -> tuple[DraftRow, ...]:
        """Drafts that were proofed, the newest first."""
        ...

    def approvals(
        self, campaign: str | None = None, states: Sequence[ApprovalState] = ()
    ) -> tuple[ApprovalRow, ...]:
        """Questions put to signers by mail, in the order they were put."""
        ...

    def approval_of(
        self, hashes: Sequence[str] = (), dispatch_key: str = "", number: int = 0
    ) -> ApprovalRow | None:
        """The question with one of these code hashes, else put by this dispatch, else with this number."""
        ...

    def answers_waiting(self) -> tuple[tuple[int, int], ...]:
        """(letter, question) not acted upon yet, in order of arrival."""
        ...

    def doc_number(self, campaign: str) -> DocNumber | None:
        """The number a campaign holds in a series of the ledger, reserved or issued."""
        ...

    def doc_numbers(self, year: int | None = None) -> tuple[DocNumber, ...]:
        """Every number ever given, gaps included, by series, year and number."""
        ...

    def items(self, campaign: str) -> tuple[ItemRow, ...]: ...
    def standings(self, campaign: str) -> tuple[Standing, ...]:
        """Every unit of a campaign, in roster order, third parties last."""
        ...

    def roll(self, campaign: str) -> Roll:
        """Every unit of a campaign; the same object as long as no unit was added or renewed."""
        ...

    def standing(self, campaign: str, unit: str) -> Standing | None: ...
    def whose_code(self, code: str) -> tuple[str, str] | None:
        """(campaign, unit key) of a code; unit "" is the campaign's public code."""
        ...

    def whose_address(self, address: str, also: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
        """(campaign, unit) pairs for which an address is known, in open campaigns and those in `also`."""
        ...

    def confirmed_senders(
        self, unit: str | None = None, address: str | None = None
    ) -> tuple[ConfirmedSender, ...]:
        """Addresses learned for units, the oldest first."""
        ...

    def whose_domain(self, domain: str, also: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
        """(campaign, unit) pairs having an address in a domain, in open campaigns and those in `also`."""
        ...

    # dispatches
    def dispatch(self, id: int) -> Dispatch | None: ...
    def dispatch_by_message_id(self, message_id: str) -> Dispatch | None:
        """By our own id or one learned from Sent; angle brackets optional."""
        ...

    def dispatches(
        self,
        campaign: str | None = None,
        states: Sequence[DispatchState] = (),
        kinds: Sequence[DispatchKind] = (),
        unit: str | None = None,
        rcpt: str | None = None,
    ) -> tuple[Dispatch, ...]: ...
    def count_sent(self, rcpt: str, kinds: Sequence[DispatchKind], since: datetime) -> int:
        """Rows of these kinds to one address ("" = any) not cancelled and due or sent since."""
        ...

    def sent_since(self, account: str, since: datetime) -> tuple[datetime, ...]:
        """When an account's letters went out, oldest first."""
        ...

    def next_due(self) -> datetime | None:
        """When the next ready or retry row that nothing pauses falls due."""
        ...

    def pauses(self) -> tuple[PauseRow, ...]:
        """What is paused; campaign "" is everything."""
        ...

    def worked_at(self) -> datetime | None:
        """When (office time) the office last looked around; None before the first time."""
        ...

    def sent_cursor(self, account: str) -> tuple[int, int]:
        """UIDVALIDITY and last UID read of an account's Sent folder; (0, 0) before the first reading."""
        ...

    # letters
    def letter(self, id: int) -> Letter | None: ...
    def letter_by_identity(self, identity: str) -> Letter | None: ...
    def letters(
        self,
        stage: Stage | None = None,
        campaign: str | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> tuple[Letter, ...]:
        """Letters in order of arrival."""
        ...

    def count_letters(self, stage: Stage | None = None, campaign: str | None = None) -> int: ...
    def matter(self, letter: int, stage: str) -> str | None:
        """The sha256 of what a stage concluded about a letter."""
        ...

    def hits(self, letter: int) -> tuple[HitRow, ...]: ...
    def findings(self, letter: int) -> tuple[Finding, ...]: ...

    # dockets and filings
    def dockets(self, campaign: str, unit: str | None = None, item: str | None = None) -> tuple[Docket, ...]:
        """Ordered by unit order, unit, item order."""
        ...

    def count_dockets(self, campaign: str, now: datetime) -> tuple[DocketCount, ...]:
        """By item, obligation and state, whatever the size of the roster."""
        ...

    def docket(self, campaign: str, unit: str, item: str) -> Docket | None: ...
    def filings(
        self, campaign: str, unit: str | None = None, item: str | None = None, letter: int | None = None
    ) -> tuple[Filing, ...]: ...

    # time, events, trouble
    def timers_due(self, now: datetime) -> tuple[Timer, ...]:
        """Pending timers whose instant has come, by campaign, unit, instant."""
        ...

    def timers(self, campaign: str) -> tuple[tuple[Timer, str], ...]:
        """Every timer with its state."""
        ...

    def next_timer(self) -> datetime | None: ...
    def events(
        self,
        campaign: str | None = None,
        unit: str | None = None,
        letter: int | None = None,
        kind: str | None = None,
    ) -> tuple[Event, ...]: ...
    def cursors(self, *, is_swept: bool = False) -> tuple[Cursor, ...]:
        """The watched mailboxes, on which reminders depend; or those that are only swept at night."""
        ...

    def to_put_away(self, account: str, size_max: int, limit: int) -> tuple[Sighting, ...]:
        """Filed letters that still lie in the account's watched folders as they came."""
        ...

    def stumbles(self, stage: str | None = None) -> tuple[StumbleRow, ...]: ...
    def blobs(self, without: Sequence[int] = ()) -> tuple[str, ...]:
        """Every sha256 that a row names; rows of letters that are gone, or in `without`, name none."""
        ...

    def blobs_of(self, letter: int) -> tuple[str, ...]:
        """Every sha256 that rows of one letter name."""
        ...

    def strangers(self, before: datetime, limit: int) -> tuple[int, ...]:
        """Letters of no campaign, dealt with, of which no event or filing tells, that came before this."""
        ...

    def put_aside(self) -> tuple[int, ...]:
        """Letters set apart, let go or purged, by number."""
        ...

    def seal(self, now: datetime) -> str:
        """Chain every unsealed event; returns the head hash."""
        ...

    def check_chain(self) -> ChainReport: ...
    def check_journal(self) -> JournalReport:
        """The journal from which the ledger can be rebuilt: whether its chain holds."""
        ...
