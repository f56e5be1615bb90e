"""台账库 — the ledger's door: questions answered from what is committed, and one way to change anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from service.doors.ledger import (
    assents,
    inbox,
    journal,
    keeping,
    numbers,
    outbox,
    pauses,
    register,
    roll,
    timers,
    trail,
    trouble,
)
from service.doors.ledger.changes import Leases, carry_out
from service.doors.ledger.connections import Connections, connect
from service.doors.ledger.digests import DigestQuestions
from service.doors.ledger.rolls import Rolls
from service.doors.ledger.schema import bring_up_to_date
from service.office.approval import DraftRow, ReleaseRow
from service.office.assent import ApprovalRow, ApprovalState
from service.office.change import Change, ItemRow, Timer
from service.office.dispatch import Dispatch, DispatchKind, DispatchState
from service.office.doc_number import DocNumber
from service.office.docket import Docket
from service.office.filing import Filing
from service.office.finding import Finding
from service.office.letter import Letter, Stage
from service.office.needs.ledger import (
    CampaignRow,
    ChainReport,
    ConfirmedSender,
    Cursor,
    Event,
    HitRow,
    PauseRow,
    Roll,
    Sighting,
    Standing,
    StumbleRow,
)
from service.office.outcome import DoorError
from service.office.rebuilding import JournalReport

__all__ = ["LedgerDoor", "open_ledger"]

P = ParamSpec("P")
T = TypeVar("T")


class _Refused(Exception):
    """A guard no longer holds: the transaction is rolled back."""


class LedgerDoor(DigestQuestions):
    """Implements office/needs/ledger.py. Thread-safe; every method may raise DoorError."""

    def __init__(self, connections: Connections, leases: Leases | None = None) -> None:
        self._connections = connections
        self._leases = leases or Leases()
        self._rolls = Rolls()

    def close(self) -> None:
        """Give every connection back."""
        self._connections.close()

    def __enter__(self) -> LedgerDoor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- changing -------------------------------------------------------------------------------------------

    def apply(self, changes: Sequence[Change]) -> bool:
        """All changes in one transaction, in their order; False, and nothing changed, when a guard fails."""
        if not changes:
            return True
        try:
            with self._connections.write() as connection:
                for change in changes:
                    if not carry_out(connection, change, self._leases):
                        raise _Refused
        except _Refused:
            return False
        return True

    def claim(
        self,
        owner: str,
        now: datetime,
        limit: int,
        accounts: Sequence[str] = (),
        resting: Sequence[tuple[str, str]] = (),
    ) -> tuple[Dispatch, ...]:
        """Lease the first rows due by `now` (office time), receipts first, resting domains left out."""
        return self._change(outbox.claim, owner, now, limit, accounts, resting, self._leases.dispatch)

    def reap(self) -> tuple[Dispatch, ...]:
        """End leases that ran out by machine time; returns the rows now in doubt."""
        return self._change(outbox.reap)

    def recover(self, owner: str) -> tuple[Dispatch, ...]:
        """End this owner's leases at once; returns the rows now in doubt."""
        return self._change(outbox.recover, owner)

    def hold_mailbox(self, account: str, folder: str, owner: str, *, is_swept: bool = False) -> Cursor | None:
        """Take or renew the mailbox's lease; None while another owner holds it."""
        return self._change(inbox.hold, account, folder, owner, is_swept, self._leases.mailbox)

    def seal(self, now: datetime) -> str:
        """Chain every unsealed event, then every line of the journal; returns the events' head hash."""
        head = self._change(trail.seal, now)
        try:
            self._change(journal.seal, now)
        except DoorError as busy:
            if not busy.again:
                raise
            # Writers were under way: the lines wait for the next time.
        return head

    # --- campaigns, units, codes ----------------------------------------------------------------------------

    def campaigns(self) -> tuple[CampaignRow, ...]:
        """Every released campaign, oldest first."""
        return self._ask(roll.campaigns)

    def campaign(self, key: str) -> CampaignRow | None:
        """One released campaign."""
        return self._ask(roll.campaign, key)

    def draft(self, campaign: str) -> DraftRow | None:
        """The newest draft."""
        return self._ask(roll.draft, campaign)

    def release(self, campaign: str) -> ReleaseRow | None:
        """The newest release."""
        return self._ask(roll.release, campaign)

    def releases(self, campaign: str) -> tuple[ReleaseRow, ...]:
        """Every release, the first one first."""
        return self._ask(roll.releases, campaign)

    def proofs(self, campaign: str) -> tuple[DraftRow, ...]:
        """Drafts that were proofed, the newest first."""
        return self._ask(assents.proofs, campaign)

    def approvals(
        self, campaign: str | None = None, states: Sequence[ApprovalState] = ()
    ) -> tuple[ApprovalRow, ...]:
        """Questions put to signers by mail."""
        return self._ask(assents.approvals, campaign, states)

    def approval_of(
        self, hashes: Sequence[str] = (), dispatch_key: str = "", number: int = 0
    ) -> ApprovalRow | None:
        """The question with one of these code hashes, else put by this dispatch, else with this number."""
        return self._ask(assents.approval_of, hashes, dispatch_key, number)

    def answers_waiting(self) -> tuple[tuple[int, int], ...]:
        """(letter, question) not acted upon yet."""
        return self._ask(assents.answers_waiting)

    def doc_number(self, campaign: str) -> DocNumber | None:
        """The number a campaign holds, reserved or issued."""
        return self._ask(numbers.of_campaign, campaign)

    def doc_numbers(self, year: int | None = None) -> tuple[DocNumber, ...]:
        """Every number ever given."""
        return self._ask(numbers.all_of, year)

    def items(self, campaign: str) -> tuple[ItemRow, ...]:
        """A campaign's items in their order."""
        return self._ask(roll.items, campaign)

    def standings(self, campaign: str) -> tuple[Standing, ...]:
        """Every unit of a campaign, in roster order, third parties last."""
        return self._ask(roll.standings, campaign)

    def roll(self, campaign: str) -> Roll:
        """Every unit as `standings` has them, read anew only when one was added or a release renewed them."""
        return self._ask(self._rolls.read, campaign)

    def standing(self, campaign: str, unit: str) -> Standing | None:
        """One unit's place in a campaign."""
        return self._ask(roll.standing, campaign, unit)

    def whose_code(self, code: str) -> tuple[str, str] | None:
        """(campaign, unit) of a code; unit "" is the campaign's public code."""
        return self._ask(roll.whose_code, code)

    def whose_address(self, address: str, also: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
        """(campaign, unit) pairs that have this address on the roster or learned, in campaigns that run."""
        return self._ask(roll.whose_address, address, also)

    def confirmed_senders(
        self, unit: str | None = None, address: str | None = None
    ) -> tuple[ConfirmedSender, ...]:
        """Addresses learned for units, the oldest first."""
        return self._ask(roll.confirmed_senders, unit, address)

    def whose_domain(self, domain: str, also: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
        """(campaign, unit) pairs that have an address in this domain, in campaigns that run."""
        return self._ask(roll.whose_domain, domain, also)

    # --- dispatches -----------------------------------------------------------------------------------------

    def dispatch(self, id: int) -> Dispatch | None:
        """One row of the outbox."""
        return self._ask(outbox.dispatch, id)

    def dispatch_by_message_id(self, message_id: str) -> Dispatch | None:
        """By our own Message-ID or one learned from Sent; angle brackets optional."""
        return self._ask(outbox.dispatch_by_message_id, message_id)

    def dispatches(
        self,
        campaign: str | None = None,
        states: Sequence[DispatchState] = (),
        kinds: Sequence[DispatchKind] = (),
        unit: str | None = None,
        rcpt: str | None = None,
    ) -> tuple[Dispatch, ...]:
        """Rows that meet every condition given, in the order they were written."""
        return self._ask(outbox.dispatches, campaign, states, kinds, unit, rcpt)

    def count_sent(self, rcpt: str, kinds: Sequence[DispatchKind], since: datetime) -> int:
        """Rows of these kinds to one address ("" = any), not cancelled, due or sent since."""
        return self._ask(outbox.count_sent, rcpt, kinds, since)

    def sent_since(self, account: str, since: datetime) -> tuple[datetime, ...]:
        """When this account's letters went out, oldest first."""
        return self._ask(outbox.sent_since, account, since)

    def next_due(self) -> datetime | None:
        """When the next ready or retry row falls due."""
        return self._ask(outbox.next_due)

    def pauses(self) -> tuple[PauseRow, ...]:
        """What is paused; campaign "" is everything."""
        return self._ask(pauses.pauses)

    def worked_at(self) -> datetime | None:
        """When the office last looked around."""
        return self._ask(pauses.worked_at)

    def sent_cursor(self, account: str) -> tuple[int, int]:
        """UIDVALIDITY and last UID read of an account's Sent folder."""
        return self._ask(pauses.sent_cursor, account)

    # --- letters --------------------------------------------------------------------------------------------

    def letter(self, id: int) -> Letter | None:
        """One letter."""
        return self._ask(inbox.letter, id)

    def letter_by_identity(self, identity: str) -> Letter | None:
        """The one letter of this identity."""
        return self._ask(inbox.letter_by_identity, identity)

    def letters(
        self,
        stage: Stage | None = None,
        campaign: str | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> tuple[Letter, ...]:
        """Letters in order of arrival."""
        return self._ask(inbox.letters, stage, campaign, unit, limit)

    def count_letters(self, stage: Stage | None = None, campaign: str | None = None) -> int:
        """How many letters."""
        return self._ask(inbox.count_letters, stage, campaign)

    def matter(self, letter: int, stage: str) -> str | None:
        """The sha256 of what a stage concluded about a letter."""
        return self._ask(inbox.matter, letter, stage)

    def hits(self, letter: int) -> tuple[HitRow, ...]:
        """Every rule tried on a letter, in the order tried."""
        return self._ask(inbox.hits, letter)

    def findings(self, letter: int) -> tuple[Finding, ...]:
        """What the newest check of a letter remarked."""
        return self._ask(inbox.findings, letter)

    # --- dockets and filings --------------------------------------------------------------------------------

    def dockets(self, campaign: str, unit: str | None = None, item: str | None = None) -> tuple[Docket, ...]:
        """Ordered by roster order, unit and item order."""
        return self._ask(register.dockets, campaign, unit, item)

    def docket(self, campaign: str, unit: str, item: str) -> Docket | None:
        """One docket."""
        return self._ask(register.docket, campaign, unit, item)

    def filings(
        self, campaign: str, unit: str | None = None, item: str | None = None, letter: int | None = None
    ) -> tuple[Filing, ...]:
        """Every version of every entry, in the order they were filed."""
        return self._ask(register.filings, campaign, unit, item, letter)

    # --- time, events, trouble ------------------------------------------------------------------------------

    def timers_due(self, now: datetime) -> tuple[Timer, ...]:
        """Pending timers whose instant has come, by campaign, unit, instant."""
        return self._ask(timers.due, now)

    def timers(self, campaign: str) -> tuple[tuple[Timer, str], ...]:
        """Every timer of a campaign with its state."""
        return self._ask(timers.of_campaign, campaign)

    def next_timer(self) -> datetime | None:
        """When the next pending timer comes."""
        return self._ask(timers.next_at)

    def events(
        self,
        campaign: str | None = None,
        unit: str | None = None,
        letter: int | None = None,
        kind: str | None = None,
    ) -> tuple[Event, ...]:
        """Events in the order they were written."""
        return self._ask(trail.events, campaign, unit, letter, kind)

    def cursors(self, *, is_swept: bool = False) -> tuple[Cursor, ...]:
        """Every watched mailbox and how far it was read, or every one that is only swept."""
        return self._ask(inbox.cursors, is_swept)

    def to_put_away(self, account: str, size_max: int, limit: int) -> tuple[Sighting, ...]:
        """Filed letters that still lie in the account's watched folders."""
        return self._ask(inbox.to_put_away, account, size_max, limit)

    def stumbles(self, stage: str | None = None) -> tuple[StumbleRow, ...]:
        """Pieces of work that raised."""
        return self._ask(trouble.stumbles, stage)

    def blobs(self, without: Sequence[int] = ()) -> tuple[str, ...]:
        """Every sha256 that a row names; rows of letters that are gone, or in `without`, name none."""
        return self._ask(trouble.blobs, without)

    def blobs_of(self, letter: int) -> tuple[str, ...]:
        """Every sha256 that rows of one letter name."""
        return self._ask(keeping.blobs_of, letter)

    def strangers(self, before: datetime, limit: int) -> tuple[int, ...]:
        """Letters of no campaign, dealt with, that came before this instant."""
        return self._ask(keeping.strangers, before, limit)

    def put_aside(self) -> tuple[int, ...]:
        """Letters set apart, let go or purged."""
        return self._ask(keeping.put_aside)

    def check_chain(self) -> ChainReport:
        """Recompute the event chain."""
        return self._ask(trail.check_chain)

    def check_journal(self) -> JournalReport:
        """Recompute the journal's chain."""
        return self._ask(journal.check)

    # --- below ----------------------------------------------------------------------------------------------

    def _ask(self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._connections.read() as connection:
            return question(connection, *args, **kwargs)

    def _change(self, step: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._connections.write() as connection:
            return step(connection, *args, **kwargs)


def open_ledger(url: str, state: Path, *, owner: str, leases: Leases | None = None) -> LedgerDoor:
    """Open the ledger that `url` names (empty: a SQLite file in `state`), its tables brought up to date.

    `owner` names this process to the database's own administrators. Raises DoorError.
    """
    connections = connect(url, state, owner)
    try:
        bring_up_to_date(connections)
    except BaseException:
        connections.close()
        raise
    return LedgerDoor(connections, leases)
