"""变更 — what a step does to the ledger, as values; one transaction applies all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.office.amendment import AmendCampaign, CancelTimers, EndCampaign, VoidUnsent
from service.office.approval import PutProof, ReleaseRow
from service.office.assent import EndApprovals, NoteAnswer, PutApproval, SettleAnswer, SettleApproval
from service.office.campaign import Obligation
from service.office.digest_code import Answering
from service.office.dispatch import DispatchState, NewDispatch
from service.office.doc_number import ReserveNumber, SettleNumber
from service.office.docket import Docket
from service.office.filing import Filing
from service.office.reading import Reading
from service.office.roster import Unit


@dataclass(frozen=True, slots=True)
class Record:
    """An event: what happened to what, by whom; append-only. `about` holds short facts, never bodies."""

    kind: str  # docket-moved, filed, released, sent, extended, exempted, recorded, assigned, …
    at: datetime
    actor: str  # a staff name, or 系统
    campaign: str = ""
    unit: str = ""
    item: str = ""
    letter: int | None = None
    dispatch: int | None = None
    about: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PutDraft:
    """A finished draft of a whole campaign; a newer one replaces an unreleased one."""

    campaign: str
    digest: str
    inputs_sha256: str
    manifest_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as the board needs it."""

    key: str
    name: str
    order: int
    obligation: Obligation


@dataclass(frozen=True, slots=True)
class Timer:
    """A chasing step of one unit; the truth about reminders. `on` is an office instant."""

    campaign: str
    unit: str
    step: str
    due_rev: int
    at: datetime
    items: tuple[str, ...]
    id: int = 0


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A release: the campaign opens, with every row it will ever be asked about, in one transaction.

    Refused (False) when the campaign has this revision already.
    """

    campaign: str
    title: str
    facts_sha256: str  # the frozen Campaign in the archive
    zone: str
    release: ReleaseRow
    items: tuple[ItemRow, ...]
    units: tuple[Unit, ...]
    codes: tuple[tuple[str, str], ...]  # (code, unit key); unit key "" is the public code
    dockets: tuple[Docket, ...]
    dispatches: tuple[NewDispatch, ...]
    timers: tuple[Timer, ...]


@dataclass(frozen=True, slots=True)
class BeginSending:
    """leased → sending, committed before the talk; refused when a docket in `unless_changed` has moved."""

    dispatch: int
    owner: str
    token: str
    mime_sha256: str
    unless_changed: tuple[Docket, ...] = ()


@dataclass(frozen=True, slots=True)
class FinishSending:
    """The end of an attempt. `was` is the state it must be in still, same owner and token.

    The same attempt may also turn in-doubt into sent, when its answer came after the reaper.
    """

    dispatch: int
    owner: str
    token: str
    was: DispatchState
    to: DispatchState
    at: datetime
    due_at: datetime | None = None  # next try
    code: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class SettleDispatch:
    """A person, or a look into Sent, decides about an in-doubt, held or dead row."""

    dispatch: int
    was: DispatchState
    to: DispatchState
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class QueueDispatch:
    """A row for the outbox, unless its key is there already (then nothing happens)."""

    dispatch: NewDispatch


@dataclass(frozen=True, slots=True)
class AddFiling:
    """A new version; the same documents of the same letter a second time are refused by key (False)."""

    filing: Filing


@dataclass(frozen=True, slots=True)
class PutDocket:
    """A docket's new row; refused unless the stored row_version equals `docket.row_version` (then + 1).

    A docket that does not exist yet (third parties) is inserted when row_version is -1.
    """

    docket: Docket


@dataclass(frozen=True, slots=True)
class PutUnit:
    """A unit made on receipt (a third party), unless its key is there; it takes part in the campaign."""

    unit: Unit
    campaign: str


@dataclass(frozen=True, slots=True)
class MarkAddress:
    """What became of an address: ok, gone (no such mailbox) or doubtful; or learned for a unit."""

    unit: str
    address: str
    state: str
    learned_by: str = ""


@dataclass(frozen=True, slots=True)
class ForgetSender:
    """An address no longer speaks for a unit because somebody once said so; the roster is not touched."""

    unit: str
    address: str


@dataclass(frozen=True, slots=True)
class LearnDelivered:
    """A Message-ID a provider gave instead of ours."""

    dispatch: int
    message_id: str


@dataclass(frozen=True, slots=True)
class PutTimers:
    """Timers to add, by their key, once; pending ones of an older due_rev are cancelled."""

    timers: tuple[Timer, ...]


@dataclass(frozen=True, slots=True)
class SettleTimer:
    """pending → fired or skipped, compare-and-set."""

    timer: int
    to: str  # fired | skipped
    at: datetime


@dataclass(frozen=True, slots=True)
class Extend:
    """An extension of one unit's item, with reason and who granted it."""

    campaign: str
    unit: str
    item: str
    due_until: datetime
    reason: str
    granted_by: str
    at: datetime
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A campaign sends nothing more but answers until a person says go on; "" holds the whole office.

    Refused when it is paused already.
    """

    campaign: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on; refused when it was not paused."""

    campaign: str


@dataclass(frozen=True, slots=True)
class Tick:
    """The office worked at this office instant."""

    at: datetime


@dataclass(frozen=True, slots=True)
class MoveSentCursor:
    """An account's Sent folder was read up to here."""

    account: str
    uidvalidity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class Stumble:
    """A piece of work raised something unexpected; after three it is set aside for a person."""

    stage: str
    piece: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class ClearStumble:
    """It went well after all, or a person wants it tried again."""

    stage: str
    piece: str


Signing = (
    PutProof
    | PutApproval
    | SettleApproval
    | EndApprovals
    | NoteAnswer
    | SettleAnswer
    | ReserveNumber
    | SettleNumber
)
Sending = BeginSending | FinishSending | SettleDispatch | QueueDispatch | LearnDelivered

Change = (
    Record
    | PutDraft
    | Signing
    | Answering
    | Sending
    | Reading
    | OpenCampaign
    | AmendCampaign
    | EndCampaign
    | VoidUnsent
    | CancelTimers
    | AddFiling
    | PutDocket
    | PutUnit
    | MarkAddress
    | ForgetSender
    | PutTimers
    | SettleTimer
    | Extend
    | Pause
    | Resume
    | Tick
    | MoveSentCursor
    | Stumble
    | ClearStumble
)
