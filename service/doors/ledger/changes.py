"""变更 — the one place that carries out every kind of change; False says that its guard fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from sqlalchemy import Connection

from service.doors.ledger import (
    amending,
    assents,
    digests,
    inbox,
    keeping,
    numbers,
    opening,
    outbox,
    pauses,
    register,
    roll,
    splitting,
    taking_back,
    timers,
    trail,
    trouble,
)
from service.office.amendment import AmendCampaign, CancelTimers, EndCampaign, VoidUnsent
from service.office.approval import PutProof
from service.office.assent import EndApprovals, NoteAnswer, PutApproval, SettleAnswer, SettleApproval
from service.office.change import (
    AddFiling,
    BeginSending,
    Change,
    ClearStumble,
    Extend,
    FinishSending,
    ForgetSender,
    LearnDelivered,
    MarkAddress,
    MoveSentCursor,
    OpenCampaign,
    Pause,
    PutDocket,
    PutDraft,
    PutTimers,
    PutUnit,
    QueueDispatch,
    Record,
    Resume,
    SettleDispatch,
    SettleTimer,
    Signing,
    Stumble,
    Tick,
)
from service.office.digest_code import NoteErrand, PutCode, SettleCode, SettleErrand
from service.office.doc_number import ReserveNumber, SettleNumber
from service.office.keeping import KeepLetter
from service.office.putting_away import PutAway
from service.office.reading import Advance, MoveCursor, NoteHits, PutFindings, PutMatter, Reading, TakeIn
from service.office.splitting import SplitLetter
from service.office.taking_back import TakeBack


@dataclass(frozen=True, slots=True)
class Leases:
    """How long a lease runs, in machine time; never shorter than the longest wait for a lock."""

    # A server may take ten minutes over the final dot, and must find the lease [RFC 5321 §4.5.3.2.6].
    dispatch: timedelta = timedelta(minutes=15)
    mailbox: timedelta = timedelta(minutes=10)


def _sign(connection: Connection, change: Signing) -> bool:
    """What belongs to proofs, signers' answers and doc numbers."""
    match change:
        case PutProof():
            return assents.put_proof(connection, change.draft)
        case PutApproval():
            return assents.put(connection, change.row)
        case SettleApproval():
            return assents.settle(connection, change)
        case EndApprovals():
            return assents.end(connection, change)
        case NoteAnswer():
            return assents.note_answer(connection, change)
        case SettleAnswer():
            return assents.settle_answer(connection, change)
        case ReserveNumber():
            return numbers.reserve(connection, change)
        case SettleNumber():
            return numbers.settle(connection, change)
        case _:
            assert_never(change)


def _read(connection: Connection, change: Reading) -> bool:
    """What belongs to mailboxes and letters."""
    match change:
        case TakeIn():
            return inbox.take_in(connection, change)
        case MoveCursor():
            return inbox.move_cursor(connection, change)
        case PutAway():
            return inbox.mark_put_away(connection, change)
        case Advance():
            return inbox.advance(connection, change)
        case NoteHits():
            return inbox.note_hits(connection, change)
        case PutMatter():
            return inbox.put_matter(connection, change)
        case PutFindings():
            return inbox.put_findings(connection, change)
        case SplitLetter():
            return splitting.split(connection, change)
        case KeepLetter():
            return keeping.keep(connection, change)
        case TakeBack():
            return taking_back.take_back(connection, change)
        case _:
            assert_never(change)


# One line for each kind of change: a table, for all its branches.
def carry_out(connection: Connection, change: Change, leases: Leases) -> bool:  # noqa: C901, PLR0912 - a table
    """Carry out one change within the transaction of `connection`."""
    match change:
        case Record():
            return trail.record(connection, change)
        case PutDraft():
            return roll.put_draft(connection, change)
        case OpenCampaign():
            return opening.open_campaign(connection, change)
        case AmendCampaign() | EndCampaign() | VoidUnsent() | CancelTimers():
            return amending.carry_out(connection, change)
        case BeginSending():
            return outbox.begin(connection, change, leases.dispatch)
        case FinishSending():
            return outbox.finish(connection, change)
        case SettleDispatch():
            return outbox.settle(connection, change)
        case QueueDispatch():
            return outbox.queue(connection, change.dispatch)
        case AddFiling():
            return register.add_filing(connection, change.filing)
        case PutDocket():
            return register.put_docket(connection, change.docket)
        case PutUnit():
            return roll.put_unit(connection, change)
        case MarkAddress():
            return roll.mark_address(connection, change)
        case ForgetSender():
            return roll.forget_sender(connection, change)
        case LearnDelivered():
            return outbox.learn_delivered(connection, change)
        case PutTimers():
            return timers.put(connection, change.timers)
        case SettleTimer():
            return timers.settle(connection, change)
        case Extend():
            return register.extend(connection, change)
        case PutCode() | SettleCode() | NoteErrand() | SettleErrand():
            return digests.carry_out(connection, change)
        case Pause() | Resume() | Tick() | MoveSentCursor():
            return pauses.carry_out(connection, change)
        case Stumble() | ClearStumble():
            return trouble.carry_out(connection, change)
        case (
            TakeIn() | MoveCursor() | PutAway() | Advance() | NoteHits() | PutMatter() | PutFindings()
            | KeepLetter() | SplitLetter() | TakeBack()
        ):  # fmt: skip
            return _read(connection, change)
        case _:
            return _sign(connection, change)
